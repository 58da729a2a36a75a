"""Finds the place in a store's sales from which on all changes since a moment come (reference 5.2).

Versions rise with every change of anything and have gaps; a list can't be asked by time. Search says about
where to look, the list itself says whether that is early enough, and if not, halving finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.common.budget import Lane
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.x import XAccount, version_of
from libs.common.lightspeed.x_sale import touched_at

SALES = "sales"
MARGIN = timedelta(days=7)
"""The vendor's own tool looks so far before the wanted date: versions follow changes, not dates of sale."""
SAMPLE = 50
MOST_STEPS = 60
"""More than enough to halve all the versions there can be."""


@dataclass(frozen=True, slots=True)
class _Place:
    version: int
    changed_at: datetime | None


async def version_before(account: XAccount, moment: datetime, lane: Lane) -> int:
    """All that changed at the moment or later has a higher version; hardly more has."""
    first = await _first_after(account, 0, lane)
    if first is None or not _is_before(first, moment):
        return 0
    low, high = first.version, await _guess(account, moment, lane)
    if high is not None and high > low:
        found = await _first_after(account, high, lane)
        if found is None or _is_before(found, moment):
            return high
    return await _halved(account, moment, lane, low, high)


async def _halved(account: XAccount, moment: datetime, lane: Lane, low: int, high: int | None) -> int:
    """Between a version that changed before the moment and one that didn't, if any is known."""
    for _ in range(MOST_STEPS):
        if high is not None and high - low <= 1:
            break
        middle = low * 2 + 1 if high is None else (low + high) // 2
        found = await _first_after(account, middle, lane)
        if found is not None and _is_before(found, moment):
            low = found.version
        else:
            high = middle
    return low


async def _guess(account: XAccount, moment: datetime, lane: Lane) -> int | None:
    """Below the lowest version of some sales of a week before: most of them never changed since."""
    rows = await account.search(
        {
            "type": SALES,
            "date_from": f"{moment - MARGIN:%Y-%m-%dT%H:%M:%SZ}",
            "order_by": "date",
            "order_direction": "asc",
            "page_size": str(SAMPLE),
        },
        lane,
    )
    versions = [version for row in rows if (version := version_of(row)) is not None]
    return min(versions) - 1 if versions else None


async def _first_after(account: XAccount, version: int, lane: Lane) -> _Place | None:
    page = await account.page(SALES, version, lane, size=1)
    if page.version is None:
        return None
    try:
        return _Place(page.version, touched_at(page.rows[0]))
    except Unreadable:
        return _Place(page.version, None)


def _is_before(place: _Place, moment: datetime) -> bool:
    """What can't be read is taken for late, so that the search goes on before it."""
    return place.changed_at is not None and place.changed_at < moment
