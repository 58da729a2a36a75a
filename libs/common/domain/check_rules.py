"""Checks a merchant's choices against what there is to choose, and asks for what is missing.

A wrong choice is refused at once; a missing one (`is_missing`) only keeps the connection from being
switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date

from libs.common.domain.business_day import clock_time
from libs.common.domain.check_product_rules import product_errors
from libs.common.domain.check_vat_rules import vat_errors
from libs.common.domain.choices import OF_CENTER, ItemKind
from libs.common.domain.options import (
    JournalOption,
    LedgerAccountOption,
    Options,
    PaymentTypeOption,
    VatCodeOption,
)
from libs.common.domain.problem import describe, other_currency
from libs.common.domain.rule_error import RuleError, missing, unknown
from libs.common.domain.rules import (
    Mode,
    OutletRules,
    PaymentKind,
    PaymentRule,
    Rules,
    Settlement,
    SpecialLedgers,
)

__all__ = [
    "JournalOption",
    "LedgerAccountOption",
    "Options",
    "PaymentTypeOption",
    "RuleError",
    "VatCodeOption",
    "check_rules",
    "own_errors",
    "shared_with_others",
]

SALES, GENERAL, CASH = 20, 90, 10
JOURNAL_TYPES = {
    SALES: ("een verkoopdagboek", "a sales journal"),
    GENERAL: ("een memoriaal", "a general journal"),
    CASH: ("een kasboek", "a cash journal"),
}
NOT_IN_A_SALES_ENTRY = (10, 12, 20, 22, 24)
EARLIEST_START, LATEST_START = date(2000, 1, 1), date(2100, 1, 1)
LONGEST_WAIT = 24 * 60
LONGEST_PREFIX = 10
"""Of a reference's 30 characters, the rest is for the receipt's number and the marks of corrections."""
WITHOUT_LEDGER = (PaymentKind.ON_ACCOUNT, PaymentKind.GIFT_CARD, PaymentKind.STORE_CREDIT)


def check_rules(rules: Rules, options: Options) -> list[RuleError]:
    """Every wrong and every missing choice, by the field's name as in the JSON."""
    return [
        *_mode_errors(rules, options),
        *own_errors(rules),
        *_journal_errors(rules, options),
        *_outlet_errors(rules, options),
        *_revenue_errors(rules, options),
        *_payment_errors(rules, options),
        *vat_errors(rules, options),
        *_item_errors(rules),
        *product_errors(rules, options),
        *_option_errors(rules),
    ]


def _mode_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    if rules.division is None:
        yield missing("division")
    elif rules.division not in options.divisions:
        yield unknown("division", rules.division)
    elif problem := other_currency(options.till_currency, options.currency):
        yield RuleError("division", " ".join(describe(problem, "nl")), " ".join(describe(problem, "en")))
    if rules.start_date is None:
        yield missing("start_date")
    if rules.debtor.default_account is None:
        yield missing("debtor.default_account")
    if rules.payment_condition and rules.payment_condition not in options.payment_conditions:
        yield unknown("payment_condition", rules.payment_condition)


def own_errors(rules: Rules) -> Iterator[RuleError]:
    """What is wrong whatever there is to choose, so in a template too."""
    if rules.start_date is not None and not EARLIEST_START <= rules.start_date < LATEST_START:
        first, last = EARLIEST_START.year, LATEST_START.year - 1
        yield RuleError(
            "start_date",
            f"De startdatum ligt in de jaren {first} tot en met {last}.",
            f"The start date is in the years {first} to {last}.",
        )
    if not re.fullmatch(rf"[A-Z0-9-]{{0,{LONGEST_PREFIX}}}", rules.reference_prefix):
        yield RuleError(
            "reference_prefix",
            f"Het voorvoegsel bestaat uit hooguit {LONGEST_PREFIX} hoofdletters, cijfers en streepjes.",
            f"The prefix may hold capitals, digits and hyphens alone, {LONGEST_PREFIX} at most.",
        )
    try:
        clock_time(rules.day_end)
    except ValueError:
        yield RuleError(
            "day_end",
            'Het einde van de dag is een tijd als "05:00", of "till".',
            'The end of the day is a time as "05:00", or "till".',
        )
    yield from _closing_errors(rules)


def _closing_errors(rules: Rules) -> Iterator[RuleError]:
    """Also where nothing closes days yet: another mode would find them."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", rules.post_at):
        yield RuleError(
            "post_at",
            'Het moment van boeken is een tijd als "06:30".',
            'The moment of booking is a time as "06:30".',
        )
    if not 0 <= rules.day_close_wait_minutes <= LONGEST_WAIT:
        yield RuleError(
            "day_close_wait_minutes",
            f"De wachttijd is 0 tot {LONGEST_WAIT} minuten.",
            f"The waiting time is 0 to {LONGEST_WAIT} minutes.",
        )


def _journal_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    journals = rules.journals
    if journals.sales is None:
        yield missing("journals.sales")
    if journals.general is None and _needs_general(rules):
        yield missing("journals.general")
    if journals.cash is None and _day_document(rules) == "cash-entry":
        yield missing("journals.cash")
    for field, code, type_ in (
        ("journals.sales", journals.sales, SALES),
        ("journals.general", journals.general, GENERAL),
        ("journals.cash", journals.cash, CASH),
    ):
        yield from _journal_error(field, code, type_, options)
    if _needs_general_with_vat(rules):
        yield from _vat_refused("journals.general", journals.general, options)


def _day_document(rules: Rules) -> str | None:
    return rules.daily_totals.document if rules.mode is Mode.DAILY_TOTALS else None


def _needs_general(rules: Rules) -> bool:
    """Money inside the turnover's own document needs none; what has no such document does."""
    if rules.mode is not Mode.DAILY_TOTALS:
        settled = rules.settles in (Settlement.PER_RECEIPT, Settlement.PER_DAY)
    else:
        form = rules.daily_totals.document
        beside_entry = form == "sales-entry" and rules.settlement is not Settlement.IN_ENTRY
        settled = form == "general-journal" or beside_entry
    return settled or rules.till_movements or rules.open_payments or rules.deposit_vat is not None


def _needs_general_with_vat(rules: Rules) -> bool:
    books_input_vat = rules.till_movements and rules.petty_cash_vat is not None
    return (
        _day_document(rules) == "general-journal" or books_input_vat or rules.deposit_vat is not None
    ) and not rules.small_business_scheme


def _vat_refused(field: str, code: str | None, options: Options) -> Iterator[RuleError]:
    found = next((journal for journal in options.journals if journal.code == code), None)
    if found is not None and not found.allows_vat:
        yield RuleError(
            field,
            f"Dagboek {code} staat geen btw toe; zet dat aan in Exact Online of kies een ander.",
            f"Journal {code} allows no VAT; switch that on in Exact Online or choose another.",
        )


def _journal_error(field: str, code: str | None, type_: int, options: Options) -> Iterator[RuleError]:
    if code is None:
        return
    found = next((journal for journal in options.journals if journal.code == code), None)
    if found is None:
        yield unknown(field, code)
    elif found.type != type_:
        dutch, english = JOURNAL_TYPES[type_]
        yield RuleError(field, f"Dagboek {code} is niet {dutch}.", f"Journal {code} is not {english}.")


def _outlet_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    for id_, outlet in rules.outlets.items():
        if id_.startswith(OF_CENTER):
            yield from _center_errors(f"outlets.{id_}", outlet)
        elif id_ not in options.outlets:
            yield unknown(f"outlets.{id_}", id_)
        yield from _outlet_journal_errors(f"outlets.{id_}.journal", outlet.journal, rules, options)
        yield from _place_errors(f"outlets.{id_}", outlet, options)


def _center_errors(field: str, center: OutletRules) -> Iterator[RuleError]:
    """A revenue centre is part of an outlet."""
    if center != OutletRules(cost_center=center.cost_center):
        yield RuleError(
            field,
            "Een omzetgroep heeft alleen een kostenplaats; al het andere is van haar zaak.",
            "A revenue centre has a cost centre alone; all else is its outlet's.",
        )


def _outlet_journal_errors(
    field: str, code: str | None, rules: Rules, options: Options
) -> Iterator[RuleError]:
    """It stands for the journal of the mode's document."""
    document = _day_document(rules)
    type_ = {"general-journal": GENERAL, "cash-entry": CASH}.get(document or "", SALES)
    yield from _journal_error(field, code, type_, options)
    if type_ == GENERAL and not rules.small_business_scheme:
        yield from _vat_refused(field, code, options)


def _place_errors(field: str, outlet: OutletRules, options: Options) -> Iterator[RuleError]:
    if outlet.cost_center is not None and outlet.cost_center not in options.cost_centers:
        yield unknown(f"{field}.cost_center", outlet.cost_center)
    if outlet.warehouse is not None and outlet.warehouse not in options.warehouses:
        yield unknown(f"{field}.warehouse", outlet.warehouse)


def _revenue_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    revenue = rules.revenue
    chosen = {"revenue.default_ledger": revenue.default_ledger}
    for name, ledgers in (
        ("by_vat_code", revenue.by_vat_code),
        ("by_category", revenue.by_category),
        ("by_item", revenue.by_item),
    ):
        chosen |= {f"revenue.{name}.{key}": ledger for key, ledger in ledgers.items()}
    for field, ledger in chosen.items():
        yield from _ledger_error(field, ledger, options, in_sales_entry=not rules.books_items)
    if not rules.books_items and revenue.default_ledger is None:
        yield from _codes_without_ledger(rules)
    for ledger_field in fields(rules.ledgers):
        name = ledger_field.name
        yield from _ledger_error(f"ledgers.{name}", getattr(rules.ledgers, name), options)


def _codes_without_ledger(rules: Rules) -> Iterator[RuleError]:
    used = {code for key, code in rules.vat.items() if (key == "none") == rules.small_business_scheme}
    for code in sorted(used - rules.revenue.by_vat_code.keys()):
        yield missing(f"revenue.by_vat_code.{code}")


def _ledger_error(
    field: str, ledger: str | None, options: Options, *, in_sales_entry: bool = False
) -> Iterator[RuleError]:
    if ledger is None:
        return
    found = next((account for account in options.ledger_accounts if account.id == ledger), None)
    if found is None:
        yield unknown(field, ledger)
    elif in_sales_entry and found.type in NOT_IN_A_SALES_ENTRY:
        yield RuleError(
            field,
            f"Rekening {found.code} is een kas-, bank-, debiteuren-, crediteuren- of btw-rekening; "
            "die kan niet in een verkoopboeking.",
            f"Ledger {found.code} is a cash, bank, receivable, payable or VAT ledger, "
            "which can't stand in a sales entry.",
        )


def _payment_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    types = {option.id for option in options.payment_types}
    in_entry = rules.settles is Settlement.IN_ENTRY and _has_sales_entries(rules)
    for id_, rule in rules.payments.items():
        field = f"payments.{id_}"
        if id_ not in types:
            yield unknown(field, id_)
        if rule.ledger is None and rule.kind not in WITHOUT_LEDGER:
            yield missing(f"{field}.ledger")
        yield from _ledger_error(f"{field}.ledger", rule.ledger, options, in_sales_entry=in_entry)
        yield from _journal_error(f"{field}.journal", rule.journal, CASH, options)
    yield from _shared_with_cash(rules)


def shared_with_others(payments: Mapping[str, PaymentRule], ledgers: SpecialLedgers) -> list[str]:
    """The payment types of cash whose ledger holds something else too."""
    others = {rule.ledger for rule in payments.values() if rule.kind is not PaymentKind.CASH}
    others |= {getattr(ledgers, each.name) for each in fields(ledgers)}
    cash = {id_: rule.ledger for id_, rule in payments.items() if rule.kind is PaymentKind.CASH}
    return [id_ for id_, ledger in cash.items() if ledger is not None and ledger in others]


def _shared_with_cash(rules: Rules) -> Iterator[RuleError]:
    """A cash journal takes the ledgers of cash as its own, with all that stands on them."""
    if _day_document(rules) != "cash-entry":
        return
    for id_ in shared_with_others(rules.payments, rules.ledgers):
        yield RuleError(
            f"payments.{id_}.ledger",
            "Een kasboeking neemt alles op deze rekening als kasgeld, ook wat er van andere betaalwijzen "
            "of verplichtingen staat; geef contant een eigen rekening.",
            "A cash entry takes all that is on this ledger as cash, other payment types and liabilities "
            "too; give cash a ledger of its own.",
        )


def _has_sales_entries(rules: Rules) -> bool:
    if rules.mode is not Mode.DAILY_TOTALS:
        return not rules.books_items
    return rules.books_business_receipts_apart or rules.daily_totals.document == "sales-entry"


def _option_errors(rules: Rules) -> Iterator[RuleError]:
    """What an option can't do without; ledgers of what may never happen are asked for when it does."""
    needed: dict[str, object] = {}
    if rules.gift_cards == "turnover-at-sale":
        needed["gift_card_vat"] = rules.gift_card_vat
    if rules.deposit_vat is not None:
        needed["ledgers.deposits"] = rules.ledgers.deposits
    if rules.open_payments:
        needed["ledgers.open_payments"] = rules.ledgers.open_payments
    if rules.shows_discounts_apart:
        needed["ledgers.discounts"] = rules.ledgers.discounts
    if rules.till_movements:
        for name in ("petty_cash", "cash_drops", "cash_difference"):
            needed[f"ledgers.{name}"] = getattr(rules.ledgers, name)
    for field, chosen in needed.items():
        if chosen is None:
            yield missing(field)


def _item_errors(rules: Rules) -> Iterator[RuleError]:
    for item, kind in rules.items.kinds.items():
        if kind not in list(ItemKind):
            yield unknown(f"items.kinds.{item}", kind)
        elif not rules.books_items and item not in rules.revenue.by_item:
            yield from _ledger_of_kind(item, kind, rules)
    if not rules.books_items:
        return
    if rules.items.fallback_item is None:
        yield missing("items.fallback_item")
    if rules.items.rounding_item is None:
        yield missing("items.rounding_item")


def _ledger_of_kind(item: str, kind: str, rules: Rules) -> Iterator[RuleError]:
    """What is no turnover may not fall to a turnover ledger."""
    if kind == ItemKind.PURCHASE:
        yield missing(f"revenue.by_item.{item}")
    if kind == ItemKind.BOTTLE_DEPOSIT and rules.ledgers.bottle_deposit is None:
        yield missing("ledgers.bottle_deposit")
