"""One company: its tables, periods, numbering and row versions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from services.sandbox.exact.resources import RESOURCES
from services.sandbox.exact.table import Row, Table

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
INDEXED: dict[str, tuple[str, ...]] = {
    "salesentry/SalesEntries": ("YourRef", "EntryNumber", "InvoiceNumber", "EntryDate", "OrderNumber"),
    "salesentry/SalesEntryLines": ("EntryID",),
    "generaljournalentry/GeneralJournalEntries": ("EntryNumber",),
    "generaljournalentry/GeneralJournalEntryLines": ("EntryID", "Description", "Date"),
    "financialtransaction/CashEntries": ("EntryNumber",),
    "financialtransaction/CashEntryLines": ("EntryID", "Description", "Date"),
    "financialtransaction/BankEntries": ("EntryNumber",),
    "financialtransaction/BankEntryLines": ("EntryID",),
    "financialtransaction/Transactions": ("EntryNumber", "Date"),
    "financialtransaction/TransactionLines": (
        "EntryID",
        "EntryNumber",
        "Date",
        "YourRef",
        "InvoiceNumber",
        "Description",
    ),
    "salesinvoice/SalesInvoices": ("YourRef", "InvoiceNumber", "OrderNumber"),
    "salesinvoice/SalesInvoiceLines": ("InvoiceID",),
    "salesorder/SalesOrders": ("YourRef", "OrderNumber"),
    "salesorder/SalesOrderLines": ("OrderID",),
    "salesorder/GoodsDeliveryLines": ("EntryID",),
    "crm/Accounts": ("Code", "Name", "Email", "SearchCode"),
    "crm/Addresses": ("Account",),
    "logistics/Items": ("Code", "Barcode"),
    "logistics/SalesItemPrices": ("Item",),
    "inventory/ItemWarehouses": ("Item",),
    "inventory/StockCountLines": ("StockCountID",),
    "inventory/WarehouseTransferLines": ("TransferID",),
    "cashflow/Receivables": ("InvoiceNumber", "EntryID", "YourRef", "Account"),
    "financial/GLAccounts": ("Code",),
    "financial/Journals": ("Code",),
    "vat/VATCodes": ("Code",),
    "vat/VatPercentages": ("VATCodeID",),
    "cashflow/PaymentConditions": ("Code",),
    "hrm/Costcenters": ("Code",),
    "hrm/Costunits": ("Code",),
    "financial/FinancialPeriods": ("FinYear",),
    "sync/Deleted": ("EntityKey",),
}
ENTITY_TYPES = {
    "financialtransaction/TransactionLines": 1,
    "crm/Accounts": 2,
    "crm/Addresses": 3,
    "crm/Contacts": 5,
    "financial/GLAccounts": 7,
    "logistics/SalesItemPrices": 8,
    "logistics/Items": 9,
    "cashflow/Receivables": 10,
    "salesinvoice/SalesInvoiceLines": 13,
    "salesorder/SalesOrders": 32,
    "salesorder/SalesOrderLines": 33,
}


@dataclass(frozen=True)
class Author:
    """Who writes, for Creator and Modifier."""

    id: str
    full_name: str


Heard = Callable[["Division", str, str, Row], None]


def nobody_hears(division: "Division", path: str, action: str, row: Row) -> None:
    """Where there are no webhooks."""


@dataclass
class Division:
    """All rows of one company. `new_id` makes GUIDs; `now` is the world's clock.

    `heard` is told of each row that is made, changed or removed: its path, and Create, Update or Delete.
    """

    number: int
    description: str
    country: str
    new_id: Callable[[], str]
    now: Callable[[], datetime]
    facts: Row = field(default_factory=dict)  # further properties of system/Divisions
    heard: Heard = nobody_hears
    is_blocked: bool = False
    has_trade_licence: bool = True
    default_payment_condition: str = "30"
    closed_periods: set[tuple[int, int]] = field(default_factory=set)
    closed_journals: set[tuple[str, int, int]] = field(default_factory=set)  # a period of one journal alone
    trial_balance: dict[str, Decimal] = field(default_factory=dict)
    cash_balances: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        versions = count(1)
        self.next_version = lambda: next(versions)
        self.tables: dict[str, Table] = {}
        self.last_numbers: dict[tuple[str, int], int] = {}
        self.entry_numbers: set[tuple[str, int]] = set()

    def table(self, path: str) -> Table:
        table = self.tables.get(path)
        if table is None:
            key = RESOURCES[path.lower()].key
            table = self.tables[path] = Table(key, INDEXED.get(path, ()), self.next_version)
        return table

    def add(self, path: str, row: Row, author: Author) -> Row:
        """Inserts a row, giving it what every row has: key, division, creator, dates."""
        table = self.table(path)
        known = RESOURCES[path.lower()].properties
        now = self.now()
        if row.get(table.key) is None:
            row[table.key] = self.new_id()
        if "Division" in known:
            row["Division"] = self.number
        if "Modified" in known:
            row["Created"] = row["Modified"] = now
        if "Modifier" in known:
            row["Creator"] = row["Modifier"] = author.id
            row["CreatorFullName"] = row["ModifierFullName"] = author.full_name
        row["_created"] = now
        table.insert(row)
        self.heard(self, path, "Create", row)
        return row

    def change(self, path: str, row: Row, changes: Row, author: Author) -> None:
        known = RESOURCES[path.lower()].properties
        if "Modified" in known:
            changes = changes | {"Modified": self.now()}
        if "Modifier" in known:
            changes = changes | {"Modifier": author.id, "ModifierFullName": author.full_name}
        self.table(path).update(row, changes)
        self.heard(self, path, "Update", row)

    def remove(self, path: str, row: Row, author: Author) -> None:
        table = self.table(path)
        table.delete(row)
        self.heard(self, path, "Delete", row)
        entity_type = ENTITY_TYPES.get(path)
        if entity_type is not None:
            gone = {
                "EntityKey": row[table.key],
                "EntityType": entity_type,
                "DeletedBy": author.id,
                "DeletedDate": self.now(),
            }
            self.add("sync/Deleted", gone, author)

    def by_code(self, path: str, code: Any, width: int = 0) -> Row | None:
        """A row of reference data by its code; what is sent may be padded or not."""
        if not isinstance(code, str):
            return None
        return self.table(path).first("Code", code.strip().ljust(width))

    def today(self) -> datetime:
        """The date in the shop's country, as midnight UTC: how the API writes dates."""
        local = self.now().astimezone(AMSTERDAM)
        return datetime(local.year, local.month, local.day, tzinfo=UTC)

    def period_of(self, date: datetime) -> tuple[int, int] | None:
        for year in (date.year, date.year + 1, date.year - 1):
            for period in self.table("financial/FinancialPeriods").find("FinYear", year):
                if period["StartDate"] <= date <= period["EndDate"]:
                    return period["FinYear"], period["FinPeriod"]
        return None

    def has_period(self, year: int, period: int) -> bool:
        periods = self.table("financial/FinancialPeriods").find("FinYear", year)
        return any(row["FinPeriod"] == period for row in periods)

    def is_closed(self, journal: str, year: int, period: int) -> bool:
        return (year, period) in self.closed_periods or (journal, year, period) in self.closed_journals

    def next_number(self, journal: str, year: int) -> int:
        """The next free YYJJnnnn of a journal in a year."""
        while True:
            last = self.last_numbers.get((journal, year), 0) + 1
            self.last_numbers[(journal, year)] = last
            number = first_number(journal, year) + last - 1
            if (journal, number) not in self.entry_numbers:
                return number

    def use_number(self, journal: str, year: int, number: int) -> None:
        self.entry_numbers.add((journal, number))
        within = number - first_number(journal, year) + 1
        if 0 < within < 10_000 and within > self.last_numbers.get((journal, year), 0):
            self.last_numbers[(journal, year)] = within

    def percentage(self, vat_code: Row, date: datetime) -> Decimal | None:
        """The rate of a VAT code on a date, or none when it has no rate then."""
        for row in self.table("vat/VatPercentages").find("VATCodeID", vat_code["ID"]):
            if row["StartDate"] <= date and (row["EndDate"] is None or date <= row["EndDate"]):
                percentage: Decimal = row["Percentage"]
                return percentage
        return None

    def move(self) -> None:
        """What a move of the division to another server does to the sync feeds."""
        for table in self.tables.values():
            table.renumber()
        self.facts["DivisionMoveDate"] = midnight(self.now())


def first_number(journal: str, year: int) -> int:
    digits = "".join(letter for letter in journal if letter.isdigit()) or "99"
    return int(f"{year % 100:02d}{int(digits):02d}0001")


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def date(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
