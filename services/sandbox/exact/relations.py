"""Accounts and items: codes, defaults and references."""

from decimal import Decimal
from typing import Any

from services.sandbox.exact import refusals
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

ACCOUNTS, ITEMS, ADDRESSES = "crm/Accounts", "logistics/Items", "crm/Addresses"
CODE_WIDTH = 18
COUNTRIES = {"NL": "Nederland", "BE": "België", "DE": "Duitsland", "FR": "Frankrijk", "LU": "Luxemburg"}
ACCOUNT_DEFAULTS: Row = {
    "Blocked": False,
    "CanDropShip": False,
    "ConsolidationScenario": 6,
    "CostPaid": 0,
    "CreditLinePurchase": Decimal(0),
    "CreditLineSales": Decimal(0),
    "DiscountPurchase": Decimal(0),
    "DiscountSales": Decimal(0),
    "GlnNumber": "",
    "IgnoreDatevWarningMessage": False,
    "InvoiceAttachmentType": 1,
    "InvoicingMethod": 0,
    "AutomaticProcessProposedEntry": 0,
    "IsAccountant": 0,
    "IsAgency": 0,
    "IsAnonymised": 0,
    "IsBank": False,
    "IsCompetitor": 0,
    "IsMailing": 0,
    "IsMember": False,
    "IsPilot": False,
    "IsPurchase": False,
    "IsReseller": False,
    "IsSupplier": False,
    "OINNumber": "",
    "Type": "A",
    "Status": "A",
}
ITEM_FLAGS: Row = {
    "IsSalesItem": True,
    "IsStockItem": False,
    "IsPurchaseItem": False,
    "IsFractionAllowedItem": False,
    "IsSerialItem": False,
    "IsBatchItem": 0,
    "IsMakeItem": 0,
    "IsNewContract": 0,
    "IsOnDemandItem": 0,
    "IsPackageItem": False,
    "IsRegistrationCodeItem": 0,
    "IsSubcontractedItem": False,
    "IsTaxableItem": 0,
    "IsTime": 0,
    "IsWebshopItem": 0,
    "CopyRemarks": 0,
    "SecurityLevel": 10,
    "Stock": Decimal(0),
    "StandardSalesPrice": Decimal(0),
    "CostPriceStandard": Decimal(0),
    "GrossWeight": Decimal(0),
    "NetWeight": Decimal(0),
    "CostPriceCurrency": "EUR",
}


def padded(code: str) -> str:
    return code.strip().rjust(CODE_WIDTH)


def create_account(write: Write, body: Row) -> Row:
    if not body.get("Name"):
        write.refuse(refusals.mandatory("Name"))
    code = padded(body["Code"]) if body.get("Code") else next_account_code(write)
    if write.division.table(ACCOUNTS).first("Code", code) is not None:
        write.refuse(refusals.ALREADY_EXISTS)
    check_account(write, body)
    write.settle()
    sent = {name: value for name, value in body.items() if value is not None}
    row = ACCOUNT_DEFAULTS | {"Status": write.switches["new_account_status"]} | sent | {"Code": code}
    row |= derived_account(write, row)
    row.setdefault("StartDate", write.division.today())
    if row["Status"] == "C":
        row["CustomerSince"] = write.division.today()
    row["StatusSince"] = write.division.today()
    return write.division.add(ACCOUNTS, row, write.author)


def next_account_code(write: Write) -> str:
    """The highest code plus one, never used before."""
    key = ("account", 0)
    if key not in write.division.last_numbers:
        codes = [row["Code"].strip() for row in write.division.table(ACCOUNTS)]
        write.division.last_numbers[key] = max((int(code) for code in codes if code.isdigit()), default=0)
    write.division.last_numbers[key] += 1
    code = padded(str(write.division.last_numbers[key]))
    if write.division.table(ACCOUNTS).first("Code", code) is not None:
        return next_account_code(write)
    return code


def check_account(write: Write, body: Row) -> None:
    code = (body.get("Code") or "").strip()
    if code and not code.isdigit():
        write.refuse(refusals.invalid(refusals.label("Code")))
    if body.get("Status") not in (None, "A", "N", "S", "P", "C"):
        write.refuse(refusals.invalid(refusals.Text("Status", "Status")))
    check_code(write, body, "PaymentConditionSales", "cashflow/PaymentConditions")
    check_code(write, body, "SalesVATCode", "vat/VATCodes", 3)
    check_code(write, body, "PurchaseVATCode", "vat/VATCodes", 3)
    check_key(write, body, "InvoiceAccount", ACCOUNTS)
    check_key(write, body, "Parent", ACCOUNTS)
    for name in ("GLAR", "GLAccountSales"):
        check_key(write, body, name, "financial/GLAccounts", "GLAccount")


def check_code(write: Write, body: Row, name: str, path: str, width: int = 0) -> None:
    if body.get(name) and write.division.by_code(path, body[name], width) is None:
        write.refuse(refusals.invalid_reference(name))


def check_key(write: Write, body: Row, name: str, path: str, label: str = "") -> None:
    if body.get(name) and write.division.table(path).get(body[name]) is None:
        write.refuse(refusals.invalid_reference(label or name))


def derived_account(write: Write, row: Row) -> Row:
    condition = write.division.by_code("cashflow/PaymentConditions", row.get("PaymentConditionSales"))
    invoice_account = write.division.table(ACCOUNTS).get(row.get("InvoiceAccount")) or {}
    vat_code = write.division.by_code("vat/VATCodes", row.get("SalesVATCode"), 3) or {}
    return {
        "Country": (row.get("Country") or write.division.country).strip().upper(),
        "CountryName": COUNTRIES.get((row.get("Country") or write.division.country).strip().upper()),
        "IsSales": row["Status"] in ("C", "S", "P"),
        "PaymentConditionSalesDescription": condition["Description"] if condition else None,
        "InvoiceAccountCode": invoice_account.get("Code"),
        "InvoiceAccountName": invoice_account.get("Name"),
        "SalesVATCode": vat_code.get("Code"),
        "SalesVATCodeDescription": vat_code.get("Description"),
    }


def update_account(write: Write, account: Row, body: Row) -> None:
    if "Name" in body and not body["Name"]:
        write.refuse(refusals.mandatory("Name"))
    check_account(write, body)
    changes = dict(body)
    if body.get("Code"):
        changes["Code"] = padded(body["Code"])
        other = write.division.table(ACCOUNTS).first("Code", changes["Code"])
        if other is not None and other is not account:
            write.refuse(refusals.ALREADY_EXISTS)
    write.settle()
    write.division.change(
        ACCOUNTS, account, changes | derived_account(write, account | changes), write.author
    )


def create_address(write: Write, body: Row) -> Row:
    """An address that the account already has is not made twice: its row is the answer."""
    for known in write.division.table(ADDRESSES).find("Account", body.get("Account")):
        if all(known.get(name) == value for name, value in body.items()):
            return known
    if body.get("Account") is None:
        write.refuse(refusals.mandatory("Account"))
    check_key(write, body, "Account", ACCOUNTS)
    write.settle()
    return write.division.add(ADDRESSES, dict(body), write.author)


def create_item(write: Write, body: Row) -> Row:
    for name in ("Code", "Description"):
        if not body.get(name):
            write.refuse(refusals.mandatory(name))
    code = (body.get("Code") or "").strip()
    if code and write.division.table(ITEMS).first("Code", code) is not None:
        write.refuse(refusals.ALREADY_EXISTS)
    check_item(write, body)
    write.settle()
    row = ITEM_FLAGS | {name: value for name, value in body.items() if value is not None} | {"Code": code}
    row.setdefault("StartDate", write.division.today())
    if "ItemGroup" not in row:
        row["ItemGroup"] = next(
            g["ID"] for g in write.division.table("logistics/ItemGroups") if g["IsDefault"]
        )
    if "Unit" not in row:
        row["Unit"] = next(u["Code"] for u in write.division.table("logistics/Units") if u["Main"])
    return write.division.add(ITEMS, row | derived_item(write, row), write.author)


def check_item(write: Write, body: Row) -> None:
    check_code(write, body, "SalesVatCode", "vat/VATCodes", 3)
    check_key(write, body, "ItemGroup", "logistics/ItemGroups")
    for name in ("GLRevenue", "GLCosts", "GLStock"):
        check_key(write, body, name, "financial/GLAccounts", "GLAccount")
    units = {unit["Code"].strip() for unit in write.division.table("logistics/Units")}
    if body.get("Unit") and body["Unit"].strip() not in units:
        write.refuse(refusals.invalid_reference("Unit"))


def derived_item(write: Write, row: Row) -> Row:
    group = write.division.table("logistics/ItemGroups").get(row.get("ItemGroup")) or {}
    vat_code = write.division.by_code("vat/VATCodes", row.get("SalesVatCode"), 3) or {}
    units = {unit["Code"].strip(): unit for unit in write.division.table("logistics/Units")}
    unit = units.get((row.get("Unit") or "").strip(), {})
    values: dict[str, Any] = {
        "ItemGroupCode": group.get("Code"),
        "ItemGroupDescription": group.get("Description"),
        "SalesVatCode": vat_code.get("Code"),
        "SalesVatCodeDescription": vat_code.get("Description"),
        "UnitDescription": unit.get("Description"),
        "UnitType": unit.get("Type"),
    }
    for name in ("GLRevenue", "GLCosts", "GLStock"):
        ledger = write.division.table("financial/GLAccounts").get(row.get(name) or group.get(name)) or {}
        values |= {name: ledger.get("ID"), f"{name}Code": ledger.get("Code")}
        values[f"{name}Description"] = ledger.get("Description")
    return values


def update_item(write: Write, item: Row, body: Row) -> None:
    changes = dict(body)
    for name in ("Code", "Description"):
        if name in body and not body[name]:
            write.refuse(refusals.mandatory(name))
    if body.get("Code"):
        changes["Code"] = body["Code"].strip()
        other = write.division.table(ITEMS).first("Code", changes["Code"])
        if other is not None and other is not item:
            write.refuse(refusals.ALREADY_EXISTS)
    check_item(write, body)
    write.settle()
    write.division.change(ITEMS, item, changes | derived_item(write, item | changes), write.author)
