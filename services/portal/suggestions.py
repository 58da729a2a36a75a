"""Suggests rules for a usual Dutch or Belgian administration, so that a merchant only corrects. Pure.

What can't be found stays empty, with the reason; a default debtor and the items of invoices and orders
are made when the rules are saved, where the rules allow that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from libs.common.domain.check_rules import shared_with_others
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rules import (
    DebtorRules,
    Mode,
    OutletRules,
    Rules,
    rate_key,
)
from services.portal import words
from services.portal.alcohol import LOW_RATES, is_named_for_alcohol
from services.portal.choices import Choice, Choices, DivisionChoices
from services.portal.reasons import Reasons
from services.portal.suggested_items import suggest_items
from services.portal.suggested_journals import suggest_journals, suggest_totals
from services.portal.suggested_ledgers import suggest_payments, suggest_revenue, suggest_special
from services.portal.suggested_products import suggest_products
from services.portal.till_usage import TillUsage


@dataclass(frozen=True, slots=True)
class Suggestion:
    rules: Rules
    reasons: dict[str, str]


def suggest(
    choices: Choices,
    usage: TillUsage,
    *,
    mode: Mode,
    today: date,
    prefix: str,
    language: str,
    division_is_chosen: bool,
    articles: TillArticles | None,
) -> Suggestion:
    reasons = Reasons(language)
    books, till = choices.books, choices.till
    vat = suggest_vat(books, till.tax_rates, mode, usage, reasons)
    _warn_of_alcohol(till.categories, usage, reasons)
    _say_what_is_simple(mode, usage, reasons, division_is_chosen=division_is_chosen)
    if till.day_end == "till":
        reasons.add("day_end", "Zoals de kassa zelf haar dag eindigt.", "As the till itself ends its day.")
    ledgers = suggest_special(books.ledger_accounts, usage, reasons)
    payments = suggest_payments(till.payment_types, books.ledger_accounts, usage, reasons, till.unlisted)
    totals = suggest_totals(
        books.journals,
        mode,
        reasons,
        is_restaurant=till.day_end == "till",
        may_be_cash=not shared_with_others(payments, ledgers),
    )
    rules = Rules(
        mode=mode,
        division=choices.division,
        start_date=today.replace(day=1),
        day_end=till.day_end,
        daily_totals=totals,
        outlets={outlet.id: OutletRules() for outlet in till.outlets},
        journals=suggest_journals(books, reasons),
        debtor=DebtorRules(default_account=suggest_debtor(books.debtors, reasons)),
        revenue=suggest_revenue(vat, till.categories, books, usage, reasons),
        vat=vat,
        payments=payments,
        ledgers=ledgers,
        items=suggest_items(books.items, ledgers, usage, reasons),
        products=suggest_products(articles, till, books, vat, mode, usage, reasons),
        reference_prefix=prefix,
    )
    return Suggestion(rules, reasons.by_field)


MODES = {
    Mode.DAILY_TOTALS: (
        "Eén boeking per winkel en dag; bonnen op rekening of met btw-nummer krijgen hun eigen boeking.",
        "One entry an outlet and day; receipts on account or with a VAT number have their own.",
    ),
    Mode.TRANSACTIONS: ("Elke bon een eigen boeking.", "Every sale its own entry."),
    Mode.INVOICES: ("Elke bon een factuur.", "Every sale an invoice."),
    Mode.ORDERS: ("Elke bon een verkooporder.", "Every sale a sales order."),
}


def _say_what_is_simple(mode: Mode, usage: TillUsage, reasons: Reasons, *, division_is_chosen: bool) -> None:
    reasons.add("mode", *MODES[mode])
    reasons.used("mode", usage.all)
    if not division_is_chosen:
        reasons.add(
            "division",
            "De administratie waarin deze login het laatst werkte.",
            "The division that this login worked in last.",
        )
    reasons.add("start_date", "De eerste dag van deze maand.", "The first day of this month.")
    reasons.add("outlets", "Alle winkels van de kassa.", "All outlets of the till.")
    reasons.used("outlets", usage.all)
    for outlet, use in usage.outlets.items():
        reasons.used(f"outlets.{outlet}", use)
    reasons.add("settlement", "Elke boeking verrekent zichzelf.", "Every entry settles itself.")
    reasons.add(
        "reference_prefix",
        "Nog vrij in deze administratie; staat voor elk bonnummer.",
        "Still free in this division; stands before every receipt number.",
    )


def _rates(tax_rates: Sequence[Choice], usage: TillUsage) -> list[Decimal]:
    """Those that the till knows, and those that it sold under."""
    known = [each.percentage for each in tax_rates if each.type == "rate" and each.percentage is not None]
    sold = {rate for rates in usage.rates.values() for rate in rates}
    return [*known, *sorted((rate for rate in sold if rate not in known), reverse=True)]


def suggest_vat(
    books: DivisionChoices,
    till_rates: Sequence[Choice],
    mode: Mode,
    usage: TillUsage,
    reasons: Reasons,
) -> dict[str, str]:
    """By type and percentage: entries want codes that exclude VAT, invoices and orders such as include it."""
    on_items = mode in (Mode.INVOICES, Mode.ORDERS)
    live = [
        code
        for code in books.vat_codes
        if not (code.is_blocked or code.is_margin or code.is_reverse_charge or code.usage == "P")
    ]
    in_use = sorted(live, key=lambda code: -books.lines_in_past(vat_code=code.id))
    vat: dict[str, str] = {}
    for rate in _rates(till_rates, usage):
        key = rate_key(rate)
        noted = next((each.in_books for each in till_rates if each.percentage == rate and each.in_books), "")
        found = _vat_code(in_use, rate, "I" if on_items else "E", books, noted)
        reasons.chosen(
            f"vat.{key}",
            found,
            f"{key} %, {'inclusief' if on_items else 'exclusief'}",
            f"{key} %, {'including' if on_items else 'excluding'} VAT",
        )
        reasons.used(f"vat.{key}", usage.vat.get(key))
        if found is not None:
            vat[key] = found.id
    without = _without_vat(live)
    reasons.chosen("vat.none", without, "zonder btw", "without VAT")
    return vat | ({} if without is None else {"none": without.id})


def _warn_of_alcohol(categories: Sequence[Choice], usage: TillUsage, reasons: Reasons) -> None:
    for key in map(rate_key, LOW_RATES):
        named = [
            category.name
            for category in categories
            if key in usage.category_rates.get(category.id, {}) and is_named_for_alcohol(category.name)
        ]
        if named:
            shown = ", ".join(named)
            reasons.more(
                f"vat.{key}",
                f"Alcohol is 21 %, maar met dit tarief is verkocht: {shown}.",
                f"Alcohol is 21 %, but this rate was sold under: {shown}.",
            )


def _vat_code(
    codes: Sequence[Choice], percentage: Decimal, type_: str, books: DivisionChoices, noted: str
) -> Choice | None:
    """The code that is noted at the till, if it fits; else the one in use, or the plainest."""
    wanted = "B" if percentage == 0 else type_
    fitting = [code for code in codes if code.type == wanted and code.percentage == percentage]
    if (of_till := next((code for code in fitting if code.id == noted), None)) is not None:
        return of_till
    plain = [code for code in fitting if not words.speaks_of(code.name, ("inkoop", "aankoop", *words.ABROAD))]
    used = plain if percentage == 0 else fitting
    if used and books.lines_in_past(vat_code=used[0].id):
        return used[0]  # the one that is used most
    if percentage == 0:
        return words.first_named(plain or fitting, ("nultarief", "0%", "nul")) or next(
            iter(plain or fitting), None
        )
    return next(iter(sorted(plain or fitting, key=lambda code: (len(code.code), code.code))), None)


def _without_vat(codes: Sequence[Choice]) -> Choice | None:
    fitting = [code for code in codes if code.type == "N"]
    plain = [code for code in fitting if not words.speaks_of(code.name, ("marge", "vrijgesteld"))]
    return words.first_named(plain, ("geen", "buiten", "no vat")) or next(iter(plain or fitting), None)


def suggest_debtor(debtors: Sequence[Choice], reasons: Reasons) -> str | None:
    """One without a VAT number: nobody may deduct what it bought."""
    possible = [each for each in debtors if not each.is_blocked and not each.usage]
    found = words.first_named(possible, words.DEBTORS)
    if found is None:
        reasons.add(
            "debtor.default_account",
            'Er is nog geen; bij het bewaren wordt "Kassaverkopen" aangemaakt.',
            'There is none yet; "Kassaverkopen" is made when the rules are saved.',
        )
    else:
        reasons.chosen("debtor.default_account", found, "naar de naam", "by its name")
    return _id(found)


def _id(choice: Choice | None) -> str | None:
    return None if choice is None else choice.id
