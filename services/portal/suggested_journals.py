"""Suggests journals, and the form of day totals that they allow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from libs.common.domain.rules import DailyTotalsRules, Journals, Mode
from services.portal import words
from services.portal.choices import Choice, DivisionChoices
from services.portal.reasons import Reasons

CASH_JOURNAL, SALES_JOURNAL, GENERAL_JOURNAL = "10", "20", "90"
GENERAL_NAMES = ("memoriaal", "diverse")


def suggest_totals(
    journals: Sequence[Choice],
    mode: Mode,
    reasons: Reasons,
    *,
    is_restaurant: bool = False,
    may_be_cash: bool = True,
) -> DailyTotalsRules:
    """Of a restaurant, one for each revenue centre; in a form that the journals allow.

    `may_be_cash` where cash has a ledger of its own: a cash journal takes all that is on it.
    """
    if mode is not Mode.DAILY_TOTALS:
        return DailyTotalsRules()
    form = _form_of_totals(journals, reasons, may_be_cash=may_be_cash)
    if not is_restaurant:
        return DailyTotalsRules(document=form)
    reasons.add(
        "daily_totals.per",
        "Eén boeking per omzetgroep (bar, terras, ...) en dag; zonder omzetgroepen één per zaak.",
        "One entry a revenue centre (bar, terrace, ...) and day; without such centres, one an outlet.",
    )
    return DailyTotalsRules(document=form, per="revenue-center")


def _form_of_totals(
    journals: Sequence[Choice], reasons: Reasons, *, may_be_cash: bool
) -> Literal["general-journal", "cash-entry", "sales-entry"]:
    """A general journal is the easiest to correct; it must allow VAT."""
    live = [each for each in journals if not each.is_blocked]
    if any(each.type == GENERAL_JOURNAL and each.allows_vat for each in live):
        reasons.add(
            "daily_totals.document",
            "Een memoriaal dat btw toestaat: het eenvoudigst te corrigeren.",
            "A general journal that allows VAT: the easiest to correct.",
        )
        return "general-journal"
    is_cash = may_be_cash and any(each.type == CASH_JOURNAL for each in live)
    reasons.add(
        "daily_totals.document",
        f"Geen memoriaal staat btw toe; daarom een {'kasboeking' if is_cash else 'verkoopboeking'}.",
        f"No general journal allows VAT; so a {'cash' if is_cash else 'sales'} entry.",
    )
    return "cash-entry" if is_cash else "sales-entry"


def suggest_journals(books: DivisionChoices, reasons: Reasons) -> Journals:
    """The sales journal that is named for it, else the one in use; a general one that allows VAT."""
    live = sorted((each for each in books.journals if not each.is_blocked), key=lambda each: each.code)
    in_use = sorted(live, key=lambda each: -books.lines_in_past(journal=each.id))
    with_vat = sorted(live, key=lambda each: not each.allows_vat)
    sales = _journal(in_use, SALES_JOURNAL, ("kassa", "winkel"))
    general = _journal([each for each in with_vat if each.allows_vat], GENERAL_JOURNAL, GENERAL_NAMES)
    general = general or _journal(live, GENERAL_JOURNAL, GENERAL_NAMES)
    cash = _journal(live, CASH_JOURNAL, ("kas",))
    reasons.chosen("journals.sales", sales, "verkoopdagboek", "a sales journal")
    reasons.chosen("journals.general", general, *_about_vat(general))
    reasons.chosen("journals.cash", cash, "kasboek", "a cash journal")
    return Journals(
        sales=None if sales is None else sales.id,
        cash=None if cash is None else cash.id,
        general=None if general is None else general.id,
    )


def _about_vat(general: Choice | None) -> tuple[str, str]:
    if general is not None and general.allows_vat:
        return "memoriaal dat btw toestaat", "a general journal that allows VAT"
    return "memoriaal", "a general journal"


def _journal(journals: Sequence[Choice], type_: str, hints: Sequence[str]) -> Choice | None:
    of_type = [journal for journal in journals if journal.type == type_]
    return words.first_named(of_type, hints) or next(iter(of_type), None)
