"""Articles and stock of a division in plain JSON, and what its people do with them in Exact's own screens.

They enter goods, with a price and what was counted of them, and deliver what was ordered (domain.md 5.3).
"""

from decimal import Decimal
from typing import Any

from services.sandbox.exact import deliveries, orders, relations, sales_prices, stock, stock_counts
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.switches import Switches
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

Plain = dict[str, Any]
CLERK = Author("", "Magazijn")
HUNDRED = Decimal(100)
OVER = (orders.COMPLETE, orders.CANCELLED)


def articles_of(division: Division) -> list[Plain]:
    return [_article(division, item) for item in division.table(relations.ITEMS)]


def _article(division: Division, item: Row) -> Plain:
    """`price` is None where there is none, and holds the VAT where `is_vat_included`."""
    code = division.by_code("vat/VATCodes", item.get("SalesVatCode"), 3)
    ends_on = item.get("EndDate")
    positions = division.table(stock.PATH).find("Item", item["ID"])
    return {
        "id": item["ID"],
        "code": item["Code"],
        "name": item["Description"],
        "barcode": item.get("Barcode") or "",
        "price": plain(item["StandardSalesPrice"]) if item["StandardSalesPrice"] else None,
        "is_vat_included": code is not None and code["Type"] == "I",
        "vat_rate": plain(_rate(division, code)),
        "cost": plain(item["CostPriceStandard"]),
        "is_active": bool(item["IsSalesItem"]) and (ends_on is None or ends_on > division.today()),
        "is_stocked": bool(item["IsStockItem"]),
        "stock": {row["Warehouse"]: plain(row["CurrentStock"]) for row in positions},
    }


def _rate(division: Division, code: Row | None) -> Decimal:
    share = None if code is None else division.percentage(code, division.today())
    return (share or Decimal(0)) * HUNDRED


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def enter_goods(division: Division, switches: Switches, goods: list[Plain]) -> int:
    """`{"code", "name", "vat_code", "price", "stock": {warehouse: quantity}}`; with stock, a stock item."""
    write = Write(division, CLERK, switches)
    counted: dict[str, list[Row]] = {}
    for each in goods:
        body: Row = {"Code": str(each["code"]), "Description": str(each["name"]), "IsSalesItem": True}
        body |= {"SalesVatCode": str(each["vat_code"]), "IsStockItem": bool(each.get("stock"))}
        item = relations.create_item(write, body)
        sales_prices.create(write, {"Item": item["ID"], "Price": Decimal(str(each["price"]))})
        for warehouse, quantity in each.get("stock", {}).items():
            line = {"Item": item["ID"], "QuantityNew": Decimal(str(quantity))}
            counted.setdefault(warehouse, []).append(line)
    for warehouse, lines in counted.items():
        head = {"Warehouse": warehouse, "StockCountDate": division.today(), "Status": stock_counts.PROCESSED}
        stock_counts.create(write, head | {"StockCountLines": lines})
    return len(goods)


def deliver_orders(division: Division, switches: Switches) -> int:
    """Each order that isn't wholly delivered, in a delivery of its own; gives how many."""
    write, delivered = Write(division, CLERK, switches), 0
    for order in list(division.table(orders.PATH)):
        lines = [] if order["DeliveryStatus"] in OVER else _left(write, order)
        if lines:
            deliveries.deliver(write, {"DeliveryDate": division.today(), "GoodsDeliveryLines": lines})
            delivered += 1
    return delivered


def _left(write: Write, order: Row) -> list[Row]:
    left = [(line["ID"], line["Quantity"] - line["QuantityDelivered"]) for line in _open_lines(write, order)]
    return [{"SalesOrderLineID": key, "QuantityDelivered": quantity} for key, quantity in left if quantity]


def _open_lines(write: Write, order: Row) -> list[Row]:
    return [line for line in orders.stored_lines(write, order) if line["DeliveryStatus"] not in OVER]
