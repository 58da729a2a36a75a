"""Pure: rows of Exact's reference data as values (5.18 to 5.22), each with where it is read and which fields.

Codes are trimmed for comparing and kept as received for sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from libs.common.exact.odata import date_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Journal:
    """`type`: 10 cash, 12 bank, 16 payment service, 20 sales, 21 sales return, 90 general."""

    path: ClassVar[str] = "financial/Journals"
    select: ClassVar[tuple[str, ...]] = ("Code", "Description", "Type", "GLAccount", "AllowVAT", "IsBlocked")

    code: str
    description: str
    type: int
    ledger_id: str | None
    allows_vat: bool
    is_blocked: bool

    @classmethod
    def of(cls, row: Row) -> Journal:
        return cls(
            code=_text(row, "Code"),
            description=_text(row, "Description"),
            type=int(row["Type"]),
            ledger_id=_text(row, "GLAccount") or None,
            allows_vat=bool(row.get("AllowVAT")),
            is_blocked=bool(row.get("IsBlocked")),
        )


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """`type` as in 5.19: 10 cash, 12 bank, 20 receivable, 24 VAT, 90 general, 110 revenue ..."""

    path: ClassVar[str] = "financial/GLAccounts"
    select: ClassVar[tuple[str, ...]] = (
        *("ID", "Code", "Description", "Type", "BalanceSide", "BalanceType", "VATCode"),
        *("UseCostcenter", "UseCostunit", "IsBlocked"),
    )

    id: str
    code: str
    description: str
    type: int
    balance_side: str
    balance_type: str
    vat_code: str | None
    use_cost_center: int
    """0 optional, 1 must, 2 must not."""
    use_cost_unit: int
    is_blocked: bool

    @classmethod
    def of(cls, row: Row) -> LedgerAccount:
        return cls(
            id=_text(row, "ID"),
            code=_text(row, "Code"),
            description=_text(row, "Description"),
            type=int(row.get("Type") or 0),
            balance_side=_text(row, "BalanceSide"),
            balance_type=_text(row, "BalanceType"),
            vat_code=_text(row, "VATCode") or None,
            use_cost_center=int(row.get("UseCostcenter") or 0),
            use_cost_unit=int(row.get("UseCostunit") or 0),
            is_blocked=bool(row.get("IsBlocked")),
        )


@dataclass(frozen=True, slots=True)
class VatCode:
    """`type`: E excluding, I including, B base, N none; `transaction_type`: B both, P purchase, S sales."""

    path: ClassVar[str] = "vat/VATCodes"
    select: ClassVar[tuple[str, ...]] = (
        *("ID", "Code", "Description", "Type", "Percentage", "IsBlocked", "VATTransactionType", "Charged"),
        "VatMargin",
    )

    id: str
    code: str
    sent_code: str
    """As Exact wrote it, padded to three."""
    description: str
    type: str
    percentage: Decimal
    """In per cent; Exact gives a fraction (5.3)."""
    is_blocked: bool
    transaction_type: str
    is_reverse_charge: bool
    is_margin: bool

    @classmethod
    def of(cls, row: Row) -> VatCode:
        return cls(
            id=_text(row, "ID"),
            code=_text(row, "Code"),
            sent_code=str(row["Code"]),
            description=_text(row, "Description"),
            type=_text(row, "Type"),
            percentage=_percentage(row.get("Percentage")),
            is_blocked=bool(row.get("IsBlocked")),
            transaction_type=_text(row, "VATTransactionType"),
            is_reverse_charge=bool(row.get("Charged")),
            is_margin=bool(row.get("VatMargin")),
        )


@dataclass(frozen=True, slots=True)
class PaymentCondition:
    """`method`: B on credit, I collection, K cash, Q collected by a payment service."""

    path: ClassVar[str] = "cashflow/PaymentConditions"
    select: ClassVar[tuple[str, ...]] = ("ID", "Code", "Description", "PaymentDays", "PaymentMethod")

    id: str
    code: str
    description: str
    days: int
    method: str

    @classmethod
    def of(cls, row: Row) -> PaymentCondition:
        days = int(row.get("PaymentDays") or 0)
        names = _text(row, "ID"), _text(row, "Code"), _text(row, "Description")
        return cls(*names, days, _text(row, "PaymentMethod"))


@dataclass(frozen=True, slots=True)
class Warehouse:
    path: ClassVar[str] = "inventory/Warehouses"
    select: ClassVar[tuple[str, ...]] = ("ID", "Code", "Description", "Main", "UseStorageLocations")

    id: str
    code: str
    description: str
    is_main: bool
    uses_storage_locations: bool

    @classmethod
    def of(cls, row: Row) -> Warehouse:
        return cls(
            id=_text(row, "ID"),
            code=_text(row, "Code"),
            description=_text(row, "Description"),
            is_main=bool(row.get("Main")),
            uses_storage_locations=bool(row.get("UseStorageLocations")),
        )


@dataclass(frozen=True, slots=True)
class CostCenter:
    path: ClassVar[str] = "hrm/Costcenters"
    select: ClassVar[tuple[str, ...]] = ("ID", "Code", "Description", "Active", "EndDate")

    id: str
    code: str
    description: str
    ends_on: date | None

    @classmethod
    def of(cls, row: Row) -> CostCenter:
        names = _text(row, "ID"), _text(row, "Code"), _text(row, "Description")
        return cls(*names, _date(row.get("EndDate")))


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """`status`: 0 inactive, 1 active, 2 archived; `blocking_status`: 0 free (1.8)."""

    path: ClassVar[str] = "system/Divisions"
    select: ClassVar[tuple[str, ...]] = (
        *("Code", "Description", "Hid", "Status", "BlockingStatus", "Country", "Currency", "Current"),
    )

    code: str
    description: str
    hid: str
    status: int
    blocking_status: int
    country: str
    currency: str
    is_current: bool

    @property
    def is_active(self) -> bool:
        """One that is blocked for a while (a backup, a conversion) is still active."""
        return self.status == 1

    @classmethod
    def of(cls, row: Row) -> DivisionRow:
        return cls(
            code=str(row["Code"]),
            description=_text(row, "Description"),
            hid=_text(row, "Hid"),
            status=int(row["Status"]) if row.get("Status") is not None else 1,
            blocking_status=int(row.get("BlockingStatus") or 0),
            country=_text(row, "Country"),
            currency=_text(row, "Currency"),
            is_current=bool(row.get("Current")),
        )


@dataclass(frozen=True, slots=True)
class Period:
    """A financial year may differ from the calendar's: the period stands here, not in the month (5.20)."""

    path: ClassVar[str] = "financial/FinancialPeriods"
    select: ClassVar[tuple[str, ...]] = ("FinYear", "FinPeriod", "StartDate", "EndDate")

    year: int
    period: int
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, row: Row) -> Period:
        start, end = date_of(row["StartDate"]), date_of(row["EndDate"])
        return cls(int(row["FinYear"]), int(row["FinPeriod"]), start, end)


def _text(row: Row, name: str) -> str:
    """Codes come padded, on the left or on the right; empty is null."""
    return str(row.get(name) or "").strip()


def _percentage(fraction: object) -> Decimal:
    return (Decimal(str(fraction or 0)) * 100).normalize() + Decimal(0)


def _date(value: object) -> date | None:
    return date_of(value) if isinstance(value, str) else None
