"""How a store is read: by versions, which only rise, from a place that is found once (reference 5).

A changed sale comes again with a higher version, so one cursor reads all there is to know; it is kept in the
mark with the stretch of time that was read by it. Search finds what the nightly sweep wants by date.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile
from typing import Any

import structlog

from libs.common.budget import Lane
from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.source import Access, Desk, Part, Row, TillChoices, Walk, Way
from libs.common.lightspeed.x import PAGE, XAccount, version_of
from libs.common.lightspeed.x_beside import lay_beside, memory_of
from libs.common.lightspeed.x_choices import choices_of
from libs.common.lightspeed.x_locate import SALES, version_before
from libs.common.lightspeed.x_parser import sale_id, state_of
from libs.common.lightspeed.x_reference import XReference, reference_of
from libs.common.lightspeed.x_sale import touched_at
from libs.common.lightspeed.x_values import member

log = structlog.get_logger()

AGAIN = timedelta(minutes=5)
"""So much of what was just read is read again: a version may show later than a higher one."""
DELETED_TOO = ("outlets", "registers", "payment_types", "taxes")


@dataclass(frozen=True, slots=True)
class Mark:
    """The next page begins after `after`; all that changed from `since` to `until` has been read by the end.

    `resume` is where the next walk begins. `in_margin` until the first row that changed since: the place was
    looked for with a margin, and what lies in it is nobody's.
    """

    after: int
    since: str
    until: str
    resume: int = 0
    in_margin: bool = False

    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


class XTill:
    """One store; customers only where they are wanted, or owe something."""

    def __init__(self, access: Access, grant_id: str, account: str, with_customers: bool) -> None:
        self.account = XAccount(access, grant_id, account)
        self._memory = memory_of(access.budget, account)
        self._with_customers = with_customers

    async def read_reference(self) -> XReference:
        return await self._reference(Lane.SALES, deleted=True)

    async def read_choices(self) -> TillChoices:
        reference = await self._reference(Lane.SET_UP, deleted=False)
        return choices_of(reference, await self.account.rows("product_types", Lane.SET_UP))

    async def _reference(self, lane: Lane, *, deleted: bool) -> XReference:
        """Ten calls or so: what came before one of them failed isn't asked for again."""
        found = self._memory.lists
        for name in DELETED_TOO:
            if (name, deleted) not in found:
                found[name, deleted] = await self.account.rows(name, lane, deleted=deleted)
        reference = reference_of(
            **{name: found[name, deleted] for name in DELETED_TOO},
            retailer=await self.account.one("retailer", lane),
        )
        found.clear()
        return reference

    async def read(self, walk: Walk, desk: Desk) -> Part:
        if walk.way is Way.SWEEP:
            return await self._sweep(walk, desk)
        return await self._walk(walk)

    async def complete(self, rows: Sequence[Row], desk: Desk) -> list[Row]:
        return await lay_beside(rows, self.account, self._memory, with_customers=self._with_customers)

    async def read_again(self, wanted: Mapping[str, Row], desk: Desk, lacking: int) -> list[Row]:
        found = []
        for wanted_id in wanted:
            try:
                found.append(await self.account.one(f"{SALES}/{wanted_id}", Lane.SALES))
            except BadRequest as error:
                log.info("sale is gone", sale=wanted_id, why=str(error))
        return found

    async def _walk(self, walk: Walk) -> Part:
        lane = Lane.SALES if walk.way is Way.TODAY else Lane.BACKLOG
        mark = _mark_of(walk)
        if mark is None:  # where to begin is kept before anything else can fail
            mark = await self._begun(walk, lane)
            return Part((), mark.text(), is_last=False, has_customers=self._with_customers)
        page = await self.account.page(SALES, mark.after, lane)
        rows = _behind_margin(page.rows, walk.since) if mark.in_margin else page.rows
        if page.version is None or (walk.way is Way.BACKLOG and _is_past(page.rows, walk.until)):
            ended = replace(mark, after=mark.resume, in_margin=False)
            return Part(rows, ended.text(), has_customers=self._with_customers)
        mark = replace(
            mark,
            after=page.version,
            resume=_resume(page.rows, walk, mark.resume),
            in_margin=mark.in_margin and not rows,
        )
        return Part(
            rows,
            mark.text(),
            is_last=False,
            read_to=_last_change(page.rows),
            has_customers=self._with_customers,
        )

    async def _begun(self, walk: Walk, lane: Lane) -> Mark:
        after = await version_before(self.account, walk.since, lane)
        return Mark(after, walk.since.isoformat(), walk.until.isoformat(), resume=after, in_margin=True)

    async def _sweep(self, walk: Walk, desk: Desk) -> Part:
        """By date of sale; the rows of a search are whole, as far as its version can tell.

        A page that comes again is of a store that takes no `offset`: there is no more to be had of it.
        """
        offset, before = (0, "") if walk.is_fresh else _place_in(walk.mark)
        rows = await self.account.search(
            {
                "type": SALES,
                "date_from": _told(walk.since),
                "date_to": _told(walk.until),
                "order_by": "date",
                "order_direction": "asc",
                "page_size": str(PAGE),
                "offset": str(offset),
            },
            Lane.BACKLOG,
        )
        page = _checksum(rows)
        if rows and page == before:
            log.warning("search gives the same page again", offset=offset)
            rows = []
        told = await self._as_the_list_tells(rows, desk)
        mark = f"{offset + len(rows)}:{page}"
        return Part(told, mark, is_last=not rows, has_customers=self._with_customers)

    async def _as_the_list_tells(self, rows: Sequence[Row], desk: Desk) -> list[Row]:
        """Where only the older version has search, its flat rows say what there is, and not what it is.

        They mark no gift card (9), so another reading of a sale would be taken for an edit. Those that are
        new, or stand otherwise than they did, are asked for.
        """
        flat = [row for row in rows if member(row, "totals") is None]
        states = await desk.states([sale_id(row) for row in flat]) if flat else {}
        asked = {sale_id(row): row for row in flat if state_of(row) != states.get(sale_id(row))}
        whole = [row for row in rows if member(row, "totals") is not None]
        return whole + (await self.read_again(asked, desk, 0) if asked else [])


def _mark_of(walk: Walk) -> Mark | None:
    """That of the walk before serves where it read all from `since` on; of a backlog it never does."""
    try:
        mark = Mark(**json.loads(walk.mark)) if walk.mark else None
        if mark is None or not walk.is_fresh:
            return mark
        since, until = datetime.fromisoformat(mark.since), datetime.fromisoformat(mark.until)
    except (ValueError, TypeError):
        return None
    if walk.way is not Way.TODAY or not since <= walk.since <= until:
        return None
    return replace(mark, until=walk.until.isoformat())


def _behind_margin(rows: Sequence[Row], since: datetime) -> Sequence[Row]:
    """From the first row that changed since: past it a version is news, whatever its stamp says.

    Nothing promises that a stamp moves with each version, so none may take a sale away.
    """
    return list(dropwhile(lambda row: (changed := _changed(row)) is not None and changed < since, rows))


def _resume(rows: Sequence[Row], walk: Walk, before: int) -> int:
    """Behind the last row of which nothing before can still be under way."""
    for row in rows:
        changed, version = _changed(row), version_of(row)
        if changed is None or version is None or changed > walk.until - AGAIN:
            return before
        before = max(before, version)
    return before


def _is_past(rows: Sequence[Row], until: datetime) -> bool:
    """By all of a page: one stamp of a clock that runs ahead ends nothing."""
    changes = [_changed(row) for row in rows]
    return bool(rows) and all(changed is not None and changed > until for changed in changes)


def _last_change(rows: Sequence[Row]) -> datetime | None:
    return _changed(rows[-1]) if rows else None


def _changed(row: Mapping[str, Any]) -> datetime | None:
    try:
        return touched_at(row)
    except Unreadable:
        return None


def _place_in(mark: str) -> tuple[int, str]:
    """The offset, and the checksum of the page before it."""
    offset, _, before = mark.partition(":")
    return (int(offset), before) if offset.isascii() and offset.isdigit() else (0, "")


def _checksum(rows: Sequence[Row]) -> str:
    """By ids: what else a row says may change between two calls."""
    named = (sale_id(row) or json.dumps(row, default=str) for row in rows)
    return str(zlib.crc32("\n".join(named).encode()))


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
