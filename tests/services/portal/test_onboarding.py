"""The way of a new merchant: made, consented on both sides, chosen, switched on."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import httpx
import pytest

from libs.common.contracts.sales import SaleRecorded
from libs.common.database import registry
from libs.common.domain.sale import TenderKind
from services.sandbox.exact.resources import RESOURCES
from tests.builders import a_payment, a_sale
from tests.services.portal.world import World, assert_problem

SET_UP_CALLS = 30
OPTIONS_ARE_KEPT = 900
DIVISION = 2731045
NOBODY = "5f1c0d0e-0000-4000-8000-000000000000"


async def test_a_merchant_goes_from_nothing_to_switched_on_within_the_calls_of_a_set_up(world: World) -> None:
    connection = await world.connection()
    assert await world.state(connection) == "authorizing"

    till = await world.consent(connection, "lightspeed")
    assert "Lightspeed Retail is gekoppeld" in till.text
    assert "Koppel nu Exact Online" in till.text
    books = await world.consent(connection, "exact")
    assert "Exact Online is gekoppeld" in books.text
    assert await world.state(connection) == "choosing"

    options = (await world.partner.get(f"/v1/connections/{connection}/options?mode=transactions")).json()
    kept = await world.partner.put(f"/v1/connections/{connection}/rules", json=options["suggested_rules"])
    assert kept.status_code == 200, kept.text
    answer = await world.partner.post(f"/v1/connections/{connection}/activate")
    assert answer.status_code == 202, answer.text
    assert await world.state(connection) == "active"
    assert world.sandbox.exact.calls.total <= SET_UP_CALLS


async def test_nothing_is_switched_on_while_a_rule_is_missing(one_world: World) -> None:
    connection = await one_world.connected()
    answer = await one_world.partner.post(f"/v1/connections/{connection}/activate")
    body = assert_problem(answer, 422)
    assert "journals.sales" in {error["field"] for error in body["errors"]}


async def test_nothing_is_switched_on_before_both_consents(one_world: World) -> None:
    connection = await one_world.connection()
    neither = await one_world.partner.post(f"/v1/connections/{connection}/activate")
    await one_world.consent(connection, "lightspeed")
    one = await one_world.partner.post(f"/v1/connections/{connection}/activate")

    assert fields_of(neither) == ["lightspeed.authorized", "exact.authorized"]
    assert fields_of(one) == ["exact.authorized"]


def fields_of(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in assert_problem(answer, 422)["errors"]]


async def test_the_suggestion_fits_a_dutch_administration(one_world: World) -> None:
    connection = await one_world.connected()
    options = (await one_world.partner.get(f"/v1/connections/{connection}/options?mode=transactions")).json()
    rules = options["suggested_rules"]
    codes = {each["id"]: each["code"] for each in options["ledger_accounts"]}
    assert rules["vat"] == {"21": "2", "9": "1", "0": "5", "none": "0"}
    assert {code: codes[ledger] for code, ledger in rules["revenue"]["by_vat_code"].items()} == {
        "2": "8000",
        "1": "8010",
        "5": "8020",
    }
    names = {each["id"]: each["name"] for each in options["payment_types"]}
    booked_on = {
        names[id_]: (rule["kind"], codes.get(rule["ledger"])) for id_, rule in rules["payments"].items()
    }
    assert booked_on == {
        "Contant": ("cash", "2001"),
        "Creditcard": ("card", "2002"),
        "Credit Account": ("on-account", None),
        "Gift Card": ("gift-card", None),
        "PIN": ("card", "2000"),
        "iDEAL": ("online", "2003"),
        "eCom": ("online", "2003"),
    }
    assert rules["journals"] == {"sales": "71", "cash": "10", "general": "90"}
    assert [UUID(each["id"]).version for each in options["warehouses"]]  # orders name it by GUID (5.10)
    debtors = {each["id"]: each["name"] for each in options["debtors"]}
    assert debtors[rules["debtor"]["default_account"]] == "Kassaverkopen"
    assert codes[rules["ledgers"]["gift_cards"]] == "2100"
    assert codes[rules["ledgers"]["cash_rounding"]] == "4490"
    assert options["reasons"]["journals.sales"].startswith("71 Verkoop kassa")


async def test_invoices_want_codes_that_include_vat_and_get_their_items_made(one_world: World) -> None:
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    rules = (await one_world.partner.get(f"{address}/options?mode=invoices")).json()["suggested_rules"]
    assert rules["vat"] == {"21": "4", "9": "3", "0": "5", "none": "0"}
    assert rules["items"]["fallback_item"] is None

    kept = (await one_world.partner.put(f"{address}/rules", json=rules)).json()
    assert kept["items"]["fallback_item"]
    again = (await one_world.partner.get(f"{address}/options?mode=invoices")).json()["suggested_rules"]
    assert again["items"]["fallback_item"] == kept["items"]["fallback_item"]
    assert (await one_world.partner.post(f"{address}/activate")).status_code == 202


async def test_the_suggestion_fits_a_belgian_administration(one_world: World) -> None:
    connection = await one_world.connected(user="lieve.peeters")
    answer = await one_world.partner.get(f"/v1/connections/{connection}/options?mode=transactions")
    rules = answer.json()["suggested_rules"]
    codes = {each["id"]: each["code"] for each in answer.json()["ledger_accounts"]}
    assert rules["vat"]["21"] == "1"
    assert rules["vat"]["0"] == "7"
    assert rules["vat"]["none"] == "0"
    assert {codes.get(rule["ledger"]) for rule in rules["payments"].values()} == {
        "580000",
        "580001",
        "580002",
        "580003",
        None,
    }


async def test_a_wrong_choice_is_refused_by_its_field(one_world: World) -> None:
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    rules = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]

    for change, field in (
        ({"journals": rules["journals"] | {"sales": "20"}}, "journals.sales"),
        ({"vat": rules["vat"] | {"21": "4"}}, "vat.21"),
        ({"mode": "day-totals"}, "mode"),
        ({"mode": "daily-totals", "journals": rules["journals"] | {"general": "92"}}, "journals.general"),
        (
            {"mode": "daily-totals", "outlets": {"1": {"enabled": True, "journal": "92"}}},
            "outlets.1.journal",
        ),
        ({"settlement": "sometimes"}, "settlement"),
        ({"partner_id": "x"}, "partner_id"),
        ({"open_payments": "yes"}, "open_payments"),
        ({"debtor": {"nobody": 1}}, "debtor.nobody"),
        ({"division": "999"}, "division"),
        ({"debtor": rules["debtor"] | {"default_account": "KASSA"}}, "debtor.default_account"),
        ({"debtor": rules["debtor"] | {"default_account": NOBODY}}, "debtor.default_account"),
        ({"items": rules["items"] | {"fallback_item": NOBODY}}, "items.fallback_item"),
    ):
        answer = await one_world.partner.put(f"{address}/rules", json=rules | change)
        body = assert_problem(answer, 422)
        assert field in {error["field"] for error in body["errors"]}, (field, body)


async def test_the_default_debtor_has_no_vat_number(one_world: World) -> None:
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    accounts = one_world.sandbox.exact.divisions[DIVISION].table("crm/Accounts")
    company = next(row for row in accounts if row["Name"] == "Kantoor Noord Coöperatie")
    accounts.update(company, {"VATNumber": "NL001234567B01"})
    rules = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]

    chosen = rules | {"debtor": rules["debtor"] | {"default_account": str(company["ID"])}}
    (error,) = assert_problem(await one_world.partner.put(f"{address}/rules", json=chosen), 422)["errors"]
    assert error["field"] == "debtor.default_account"
    assert "btw-nummer" in error["message"]


@pytest.mark.parametrize("unfit", [{"Blocked": True}, {"Status": "A"}, {"VATNumber": "NL001234567B01"}])
async def test_no_account_is_the_default_debtor_for_its_name_alone(
    one_world: World, unfit: dict[str, object]
) -> None:
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    accounts = one_world.sandbox.exact.divisions[DIVISION].table("crm/Accounts")
    named = next(row for row in accounts if row["Name"] == "Kassaverkopen")
    accounts.update(named, unfit)
    rules = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]
    chosen = rules | {"debtor": rules["debtor"] | {"default_account": None}}

    kept = (await one_world.partner.put(f"{address}/rules", json=chosen)).json()
    made = [row for row in accounts if row["Name"] == "Kassaverkopen" and row is not named]
    assert [str(row["ID"]) for row in made] == [kept["debtor"]["default_account"]]


async def test_a_prefix_and_an_outlet_belong_to_one_connection_of_a_division(world: World) -> None:
    await world.active()
    other = await world.connected()
    address = f"/v1/connections/{other}"
    rules = (await world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]
    assert rules["reference_prefix"] == "K2-"

    body = assert_problem(
        await world.partner.put(f"{address}/rules", json=rules | {"reference_prefix": "K-"}), 422
    )
    assert [error["field"] for error in body["errors"]] == ["reference_prefix"]

    assert (await world.partner.put(f"{address}/rules", json=rules)).status_code == 200
    body = assert_problem(await world.partner.post(f"{address}/activate"), 422)
    assert {error["field"] for error in body["errors"]} == {"outlets.1", "outlets.2"}


async def test_the_stock_of_a_warehouse_belongs_to_one_connection_of_a_division(world: World) -> None:
    """Two tills that count one warehouse would undo each other's counts for ever."""
    first, second = await world.active(), await world.active(source="lightspeed-x", account="fietshuis")

    assert (await keep_stock(world, first)).status_code == 200
    body = assert_problem(await keep_stock(world, second), 422)
    (error,) = body["errors"]
    assert re.fullmatch(r"outlets\..+\.warehouse", error["field"])

    assert (await keep_stock(world, first, stock=False)).status_code == 200
    assert (await keep_stock(world, second)).status_code == 200
    assert (await keep_stock(world, first)).status_code == 422
    await world.partner.delete(f"/v1/connections/{second}")
    assert (await keep_stock(world, first)).status_code == 200


async def keep_stock(world: World, connection: str, *, stock: bool = True) -> httpx.Response:
    """That of its first outlet alone, in the division's first warehouse."""
    address = f"/v1/connections/{connection}"
    rules = (await world.partner.get(f"{address}/rules")).json()
    warehouses = (await world.partner.get(f"{address}/options?mode=transactions")).json()["warehouses"]
    for number, outlet in enumerate(rules["outlets"].values()):
        outlet |= {"enabled": number == 0, "warehouse": warehouses[0]["id"]}
    products = rules["products"] | {"direction": "to-exact", "stock": stock}
    return await world.partner.put(f"{address}/rules", json=rules | {"products": products})


async def test_the_prefixes_of_a_connection_that_booked_are_never_anothers(one_world: World) -> None:
    first = await one_world.active()
    rules = (await one_world.partner.get(f"/v1/connections/{first}/rules")).json()
    changed = await one_world.partner.put(
        f"/v1/connections/{first}/rules", json=rules | {"reference_prefix": "A-"}
    )
    assert changed.status_code == 200
    await one_world.partner.delete(f"/v1/connections/{first}")

    second = await one_world.connected()
    address = f"/v1/connections/{second}"
    rules = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]
    assert rules["reference_prefix"] == "K2-"
    for prefix in ("K-", "A-"):
        answer = await one_world.partner.put(f"{address}/rules", json=rules | {"reference_prefix": prefix})
        assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == ["reference_prefix"]


@pytest.mark.parametrize(
    ("mode", "table", "field"),
    [
        ("transactions", "salesentry/SalesEntries", "YourRef"),
        ("invoices", "salesinvoice/SalesInvoices", "YourRef"),
        ("orders", "salesorder/SalesOrders", "YourRef"),
        ("daily-totals", "financialtransaction/TransactionLines", "Description"),
    ],
)
async def test_a_prefix_that_documents_bear_already_is_not_taken(
    one_world: World, mode: str, table: str, field: str
) -> None:
    division = one_world.sandbox.exact.divisions[DIVISION]
    documents = division.table(table)
    documents.insert({documents.key: uuid4(), field: "K-5012", "EntryDate": division.today()})
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    rules = (await one_world.partner.get(f"{address}/options?mode={mode}")).json()["suggested_rules"]
    (error,) = assert_problem(await one_world.partner.put(f"{address}/rules", json=rules), 422)["errors"]
    assert error["field"] == "reference_prefix"

    chosen = rules | {"reference_prefix": "K2-"}
    assert (await one_world.partner.put(f"{address}/rules", json=chosen)).status_code == 200
    documents.insert({documents.key: uuid4(), field: "K2-5012"})  # its own by now
    assert (await one_world.partner.put(f"{address}/rules", json=chosen)).status_code == 200


async def test_a_connection_that_never_booked_leaves_its_prefix_behind(one_world: World) -> None:
    first = await one_world.connected()
    address = f"/v1/connections/{first}"
    rules = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()["suggested_rules"]
    assert (await one_world.partner.put(f"{address}/rules", json=rules)).status_code == 200
    await one_world.partner.delete(address)

    second = await one_world.connected()
    options = (await one_world.partner.get(f"/v1/connections/{second}/options?mode=transactions")).json()
    assert options["suggested_rules"]["reference_prefix"] == "K-"


async def test_an_active_connection_keeps_its_division(one_world: World) -> None:
    connection = await one_world.active()
    address = f"/v1/connections/{connection}"
    rules = (await one_world.partner.get(f"{address}/rules")).json()
    answer = await one_world.partner.put(f"{address}/rules", json=rules | {"division": "2731046"})
    assert_problem(answer, 422)


async def test_pausing_and_switching_on_again(one_world: World) -> None:
    connection = await one_world.active()
    for _ in range(2):
        answer = await one_world.partner.post(f"/v1/connections/{connection}/pause")
        assert answer.status_code == 202
    assert await one_world.state(connection) == "paused"
    await one_world.partner.post(f"/v1/connections/{connection}/activate")
    assert await one_world.state(connection) == "active"


async def test_daily_totals_are_suggested_and_need_no_correction(world: World) -> None:
    connection = await world.connected()
    address = f"/v1/connections/{connection}"
    options = (await world.partner.get(f"{address}/options")).json()
    rules = options["suggested_rules"]
    assert (rules["mode"], rules["daily_totals"]["document"]) == ("daily-totals", "general-journal")
    codes = {each["id"]: each["code"] for each in options["ledger_accounts"]}
    assert {name: codes[ledger] for name, ledger in rules["ledgers"].items() if ledger} == {
        "cash_rounding": "4490",
        "cash_difference": "4495",
        "gift_cards": "2100",
        "store_credit": "2110",
        "tips": "2130",
        "deposits": "2120",
        "open_payments": "2006",
        "bottle_deposit": "2140",
        "cash_drops": "2010",
        "petty_cash": "4590",
    }

    kept = await world.partner.put(f"{address}/rules", json=rules)
    assert kept.status_code == 200, kept.text
    assert (await world.partner.post(f"{address}/activate")).status_code == 202


async def test_a_payment_type_that_no_list_of_the_till_shows_can_be_chosen_once_it_was_met(
    one_world: World,
) -> None:
    connection = await one_world.connected()
    address = f"/v1/connections/{connection}"
    now = one_world.sandbox.clock.now()
    met = a_payment("12.10", "internal-7", type_name="Tegoed", kind=TenderKind.OTHER, paid_at=now)
    sale = a_sale(payments=[met], completed_at=now)
    await one_world.tell(connection, SaleRecorded(sale=sale, revision=1, content_hash="1", position=1))

    options = (await one_world.partner.get(f"{address}/options?mode=transactions")).json()

    assert {"internal-7": "Tegoed"}.items() <= {
        each["id"]: each["name"] for each in options["payment_types"]
    }.items()
    rules = options["suggested_rules"]
    assert "internal-7" not in rules["payments"]  # what it is, a person must say
    assert options["reasons"]["payments.internal-7.ledger"].startswith(
        "Tegoed staat niet in de lijst van de kassa: kies zelf wat het is. Laatste 30 dagen: 1 bon"
    )
    rules["payments"]["internal-7"] = {"kind": "store-credit", "ledger": rules["ledgers"]["gift_cards"]}
    kept = await one_world.partner.put(f"{address}/rules", json=rules)
    assert kept.status_code == 200, kept.text


async def test_a_company_without_the_module_of_items_and_stock_is_set_up_for_daily_totals(
    world: World,
) -> None:
    """Exact answers 403 or 404 for what the company hasn't bought (reference 4.6); days need none of it."""
    services = {each.scope for each in RESOURCES.values() if each.scope} - {"Financial costcenters"}
    (app,) = world.sandbox.exact.apps.values()
    app.scopes = {name: "manage" for name in services if not name.startswith("Logistics")}
    connection = await world.connected()
    address = f"/v1/connections/{connection}"

    answer = await world.partner.get(f"{address}/options")

    assert answer.status_code == 200, answer.text
    options = answer.json()
    for name in ("warehouses", "item_groups", "items", "cost_centers"):
        assert options[name] == [], name
    kept = await world.partner.put(f"{address}/rules", json=options["suggested_rules"])
    assert kept.status_code == 200, kept.text


async def test_a_division_in_another_currency_than_the_till_is_refused(one_world: World) -> None:
    connection = await one_world.connected()
    path = f"/v1/connections/{connection}"
    rules = (await one_world.partner.get(f"{path}/options?mode=transactions")).json()["suggested_rules"]
    division = one_world.sandbox.exact.divisions[int(rules["division"])]
    division.facts["Currency"] = "USD"
    one_world.sandbox.clock.advance(OPTIONS_ARE_KEPT)

    refused = await one_world.partner.put(f"{path}/rules", json=rules)
    assert fields_of(refused) == ["division"]
    assert "De kassa rekent in EUR, de administratie in USD." in refused.json()["errors"][0]["message"]

    division.facts["Currency"] = "EUR"
    one_world.sandbox.clock.advance(OPTIONS_ARE_KEPT)
    assert (await one_world.partner.put(f"{path}/rules", json=rules)).status_code == 200
    async with one_world.database.reading() as transaction:
        kept = await registry.connection(transaction, connection)
    assert kept is not None
    assert kept.books.currency == "EUR"
    assert [kept.books.vat_rates[rules["vat"][rate]] for rate in ("21", "9", "0")] == [21, 9, 0]

    division.facts["Currency"] = "USD"
    one_world.sandbox.clock.advance(OPTIONS_ARE_KEPT)
    assert fields_of(await one_world.partner.post(f"{path}/activate")) == ["division"]
