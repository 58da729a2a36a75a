"""What sales that aren't in the books yet move on what is owed to customers, by the rules of now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.domain.deposit import deposit_in
from libs.common.domain.paid_apart import paid_apart
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO, Sale, SaleState
from libs.common.domain.till_events import gift_cards_sold, is_gift_card, is_store_credit
from services.portal.projections import sale_adapter
from services.portal.sale_parts import REST, Kind
from services.portal.store import contents, sale_parts, sales

AT_ONCE = 500


@dataclass(slots=True)
class Unbooked:
    """Beside what payments of completed sales say themselves; positive is owed."""

    gift_cards: Decimal = ZERO
    store_credit: Decimal = ZERO
    deposits: Decimal = ZERO

    def add_completed(self, sale: Sale, rules: Rules) -> None:
        """Cards that were sold as lines, and deposits, are no payments of their own."""
        self.gift_cards += gift_cards_sold(sale, rules)
        self.deposits -= deposit_in(sale, rules)

    def add_open(self, sale: Sale, rules: Rules) -> None:
        """A card is spent when it is given, though the sale counts when it is completed."""
        apart = {payment.id for _, payment in paid_apart(sale, rules)}
        for payment in sale.payments:
            if payment.id in apart:
                continue
            if is_gift_card(payment, rules):
                self.gift_cards -= payment.amount
            elif is_store_credit(payment, rules):
                self.store_credit -= payment.amount


async def unbooked(transaction: AsyncConnection, connection_id: str, rules: Rules) -> Unbooked:
    """Of sales of which nothing is booked; what a later change of one adds isn't told apart from it."""
    found = Unbooked()
    async for sale in _sales(transaction, connection_id):
        if sale.state is SaleState.COMPLETED:
            found.add_completed(sale, rules)
        elif sale.state is SaleState.OPEN:
            found.add_open(sale, rules)
    return found


async def _sales(transaction: AsyncConnection, connection_id: str) -> AsyncIterator[Sale]:
    """In pages, since a whole backlog may wait."""
    rest, booked = sale_parts.alias("rest"), sale_parts.alias("booked")
    of_rest = and_(rest.c.connection_id == contents.c.connection_id, rest.c.sale_id == contents.c.sale_id)
    of_booked = and_(
        booked.c.connection_id == contents.c.connection_id, booked.c.sale_id == contents.c.sale_id
    )
    waits = exists().where(of_rest, rest.c.document_id == REST, rest.c.kind == Kind.WAITING.value)
    is_booked = exists().where(of_booked, booked.c.document_id != REST)
    is_open = sales.c.completed_at.is_(None)
    joined = and_(sales.c.connection_id == contents.c.connection_id, sales.c.sale_id == contents.c.sale_id)
    last = ""
    while True:
        query = (
            select(contents.c.sale_id, contents.c.sale)
            .join(sales, joined)
            .where(contents.c.connection_id == connection_id, contents.c.sale_id > last)
            .where((waits & ~is_booked) | is_open)
            .order_by(contents.c.sale_id)
            .limit(AT_ONCE)
        )
        rows = (await transaction.execute(query)).all()
        for row in rows:
            yield sale_adapter().validate_json(row.sale)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].sale_id
