"""Suggests ledgers: for turnover by VAT code, for payment types and for what is no turnover. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from libs.common.domain.rules import PaymentKind, PaymentRule, RevenueRules, SpecialLedgers
from libs.common.domain.sale import TenderKind
from services.portal import words
from services.portal.choices import Choice, DivisionChoices
from services.portal.reasons import Reasons
from services.portal.till_usage import TillUsage

REVENUE = 110
COST_TYPES = (121, 120, 126, 125)
NOT_FOR_PAYMENTS = (10, 12, 20, 22, 24, REVENUE)


def usable(ledgers: Sequence[Choice]) -> list[Choice]:
    live = [ledger for ledger in ledgers if not ledger.is_blocked]
    return sorted(
        (ledger for ledger in live if not words.speaks_of(ledger.name, words.OLD)),
        key=lambda ledger: ledger.code,
    )


def suggest_revenue(
    vat: Mapping[str, str],
    categories: Sequence[Choice],
    books: DivisionChoices,
    usage: TillUsage,
    reasons: Reasons,
) -> RevenueRules:
    """What the sales journals used lately under the VAT code goes before what its name says."""
    turnover = [ledger for ledger in usable(books.ledger_accounts) if int(ledger.type) == REVENUE]
    by_code: dict[str, str] = {}
    for rate, code in vat.items():
        past = _of_past(turnover, code, books)
        found = None if rate == "none" else past or _of_rate(turnover, rate)
        if found is not None:
            field = f"revenue.by_vat_code.{code}"
            by_code[code] = found.id
            why = ("zo boekt het verkoopdagboek nu", "so the sales journal books now")
            named = (f"omzetrekening die {rate} % noemt", f"a turnover ledger that names {rate} %")
            reasons.chosen(field, found, *(why if past is not None else named))
            reasons.used(field, usage.vat.get(rate))
    default = next((ledger for ledger in turnover if ledger.id in by_code.values()), None)
    default = default or next(iter(turnover), None)
    reasons.chosen("revenue.default_ledger", default, "de eerste omzetrekening", "the first turnover ledger")
    return RevenueRules(
        default_ledger=None if default is None else default.id,
        by_vat_code=by_code,
        by_category=_of_categories(categories, turnover, usage, reasons),
    )


def _of_categories(
    categories: Sequence[Choice], turnover: Sequence[Choice], usage: TillUsage, reasons: Reasons
) -> dict[str, str]:
    """Only where the merchant noted a ledger at the till itself."""
    by_code = {ledger.code: ledger for ledger in turnover}
    found = {each.id: by_code[each.in_books] for each in categories if each.in_books in by_code}
    for category, ledger in found.items():
        field = f"revenue.by_category.{category}"
        reasons.chosen(field, ledger, "zo staat het bij de kassa", "so it is noted at the till")
        reasons.used(field, usage.categories.get(category))
    return {category: ledger.id for category, ledger in found.items()}


def _of_past(turnover: Sequence[Choice], vat_code: str, books: DivisionChoices) -> Choice | None:
    lines = {each.id: books.lines_in_past(ledger=each.id, vat_code=vat_code) for each in turnover}
    used = [ledger for ledger in turnover if lines[ledger.id]]
    return max(used, key=lambda ledger: lines[ledger.id], default=None)


def _of_rate(turnover: Sequence[Choice], rate: str) -> Choice | None:
    """By the percentage in its name, else by the Dutch word for the rate."""
    plain = [each for each in turnover if not words.speaks_of(each.name, words.NOT_TURNOVER_OF_GOODS)]
    for ledger in plain:
        if f" {rate}%" in f" {ledger.name}" or f" {rate} %" in f" {ledger.name}":
            return ledger
    return words.first_named(plain, words.BY_RATE.get(rate, ()))


def suggest_special(ledgers: Sequence[Choice], usage: TillUsage, reasons: Reasons) -> SpecialLedgers:
    """What the till uses and no ledger is found for is said, so that nobody finds out by a problem."""
    possible = [ledger for ledger in usable(ledgers) if int(ledger.type) not in (10, 12, 20, 22, 24, REVENUE)]
    found: dict[str, str] = {}
    for name, hints in words.LEDGERS.items():
        ledger = words.first_named(possible, hints)
        if ledger is not None:
            found[name] = ledger.id
        if ledger is not None or name in usage.ledgers:
            reasons.chosen(f"ledgers.{name}", ledger, "naar de naam", "by its name")
            reasons.used(f"ledgers.{name}", usage.ledgers.get(name))
    return SpecialLedgers(**found)


def suggest_payments(
    payment_types: Sequence[Choice], ledgers: Sequence[Choice], usage: TillUsage, reasons: Reasons
) -> dict[str, PaymentRule]:
    possible = [
        ledger
        for ledger in usable(ledgers)
        if int(ledger.type) not in NOT_FOR_PAYMENTS and not words.speaks_of(ledger.name, words.NOT_THE_DRAWER)
    ]
    rules: dict[str, PaymentRule] = {}
    for payment_type in payment_types:
        rule, field = _payment_rule(payment_type, possible, reasons)
        reasons.used(field, usage.payments.get(payment_type.id))
        rules[payment_type.id] = rule
    return rules


def _payment_rule(
    payment_type: Choice, ledgers: Sequence[Choice], reasons: Reasons
) -> tuple[PaymentRule, str]:
    """By the till's own type first; its name, which shops change, only says which ledger."""
    field = f"payments.{payment_type.id}"
    without = _kind_without_ledger(payment_type)
    if without is not None:
        reasons.add(
            field,
            f"{payment_type.name}: soort {without.value}, dat heeft geen eigen tussenrekening.",
            f"{payment_type.name}: kind {without.value}, which has no clearing ledger of its own.",
        )
        return PaymentRule(without), field
    kind, hints = _kind_and_hints(payment_type)
    of_balance = [ledger for ledger in ledgers if int(ledger.type) not in COST_TYPES]
    pool = ledgers if kind is PaymentKind.COST else of_balance
    ledger = next((each for each in pool if each.code == payment_type.in_books), None)
    ledger = ledger or words.first_named([each for each in pool if _is_transit(each)], hints)
    ledger = ledger or words.first_named(pool, hints) or words.first_named(of_balance, words.TRANSIT)
    field = f"{field}.ledger"
    reasons.chosen(field, ledger, f"past bij {payment_type.name}", f"fits {payment_type.name}")
    return PaymentRule(kind, None if ledger is None else ledger.id), field


def _is_transit(ledger: Choice) -> bool:
    return words.speaks_of(ledger.name, words.TRANSIT)


def _kind_without_ledger(payment_type: Choice) -> PaymentKind | None:
    match payment_type.tender:
        case TenderKind.CREDIT_ACCOUNT:
            return PaymentKind.ON_ACCOUNT
        case TenderKind.GIFT_CARD:
            return PaymentKind.GIFT_CARD
        case TenderKind.STORE_CREDIT:
            return PaymentKind.STORE_CREDIT
        case TenderKind.OTHER if words.speaks_of(payment_type.name, words.ON_ACCOUNT):
            return PaymentKind.ON_ACCOUNT
    return None


def _kind_and_hints(payment_type: Choice) -> tuple[PaymentKind, Sequence[str]]:
    tender, name = payment_type.tender, payment_type.name
    if tender is TenderKind.CASH:
        return PaymentKind.CASH, words.CASH
    if tender is TenderKind.WEB_SHOP:
        return PaymentKind.ONLINE, words.ONLINE
    if words.speaks_of(name, words.STAFF):
        return PaymentKind.COST, words.STAFF_COST
    for hints, kind in words.CARDS:
        if words.speaks_of(name, hints):
            said = [hint for hint in hints if hint in name.lower()]
            return PaymentKind(kind), (*said, *hints)
    if tender is TenderKind.CARD:
        return PaymentKind.CARD, words.CREDIT_CARD
    return PaymentKind.CLEARING, words.TRANSIT
