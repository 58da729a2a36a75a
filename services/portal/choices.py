"""What can be chosen from, as the two systems gave it: kept as JSON with its age, shown by allow-list."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from pydantic import TypeAdapter

from libs.common.domain.options import (
    JournalOption,
    LedgerAccountOption,
    Options,
    PaymentTypeOption,
    VatCodeOption,
)
from libs.common.domain.sale import TenderKind


@dataclass(frozen=True, slots=True)
class Choice:
    """Anything to choose: `id` is what the rules hold, `code` and `type` the system's own."""

    id: str
    name: str
    code: str = ""
    type: str = ""
    percentage: Decimal | None = None
    is_blocked: bool = False
    usage: str = ""
    """Of a VAT code, Exact's: B both, S sales, P purchase; of a debtor, its VAT number."""
    is_margin: bool = False
    is_reverse_charge: bool = False
    allows_vat: bool = False
    """Of a general journal."""
    tender: TenderKind = TenderKind.OTHER
    """Of a payment type, by the till's own type."""
    currency: str = ""
    """Of a division."""
    in_books: str = ""
    """The ledger or VAT code that the merchant noted at the till; of an item group that of its turnover."""


@dataclass(frozen=True, slots=True)
class PastUse:
    """How many lines of a journal's recent entries stand on a ledger under a VAT code."""

    journal: str
    ledger: str
    vat_code: str
    lines: int


@dataclass(frozen=True, slots=True)
class DivisionChoices:
    """What one division of Exact holds; `items` and `debtors` only the first of each."""

    journals: tuple[Choice, ...] = ()
    ledger_accounts: tuple[Choice, ...] = ()
    vat_codes: tuple[Choice, ...] = ()
    payment_conditions: tuple[Choice, ...] = ()
    warehouses: tuple[Choice, ...] = ()
    cost_centers: tuple[Choice, ...] = ()
    item_groups: tuple[Choice, ...] = ()
    items: tuple[Choice, ...] = ()
    debtors: tuple[Choice, ...] = ()
    past: tuple[PastUse, ...] = ()
    """Of the sales journals, lately; or of those in which takings are booked by hand."""

    def lines_in_past(self, *, journal: str = "", ledger: str = "", vat_code: str = "") -> int:
        """Lines of what is given; the rest may be anything."""
        return sum(
            use.lines
            for use in self.past
            if journal in ("", use.journal) and ledger in ("", use.ledger) and vat_code in ("", use.vat_code)
        )


@dataclass(frozen=True, slots=True)
class TillChoices:
    outlets: tuple[Choice, ...] = ()
    payment_types: tuple[Choice, ...] = ()
    unlisted: tuple[Choice, ...] = ()
    """Payment types that sales name and the till's own list doesn't: internal and archived ones."""
    tax_rates: tuple[Choice, ...] = ()
    categories: tuple[Choice, ...] = ()
    day_end: str = "00:00"
    """"till" where the till has business days of its own: it is a restaurant's."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """All of a connection's; `division` is whose Exact choices they are."""

    divisions: tuple[Choice, ...] = ()
    division: str | None = None
    books: DivisionChoices = field(default_factory=DivisionChoices)
    till: TillChoices = field(default_factory=TillChoices)

    @property
    def currency(self) -> str:
        """Of the division's books; empty where it isn't known."""
        return next((each.currency for each in self.divisions if each.id == self.division), "")

    @property
    def vat_rates(self) -> dict[str, Decimal]:
        """Of the VAT codes whose own percentage the till must have charged."""
        return {
            each.id: each.percentage or Decimal(0)
            for each in self.books.vat_codes
            if not (each.is_margin or each.is_reverse_charge)
        }


def to_check(choices: Choices) -> Options:
    """The same as the rules are checked against."""
    books, till = choices.books, choices.till
    return Options(
        outlets=_ids(till.outlets),
        journals=tuple(
            JournalOption(each.id, int(each.type), each.name, each.allows_vat)
            for each in books.journals
            if not each.is_blocked
        ),
        ledger_accounts=tuple(
            LedgerAccountOption(each.id, each.code, int(each.type), each.name)
            for each in books.ledger_accounts
            if not each.is_blocked
        ),
        vat_codes=tuple(
            VatCodeOption(
                each.id,
                each.type,
                each.percentage or Decimal(0),
                is_blocked=each.is_blocked,
                name=each.name,
                is_for_purchases=each.usage == "P",
            )
            for each in books.vat_codes
        ),
        payment_types=tuple(
            PaymentTypeOption(each.id, each.name, each.tender)
            for each in (*till.payment_types, *till.unlisted)
        ),
        tax_rates=_ids(till.tax_rates),
        payment_conditions=_ids(books.payment_conditions),
        cost_centers=_ids(books.cost_centers),
        warehouses=_ids(books.warehouses),
        item_groups=_ids(books.item_groups),
        divisions=_ids(choices.divisions),
        till_currency=till.currency,
        currency=choices.currency,
    )


def _ids(choices: tuple[Choice, ...]) -> tuple[str, ...]:
    return tuple(choice.id for choice in choices)


@cache
def _of_division() -> TypeAdapter[DivisionChoices]:
    return TypeAdapter(DivisionChoices)


@cache
def _of_till() -> TypeAdapter[TillChoices]:
    return TypeAdapter(TillChoices)


@cache
def _of_list() -> TypeAdapter[tuple[Choice, ...]]:
    return TypeAdapter(tuple[Choice, ...])


def division_text(choices: DivisionChoices) -> str:
    return _of_division().dump_json(choices, exclude_defaults=True).decode()


def division_from(text: str) -> DivisionChoices:
    return _of_division().validate_json(text)


def till_text(choices: TillChoices) -> str:
    return _of_till().dump_json(choices, exclude_defaults=True).decode()


def till_from(text: str) -> TillChoices:
    return _of_till().validate_json(text)


def list_text(choices: tuple[Choice, ...]) -> str:
    return _of_list().dump_json(choices, exclude_defaults=True).decode()


def list_from(text: str) -> tuple[Choice, ...]:
    return _of_list().validate_json(text)
