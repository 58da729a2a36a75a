"""Turnover in cents, VAT included: what a sale sold, what of it a document holds, and by what it was sold.

Neither side counts money, gift cards issued, deposits, tips or cash rounding. Pure.
"""

from __future__ import annotations

from decimal import Decimal

from libs.common.domain.document import Document, EntryLine, ItemLine, JournalEntry
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.rules import Rules
from libs.common.domain.sale import LineKind, Sale, SaleLine, SaleState
from services.portal.sale_facts import VatCents, added_up


def in_cents(amount: Decimal) -> int:
    return int(to_cents(amount) * 100)


def from_cents(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def sold_cents(sale: Sale, rules: Rules) -> int:
    """A receipt's total without the gift cards it issued as a liability; nothing unless it was completed."""
    if sale.state is not SaleState.COMPLETED:
        return 0
    issued = sum_of(line.amount_incl_vat for line in sale.lines if _is_liability(line, rules))
    return in_cents(sale.total_incl_vat) - in_cents(issued)


def _is_liability(line: SaleLine, rules: Rules) -> bool:
    is_gift_card = line.kind is LineKind.GIFT_CARD or rules.items.kinds.get(line.item) == "gift-card"
    return is_gift_card and rules.gift_cards == "liability"


def turnover_by_code(document: Document, rules: Rules) -> VatCents:
    """By VAT code, of lines that come from sale lines; not those on ledgers of money and liabilities."""
    if isinstance(document, JournalEntry):
        return {}
    apart = ledgers_apart(rules)
    lines: tuple[EntryLine | ItemLine, ...] = document.lines
    return added_up([_part(line) for line in lines if _is_turnover(line, apart)])


def _is_turnover(line: EntryLine | ItemLine, apart: frozenset[str]) -> bool:
    return isinstance(line, ItemLine) or (bool(line.sale_lines) and line.ledger not in apart)


def _part(line: EntryLine | ItemLine) -> VatCents:
    vat = None if isinstance(line, ItemLine) else in_cents(line.vat_amount)
    return {line.vat_code: (in_cents(line.amount_incl_vat), vat)}


def ledgers_apart(rules: Rules) -> frozenset[str]:
    """The ledgers that hold no turnover: of payments, liabilities and till movements."""
    chosen = rules.ledgers
    ledgers = {
        *(payment.ledger for payment in rules.payments.values()),
        chosen.gift_cards,
        chosen.store_credit,
        chosen.deposits,
        chosen.tips,
        chosen.cash_rounding,
        chosen.open_payments,
        chosen.cash_difference,
        chosen.cash_drops,
        chosen.petty_cash,
    }
    return frozenset(ledger for ledger in ledgers if ledger)


def payments_of(sale: Sale) -> dict[str, tuple[str, int]]:
    """By payment type: its name, and what was paid in cents; empty for a sale that wasn't completed."""
    if sale.state is not SaleState.COMPLETED:
        return {}
    paid: dict[str, tuple[str, int]] = {}
    for payment in sale.payments:
        if payment.amount:
            earlier = paid.get(payment.type_id, ("", 0))[1]
            paid[payment.type_id] = (payment.type_name, earlier + in_cents(payment.amount))
    return paid
