"""Invoices until and after printing, and orders with their unique number."""

from typing import Any

import pytest

from tests.sandbox.exact.office import Office, text_of

INVOICES, PRINTED = "salesinvoice/SalesInvoices", "salesinvoice/PrintedSalesInvoices"
ORDERS = "salesorder/SalesOrders"


def lines(office: Office, *prices: tuple[str, str, str]) -> dict[str, Any]:
    item = office.item("KADOPAPIER")
    rows = [
        {"Item": item, "Quantity": quantity, "NetPrice": price, "VATCode": vat}
        for quantity, price, vat in prices
    ]
    return {"SalesInvoiceLines": rows}


async def printed(office: Office, invoice: dict[str, Any]) -> dict[str, Any]:
    made = await office.made(INVOICES, invoice)
    await office.made(PRINTED, {"InvoiceID": made["InvoiceID"], "InvoiceDate": "2026-11-20"})
    answer = await office.get(f"{INVOICES}(guid'{made['InvoiceID']}')")
    row: dict[str, Any] = answer.json()["d"]
    return row


async def test_a_draft_has_no_number_and_no_effect_on_the_ledger(office: Office) -> None:
    await office.link()
    draft = await office.made(INVOICES, office.an_invoice())
    assert (draft["Status"], draft["InvoiceNumber"], draft["InvoiceDate"]) == (20, None, None)
    assert (draft["AmountFC"], draft["AmountFCExclVat"], draft["VATAmountFC"]) == (12.1, 10, 2.1)
    assert (draft["Type"], draft["InvoiceTo"], draft["DeliverTo"]) == (8020, *[office.account("1")] * 2)
    assert (await office.books())["transaction_lines"] == 0


async def test_printing_books_once(office: Office) -> None:
    await office.link()
    invoice = await printed(office, office.an_invoice())
    assert (invoice["Status"], invoice["InvoiceNumber"]) == (50, 26700001)
    books = await office.books()
    assert books["trial_balance"] == {"1300": "12.10", "1500": "-2.10", "8000": "-10.00"}
    assert [entry["from_invoice"] for entry in books["sales_entries"]] == [invoice["InvoiceID"]]
    again = await office.post(PRINTED, {"InvoiceID": invoice["InvoiceID"]})
    assert (again.status_code, text_of(again)) == (500, "Reeds verwerkt")
    path = f"{INVOICES}(guid'{invoice['InvoiceID']}')"
    assert text_of(await office.put(path, {"Description": "x"})) == "Reeds verwerkt"
    assert text_of(await office.delete(path)) == "Reeds verwerkt"


async def test_the_answer_of_a_print_tells_of_mail_that_could_not_go(office: Office) -> None:
    await office.link()
    draft = await office.made(INVOICES, office.an_invoice())
    answer = await office.made(PRINTED, {"InvoiceID": draft["InvoiceID"], "SendEmailToCustomer": True})
    assert answer["DocumentCreationSuccess"]
    assert answer["EmailCreationError"]


async def test_vat_is_rounded_once_per_code_or_on_each_line(office: Office) -> None:
    # 3 x 0.10 including 21 %: per line 0.10 / 1.21 = 0.0826 -> 0.08, VAT 0.02 x 3 = 0.06;
    # together 0.30 / 1.21 = 0.2479 -> 0.25, VAT 0.05
    await office.link()
    body = office.an_invoice(**lines(office, *[("1", "0.10", "4")] * 3))
    invoice = await printed(office, body)
    assert (invoice["AmountFC"], invoice["VATAmountFC"]) == (0.3, 0.05)
    await office.switch(invoice_vat_rounding="per-line")
    invoice = await printed(office, body)
    assert (invoice["AmountFC"], invoice["VATAmountFC"]) == (0.3, 0.06)
    books = await office.books()
    assert books["trial_balance"] == {"1300": "0.60", "1500": "-0.11", "8000": "-0.49"}


async def test_quantity_times_price_makes_the_line(office: Office) -> None:
    await office.link()
    invoice = await printed(
        office, office.an_invoice(**lines(office, ("3", "3.333333", "4"), ("-1", "2.42", "4")))
    )
    assert invoice["AmountFC"] == 7.58  # 10.00 - 2.42
    await office.switch(unit_price_decimals=2)
    invoice = await printed(office, office.an_invoice(**lines(office, ("3", "3.333333", "4"))))
    assert invoice["AmountFC"] == 9.99


async def test_a_line_discount_is_a_fraction_and_a_header_discount_a_percentage(office: Office) -> None:
    await office.link()
    line = {
        "Item": office.item("KADOPAPIER"),
        "Quantity": 2,
        "UnitPrice": "10.00",
        "Discount": "0.25",
        "VATCode": "5",
    }
    draft = await office.made(INVOICES, office.an_invoice(SalesInvoiceLines=[line]))
    assert draft["AmountFC"] == 15
    draft = await office.made(INVOICES, office.an_invoice(SalesInvoiceLines=[line], Discount=10))
    assert (draft["AmountFC"], draft["AmountDiscount"]) == (13.5, 1.5)


async def test_a_draft_can_be_changed(office: Office) -> None:
    await office.link()
    draft = await office.made(INVOICES, office.an_invoice())
    path = f"{INVOICES}(guid'{draft['InvoiceID']}')"
    (line,) = await office.rows(f"{path}/SalesInvoiceLines")
    answer = await office.put(f"salesinvoice/SalesInvoiceLines(guid'{line['ID']}')", {"Quantity": 2})
    assert answer.status_code == 204
    assert (await office.get(path)).json()["d"]["AmountFC"] == 24.2
    assert (await office.put(path, {"Description": "Feest"})).status_code == 204
    assert (await office.get(path)).json()["d"]["Description"] == "Feest"
    assert (await office.delete(path)).status_code == 204


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Type": 8023}, "Verplicht: Magazijn"),
        ({"Warehouse": "main"}, "Niet toegestaan: Magazijn"),
        ({"OrderedBy": None}, "Verplicht: Besteld door"),
        ({"Journal": "10"}, "Ongeldig: Dagboek"),
        ({"SalesInvoiceLines": [{"Quantity": 1}]}, "Verplicht: Artikel"),
        ({"SalesInvoiceLines": []}, "Verplicht: Regels"),
    ],
)
async def test_a_wrong_invoice_is_refused(office: Office, changes: dict[str, Any], text: str) -> None:
    await office.link()
    if changes.get("Warehouse"):
        changes = {"Warehouse": (await office.rows("inventory/Warehouses"))[0]["ID"]}
    body = {name: value for name, value in office.an_invoice(**changes).items() if value is not None}
    refused = await office.post(INVOICES, body)
    assert (refused.status_code, text_of(refused)) == (500, text)
    assert (await office.books())["sales_invoices"] == []


async def test_a_credit_note_books_the_other_way(office: Office) -> None:
    await office.link()
    invoice = await printed(office, office.an_invoice(Type=8021, **lines(office, ("-1", "12.10", "4"))))
    assert invoice["AmountFC"] == -12.1
    (entry,) = (await office.books())["sales_entries"]
    assert (entry["type"], entry["amount"]) == (21, "-12.10")
    for sign, shown in [("inverted", 12.1), ("inverted-at-once", -12.1)]:
        await office.switch(credit_note_sign=sign)
        body = office.an_invoice(Type=8021, **lines(office, ("1", "12.10", "4")))
        assert (await office.made(INVOICES, body))["AmountFC"] == shown
        assert (await printed(office, body))["AmountFC"] == -12.1


async def test_an_order_number_is_unique(office: Office) -> None:
    await office.link()
    line = {"Item": office.item("KADOPAPIER"), "Quantity": 2, "NetPrice": "12.10", "VATCode": "4"}
    body = {
        "OrderedBy": office.account("1"),
        "OrderNumber": 1001,
        "SalesOrderLines": [line],
        "YourRef": "BON-3",
    }
    order = await office.made(ORDERS, body)
    assert (order["OrderNumber"], order["Status"], order["AmountFC"]) == (1001, 12, 24.2)
    refused = await office.post(ORDERS, body)
    assert (refused.status_code, text_of(refused)) == (500, "Verkoopordernummer: Bestaat reeds")
    assert (await office.made(ORDERS, {**body, "OrderNumber": None}))["OrderNumber"] == 1
    found = await office.rows(ORDERS, filter="OrderNumber eq 1001", select="OrderID")
    assert [row["OrderID"] for row in found] == [order["OrderID"]]
    (row,) = await office.rows("salesorder/SalesOrderLines", filter=f"OrderID eq guid'{order['OrderID']}'")
    assert (row["VATAmount"], row["AmountFC"], row["QuantityDelivered"]) == (4.2, 20, 0)


async def test_bulk_shows_orders_and_invoices_too(office: Office) -> None:
    await office.link()
    await printed(office, office.an_invoice())
    rows = await office.rows(
        f"bulk/{'SalesInvoice'}/SalesInvoices", filter="YourRef eq 'BON-2'", select="InvoiceID"
    )
    assert len(rows) == 1
    assert await office.rows("bulk/SalesOrder/SalesOrders", filter="OrderNumber gt 0", select="OrderID") == []
