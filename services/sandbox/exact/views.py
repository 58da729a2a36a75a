"""Resources that are no table of their own: Me, divisions, status lists, and rows joined for sync feeds."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from services.sandbox.exact.division import AMSTERDAM, Division, date
from services.sandbox.exact.resources import Resource
from services.sandbox.exact.table import SEQUENCE, VERSION, Row
from services.sandbox.exact.world import User, World

JOURNAL_TYPES = {10: "Cash", 12: "Bank", 20: "Sales", 22: "Purchase", 90: "General"}
LEGISLATIONS = {"NL": 1, "BE": 2}


def me(world: World, user: User, base_url: str) -> Row:
    now = world.clock.now()
    local = now.astimezone(AMSTERDAM)
    offset = local.utcoffset()
    first, _, last = user.full_name.partition(" ")
    return {
        "UserID": user.id,
        "CurrentDivision": user.current_division,
        "AccountingDivision": user.current_division,
        "DivisionCustomerCode": "1265594".rjust(18),
        "DivisionCustomerName": world.divisions[user.current_division].description,
        "DivisionCustomerSiretNumber": "",
        "CustomerCode": "1265594".rjust(18),
        "IsEmployeeSelfServiceUser": False,
        "IsMyFirmLiteUser": False,
        "IsMyFirmPortalUser": False,
        "IsStarterUser": False,
        "IsClientUser": True,
        "IsOEIMigrationMandatory": True,
        "FullName": user.full_name,
        "FirstName": first,
        "LastName": last,
        "UserName": user.name,
        "Email": user.email,
        "Language": user.language.upper(),
        "LanguageCode": "nl-NL" if user.language == "nl" else "en-GB",
        "Legislation": LEGISLATIONS[world.divisions[user.current_division].country],
        "Gender": "O",
        "Title": "",
        "PictureUrl": f"{base_url}//docs/images/placeholder_contact_myeol.png",
        "EmployeeID": "00000000-0000-0000-0000-000000000000",
        "PackageCode": "EOLAPPCENTER",
        "ServerTime": f"{local:%Y-%m-%dT%H:%M:%S}",
        "ServerUtcOffset": Decimal(int(offset.total_seconds())) if offset else Decimal(0),
    }


def division_row(division: Division, user: User) -> Row:
    row: Row = {
        "Code": division.number,
        "Hid": division.number - 2_000_000,
        "Description": division.description,
        "Country": division.country,
        "Currency": "EUR",
        "Current": division.number == user.current_division,
        "Status": 1,
        "BlockingStatus": 1 if division.is_blocked else 0,
        "Legislation": str(LEGISLATIONS[division.country]),
        "IsMainDivision": False,
        "IsDossierDivision": False,
        "IsHRDivision": False,
        "IsPracticeDivision": False,
        "Created": date(2015, 1, 5),
        "Modified": date(2015, 1, 5),
        "StartDate": date(2015, 1, 1),
    }
    return row | division.facts


def journal_statuses(division: Division) -> Iterator[Row]:
    periods = list(division.table("financial/FinancialPeriods"))
    for journal in division.table("financial/Journals"):
        for period in periods:
            closed = division.is_closed(journal["Code"], period["FinYear"], period["FinPeriod"])
            yield {
                "Journal": journal["Code"],
                "JournalDescription": journal["Description"],
                "JournalType": journal["Type"],
                "JournalTypeDescription": JOURNAL_TYPES[journal["Type"]],
                "Year": period["FinYear"],
                "Period": period["FinPeriod"],
                "Status": int(closed),
                "StatusDescription": "Closed" if closed else "Open",
            }


def open_receivables(division: Division) -> Iterator[Row]:
    for row in division.table("cashflow/Receivables"):
        if row["IsFullyPaid"]:
            continue
        yield {
            "HID": row[SEQUENCE] + 1,
            "Id": row["ID"],
            "AccountId": row["Account"],
            "AccountCode": row["AccountCode"],
            "AccountName": row["AccountName"],
            "Amount": -row["AmountDC"],
            "AmountInTransit": Decimal(0),
            "CurrencyCode": row["Currency"],
            "Description": row["Description"],
            "DueDate": row["DueDate"],
            "EntryNumber": row["EntryNumber"],
            "InvoiceDate": row["InvoiceDate"],
            "InvoiceNumber": row["InvoiceNumber"],
            "JournalCode": row["Journal"],
            "JournalDescription": row["JournalDescription"],
            "YourRef": row["YourRef"],
        }


def stock_position(division: Division, item: str) -> Iterator[Row]:
    rows = division.table("inventory/ItemWarehouses").find("Item", item)
    if division.table("logistics/Items").get(item) is None:
        return
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in STOCK_SUMS}
    yield {
        "ItemId": item,
        "InStock": sums["CurrentStock"],
        "PlanningIn": sums["PlannedStockIn"],
        "PlanningOut": sums["PlannedStockOut"],
        "ProjectedStock": sums["ProjectedStock"],
        "ReservedStock": sums["ReservedStock"],
        "FreeStock": sums["CurrentStock"] - sums["ReservedStock"],
    }


STOCK_SUMS = ("CurrentStock", "PlannedStockIn", "PlannedStockOut", "ProjectedStock", "ReservedStock")


def sync_rows(resource: Resource, division: Division, after: int) -> Iterator[Row]:
    """Rows of a sync feed in order of their row version, which they show as Timestamp."""
    for row in division.table(resource.table).changed_after(after):
        yield sync_row(resource, division, row)


def sync_row(resource: Resource, division: Division, row: Row) -> Row:
    shown = row | {"Timestamp": row[VERSION]}
    if resource.path == "sync/SalesInvoice/SalesInvoices":
        head = division.table("salesinvoice/SalesInvoices").rows[row["InvoiceID"]]
        return head | shown
    if resource.path == "sync/SalesOrder/SalesOrderHeaders":
        return shown | {"ID": row["OrderID"]}
    if resource.path == "sync/SalesOrder/SalesOrderLines":
        head = division.table("salesorder/SalesOrders").rows[row["OrderID"]]
        return shown | {name: head.get(name) for name in ("Status", "StatusDescription")}
    if resource.path == "sync/Inventory/StockPositions":
        return shown | stock_names(row)
    return shown


def stock_names(row: Row) -> Row:
    return {
        "ItemId": row["Item"],
        "FreeStock": row["CurrentStock"] - row["ReservedStock"],
        "PlanningIn": row["PlannedStockIn"],
        "PlanningOut": row["PlannedStockOut"],
    }


def timestamp_since(division: Division, table: str, modified: object) -> int:
    """The highest row version of a table whose rows were last changed before a moment."""
    rows: Iterable[Row] = division.table(table)
    older = (row[VERSION] for row in rows if row.get("Modified") and row["Modified"] < modified)
    return max(older, default=0)
