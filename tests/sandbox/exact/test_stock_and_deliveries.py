"""Orders on their way to an invoice, and the stock that moves with them."""

from typing import Any

from tests.sandbox.exact.office import Office, text_of


async def a_stocked_item(office: Office) -> dict[str, Any]:
    return await office.made("logistics/Items", {"Code": "VAAS", "Description": "Vaas", "IsStockItem": True})


async def main_warehouse(office: Office) -> str:
    rows = await office.rows("inventory/Warehouses", filter="Main eq 1", select="ID")
    key: str = rows[0]["ID"]
    return key


async def in_stock(office: Office, item: str) -> float:
    answer = await office.http.get(
        office.url(f"read/logistics/StockPosition?itemId=guid'{item}'"), headers=office.headers
    )
    stock: float = answer.json()["d"]["results"][0]["InStock"]
    return stock


async def a_count(office: Office, item: str, **line: Any) -> dict[str, Any]:
    body = {"StockCountDate": "2026-11-20", "Warehouse": await main_warehouse(office), "Description": "TEL-1"}
    status = {"Status": line.pop("status")} if "status" in line else {}
    return await office.made(
        "inventory/StockCounts", body | status | {"StockCountLines": [{"Item": item} | line]}
    )


async def test_a_count_is_a_draft_until_it_is_processed(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    count = await a_count(office, item, QuantityNew=10)
    assert (count["Status"], await in_stock(office, item)) == (12, 0)
    done = await office.made("inventory/ProcessStockCount", {"StockCountID": count["StockCountID"]})
    assert done["SuccessMessage"]
    assert await in_stock(office, item) == 10
    again = await office.made("inventory/ProcessStockCount", {"StockCountID": count["StockCountID"]})
    assert again["ErrorMessage"] == "Reeds verwerkt"
    refused = await office.delete(f"inventory/StockCounts(guid'{count['StockCountID']}')")
    assert text_of(refused) == "Reeds verwerkt"


async def test_a_difference_beats_a_quantity(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    await a_count(office, item, QuantityNew=10, status=21)
    await a_count(office, item, QuantityNew=3, QuantityDifference=-2, status=21)
    assert await in_stock(office, item) == 8


async def test_a_transfer_moves_goods_between_warehouses_when_it_is_processed(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    await a_count(office, item, QuantityNew=10, status=21)
    here = await main_warehouse(office)
    there = (await office.made("inventory/Warehouses", {"Code": "9", "Description": "Kraam"}))["ID"]
    body = {"EntryDate": "2026-11-20", "WarehouseFrom": here, "WarehouseTo": there}
    lines = [{"Item": item, "Quantity": 3}, {"Item": office.item("KADOPAPIER"), "Quantity": 5}]

    async def stands(warehouse: str) -> list[float]:
        where = f"Item eq guid'{item}' and Warehouse eq guid'{warehouse}'"
        rows = await office.rows("inventory/ItemWarehouses", filter=where, select="CurrentStock")
        return [row["CurrentStock"] for row in rows]

    draft = await office.made("inventory/WarehouseTransfers", body | {"WarehouseTransferLines": lines})
    assert (draft["Status"], await stands(here), await stands(there)) == (10, [10], [])
    before = await office.rows("sync/Inventory/StockPositions", filter="Timestamp gt 0", select="Timestamp")
    done = await office.made("inventory/ProcessWarehouseTransfer", {"TransferID": draft["TransferID"]})
    assert done["SuccessMessage"]
    assert (await stands(here), await stands(there), await in_stock(office, item)) == ([7], [3], 10)
    last = max(int(row["Timestamp"]) for row in before)
    moved = await office.rows(
        "sync/Inventory/StockPositions", filter=f"Timestamp gt {last}", select="CurrentStock"
    )
    assert sorted(row["CurrentStock"] for row in moved) == [3, 7]
    again = await office.made("inventory/ProcessWarehouseTransfer", {"TransferID": draft["TransferID"]})
    assert again["ErrorMessage"] == "Reeds verwerkt"
    refused = await office.delete(f"inventory/WarehouseTransfers(guid'{draft['TransferID']}')")
    assert text_of(refused) == "Reeds verwerkt"


async def test_a_wrong_transfer_is_refused_as_a_whole(office: Office) -> None:
    await office.link()
    here = await main_warehouse(office)
    body = {"EntryDate": "2026-11-20", "WarehouseFrom": here, "WarehouseTo": here}
    line = {"Item": office.item("KADOPAPIER"), "Quantity": 1}
    refused = await office.post("inventory/WarehouseTransfers", body | {"WarehouseTransferLines": [line]})
    assert (refused.status_code, text_of(refused)) == (500, "Ongeldig: Magazijn")
    refused = await office.post("inventory/WarehouseTransfers", body)
    assert "Verplicht: Regels" in text_of(refused)
    assert await office.rows("inventory/WarehouseTransfers", select="TransferID") == []


async def test_an_item_without_stock_does_not_move(office: Office) -> None:
    await office.link()
    await a_count(office, office.item("KADOPAPIER"), QuantityNew=10, status=21)
    assert await in_stock(office, office.item("KADOPAPIER")) == 0


async def test_an_order_is_delivered_and_invoiced(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    line = {"Item": item, "Quantity": 3, "NetPrice": "12.10", "VATCode": "4"}
    body = {"OrderedBy": office.account("1"), "OrderNumber": 5, "SalesOrderLines": [line]}
    order = await office.made("salesorder/SalesOrders", body)
    path = f"salesorder/SalesOrders(guid'{order['OrderID']}')"
    (stored,) = await office.rows(f"{path}/SalesOrderLines")
    delivery = {"SalesOrderLineID": stored["ID"], "QuantityDelivered": 1}
    await office.made(
        "salesorder/GoodsDeliveries", {"DeliveryDate": "2026-11-20", "GoodsDeliveryLines": [delivery]}
    )
    assert (await office.get(path)).json()["d"]["DeliveryStatus"] == 20
    assert await in_stock(office, item) == -1
    delivery["QuantityDelivered"] = 3
    refused = await office.post(
        "salesorder/GoodsDeliveries", {"DeliveryDate": "2026-11-20", "GoodsDeliveryLines": [delivery]}
    )
    assert text_of(refused) == "Ongeldig: Aantal"
    delivery["QuantityDelivered"] = 2
    await office.made(
        "salesorder/GoodsDeliveries", {"DeliveryDate": "2026-11-20", "GoodsDeliveryLines": [delivery]}
    )
    wanted = {
        "CreateMode": 1,
        "InvoiceMode": 0,
        "JournalCode": "70",
        "SalesOrderIDs": [{"ID": order["OrderID"]}],
    }
    made = await office.made("salesinvoice/InvoiceSalesOrders", wanted)
    assert (made["NumberOfCreatedInvoices"], made["NumberOfFailedInvoices"]) == (1, 0)
    assert (await office.get(path)).json()["d"]["Status"] == 21
    (invoice,) = await office.rows(
        "salesinvoice/SalesInvoices", filter="OrderNumber eq 5", select="AmountFC,Status"
    )
    assert (invoice["AmountFC"], invoice["Status"]) == (36.3, 20)
    again = await office.made("salesinvoice/InvoiceSalesOrders", wanted)
    assert (again["NumberOfCreatedInvoices"], again["NumberOfFailedInvoices"]) == (0, 1)
    assert (await office.put(path, {"Description": "te laat"})).status_code == 204
    assert (await office.get(path)).json()["d"]["Description"] is None


async def test_an_open_order_is_planned_out_of_stock_until_it_is_delivered(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    await a_count(office, item, QuantityNew=10, status=21)
    line = {"Item": item, "Quantity": 3, "NetPrice": "12.10", "VATCode": "4"}
    body = {"OrderedBy": office.account("1"), "OrderNumber": 5, "SalesOrderLines": [line]}
    order = await office.made("salesorder/SalesOrders", body)
    assert await position(office) == {"CurrentStock": 10, "PlanningOut": 3, "ProjectedStock": 7}
    (stored,) = await office.rows(f"salesorder/SalesOrders(guid'{order['OrderID']}')/SalesOrderLines")
    delivery = {"SalesOrderLineID": stored["ID"], "QuantityDelivered": 2}
    await office.made(
        "salesorder/GoodsDeliveries", {"DeliveryDate": "2026-11-20", "GoodsDeliveryLines": [delivery]}
    )
    assert await position(office) == {"CurrentStock": 8, "PlanningOut": 1, "ProjectedStock": 7}
    await office.made(
        "salesorder/CompleteSalesOrder", {"OrderID": order["OrderID"], "CompleteDelivery": True}
    )
    assert await position(office) == {"CurrentStock": 8, "PlanningOut": 0, "ProjectedStock": 8}


async def position(office: Office) -> dict[str, float]:
    names = ["CurrentStock", "PlanningOut", "ProjectedStock"]
    (row,) = await office.rows(
        "sync/Inventory/StockPositions", select=",".join(names), filter="Timestamp gt 0"
    )
    return {name: row[name] for name in names}


async def test_a_direct_invoice_moves_stock_when_printed(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    line = {"Item": item, "Quantity": 2, "NetPrice": "12.10", "VATCode": "4"}
    body = office.an_invoice(Type=8023, Warehouse=await main_warehouse(office), SalesInvoiceLines=[line])
    draft = await office.made("salesinvoice/SalesInvoices", body)
    assert await in_stock(office, item) == 0
    await office.made("salesinvoice/PrintedSalesInvoices", {"InvoiceID": draft["InvoiceID"]})
    assert await in_stock(office, item) == -2


async def test_a_price_shows_on_its_item_and_prices_a_line(office: Office) -> None:
    await office.link()
    item = (await a_stocked_item(office))["ID"]
    await office.made("logistics/SalesItemPrices", {"Item": item, "Price": "24.20"})
    row = (await office.get(f"logistics/Items(guid'{item}')", select="StandardSalesPrice")).json()["d"]
    assert row["StandardSalesPrice"] == 24.2
    draft = await office.made(
        "salesinvoice/SalesInvoices", office.an_invoice(SalesInvoiceLines=[{"Item": item, "VATCode": "4"}])
    )
    assert draft["AmountFC"] == 24.2


async def test_an_equal_address_is_not_made_twice(office: Office) -> None:
    await office.link()
    body = {"Account": office.account("1"), "Type": 4, "AddressLine1": "Dam 1", "City": "Amsterdam"}
    first = await office.made("crm/Addresses", body)
    second = await office.made("crm/Addresses", body)
    assert first["ID"] == second["ID"]


async def entered(office: Office, **goods: Any) -> dict[str, Any]:
    """The article as the stockroom shows it."""
    body = {"code": "BEL", "name": "Bel", "vat_code": "2", "price": "8.2231"} | goods
    path = f"/divisions/{office.division}/articles"
    answer = await office.control.post(path, json={"goods": [body]})
    assert answer.json() == {"entered": 1}, answer.text
    found: list[dict[str, Any]] = (await office.control.get(path)).json()
    return next(each for each in found if each["code"] == "BEL")


async def test_goods_that_are_entered_have_a_price_and_what_was_counted(office: Office) -> None:
    await office.link()
    main = await main_warehouse(office)
    article = await entered(office, stock={main: 12})
    assert article | {"id": ""} == {
        "id": "",
        "code": "BEL",
        "name": "Bel",
        "barcode": "",
        "price": "8.2231",
        "is_vat_included": False,
        "vat_rate": "21",
        "cost": "0",
        "is_active": True,
        "is_stocked": True,
        "stock": {main: "12"},
    }
    assert await in_stock(office, article["id"]) == 12


async def test_goods_without_a_count_are_no_stock_items(office: Office) -> None:
    await office.link()
    article = await entered(office, vat_code="4")
    assert (article["is_stocked"], article["is_vat_included"], article["stock"]) == (False, True, {})


async def test_goods_that_exact_refuses_are_refused_with_its_words(office: Office) -> None:
    await entered(office)
    twice = [{"code": "BEL", "name": "Bel", "vat_code": "2", "price": "1"}]
    answer = await office.control.post(f"/divisions/{office.division}/articles", json={"goods": twice})
    assert (answer.status_code, answer.json()) == (422, {"error": "Data already exists."})


async def test_a_shop_delivers_whatever_is_open_and_once(office: Office) -> None:
    await office.link()
    main = await main_warehouse(office)
    article = await entered(office, stock={main: 12})
    lines = [{"Item": article["id"], "Quantity": 3, "NetPrice": 1}]
    back = [{"Item": article["id"], "Quantity": -1, "NetPrice": 1}]
    for ordered in (lines, back):
        await office.made(
            "salesorder/SalesOrders", {"OrderedBy": office.account("1"), "SalesOrderLines": ordered}
        )
    one = f"/divisions/{office.division}"
    assert (await office.control.post(f"{one}/deliver")).json() == {"delivered": 2}
    assert await in_stock(office, article["id"]) == 10  # 12 less 3, and 1 came back
    assert {each["delivery_status"] for each in (await office.books())["sales_orders"]} == {21}
    assert (await office.control.post(f"{one}/deliver")).json() == {"delivered": 0}
