"""Accounts and items, and the feeds that follow their changes."""

from unittest.mock import ANY

import pytest

from tests.sandbox.exact.office import Office, text_of

ACCOUNTS, ITEMS, LEDGERS = "crm/Accounts", "logistics/Items", "financial/GLAccounts"


async def test_an_account_gets_the_next_code(office: Office) -> None:
    await office.link()
    first = await office.made(ACCOUNTS, {"Name": "Jansen", "Status": "C"})
    second = await office.made(ACCOUNTS, {"Name": "Pietersen"})
    assert (first["Code"], second["Code"]) == ("105".rjust(18), "106".rjust(18))
    assert (first["IsSales"], second["Status"]) == (True, "A")


async def test_a_taken_account_code_is_refused(office: Office) -> None:
    await office.link()
    refused = await office.post(ACCOUNTS, {"Name": "Dubbel", "Code": "1"})
    assert (refused.status_code, text_of(refused)) == (500, "Gegeven bestaat reeds.")
    assert text_of(await office.post(ACCOUNTS, {"Status": "C"})) == "Verplicht: Naam"


async def test_an_account_in_use_stays(office: Office) -> None:
    await office.link()
    await office.made("salesentry/SalesEntries", office.an_entry())
    refused = await office.delete(f"{ACCOUNTS}(guid'{office.account('1')}')")
    assert text_of(refused).startswith("Can't delete: Account 1 - Used in:")


async def test_a_ledger_that_was_booked_on_is_not_deleted(office: Office) -> None:
    await office.link()
    unused = await office.made(LEDGERS, {"Code": "8999", "Description": "Omzet bloembinden", "Type": 110})
    booked = await office.made(LEDGERS, {"Code": "8998", "Description": "Omzet workshops", "Type": 110})
    entry = office.an_entry(SalesEntryLines=[office.a_line(GLAccount=booked["ID"])])
    await office.made("salesentry/SalesEntries", entry)
    refused = await office.delete(f"{LEDGERS}(guid'{booked['ID']}')")
    assert refused.status_code == 500
    used_in = "Used in: Financial transactions"
    assert text_of(refused) == f"Can't delete: General ledger account 8998 - {used_in}"
    assert await office.rows(LEDGERS, select="ID", filter="Code eq '8998'") == [
        {"ID": booked["ID"], "__metadata": ANY}
    ]
    assert (await office.delete(f"{LEDGERS}(guid'{unused['ID']}')")).status_code == 204


@pytest.mark.parametrize(
    ("path", "code", "used_in"),
    [
        (LEDGERS, "1300", "Journals"),
        (LEDGERS, "1500", "VAT codes"),
        (LEDGERS, "8000", "Item groups"),
        ("vat/VATCodes", "2  ", "General ledger accounts"),
        ("financial/Journals", "70", "Sales invoices"),
    ],
)
async def test_what_other_rows_name_is_not_deleted(
    office: Office, path: str, code: str, used_in: str
) -> None:
    await office.link()
    await office.made("salesinvoice/SalesInvoices", office.an_invoice())
    (row,) = await office.rows(path, select="ID", filter=f"Code eq '{code}'")
    refused = await office.delete(f"{path}(guid'{row['ID']}')")
    assert refused.status_code == 500
    assert f" {code.strip()} - Used in: {used_in}" in text_of(refused)


async def test_an_item_gets_its_defaults(office: Office) -> None:
    await office.link()
    item = await office.made(ITEMS, {"Code": "ROOS", "Description": "Roos, rood", "SalesVatCode": "3"})
    assert (item["Unit"], item["ItemGroupCode"], item["GLRevenueCode"]) == ("pc", "1", "8000")
    assert (item["SalesVatCode"], item["IsSalesItem"], item["StandardSalesPrice"]) == ("3  ", True, 0)
    refused = await office.post(ITEMS, {"Code": "ROOS", "Description": "Nog een"})
    assert text_of(refused) == "Gegeven bestaat reeds."
    assert text_of(await office.post(ITEMS, {})) == "Verplicht: Code\r\nVerplicht: Omschrijving"
    path = f"{ITEMS}(guid'{item['ID']}')"
    assert (await office.put(path, {"Description": "Roos, wit"})).status_code == 204
    assert (await office.get(path, select="Description")).json()["d"]["Description"] == "Roos, wit"


async def test_a_feed_gives_changes_in_order_and_a_changed_row_once(office: Office) -> None:
    await office.link()
    everything = await office.rows("sync/CRM/Accounts", select="ID,Name,Timestamp", filter="Timestamp gt 0")
    last = everything[-1]["Timestamp"]
    assert isinstance(last, str)
    assert [row["Timestamp"] for row in everything] == sorted((r["Timestamp"] for r in everything), key=int)
    await office.put(f"{ACCOUNTS}(guid'{office.account('1')}')", {"City": "Delft"})
    news = await office.rows("sync/CRM/Accounts", select="Name,Timestamp", filter=f"Timestamp gt {last}L")
    assert [row["Name"] for row in news] == ["Kassaverkopen"]


async def test_top_only_sizes_the_pages_of_a_feed(office: Office) -> None:
    await office.link()
    answer = await office.get("sync/CRM/Accounts", select="ID", filter="Timestamp gt 0", top="3")
    names = []
    while True:
        names += [row["ID"] for row in answer.json()["d"]["results"]]
        if "__next" not in answer.json()["d"]:
            break
        answer = await office.get(answer.json()["d"]["__next"])
    assert len(names) == len(set(names)) == 7


async def test_a_deleted_account_is_told(office: Office) -> None:
    await office.link()
    account = await office.made(ACCOUNTS, {"Name": "Weg ermee"})
    await office.delete(f"{ACCOUNTS}(guid'{account['ID']}')")
    (gone,) = await office.rows("sync/Deleted", select="EntityKey,EntityType", filter="Timestamp gt 0")
    assert (gone["EntityKey"], gone["EntityType"]) == (account["ID"], 2)


async def test_a_moved_division_gives_every_row_a_new_version(office: Office) -> None:
    await office.link()
    before = await office.rows("sync/CRM/Accounts", select="Timestamp", filter="Timestamp gt 0")
    await office.control.post(f"/divisions/{office.division}/move")
    last = before[-1]["Timestamp"]
    after = await office.rows("sync/CRM/Accounts", select="Timestamp", filter=f"Timestamp gt {last}")
    assert len(after) == len(before)


async def test_invoice_and_order_feeds_hold_header_and_line(office: Office) -> None:
    await office.link()
    await office.made("salesinvoice/SalesInvoices", office.an_invoice())
    line = {"Item": office.item("KADOPAPIER"), "NetPrice": "1.00"}
    order = {"OrderedBy": office.account("1"), "OrderNumber": 7, "SalesOrderLines": [line]}
    await office.made("salesorder/SalesOrders", order)
    select = "YourRef,ItemCode,Timestamp"
    (row,) = await office.rows("sync/SalesInvoice/SalesInvoices", select=select)
    assert (row["YourRef"], row["ItemCode"]) == ("BON-2", "KADOPAPIER")
    (row,) = await office.rows("sync/SalesOrder/SalesOrderHeaders", select="ID,OrderID,OrderNumber")
    assert row["ID"] == row["OrderID"]
    assert len(await office.rows("sync/SalesOrder/SalesOrderLines", select="ID,OrderNumber")) == 1


async def test_transaction_lines_come_by_the_thousand(office: Office) -> None:
    await office.link()
    lines = [office.a_line(Description=f"Regel {number}") for number in range(120)]
    for _ in range(10):
        await office.made("salesentry/SalesEntries", office.an_entry(SalesEntryLines=lines))
    answer = await office.get(
        "bulk/Financial/TransactionLines", select="AmountDC", filter="Date eq datetime'2026-11-20'"
    )
    body = answer.json()["d"]
    rest = (await office.get(body["__next"])).json()["d"]
    assert (len(body["results"]), len(rest["results"]), "__next" in rest) == (1000, 220, False)
    amounts = [round(row["AmountDC"] * 100) for row in body["results"] + rest["results"]]
    assert sum(amounts) == 0
