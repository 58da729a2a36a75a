"""SalesItemPrices: the sales price of an item, which the item itself only shows."""

from decimal import Decimal

from services.sandbox.exact import refusals
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH = "logistics/SalesItemPrices"


def create(write: Write, body: Row) -> Row:
    item = write.division.table("logistics/Items").get(body.get("Item"))
    if body.get("Item") is None:
        write.refuse(refusals.mandatory("Item"))
    elif item is None:
        write.refuse(refusals.invalid_reference("Item"))
    if body.get("Price") is None:
        write.refuse(refusals.mandatory("Price"))
    account = write.division.table("crm/Accounts").get(body.get("Account"))
    if body.get("Account") and account is None:
        write.refuse(refusals.invalid_reference("Account"))
    write.settle()
    assert item
    row = body | {
        "AccountName": account["Name"] if account else None,
        "Currency": body.get("Currency") or "EUR",
        "ItemCode": item["Code"],
        "ItemDescription": item["Description"],
        "Quantity": body.get("Quantity") or Decimal(1),
        "NumberOfItemsPerUnit": body.get("NumberOfItemsPerUnit") or Decimal(1),
        "StartDate": body.get("StartDate") or write.division.today(),
        "Unit": body.get("Unit") or item["Unit"],
        "UnitDescription": item["UnitDescription"],
        "DefaultItemUnit": item["Unit"],
        "DefaultItemUnitDescription": item["UnitDescription"],
        "Barcode": item.get("Barcode"),
    }
    price = write.division.add(PATH, row, write.author)
    show_price(write, item)
    return price


def update(write: Write, price: Row, body: Row) -> None:
    write.division.change(PATH, price, body, write.author)
    show_price(write, write.division.table("logistics/Items").rows[price["Item"]])


def delete(write: Write, price: Row) -> None:
    write.division.remove(PATH, price, write.author)
    show_price(write, write.division.table("logistics/Items").rows[price["Item"]])


def show_price(write: Write, item: Row) -> None:
    """The standard price is the latest one that holds today, for everybody and from one piece."""
    today = write.division.today()
    valid = [
        row
        for row in write.division.table(PATH).find("Item", item["ID"])
        if row.get("Account") is None
        and row["Quantity"] <= 1
        and row["StartDate"] <= today
        and (row.get("EndDate") is None or row["EndDate"] >= today)
    ]
    latest = max(valid, key=lambda row: row["StartDate"], default=None)
    price = latest["Price"] if latest else Decimal(0)
    write.division.change("logistics/Items", item, {"StandardSalesPrice": price}, write.author)
