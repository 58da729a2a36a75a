"""The way of a document into the books: every kind, once, with what it answers and what it costs."""

from __future__ import annotations

import base64
from dataclasses import replace
from decimal import Decimal

import pytest

from libs.common.database.engine import Database
from libs.common.domain.document import Debtor, ItemWanted
from libs.common.domain.rules import DebtorRules, ItemRules
from libs.common.domain.sale import Customer
from libs.common.service import House
from libs.common.settings import Settings
from services.exporter.app import build
from services.sandbox.exact import relations
from services.sandbox.exact.division import Author
from services.sandbox.exact.writing import Write
from tests.services.exporter_world import NOON, Setting, a_setting, customer

D = Decimal
SET_UP = {"GET vat/VATCodes": 1, "GET financial/Journals": 1}


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


@pytest.fixture
async def embedded(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


async def test_every_kind_of_document_stands_in_the_books_once(setting: Setting) -> None:
    documents = [setting.entry("A1"), setting.invoice("I1"), setting.order("O1"), setting.journal("J1")]
    await setting.ready(*documents)
    await setting.until_quiet()
    books = setting.books
    (entry,) = [each for each in books["sales_entries"] if each["from_invoice"] is None]
    assert (entry["your_ref"], entry["journal"], entry["date"], entry["type"]) == (
        "A1",
        "70",
        "2026-03-14",
        20,
    )
    assert (entry["amount"], entry["vat"]) == ("0.00", "2.10")
    assert [(line["ledger_code"], line["net"], line["vat"]) for line in entry["lines"]] == [
        ("8000", "10.00", "2.10"),
        ("2000", "-12.10", "0.00"),
    ]
    (invoice,) = books["sales_invoices"]
    assert (invoice["your_ref"], invoice["status"], invoice["amount"]) == ("I1", 50, "12.10")
    (order,) = books["sales_orders"]
    assert (order["your_ref"], order["amount"]) == ("O1", "12.10")
    (journal,) = books["general_journal_entries"]
    assert [(line["ledger_code"], line["amount"], line["description"]) for line in journal["lines"]] == [
        ("2000", "12.10", "J1 PIN"),
        ("1300", "-12.10", "J1"),
    ]
    booked = {each["reference"]: each for each in await setting.told("document.booked")}
    assert {reference: each["amount"] for reference, each in booked.items()} == dict.fromkeys(
        ("A1", "I1", "O1", "J1"), "12.10"
    )
    assert booked["A1"]["number"] == str(entry["entry_number"])
    assert booked["A1"]["exact_id"] == entry["id"]


@pytest.mark.parametrize("answer", ["posted", "key"])
async def test_an_answer_that_holds_little_but_the_key_is_no_difference(
    setting: Setting, answer: str
) -> None:
    """That `Prefer` fills it was told by one user (reference 4.1); a real account was answered so."""
    setting.world.switches.change({"knows_prefer": False, "bare_post_answer": answer})
    await setting.ready(
        setting.entry("A1"), setting.invoice("I1"), setting.order("O1"), setting.journal("J1")
    )
    exporter = setting.exporter()
    await setting.until_quiet(exporter)
    for _ in range(3):
        setting.clock.advance(600)
        await exporter.serve_all()
    assert set((await setting.states()).values()) == {"booked"}
    assert await setting.told("document.rejected") == []
    numbers = {each["reference"]: each["number"] for each in await setting.told("document.booked")}
    books = setting.books
    assert numbers == {
        "A1": str(next(each["entry_number"] for each in books["sales_entries"] if each["your_ref"] == "A1")),
        "I1": str(books["sales_invoices"][0]["invoice_number"]),
        "O1": str(books["sales_orders"][0]["order_number"]),
        "J1": str(books["general_journal_entries"][0]["entry_number"]),
    }


async def test_what_was_booked_is_read_back_and_a_printed_invoice_gets_its_number(setting: Setting) -> None:
    await setting.ready(
        setting.entry("A1"), setting.invoice("I1"), setting.order("O1"), setting.journal("J1")
    )
    exporter = setting.exporter()
    await setting.until_quiet(exporter)
    setting.clock.advance(600)
    setting.line.calls.clear()
    await exporter.serve_all()
    assert setting.line.total == 4  # headers of invoices, orders, and two journals of the ledger
    told = [each for each in await setting.told("document.booked") if each["reference"] == "I1"]
    assert [each["number"] for each in told] == [
        "",
        str(setting.books["sales_invoices"][0]["invoice_number"]),
    ]
    assert await setting.told("document.rejected") == []
    await exporter.serve_all()
    assert setting.line.total == 4


async def test_two_hundred_sales_cost_no_more_than_a_twentieth_beside_their_posts(embedded: Setting) -> None:
    await embedded.ready(*[embedded.entry(f"A{number}") for number in range(200)])
    exporter = embedded.exporter()
    await exporter.serve_all()
    embedded.clock.advance(600)
    await exporter.serve_all()
    assert embedded.line.calls["POST salesentry/SalesEntries"] == 200
    assert embedded.line.total <= 1.05 * 200
    assert len(embedded.books["sales_entries"]) == 200
    assert await embedded.told("document.rejected") == []


async def test_orders_and_printed_invoices_keep_to_their_calls(embedded: Setting) -> None:
    await embedded.ready(*[embedded.order(f"O{number}") for number in range(100)])
    exporter = embedded.exporter()
    await exporter.serve_all()
    embedded.clock.advance(600)
    await exporter.serve_all()
    assert embedded.line.total <= 1.1 * 100
    embedded.line.calls.clear()
    await embedded.ready(*[embedded.invoice(f"I{number}") for number in range(100)])
    await exporter.serve_all()
    embedded.clock.advance(600)
    await exporter.serve_all()
    assert embedded.line.total <= 2.1 * 100
    assert {each["status"] for each in embedded.books["sales_invoices"]} == {50}


async def test_new_debtors_and_items_cost_little_more_than_their_making(embedded: Setting) -> None:
    debtors = [embedded.entry(f"A{number}", debtor=Debtor(customer=customer(number))) for number in range(80)]
    articles = [
        embedded.order(f"O{number}", lines=(embedded.item_line(code=f"SKU{number}"),)) for number in range(80)
    ]
    await embedded.ready(*debtors, *articles)
    exporter = embedded.exporter()
    await exporter.serve_all()
    calls = embedded.line.calls
    assert calls["POST crm/Accounts"] == calls["POST logistics/Items"] == 80
    assert calls["GET crm/Accounts"] + calls["GET logistics/Items"] == 4
    assert set((await embedded.states()).values()) == {"booked"}
    calls.clear()
    await embedded.ready(
        *[embedded.entry(f"B{number}", debtor=Debtor(customer=customer(number))) for number in range(80)]
    )
    await exporter.serve_all()
    assert calls == {"POST salesentry/SalesEntries": 80}


async def test_an_order_moves_the_stock_of_an_item_that_is_made_for_it(setting: Setting) -> None:
    goods = setting.item_line(item=ItemWanted(code="BEL", description="Bel", till_item="7", is_stocked=True))
    repair = setting.item_line(item=ItemWanted(code="UUR", description="Reparatie", till_item="8"))
    await setting.ready(setting.order("O1", lines=(goods,)), setting.order("O2", lines=(repair,)))
    await setting.until_quiet()

    items = setting.division.table("logistics/Items")
    assert {code: items.first("Code", code)["IsStockItem"] for code in ("BEL", "UUR")} == {
        "BEL": True,
        "UUR": False,
    }
    (position,) = setting.division.table("inventory/ItemWarehouses")
    assert (position["ItemCode"], position["PlannedStockOut"]) == ("BEL", goods.quantity)


@pytest.mark.parametrize("code", ["BEL 01", "BEL  01"])
async def test_an_item_is_found_whatever_the_spaces_in_its_code(setting: Setting, code: str) -> None:
    bookkeeper = Write(setting.division, Author("u1", "Eva de Jong"), setting.world.switches)
    body = {"Code": code, "Description": "Bel", "SalesVatCode": "2", "IsSalesItem": True}
    known = relations.create_item(bookkeeper, body)
    wanted = ItemWanted(code="BEL  01", description="Bel", till_item="7")
    await setting.ready(setting.order("O1", lines=(setting.item_line(item=wanted),)))

    await setting.until_quiet()

    (line,) = setting.division.table("salesorder/SalesOrderLines")
    assert (line["Item"], setting.line.calls["POST logistics/Items"]) == (known["ID"], 0)


async def test_an_account_is_recognised_by_what_it_shares_and_never_guessed(setting: Setting) -> None:
    accounts = setting.division.table("crm/Accounts")
    known = [row for row in accounts if row["Status"] == "C"][:3]
    known[0]["VATNumber"] = "NL001234567B01"
    known[1]["ChamberOfCommerce"] = known[2]["ChamberOfCommerce"] = "99887766"
    by_vat = Customer(id="1", name="De Vries", vat_number="NL 0012.34.567.B01")
    ambiguous = Customer(id="2", name="Jansen B.V.", chamber_of_commerce="99887766")
    await setting.ready(
        setting.entry("A1", debtor=Debtor(customer=by_vat)),
        setting.entry("A2", debtor=Debtor(customer=ambiguous)),
    )
    before = setting.books["accounts"]
    await setting.until_quiet()
    assert setting.books["accounts"] == before
    (entry,) = setting.books["sales_entries"]
    assert entry["debtor"]["id"] == known[0]["ID"]
    (rejected,) = await setting.told("document.rejected")
    assert rejected["problem"]["code"] == "debtor-ambiguous"


async def test_without_leave_to_make_them_the_default_debtor_and_fallback_item_serve(
    setting: Setting,
) -> None:
    fallback = str(next(iter(setting.division.table("logistics/Items")))["ID"])
    account = setting.customer_account()
    await setting.change_rules(
        lambda rules: replace(
            rules,
            debtor=DebtorRules(default_account=account, create=False),
            items=ItemRules(create=False, fallback_item=fallback),
        )
    )
    order = setting.order("O1", debtor=Debtor(customer=customer(1)))
    loose = setting.item_line(item=ItemWanted(code="", description="Los", till_item="9"))
    other = setting.order("O2", lines=(loose,))
    await setting.ready(order, other)
    await setting.until_quiet()
    assert set((await setting.states()).values()) == {"booked"}
    assert [each["debtor"]["id"] for each in setting.books["sales_orders"]] == [account, account]
    assert setting.line.calls["POST crm/Accounts"] == setting.line.calls["POST logistics/Items"] == 0


async def test_a_document_waits_for_the_one_it_comes_after(setting: Setting) -> None:
    entry, journal = setting.entry("A1"), setting.journal("A1")
    await setting.ready(journal, after="doc-sales-entry-A1", count=2)
    exporter = setting.exporter()
    await exporter.serve_all()
    assert setting.books["general_journal_entries"] == []
    await setting.ready(entry, count=2)
    await exporter.serve_all()
    assert len(setting.books["general_journal_entries"]) == 1
    assert set((await setting.states()).values()) == {"booked"}


def test_the_service_is_built_from_the_house(sqlite_database: Database) -> None:
    settings = Settings(secret_keys=base64.urlsafe_b64encode(bytes(32)).decode(), exact_client_id="id")
    service = build(House(settings, sqlite_database, lambda: NOON))
    assert service.name == "exporter"
    assert set(service.consumers) == {
        "connection.ended",
        "document.ready",
        "document.withdrawn",
        "products.told",
        "rules.changed",
        "sale.ignore",
    }
    assert len(service.tasks) == 1
