"""Numbers that the till counted without a sale, as notices: by day and outlet of the sale before them.

Which outlet a number was of nobody knows, where one sequence numbers them all: the sale before it says about
where and when to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import NumberGap, NumbersMissing
from libs.common.database import registry
from libs.common.domain.map_sale import sale_day
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from services.portal import notices
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice, Watch
from services.portal.projections import sale_adapter
from services.portal.store import contents

NEAR = 20
"""How far before a gap a sale is looked for: tickets that were never paid are no sales here."""
MOST_GAPS, MOST_TOLD = 100, 10
UNKNOWN = "?"

Place = tuple[str, str]
"""A day and an outlet's name."""


async def show_missing(transaction: AsyncConnection, envelope: Envelope) -> None:
    """What an older message said is over."""
    connection = await registry.connection(transaction, envelope.connection_id)
    if connection is None:
        return
    newest = message_in(envelope, NumbersMissing).gaps[-MOST_GAPS:]
    before = await _sales_before(transaction, connection.id, newest)
    found = list(gap_notices(newest, before, connection.rules))
    await notices.tell_notices(transaction, connection.id, Watch.NUMBERS, found, envelope.at)


async def _sales_before(
    transaction: AsyncConnection, connection_id: str, gaps: Iterable[NumberGap]
) -> dict[int, Sale]:
    numbers = {str(number) for gap in gaps for number in _near(gap)}
    if not numbers:
        return {}
    query = select(contents.c.sale_id, contents.c.sale).where(
        contents.c.connection_id == connection_id, contents.c.sale_id.in_(sorted(numbers))
    )
    rows = {int(row.sale_id): row.sale for row in await transaction.execute(query)}
    nearest = {next((number for number in _near(gap) if number in rows), None) for gap in gaps}
    return {number: sale_adapter().validate_json(rows[number]) for number in nearest if number is not None}


def _near(gap: NumberGap) -> Sequence[int]:
    """The nearest first."""
    return range(gap.first - 1, gap.first - 1 - NEAR, -1)


def gap_notices(gaps: Iterable[NumberGap], before: Mapping[int, Sale], rules: Rules) -> Iterator[Notice]:
    """One a day and outlet, the oldest first. Pure."""
    found: dict[Place, list[NumberGap]] = {}
    for gap in gaps:
        found.setdefault(_place(gap, before, rules), []).append(gap)
    for (day, outlet), mine in found.items():
        facts = {
            "day": day,
            "outlet": outlet,
            "numbers": ranges(mine),
            "count": str(sum(gap.count for gap in mine)),
        }
        yield Notice(NoticeCode.NUMBERS_MISSING, f"{day} {outlet}", facts)


def _place(gap: NumberGap, before: Mapping[int, Sale], rules: Rules) -> Place:
    sale = next((before[number] for number in _near(gap) if number in before), None)
    if sale is None:
        return UNKNOWN, UNKNOWN
    return sale_day(sale, rules).isoformat(), sale.outlet_name or sale.outlet


def ranges(gaps: Sequence[NumberGap]) -> str:
    told = [str(gap.first) if gap.first == gap.last else f"{gap.first}-{gap.last}" for gap in gaps]
    return ", ".join([*told[:MOST_TOLD], *(["..."] if len(told) > MOST_TOLD else [])])
