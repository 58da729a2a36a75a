"""Reads what can be chosen, from Exact and from the till, in as few calls as the vendors allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.common.budget import Lane
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from libs.common.exact.errors import BadRequest, NoRight
from libs.common.lightspeed.source import Till, TillChoice
from services.portal.choices import Choice, DivisionChoices, PastUse, TillChoices

FIRST = 100
PAST_LINES = "bulk/Financial/TransactionLines"
A_PAGE = 1000
LATELY = timedelta(days=92)
SALES_JOURNALS, BY_HAND = ("20",), ("10", "90")
"""Types: where a shop's turnover stands, or its day totals while a person books them."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    path: str
    select: tuple[str, ...]
    choice: Callable[[Row], Choice]
    limit: int | None = None
    filter: str | None = None


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()


def _by_code(row: Row) -> Choice:
    code = _text(row, "Code")
    return Choice(code, _text(row, "Description"), code)


def _journal(row: Row) -> Choice:
    code = _text(row, "Code")
    return Choice(
        code,
        _text(row, "Description"),
        code,
        _text(row, "Type"),
        is_blocked=bool(row.get("IsBlocked")),
        allows_vat=bool(row.get("AllowVAT")),
    )


def _ledger(row: Row) -> Choice:
    return Choice(
        _text(row, "ID"),
        _text(row, "Description"),
        _text(row, "Code"),
        _text(row, "Type"),
        is_blocked=bool(row.get("IsBlocked")),
    )


def _vat_code(row: Row) -> Choice:
    """Exact gives a fraction and pads the code to three (5.3)."""
    code = _text(row, "Code")
    return Choice(
        code,
        _text(row, "Description"),
        code,
        _text(row, "Type"),
        percentage=Decimal(str(row.get("Percentage") or 0)) * 100,
        is_blocked=bool(row.get("IsBlocked")),
        usage=_text(row, "VATTransactionType"),
        is_margin=bool(row.get("VatMargin")),
        is_reverse_charge=bool(row.get("Charged")),
    )


def _by_id(row: Row) -> Choice:
    """Of items and warehouses, which documents name by their GUID (4.2)."""
    return Choice(_text(row, "ID"), _text(row, "Description"), _text(row, "Code"))


def _item_group(row: Row) -> Choice:
    return replace(_by_id(row), in_books=_text(row, "GLRevenue"))


def _debtor(row: Row) -> Choice:
    return Choice(
        _text(row, "ID"),
        _text(row, "Name"),
        _text(row, "Code"),
        _text(row, "Status"),
        is_blocked=bool(row.get("Blocked")) or row.get("EndDate") is not None,
        usage=_text(row, "VATNumber"),
    )


JOURNALS = Listing("financial/Journals", ("Code", "Description", "Type", "AllowVAT", "IsBlocked"), _journal)
LEDGERS = Listing("financial/GLAccounts", ("ID", "Code", "Description", "Type", "IsBlocked"), _ledger)
VAT_CODES = Listing(
    "vat/VATCodes",
    ("Code", "Description", "Type", "Percentage", "IsBlocked", "VATTransactionType", "VatMargin", "Charged"),
    _vat_code,
)
CONDITIONS = Listing("cashflow/PaymentConditions", ("Code", "Description"), _by_code)
WAREHOUSES = Listing("inventory/Warehouses", ("ID", "Code", "Description"), _by_id)
COST_CENTERS = Listing("hrm/Costcenters", ("Code", "Description"), _by_code)
ITEM_GROUPS = Listing("logistics/ItemGroups", ("ID", "Code", "Description", "GLRevenue"), _item_group)
ITEMS = Listing("logistics/Items", ("ID", "Code", "Description"), _by_id, FIRST, "IsSalesItem eq true")
DEBTORS = Listing(
    "crm/Accounts",
    ("ID", "Code", "Name", "Status", "Blocked", "EndDate", "VATNumber"),
    _debtor,
    FIRST,
    "Status eq 'C'",
)


async def read_division(division: ExactDivision, today: date) -> DivisionChoices:
    journals = await _read(division, JOURNALS)
    return DivisionChoices(
        journals=journals,
        past=await _read_past(division, journals, today - LATELY),
        ledger_accounts=await _read(division, LEDGERS),
        vat_codes=await _read(division, VAT_CODES),
        payment_conditions=await _read(division, CONDITIONS),
        warehouses=await _read_if_bought(division, WAREHOUSES),
        cost_centers=await _read_if_bought(division, COST_CENTERS),
        item_groups=await _read_if_bought(division, ITEM_GROUPS),
        items=await _read_if_bought(division, ITEMS),
        debtors=await _read(division, DEBTORS),
    )


async def _read_past(division: ExactDivision, journals: Sequence[Choice], since: date) -> tuple[PastUse, ...]:
    """Of the sales journals; where they weren't used, of those in which day totals are booked by hand."""
    of_sales = await _read_lines(division, _codes(journals, SALES_JOURNALS), since)
    return of_sales or await _read_lines(division, _codes(journals, BY_HAND), since)


def _codes(journals: Sequence[Choice], types: Sequence[str]) -> list[str]:
    return [each.id for each in journals if each.type in types and not each.is_blocked]


async def _read_lines(division: ExactDivision, codes: Sequence[str], since: date) -> tuple[PastUse, ...]:
    """One page; nothing without the right to read them or bulk pages."""
    if not codes:
        return ()
    try:
        rows = await division.rows(
            PAST_LINES,
            select=("JournalCode", "GLAccount", "VATCode"),
            filter=odata.all_of(
                odata.any_of("JournalCode", codes[: odata.LARGEST_OR]), f"Date ge {odata.literal(since)}"
            ),
            lane=Lane.SET_UP,
            limit=A_PAGE,
        )
    except (BadRequest, NoRight):
        return ()
    counted = Counter(
        (_text(row, "JournalCode"), _text(row, "GLAccount"), _text(row, "VATCode")) for row in rows
    )
    return tuple(PastUse(*place, lines) for place, lines in sorted(counted.items()))


async def search_division(
    division: ExactDivision, words: str
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Items and debtors whose name or code holds the words."""
    quoted = odata.literal(words)
    by_item = f"substringof({quoted},Description) or Code eq {quoted}"
    by_debtor = f"Status eq 'C' and substringof({quoted},Name)"
    return await _read(division, ITEMS, by_item), await _read(division, DEBTORS, by_debtor)


async def read_debtors(division: ExactDivision, filter: str) -> tuple[Choice, ...]:
    return await _read(division, DEBTORS, filter)


async def read_by_id(division: ExactDivision, wanted: Listing, id_: UUID) -> Choice | None:
    found = await _read(division, wanted, odata.equals("ID", id_))
    return found[0] if found else None


async def _read_if_bought(division: ExactDivision, wanted: Listing) -> tuple[Choice, ...]:
    rows = await division.rows_if_bought(
        wanted.path, select=wanted.select, filter=wanted.filter, lane=Lane.SET_UP, limit=wanted.limit
    )
    return tuple(wanted.choice(row) for row in rows)


async def _read(division: ExactDivision, wanted: Listing, filter: str | None = None) -> tuple[Choice, ...]:
    rows = await division.rows(
        wanted.path,
        select=wanted.select,
        filter=filter or wanted.filter,
        lane=Lane.SET_UP,
        limit=wanted.limit,
    )
    return tuple(wanted.choice(row) for row in rows)


async def read_till(till: Till) -> TillChoices:
    read = await till.read_choices()
    return TillChoices(
        outlets=_choices(read.outlets),
        payment_types=_choices(read.payment_types),
        tax_rates=_choices(read.tax_rates),
        categories=_choices(read.categories),
        day_end=read.day_end,
        currency=read.currency,
    )


def _choices(read: Sequence[TillChoice]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            each.id,
            each.name,
            each.code,
            each.type,
            percentage=each.percentage,
            tender=each.tender,
            in_books=each.in_books,
        )
        for each in read
    )
