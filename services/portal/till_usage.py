"""What a till sold lately: how often and for how much each of what the rules ask about came by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from libs.common.domain.choices import NO_ITEM, ItemKind, item_key
from libs.common.domain.money import to_cents
from libs.common.domain.rules import rate_key
from libs.common.domain.sale import ZERO, LineKind, Payment, Sale, SaleLine, SaleState, TenderKind
from services.portal import words
from services.portal.choices import Choice


@dataclass(frozen=True, slots=True)
class Use:
    """Receipts are counted once each; money without its sign, so that returns don't hide sales."""

    receipts: int = 0
    amount: Decimal = ZERO


@dataclass(slots=True)
class TillUsage:
    """By the ids of the rules: outlets, payment types, keys of `vat`, categories, and names in `ledgers`."""

    outlets: dict[str, Use] = field(default_factory=dict)
    payments: dict[str, Use] = field(default_factory=dict)
    vat: dict[str, Use] = field(default_factory=dict)
    rates: dict[str, set[Decimal]] = field(default_factory=dict)
    """The rates in per cent that were sold under each key of `vat`."""
    categories: dict[str, Use] = field(default_factory=dict)
    category_rates: dict[str, dict[str, Use]] = field(default_factory=dict)
    """By category and then by rate, as keys of `vat` write it."""
    ledgers: dict[str, Use] = field(default_factory=dict)
    liabilities: dict[str, ItemKind] = field(default_factory=dict)
    """Articles that by their name are no turnover, though the till doesn't say so; by their key."""
    items: dict[str, Use] = field(default_factory=dict)
    """Of those articles."""
    item_names: dict[str, str] = field(default_factory=dict)
    revenue_centers: dict[str, str] = field(default_factory=dict)
    """Their names, by id: no till lists them."""

    @property
    def all(self) -> Use | None:
        """None where nothing was sold."""
        if not self.outlets:
            return None
        uses = self.outlets.values()
        return Use(sum(use.receipts for use in uses), sum((use.amount for use in uses), ZERO))


def usage_of(sales: Iterable[Sale]) -> TillUsage:
    usage = TillUsage()
    for sale in sales:
        if sale.state is SaleState.COMPLETED:
            _count(usage, sale)
    return usage


def payment_types_in(sales: Iterable[Sale]) -> tuple[Choice, ...]:
    """Each once, the first met first; what is left on a customer's account needs no choice."""
    payments = [
        payment
        for sale in sales
        for payment in sale.payments
        if payment.amount and payment.kind is not TenderKind.CREDIT_ACCOUNT
    ]
    met = {each.type_id: Choice(each.type_id, each.type_name, tender=each.kind) for each in payments}
    return tuple(met.values())


def _count(usage: TillUsage, sale: Sale) -> None:
    _add(usage.outlets, [(sale.outlet, sale.total_incl_vat)])
    center, name = sale.revenue_center
    if center:
        usage.revenue_centers.setdefault(center, name)
    _add(usage.payments, [(each.type_id, each.amount) for each in sale.payments if each.amount])
    _add(usage.vat, [(key, line.amount_incl_vat) for line in sale.lines for key in vat_keys(line)])
    _add(usage.categories, [(each.category, each.amount_incl_vat) for each in sale.lines if each.category])
    for category in {each.category for each in sale.lines if each.category}:
        mine = [each for each in sale.lines if each.category == category]
        rates = usage.category_rates.setdefault(category, {})
        _add(rates, [(rate_key(each.vat_rate), each.amount_incl_vat) for each in mine])
    _count_liabilities(usage, sale)
    _add(usage.ledgers, [*_of_lines(sale), *_of_payments(sale)])
    for line in sale.lines:
        for key in vat_keys(line):
            usage.rates.setdefault(key, set()).add(line.vat_rate)


def _count_liabilities(usage: TillUsage, sale: Sale) -> None:
    """Sold without VAT by an article of its own: one that bears any is goods."""
    found = [(line, kind) for line in sale.lines if (kind := _liability_of(line)) is not None]
    for line, kind in found:
        usage.liabilities.setdefault(item_key(line), kind)
        usage.item_names.setdefault(item_key(line), line.description)
    _add(usage.items, [(item_key(line), line.amount_incl_vat) for line, _ in found])


def _liability_of(line: SaleLine) -> ItemKind | None:
    may_be = line.kind in (LineKind.GOODS, LineKind.ITEM_FEE) and item_key(line) != NO_ITEM
    if not may_be or line.vat_rate or line.vat_amount or not line.amount_incl_vat:
        return None
    if words.speaks_of(line.description, words.LEDGERS["bottle_deposit"]):
        return ItemKind.BOTTLE_DEPOSIT
    is_own = words.speaks_of(line.description, words.OWN_CARDS)
    is_card = is_own and not words.speaks_of(line.description, words.ISSUERS)
    return ItemKind.GIFT_CARD if is_card else None


def _add(uses: dict[str, Use], found: Iterable[tuple[str, Decimal]]) -> None:
    amounts: dict[str, Decimal] = {}
    for name, amount in found:
        amounts[name] = amounts.get(name, ZERO) + abs(amount)
    for name, amount in amounts.items():
        so_far = uses.get(name, Use())
        uses[name] = Use(so_far.receipts + 1, so_far.amount + amount)


def vat_keys(line: SaleLine) -> list[str]:
    keys = [rate_key(line.vat_rate)]
    if line.tax_class:
        keys.append(f"class:{line.tax_class}")
    if line.tax_class and line.tax_category:
        keys.append(f"category:{line.tax_category}/class:{line.tax_class}")
    return keys


def _of_lines(sale: Sale) -> Iterator[tuple[str, Decimal]]:
    for line in sale.lines:
        if line.kind is LineKind.GIFT_CARD:
            yield "gift_cards", line.amount_incl_vat
        elif words.speaks_of(line.description, words.LEDGERS["bottle_deposit"]):
            yield "bottle_deposit", line.amount_incl_vat
        elif _liability_of(line) is ItemKind.GIFT_CARD:
            yield "gift_cards", line.amount_incl_vat


def _of_payments(sale: Sale) -> Iterator[tuple[str, Decimal]]:
    for payment in sale.payments:
        name = _ledger_of(payment)
        if name and payment.amount:
            yield name, payment.amount
        if payment.tip:
            yield "tips", payment.tip
    rounding = sale.paid - sale.tips - to_cents(sale.total_incl_vat)
    if rounding:
        yield "cash_rounding", rounding


def _ledger_of(payment: Payment) -> str | None:
    """Money put on a customer's account is a deposit, money taken from it is on account."""
    match payment.kind:
        case TenderKind.GIFT_CARD:
            return "gift_cards"
        case TenderKind.STORE_CREDIT:
            return "store_credit"
        case TenderKind.CREDIT_ACCOUNT if payment.amount < ZERO:
            return "deposits"
    return None
