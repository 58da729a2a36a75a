"""Debtors: recognised however they are written, made with what a booking needs, kept up, never guessed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from libs.common.database.engine import Database
from libs.common.domain.document import Debtor, JournalLine
from libs.common.domain.rules import DebtorRules
from libs.common.domain.sale import Address, Customer
from services.exporter.debtor_updates import changes_of
from tests.services.exporter_world import D, Setting, a_setting, nth

HOME = Address("Dorpsstraat 1", "1234 AB", "Ede", "NL")
NEW_HOME = Address("Laan 9", "4321 BA", "Epe", "NL")


@pytest.fixture
async def setting(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


@pytest.fixture
async def on_both(database: Database) -> Setting:
    return await a_setting(database)


def company(**more: Any) -> Customer:
    values: dict[str, Any] = {"id": "7", "name": "Anna de Vries", "company": "De Vries B.V."}
    return Customer(**(values | more))


async def sell(setting: Setting, reference: str, buyer: Customer) -> str | None:
    """Books a sale and answers its debtor's name."""
    await setting.ready(setting.entry(reference, debtor=Debtor(customer=buyer)))
    await setting.until_quiet()
    found = [each for each in setting.books["sales_entries"] if each["your_ref"] == reference]
    return str(found[0]["debtor"]["name"]) if found else None


def plant(setting: Setting, name: str, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = next(row for row in setting.division.table("crm/Accounts") if row["Name"] == name)
    setting.division.table("crm/Accounts").update(row, fields)
    return row


def puts(setting: Setting) -> int:
    return sum(count for call, count in setting.line.calls.items() if call.startswith("PUT"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"VATNumber": "NL001234567B01"}, {"vat_number": "nl 0012.34.567.b01"}),
        ({"VATNumber": "NL0012.34.567.B01"}, {"vat_number": "NL001234567B01"}),
        ({"VATNumber": "BE 0456.789.123"}, {"vat_number": "BE 0456.789.123"}),
        ({"ChamberOfCommerce": "12345678"}, {"chamber_of_commerce": "12.34.56.78"}),
        ({"ChamberOfCommerce": "12.34.56.78"}, {"chamber_of_commerce": "1234 5678"}),
        ({"Code": "               102"}, {"code": " 0102 "}),
        ({"Email": "info@noord.nl"}, {"email": " Info@Noord.NL "}),
    ],
)
async def test_an_account_is_recognised_however_it_is_written(
    setting: Setting, theirs: dict[str, str], ours: dict[str, str]
) -> None:
    plant(setting, "Kantoor Noord Coöperatie", **theirs)
    assert await sell(setting, "A1", company(**ours)) == "Kantoor Noord Coöperatie"
    assert setting.line.calls["POST crm/Accounts"] == 0


async def test_the_first_step_of_the_chosen_order_decides(setting: Setting) -> None:
    plant(setting, "Kantoor Noord Coöperatie", VATNumber="NL001234567B01")
    plant(setting, "Kassaklant", ChamberOfCommerce="12345678")
    buyer = company(vat_number="NL001234567B01", chamber_of_commerce="12345678")
    assert await sell(setting, "A1", buyer) == "Kantoor Noord Coöperatie"
    await setting.change_rules(
        lambda rules: replace(
            rules, debtor=replace(rules.debtor, match_on=("chamber_of_commerce", "vat_number"))
        )
    )
    assert await sell(setting, "A2", replace(buyer, id="8")) == "Kassaklant"


@pytest.mark.parametrize(
    ("field", "value", "buyer"),
    [
        ("VATNumber", "NL001234567B01", {"vat_number": "NL001234567B01"}),
        ("ChamberOfCommerce", "12345678", {"chamber_of_commerce": "12345678"}),
    ],
)
async def test_several_are_a_problem_and_no_guess(
    setting: Setting, field: str, value: str, buyer: dict[str, str]
) -> None:
    for name in ("Kantoor Noord Coöperatie", "Kassaklant"):
        plant(setting, name, **{field: value})
    assert await sell(setting, "A1", company(**buyer)) is None
    (told,) = await setting.told("document.rejected")
    assert told["problem"]["code"] == "debtor-ambiguous"
    assert setting.line.calls["POST crm/Accounts"] == 0


async def test_an_email_that_led_to_another_customers_account_leads_to_it_no_more(setting: Setting) -> None:
    plant(setting, "Kantoor Noord Coöperatie", Email="info@noord.nl")
    first = company(email="info@noord.nl")
    assert await sell(setting, "A1", first) == "Kantoor Noord Coöperatie"

    assert await sell(setting, "A2", replace(first, id="8", company="Zuid B.V.")) == "Zuid B.V."
    assert await sell(setting, "A3", first) == "Kantoor Noord Coöperatie"
    assert setting.line.calls["POST crm/Accounts"] == 1


async def test_where_none_may_be_made_a_shared_email_leads_to_the_default_debtor(setting: Setting) -> None:
    account = plant(setting, "Kantoor Noord Coöperatie", Email="info@noord.nl")
    default = plant(setting, "Kassaklant")
    rule = replace(DebtorRules(), create=False, default_account=str(default["ID"]))
    await setting.change_rules(lambda rules: replace(rules, debtor=rule))
    first = company(email="info@noord.nl")
    assert await sell(setting, "A1", first) == account["Name"]
    assert await sell(setting, "A2", replace(first, id="8")) == "Kassaklant"


async def test_a_new_debtor_has_its_address_and_numbers(on_both: Setting) -> None:
    buyer = company(
        address=HOME, vat_number="NL 0012.34.567.B01", chamber_of_commerce="12345678", email="a@vries.nl"
    )
    assert await sell(on_both, "A1", buyer) == "De Vries B.V."
    row = next(row for row in on_both.division.table("crm/Accounts") if row["Name"] == "De Vries B.V.")
    names = ("Status", "AddressLine1", "Postcode", "City", "Country", "VATNumber", "ChamberOfCommerce")
    assert [row[name] for name in (*names, "Email")] == [
        *("C", "Dorpsstraat 1", "1234 AB", "Ede", "NL", "NL001234567B01", "12345678", "a@vries.nl")
    ]
    assert await sell(on_both, "A2", buyer) == "De Vries B.V."
    assert puts(on_both) == 0


async def test_what_is_empty_is_filled_and_what_is_there_stays(on_both: Setting) -> None:
    row = plant(on_both, "Kantoor Noord Coöperatie", ChamberOfCommerce="12345678")
    buyer = company(address=HOME, chamber_of_commerce="12345678", email="a@vries.nl", vat_number="NL1")
    await sell(on_both, "A1", buyer)
    assert (row.get("AddressLine1"), row["City"], row["Email"]) == (None, "Groningen", "a@vries.nl")
    assert (row["Name"], row.get("VATNumber")) == ("Kantoor Noord Coöperatie", None)
    await sell(on_both, "A2", replace(buyer, address=NEW_HOME, email="b@vries.nl"))
    assert (row["City"], row["Email"], puts(on_both)) == ("Groningen", "a@vries.nl", 1)
    calls = on_both.line.total
    await sell(on_both, "A3", replace(buyer, address=NEW_HOME, email="b@vries.nl"))
    assert on_both.line.total == calls + 1


async def test_an_address_is_overwritten_where_the_merchant_chose_so(on_both: Setting) -> None:
    await on_both.change_rules(lambda rules: replace(rules, debtor=replace(rules.debtor, update=True)))
    buyer = company(address=HOME, chamber_of_commerce="12345678", email="a@vries.nl")
    await sell(on_both, "A1", buyer)
    row = next(row for row in on_both.division.table("crm/Accounts") if row["Name"] == "De Vries B.V.")
    on_both.line.calls.clear()
    moved = replace(buyer, address=NEW_HOME, company="Anders B.V.", email="b@vries.nl", vat_number="NL2")
    await sell(on_both, "A2", moved)
    assert on_both.line.calls == {
        "GET crm/Accounts": 1,
        f"PUT crm/Accounts(guid'{row['ID']}')": 1,
        "POST salesentry/SalesEntries": 1,
    }
    assert (row["AddressLine1"], row["Postcode"], row["City"]) == ("Laan 9", "4321 BA", "Epe")
    assert (row["Name"], row["Email"], row.get("VATNumber")) == ("De Vries B.V.", "a@vries.nl", None)
    await sell(on_both, "A3", moved)
    assert puts(on_both) == 1


async def test_a_customer_who_lost_everything_takes_nothing_from_the_account(setting: Setting) -> None:
    await setting.change_rules(lambda rules: replace(rules, debtor=replace(rules.debtor, update=True)))
    await sell(setting, "A1", company(address=HOME, email="a@vries.nl"))
    await sell(setting, "A2", company(name="anonymised"))
    assert puts(setting) == 0


@pytest.mark.parametrize("fault", ["lost", "html-before"])
async def test_a_lost_answer_to_an_update_is_told_again_and_holds_up_no_sale(
    setting: Setting, fault: str
) -> None:
    row = plant(setting, "Kantoor Noord Coöperatie", ChamberOfCommerce="12345678")
    buyer = company(chamber_of_commerce="12345678", email="a@vries.nl")
    await sell(setting, "A0", company(chamber_of_commerce="12345678"))
    setting.line.fault = nth(1, fault, "PUT")
    assert await sell(setting, "A1", buyer) is not None
    await sell(setting, "A2", buyer)
    assert row["Email"] == "a@vries.nl"
    assert setting.line.calls["POST salesentry/SalesEntries"] == 3


async def test_an_update_that_exact_refuses_is_not_repeated(setting: Setting) -> None:
    setting.line.fault = lambda request: "refused" if request.method == "PUT" else None
    plant(setting, "Kantoor Noord Coöperatie", ChamberOfCommerce="12345678")
    buyer = company(chamber_of_commerce="12345678", email="a@vries.nl")
    assert await sell(setting, "A1", buyer) is not None
    assert await sell(setting, "A2", buyer) is not None
    assert puts(setting) == 1


async def test_nothing_personal_leaves_for_a_sale_on_the_default_debtor(on_both: Setting) -> None:
    account = on_both.customer_account()
    await on_both.change_rules(
        lambda rules: replace(rules, debtor=DebtorRules(default_account=account, create=False, update=True))
    )
    buyer = company(address=HOME, email="a@vries.nl", vat_number="NL009", chamber_of_commerce="77")
    day = on_both.cash("D1", lines=[*on_both.day_lines(), _owed(on_both, buyer)])
    await on_both.ready(on_both.entry("A0"), on_both.invoice("I1", debtor=Debtor(customer=buyer)), day)
    assert await sell(on_both, "A1", buyer) is not None
    assert await sell(on_both, "A2", replace(buyer, address=NEW_HOME)) is not None
    sent = [json.loads(body) for body in on_both.line.bodies if body]
    assert len(sent) == 7  # an article, four documents, a printing, and a day
    told = json.dumps(sent, ensure_ascii=False)
    for secret in ("Anna", "Vries", "vries.nl", "NL009", "Dorpsstraat", "1234 AB", "Ede", "Laan", '"77"'):
        assert secret not in told
    assert puts(on_both) == 0


async def test_an_invoice_is_owed_by_who_bought_whoever_else_gets_the_bills(setting: Setting) -> None:
    """Else it would stay open there, and what was paid at the till here (domain 5.1, 5.2)."""
    account = setting.customer_account()
    elsewhere = next(row for row in setting.division.table("crm/Accounts") if row["ID"] != account)
    buyer = setting.division.table("crm/Accounts").rows[account]
    setting.division.table("crm/Accounts").update(buyer, {"InvoiceAccount": elsewhere["ID"]})
    await setting.ready(setting.invoice("I1"), setting.order("O1"))
    await setting.until_quiet()
    (invoice,) = setting.division.table("salesinvoice/SalesInvoices")
    (order,) = setting.division.table("salesorder/SalesOrders")
    assert (invoice["InvoiceTo"], order["InvoiceTo"]) == (account, account)


def _owed(setting: Setting, buyer: Customer) -> Any:
    return JournalLine(D("10.00"), debtor=Debtor(customer=buyer), description="op rekening")


def test_an_address_is_filled_whole_or_not_at_all() -> None:
    buyer = company(address=HOME)
    assert changes_of(buyer, {"Country": "BE"}, overwrite=False) == {
        "AddressLine1": "Dorpsstraat 1",
        "Postcode": "1234 AB",
        "City": "Ede",
        "Country": "NL",
    }
    assert changes_of(buyer, {"City": "Ede"}, overwrite=False) == {}
    assert changes_of(company(), {"City": "Ede"}, overwrite=True) == {}
    same = {"AddressLine1": "Dorpsstraat 1", "Postcode": "1234 AB", "City": "Ede", "Country": "NL"}
    assert changes_of(buyer, same, overwrite=True) == {}
