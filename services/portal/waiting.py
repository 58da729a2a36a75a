"""What sales bring to balances that isn't in the books yet, by the rules of now."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.domain.deposit import deposit_in
from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import sum_of
from libs.common.domain.paid_apart import paid_apart
from libs.common.domain.reconcile import Standing
from libs.common.domain.rules import PaymentKind, Rules, Settlement
from libs.common.domain.sale import ZERO, Sale, SaleState
from libs.common.domain.till_events import gift_cards_sold, is_gift_card, is_store_credit
from services.portal.balances import BalanceKind
from services.portal.book_entries import Ledgers
from services.portal.projections import sale_adapter
from services.portal.sale_facts import SaleState as State
from services.portal.sale_parts import REST, RESTS
from services.portal.store import contents, day_document_sales, day_documents, sale_parts, sales

AT_ONCE = 500
SETTLED_WITHIN = timedelta(days=4)
"""Money that is settled by the day follows its turnover the next morning; what is later is a problem."""


@dataclass(slots=True)
class Waiting:
    rules: Rules
    paid: dict[str, Decimal] = field(default_factory=dict)
    """By payment type, in completed sales that aren't booked, or whose day isn't settled."""
    gift_cards: Decimal = ZERO
    """Sold as lines, which are no payments, or given for what isn't completed; positive is owed."""
    store_credit: Decimal = ZERO
    deposits: Decimal = ZERO
    unsettled: dict[str, Decimal] = field(default_factory=dict)
    """By ledger, debit positive: what else the settlement of its day brings of a booked sale."""
    unsettled_debtors: Decimal = ZERO

    def owed(self, kind: BalanceKind) -> Decimal:
        """To customers: of gift cards, store credit or deposits."""
        ledgers = Ledgers.of(self.rules)
        match kind:
            case BalanceKind.GIFT_CARDS:
                own, beside, by = ledgers.gift_cards, self.gift_cards, self._paid_by(PaymentKind.GIFT_CARD)
            case BalanceKind.STORE_CREDIT:
                own, beside = ledgers.store_credit, self.store_credit
                by = self._paid_by(PaymentKind.STORE_CREDIT)
            case _:
                own, beside, by = ledgers.deposits, self.deposits, ZERO
        return beside - by - sum((self.unsettled.get(ledger, ZERO) for ledger in own), ZERO)

    def owed_by_customers(self) -> Decimal:
        return self._paid_by(PaymentKind.ON_ACCOUNT) + self.unsettled_debtors

    def on_clearing(self, ledger: str, *kinds: PaymentKind) -> Decimal:
        return self._paid_by(*kinds, ledger=ledger) + self.unsettled.get(ledger, ZERO)

    def _paid_by(self, *kinds: PaymentKind, ledger: str | None = None) -> Decimal:
        of_kind = [
            type_id
            for type_id, rule in self.rules.payments.items()
            if rule.kind in kinds and (ledger is None or (rule.ledger or "").lower() == ledger)
        ]
        return sum((self.paid.get(type_id, ZERO) for type_id in of_kind), ZERO)

    def add_completed(self, sale: Sale) -> None:
        self.gift_cards += gift_cards_sold(sale, self.rules)
        self.deposits -= deposit_in(sale, self.rules)

    def add_open(self, sale: Sale) -> None:
        """A card is spent when it is given, though the sale counts when it is completed."""
        apart = {payment.id for _, payment in paid_apart(sale, self.rules)}
        for payment in sale.payments:
            if payment.id in apart:
                continue
            if is_gift_card(payment, self.rules):
                self.gift_cards -= payment.amount
            elif is_store_credit(payment, self.rules):
                self.store_credit -= payment.amount

    def add_unsettled(self, sale: Sale) -> None:
        booking = map_sale(sale, self.rules)
        if not isinstance(booking, Booking) or not booking.documents:
            return
        for line in booking.day_lines:
            if line.ledger is not None:
                ledger, paid = line.ledger.lower(), sum_of(part.amount for part in line.payments)
                self.unsettled[ledger] = self.unsettled.get(ledger, ZERO) + line.amount_incl_vat - paid
            elif line.debtor is not None and line.debtor.customer is not None:
                self.unsettled_debtors += line.amount


async def waiting_of(transaction: AsyncConnection, connection_id: str, rules: Rules, today: date) -> Waiting:
    """What a later change of a booked sale adds is known by its payments alone."""
    found = Waiting(rules, await _paid(transaction, connection_id))
    async for sale in _sales(transaction, connection_id, and_(_may_wait(connection_id), ~_is_booked())):
        if sale.state is SaleState.COMPLETED:
            found.add_completed(sale)
        elif sale.state is SaleState.OPEN:
            found.add_open(sale)
    if rules.settles is Settlement.PER_DAY:
        lately = _is_of_lately(connection_id, today - SETTLED_WITHIN)
        async for sale in _sales(transaction, connection_id, and_(lately, _is_booked(), ~_is_settled())):
            found.add_unsettled(sale)
    return found


async def _paid(transaction: AsyncConnection, connection_id: str) -> dict[str, Decimal]:
    query = select(sale_parts.c.paid).where(
        sale_parts.c.connection_id == connection_id, sale_parts.c.kind == Standing.WAITING.value
    )
    sums: dict[str, Decimal] = {}
    for text in (await transaction.execute(query)).scalars():
        for type_id, (_, cents) in json.loads(text).items():
            sums[type_id] = sums.get(type_id, ZERO) + Decimal(cents).scaleb(-2)
    return sums


def _may_wait(connection_id: str) -> ColumnElement[bool]:
    """What isn't booked, or isn't completed yet."""
    waiting = select(sale_parts.c.sale_id).where(
        sale_parts.c.connection_id == connection_id,
        sale_parts.c.document_id == REST,
        sale_parts.c.kind == Standing.WAITING.value,
    )
    still_open = select(sales.c.sale_id).where(
        sales.c.connection_id == connection_id, sales.c.completed_at.is_(None)
    )
    return contents.c.sale_id.in_(waiting.union_all(still_open))


def _is_of_lately(connection_id: str, since: date) -> ColumnElement[bool]:
    return contents.c.sale_id.in_(
        select(sales.c.sale_id).where(sales.c.connection_id == connection_id, sales.c.business_day >= since)
    )


def _is_booked() -> ColumnElement[bool]:
    return exists().where(
        sale_parts.c.connection_id == contents.c.connection_id,
        sale_parts.c.sale_id == contents.c.sale_id,
        sale_parts.c.document_id != REST,
        sale_parts.c.document_id.not_like(RESTS),
    )


def _is_settled() -> ColumnElement[bool]:
    """By a document of its day that is booked."""
    return exists().where(
        day_document_sales.c.connection_id == contents.c.connection_id,
        day_document_sales.c.sale_id == contents.c.sale_id,
        day_documents.c.connection_id == day_document_sales.c.connection_id,
        day_documents.c.document_id == day_document_sales.c.document_id,
        day_documents.c.state == State.BOOKED.value,
    )


async def _sales(
    transaction: AsyncConnection, connection_id: str, wanted: ColumnElement[bool]
) -> AsyncIterator[Sale]:
    """In pages, since a whole backlog may wait."""
    last = ""
    while True:
        query = (
            select(contents.c.sale_id, contents.c.sale)
            .where(contents.c.connection_id == connection_id, contents.c.sale_id > last, wanted)
            .order_by(contents.c.sale_id)
            .limit(AT_ONCE)
        )
        rows = (await transaction.execute(query)).all()
        for row in rows:
            yield sale_adapter().validate_json(row.sale)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].sale_id
