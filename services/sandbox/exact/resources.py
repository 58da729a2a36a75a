"""What each resource of the API has: its properties, their types and who may write them.

Read once from `resources.json`, which lists per property the EDM type, flags
(P post, U put, M mandatory on post, F counts for the mandatory filter) and the longest text.
"""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

BULK = {
    "bulk/CRM/Accounts": "crm/Accounts",
    "bulk/Logistics/Items": "logistics/Items",
    "bulk/Logistics/SalesItemPrices": "logistics/SalesItemPrices",
    "bulk/Financial/TransactionLines": "financialtransaction/TransactionLines",
    "bulk/Financial/GLAccounts": "financial/GLAccounts",
    "bulk/SalesInvoice/SalesInvoices": "salesinvoice/SalesInvoices",
    "bulk/SalesInvoice/SalesInvoiceLines": "salesinvoice/SalesInvoiceLines",
    "bulk/SalesOrder/SalesOrders": "salesorder/SalesOrders",
    "bulk/SalesOrder/SalesOrderLines": "salesorder/SalesOrderLines",
    "bulk/SalesOrder/GoodsDeliveries": "salesorder/GoodsDeliveries",
    "bulk/Cashflow/Receivables": "cashflow/Receivables",
}
SYNC = {
    "sync/Deleted": "sync/Deleted",
    "sync/CRM/Accounts": "crm/Accounts",
    "sync/CRM/Addresses": "crm/Addresses",
    "sync/CRM/Contacts": "crm/Contacts",
    "sync/Logistics/Items": "logistics/Items",
    "sync/Logistics/SalesItemPrices": "logistics/SalesItemPrices",
    "sync/Inventory/ItemWarehouses": "inventory/ItemWarehouses",
    "sync/Inventory/StockPositions": "inventory/ItemWarehouses",
    "sync/SalesInvoice/SalesInvoices": "salesinvoice/SalesInvoiceLines",
    "sync/SalesOrder/SalesOrderHeaders": "salesorder/SalesOrders",
    "sync/SalesOrder/SalesOrderLines": "salesorder/SalesOrderLines",
    "sync/SalesOrder/GoodsDeliveries": "salesorder/GoodsDeliveries",
    "sync/SalesOrder/GoodsDeliveryLines": "salesorder/GoodsDeliveryLines",
    "sync/Financial/TransactionLines": "financialtransaction/TransactionLines",
    "sync/Financial/GLAccounts": "financial/GLAccounts",
    "sync/Cashflow/PaymentTerms": "cashflow/Receivables",
}
# A header's collection -> where its lines live and which property of a line holds the header's key.
LINES: dict[str, dict[str, tuple[str, str]]] = {
    "salesentry/SalesEntries": {"SalesEntryLines": ("salesentry/SalesEntryLines", "EntryID")},
    "generaljournalentry/GeneralJournalEntries": {
        "GeneralJournalEntryLines": ("generaljournalentry/GeneralJournalEntryLines", "EntryID")
    },
    "financialtransaction/CashEntries": {
        "CashEntryLines": ("financialtransaction/CashEntryLines", "EntryID")
    },
    "financialtransaction/BankEntries": {
        "BankEntryLines": ("financialtransaction/BankEntryLines", "EntryID")
    },
    "financialtransaction/Transactions": {
        "TransactionLines": ("financialtransaction/TransactionLines", "EntryID")
    },
    "salesinvoice/SalesInvoices": {"SalesInvoiceLines": ("salesinvoice/SalesInvoiceLines", "InvoiceID")},
    "salesorder/SalesOrders": {"SalesOrderLines": ("salesorder/SalesOrderLines", "OrderID")},
    "salesorder/GoodsDeliveries": {"GoodsDeliveryLines": ("salesorder/GoodsDeliveryLines", "EntryID")},
    "inventory/StockCounts": {"StockCountLines": ("inventory/StockCountLines", "StockCountID")},
    "inventory/WarehouseTransfers": {
        "WarehouseTransferLines": ("inventory/WarehouseTransferLines", "TransferID")
    },
    "vat/VATCodes": {"VATPercentages": ("vat/VatPercentages", "VATCodeID")},
}
NEEDS_SELECT = {
    "generaljournalentry/generaljournalentries",
    "logistics/salesitemprices",
    "salesorder/goodsdeliveries",
    "cashflow/receivables",
}
# Single endpoints that have a sync twin: a GET without one of their marked fields in $filter is refused.
NEEDS_FILTER = {
    "crm/accounts",
    "crm/contacts",
    "logistics/items",
    "salesinvoice/salesinvoices",
    "salesinvoice/salesinvoicelines",
    "salesorder/salesorders",
    "salesorder/salesorderlines",
    "salesorder/goodsdeliveries",
    "salesorder/goodsdeliverylines",
    "financialtransaction/transactionlines",
}
MODEL_NAMES = {"current/Me": "System.Me", "crm/Addresses": "Address", "sync/Deleted": "Sync.Deleted"}


@dataclass(frozen=True)
class Property:
    name: str
    type: str
    flags: str
    max_length: int | None

    def is_writable(self, method: str) -> bool:
        return ("P" if method == "POST" else "U") in self.flags

    @property
    def is_mandatory(self) -> bool:
        return "M" in self.flags

    @property
    def counts_as_filter(self) -> bool:
        return "F" in self.flags


@dataclass(frozen=True)
class Resource:
    """One endpoint; `table` names the rows behind it, which bulk and sync twins share."""

    path: str
    key: str
    methods: str
    scope: str
    properties: dict[str, Property]
    table: str
    family: str  # single, bulk, sync or read

    @property
    def page_size(self) -> int:
        return 1000 if self.family in ("bulk", "sync") else 60

    @property
    def needs_select(self) -> bool:
        return self.family in ("bulk", "sync") or self.path.lower() in NEEDS_SELECT

    @property
    def needs_filter(self) -> bool:
        return self.path.lower() in NEEDS_FILTER

    @cached_property
    def filter_fields(self) -> list[str]:
        return [p.name for p in self.properties.values() if p.counts_as_filter]

    @cached_property
    def by_lower_name(self) -> dict[str, Property]:
        return {name.lower(): p for name, p in self.properties.items()}

    @cached_property
    def lines(self) -> dict[str, tuple[str, str]]:
        return LINES.get(self.path, {})

    @cached_property
    def model(self) -> str:
        return "Exact.Web.Api.Models." + MODEL_NAMES.get(self.path, singular(self.path.rsplit("/", 1)[1]))


def singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def read_resource(path: str, spec: dict[str, Any]) -> Resource:
    properties = {
        name: Property(name, marks[0], marks[1], marks[2] if len(marks) > 2 else None)
        for name, marks in spec["properties"].items()
    }
    family = path.split("/", 1)[0] if path.startswith(("sync/", "read/")) else "single"
    return Resource(
        path=path,
        key=sync_key(path, properties) if family == "sync" else spec["key"],
        methods=spec["methods"],
        scope=spec["scope"],
        properties=properties,
        table=SYNC.get(path, path),
        family=family,
    )


def sync_key(path: str, properties: dict[str, Property]) -> str:
    if path == "sync/SalesOrder/SalesOrderHeaders":
        return "OrderID"
    return "ID" if "ID" in properties else "EntryID"


def load_resources() -> dict[str, Resource]:
    """All resources by lower-case path."""
    specs = json.loads(Path(__file__).with_name("resources.json").read_text(encoding="utf-8"))
    resources = {path: read_resource(path, spec) for path, spec in specs.items()}
    for path, single in BULK.items():
        resources[path] = replace(resources[single], path=path, methods="G", family="bulk")
    return {path.lower(): resource for path, resource in resources.items()}


RESOURCES = load_resources()


def resource(path: str) -> Resource:
    return RESOURCES[path.lower()]
