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
LAST_OF_BALANCE = 99
"""Types of the balance sheet come before those of profit and loss (exact-online.md 5.19)."""
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
            why = ("zo wordt omzet nu geboekt", "so turnover is booked now")
            named = (f"omzetrekening voor {rate} %", f"a turnover ledger for {rate} %")
            reasons.chosen(field, found, *(why if past is not None else named))
            reasons.used(field, usage.vat.get(rate))
    default = next((ledger for ledger in turnover if ledger.id in by_code.values()), None)
    default = default or next(iter([*_of_goods(turnover), *turnover]), None)
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
    """By the percentage in its name, else by the word for the rate."""
    plain = _of_goods(turnover)
    named = next((ledger for ledger in plain if words.names_rate(ledger.name, rate)), None)
    return named or words.first_named(plain, words.BY_RATE.get(rate, ()))


def _of_goods(turnover: Sequence[Choice]) -> list[Choice]:
    return [each for each in turnover if not words.speaks_of(each.name, words.NOT_TURNOVER_OF_GOODS)]


def suggest_special(ledgers: Sequence[Choice], usage: TillUsage, reasons: Reasons) -> SpecialLedgers:
    """What the till uses and no ledger is found for is said, so that nobody finds out by a problem."""
    possible = [ledger for ledger in usable(ledgers) if int(ledger.type) not in NOT_FOR_PAYMENTS]
    of_balance = [
        ledger
        for ledger in possible
        if _is_of_balance(ledger) and not words.speaks_of(ledger.name, words.TO_SUPPLIERS)
    ]
    found: dict[str, str] = {}
    for name, hints in words.LEDGERS.items():
        ledger = words.first_named(of_balance if name in words.BALANCE_SHEET else possible, hints)
        if ledger is not None:
            found[name] = ledger.id
        if ledger is not None or name in usage.ledgers:
            reasons.chosen(f"ledgers.{name}", ledger, "naar de naam", "by its name")
            reasons.used(f"ledgers.{name}", usage.ledgers.get(name))
    return SpecialLedgers(**found)


def suggest_payments(
    payment_types: Sequence[Choice],
    ledgers: Sequence[Choice],
    usage: TillUsage,
    reasons: Reasons,
    unlisted: Sequence[Choice] = (),
) -> dict[str, PaymentRule]:
    """Of those that the till doesn't list, such as their names tell: what the others are, nobody knows."""
    possible = [
        ledger
        for ledger in usable(ledgers)
        if int(ledger.type) not in NOT_FOR_PAYMENTS and not words.speaks_of(ledger.name, words.NOT_THE_DRAWER)
    ]
    rules: dict[str, PaymentRule] = {}
    for payment_type in (*payment_types, *unlisted):
        rule, field = _payment_rule(payment_type, payment_types, possible, reasons)
        if payment_type in unlisted and rule.kind is PaymentKind.CLEARING:
            reasons.add(
                field,
                f"{payment_type.name} staat niet in de lijst van de kassa: kies zelf wat het is.",
                f"{payment_type.name} isn't in the till's list: choose yourself what it is.",
            )
        else:
            rules[payment_type.id] = rule
        reasons.used(field, usage.payments.get(payment_type.id))
    return rules


def _payment_rule(
    payment_type: Choice, payment_types: Sequence[Choice], ledgers: Sequence[Choice], reasons: Reasons
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
    field = f"{field}.ledger"
    noted = next((each for each in ledgers if each.code == payment_type.in_books), None)
    if noted is not None:
        reasons.chosen(field, noted, "zo staat het bij de kassa", "so it is noted at the till")
        return PaymentRule(kind, noted.id), field
    takings = [each for each in ledgers if _may_hold_takings(each)]
    if kind is PaymentKind.COST:
        ledger = words.first_named(ledgers, hints)
    else:
        ledger = _of_its_own(takings, payment_type.name, hints)
    if ledger is not None or kind is PaymentKind.COST:
        reasons.chosen(field, ledger, f"past bij {payment_type.name}", f"fits {payment_type.name}")
        return PaymentRule(kind, _id(ledger)), field
    ledger = _of_all(takings, payment_types)
    reasons.chosen(
        field,
        ledger,
        f"er is geen eigen tussenrekening voor {payment_type.name}",
        f"there is no clearing ledger of its own for {payment_type.name}",
    )
    return PaymentRule(kind, _id(ledger)), field


def _of_its_own(ledgers: Sequence[Choice], name: str, hints: Sequence[str]) -> Choice | None:
    """By the payment type's own name, then by what its kind is called."""
    of_transit = [each for each in ledgers if _is_transit(each)]
    return words.first_named(of_transit, (name, *hints)) or words.first_named(ledgers, hints)


def _of_all(ledgers: Sequence[Choice], payment_types: Sequence[Choice]) -> Choice | None:
    """That of no payment type in particular, if there is one."""
    of_one = (*words.OF_ONE_TENDER, *(each.name for each in payment_types))
    general = [each for each in ledgers if not words.speaks_of(each.name, of_one)]
    return words.first_named(general, words.TRANSIT) or words.first_named(ledgers, words.TRANSIT)


def _may_hold_takings(ledger: Choice) -> bool:
    """On their way to the bank: not what is owed to customers, nor other matters that pass by."""
    is_other = words.speaks_of(ledger.name, words.NOT_TAKINGS)
    is_owed = any(words.speaks_of(ledger.name, words.LEDGERS[name]) for name in words.OWED)
    return _is_of_balance(ledger) and not is_other and (_is_transit(ledger) or not is_owed)


def _is_of_balance(ledger: Choice) -> bool:
    return int(ledger.type) <= LAST_OF_BALANCE


def _is_transit(ledger: Choice) -> bool:
    return words.speaks_of(ledger.name, words.TRANSIT)


def _id(ledger: Choice | None) -> str | None:
    return None if ledger is None else ledger.id


def _kind_without_ledger(payment_type: Choice) -> PaymentKind | None:
    match payment_type.tender:
        case TenderKind.CREDIT_ACCOUNT:
            return PaymentKind.ON_ACCOUNT
        case TenderKind.GIFT_CARD:
            return PaymentKind.GIFT_CARD
        case TenderKind.STORE_CREDIT:
            return PaymentKind.STORE_CREDIT
        case TenderKind.OTHER:
            return _owed_by_name(payment_type.name)
    return None


def _owed_by_name(name: str) -> PaymentKind | None:
    """Where the till has no type for it."""
    if words.speaks_of(name, words.ON_ACCOUNT):
        return PaymentKind.ON_ACCOUNT
    if words.speaks_of(name, words.STORE_CREDIT):
        return PaymentKind.STORE_CREDIT
    is_own = words.speaks_of(name, words.OWN_CARDS) and not words.speaks_of(name, words.ISSUERS)
    return PaymentKind.GIFT_CARD if is_own else None


def _kind_and_hints(payment_type: Choice) -> tuple[PaymentKind, Sequence[str]]:
    tender, name = payment_type.tender, payment_type.name
    if tender is TenderKind.CASH:
        return PaymentKind.CASH, words.CASH
    if tender is TenderKind.WEB_SHOP:
        return PaymentKind.ONLINE, words.ONLINE
    if words.speaks_of(name, words.STAFF):
        return PaymentKind.COST, words.STAFF_COST
    if words.speaks_of(name, words.LOYALTY):
        return PaymentKind.COST, words.LOYALTY_COST
    for hints, kind in words.CARDS:
        if words.speaks_of(name, hints):
            said = [hint for hint in hints if words.speaks_of(name, (hint,))]
            return PaymentKind(kind), (*said, *hints)
    if tender is TenderKind.CARD:
        return PaymentKind.CARD, words.CREDIT_CARD
    if words.speaks_of(name, words.ANY_CARD) and not words.speaks_of(name, words.ISSUERS):
        return PaymentKind.CARD, words.DEBIT_CARD
    return PaymentKind.CLEARING, ()
