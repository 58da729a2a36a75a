"""What may not be deleted, since other rows of the division name it (4.5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.sandbox.exact import refusals
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

BOOKED = "financialtransaction/TransactionLines"


@dataclass(frozen=True)
class Kind:
    """`named_in` says where: the words of the refusal, and properties there that hold this row's `key`."""

    name: str
    named_in: Mapping[str, tuple[str, tuple[str, ...]]]
    key: str = "ID"


KINDS = {
    "crm/Accounts": Kind(
        "Account",
        {
            "Financial transactions": (BOOKED, ("Account",)),
            "Sales invoices": ("salesinvoice/SalesInvoices", ("OrderedBy", "InvoiceTo", "DeliverTo")),
            "Sales orders": ("salesorder/SalesOrders", ("OrderedBy", "InvoiceTo", "DeliverTo")),
            "Accounts": ("crm/Accounts", ("InvoiceAccount", "Parent")),
        },
    ),
    "logistics/Items": Kind(
        "Item",
        {
            "Sales invoices": ("salesinvoice/SalesInvoiceLines", ("Item",)),
            "Sales orders": ("salesorder/SalesOrderLines", ("Item",)),
        },
    ),
    "financial/GLAccounts": Kind(
        "General ledger account",
        {
            "Financial transactions": (BOOKED, ("GLAccount",)),
            "Journals": ("financial/Journals", ("GLAccount",)),
            "VAT codes": ("vat/VATCodes", ("GLToPay", "GLToClaim")),
            "Item groups": ("logistics/ItemGroups", ("GLRevenue", "GLCosts", "GLStock")),
            "Items": ("logistics/Items", ("GLRevenue", "GLCosts", "GLStock")),
            "Accounts": ("crm/Accounts", ("GLAR", "GLAP", "GLAccountSales", "GLAccountPurchase")),
            "Sales invoices": ("salesinvoice/SalesInvoiceLines", ("GLAccount",)),
        },
    ),
    "financial/Journals": Kind(
        "Journal",
        {
            "Financial transactions": ("financialtransaction/Transactions", ("JournalCode",)),
            "Sales invoices": ("salesinvoice/SalesInvoices", ("Journal",)),
        },
        key="Code",
    ),
    "vat/VATCodes": Kind(
        "VAT code",
        {
            "Financial transactions": (BOOKED, ("VATCode",)),
            "General ledger accounts": ("financial/GLAccounts", ("VATCode",)),
            "Items": ("logistics/Items", ("SalesVatCode",)),
            "Accounts": ("crm/Accounts", ("SalesVATCode", "PurchaseVATCode")),
        },
        key="Code",
    ),
}


def refuse_in_use(write: Write, path: str, row: Row) -> None:
    """Where the kind of row is none of `KINDS`, it may go."""
    kind = KINDS.get(path)
    if kind is None:
        return
    places = [
        place for place, (where, names) in kind.named_in.items() if _names(write, where, names, row[kind.key])
    ]
    if places:
        raise BusinessRefusal(refusals.in_use_by(row["Code"], kind.name, ", ".join(places)))


def _names(write: Write, path: str, properties: tuple[str, ...], key: str) -> bool:
    return any(row.get(name) == key for row in write.division.table(path) for name in properties)
