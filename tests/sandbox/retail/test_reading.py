"""Lists, cursors, operators, relations and the shapes of 3.1 to 3.6."""

import json
from typing import Any

import pytest

from tests.sandbox.retail.till import Till, a_line
from tests.shared import RETAIL_SAMPLES, needs

needs_samples = needs(RETAIL_SAMPLES, "the simulated till against a real one's answers")


async def ids(till: Till, **parameters: Any) -> list[str]:
    found = (await till.get("Sale", **parameters)).get("Sale", [])
    return [sale["saleID"] for sale in ([found] if isinstance(found, dict) else found)]


async def test_one_is_an_object_many_an_array_none_no_key(till: Till) -> None:
    assert await till.get("Sale") == {"@attributes": {"next": "", "previous": ""}}
    await till.sell(a_line())
    assert isinstance((await till.get("Sale"))["Sale"], dict)
    await till.sell(a_line())
    assert isinstance((await till.get("Sale"))["Sale"], list)


async def test_every_scalar_is_a_string(till: Till) -> None:
    await till.sell(a_line("2.50"), customer={"ref": "a", "last_name": "Bos", "city": "Zeist"})
    body = await till.get("Sale", load_relations="all")

    def scalars(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for child in value.values() for leaf in scalars(child)]
        if isinstance(value, list):
            return [leaf for child in value for leaf in scalars(child)]
        return [value]

    assert all(isinstance(leaf, str) for leaf in scalars(body))
    assert body["Sale"]["total"] == "2.5"


async def test_relations_only_when_asked_and_empty_ones_are_empty_text(till: Till) -> None:
    key = await till.sell(a_line("0"), payments=[])
    assert "SaleLines" not in (await till.get(f"Sale/{key}"))["Sale"]
    sale = await till.sale(key, "SaleLines", "SalePayments", "Customer")
    assert sale["SalePayments"] == ""
    assert "Customer" not in sale
    assert (await till.get(f"Sale/{key}"))["@attributes"] == {"count": "1"}


async def test_slashes_are_escaped(till: Till) -> None:
    assert '"Europe\\/Amsterdam"' in (await till.answer("Shop")).text


async def test_a_walk_follows_next_to_the_end_and_back(till: Till) -> None:
    for _ in range(5):
        await till.sell(a_line())
    first = await till.get("Sale", limit=2)
    second = await till.get(first["@attributes"]["next"])
    third = await till.get(second["@attributes"]["next"])
    assert [sale["saleID"] for sale in second["Sale"]] == ["3", "4"]
    assert (third["Sale"]["saleID"], third["@attributes"]["next"]) == ("5", "")
    assert first["@attributes"]["previous"] == ""
    back = await till.get(third["@attributes"]["previous"])
    assert [sale["saleID"] for sale in back["Sale"]] == ["3", "4"]


async def test_the_cursor_of_the_default_sort_is_the_id_alone(till: Till) -> None:
    for _ in range(3):
        await till.sell(a_line())
    following = (await till.get("Sale", limit=2))["@attributes"]["next"]
    assert following.endswith("Sale.json?limit=2&sort=saleID&after=WzJd")


async def test_a_hundred_and_twenty_sales_of_one_second_are_all_read_once(till: Till) -> None:
    await till.control("sales", [{"lines": [a_line()], "payments": [{"type": "PIN"}]}] * 120)
    page = await till.get("Sale", sort="updatetime")
    rest = await till.get(page["@attributes"]["next"])
    read = [sale["saleID"] for sale in page["Sale"] + rest["Sale"]]
    assert (len(page["Sale"]), len(read), len(set(read))) == (100, 120, 120)


async def test_a_row_that_moves_behind_the_cursor_is_read_again_and_none_is_lost(till: Till) -> None:
    for _ in range(6):
        await till.sell(a_line())
        till.world.clock.advance(1)
    page = await till.get("Sale", sort="updatetime", limit=3)
    till.world.clock.advance(60)
    await till.control("sales/1/edit", {"payment_type": "cash"})
    rest = await till.get(page["@attributes"]["next"])
    last = await till.get(rest["@attributes"]["next"])
    assert [sale["saleID"] for sale in page["Sale"]] == ["1", "2", "3"]
    assert [sale["saleID"] for sale in rest["Sale"]] == ["4", "5", "6"]
    assert last["Sale"]["saleID"] == "1"


async def test_descending(till: Till) -> None:
    for _ in range(3):
        await till.sell(a_line())
    page = await till.get("Sale", sort="-saleID", limit=2)
    assert [sale["saleID"] for sale in page["Sale"]] == ["3", "2"]
    assert (await till.get(page["@attributes"]["next"]))["Sale"]["saleID"] == "1"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"saleID": "2"}, ["2"]),
        ({"saleID": ">,1"}, ["2", "3"]),
        ({"saleID": "><,1,2"}, ["1", "2"]),
        ({"saleID": "!=,2"}, ["1", "3"]),
        ({"saleID": "IN,[1,3]"}, ["1", "3"]),
        ({"saleID": "IN,1,3"}, ["1", "3"]),
        ({"total": "<=,20"}, ["1", "2"]),
        ({"completed": "true", "total": ">=,20"}, ["2", "3"]),
        ({"updatetime": ">=,2026-03-16T11:00:01+00:00"}, ["2", "3"]),
        ({"updatetime": ">=,2026-03-16T07:00:02-0400"}, ["3"]),
        ({"completeTime": "><,2026-03-16T12:00:00+01:00,2026-03-16T12:00:01+01:00"}, ["1", "2"]),
        ({"referenceNumber": "~,%b%"}, ["2", "3"]),
        ({"referenceNumber": "!~,%b%"}, ["1"]),
        ({"or": "saleID=1|saleID=3"}, ["1", "3"]),
        ({"or": "referenceNumber=~,abc%|saleID=1"}, ["1", "3"]),
    ],
)
async def test_operators(till: Till, filters: dict[str, str], expected: list[str]) -> None:
    for price, reference in (("10", "x"), ("20", "B"), ("30", "abcd")):
        await till.sell(a_line(price), reference=reference)
        till.world.clock.advance(1)
    assert await ids(till, **filters) == expected


async def test_a_relation_can_be_filtered_one_level_deep_when_it_is_loaded(till: Till) -> None:
    await till.sell(a_line(item="A"), a_line("5", "4", item="B"))
    asked = {"load_relations": '["ItemShops"]'}
    found = await till.get("Item", **asked, **{"ItemShops.qoh": "<,-2"})
    assert found["Item"]["customSku"] == "B"
    assert (await till.answer("Item", **{"ItemShops.qoh": "<,-2"})).status_code == 400


async def test_archived_rows_hide_unless_asked(till: Till) -> None:
    await till.sell(a_line(), payments=[], completed=False, archived=True)
    await till.sell(a_line())
    assert await ids(till) == ["2"]
    assert await ids(till, archived="true") == ["1", "2"]
    assert await ids(till, archived="only") == ["1"]


async def test_count_stands_alone(till: Till) -> None:
    await till.sell(a_line())
    answer = await till.answer("Sale", count=1)
    assert (answer.json(), answer.headers["X-LS-API-Request-Cost"]) == ({"@attributes": {"count": "1"}}, "10")
    assert (await till.answer("Sale", count=1, limit=10)).status_code == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"sort": "total"},
        {"limit": "101"},
        {"after": "nonsense"},
        {"saleID": "abc"},
        {"saleID": "IN," + ",".join(str(n) for n in range(101))},
        {"load_relations": '["Nothing"]'},
        {"load_relations": "SaleLines"},
        {"nothing": "1"},
        {"updatetime": ">=,2026-03-16T11:00:00 00:00"},
    ],
)
async def test_what_can_not_be_asked_is_a_400_with_the_envelope_as_html(
    till: Till, parameters: dict[str, str]
) -> None:
    answer = await till.answer("Sale", **parameters)
    assert (answer.status_code, answer.json()["httpCode"]) == (400, "400")
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_missing_record(till: Till) -> None:
    answer = await till.answer("Employee/99")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Object of type 'Employee' not found with primary ID '99'."


@pytest.mark.parametrize(("value", "status"), [("supported", 200), ("400", 400), ("ignored", 200)])
async def test_the_updatetime_filter_is_a_switch(till: Till, value: str, status: int) -> None:
    await till.sell(a_line())
    await till.client.put("/sandbox/retail/switches", json={"updatetime_filter": value})
    answer = await till.answer("Sale", updatetime=">=,2030-01-01T00:00:00Z")
    assert answer.status_code == status
    assert ("Sale" in answer.json()) == (value == "ignored")


async def test_spelling_switches_change_what_was_rendered_before(till: Till) -> None:
    key = await till.sell(a_line())
    assert "updatetime" in await till.sale(key)
    await till.client.put("/sandbox/retail/switches", json={"updatetime_key": "updateTime"})
    assert "updateTime" in await till.sale(key)


async def test_a_relation_can_be_missing_silently(till: Till) -> None:
    await till.sell(a_line())
    await till.client.put("/sandbox/retail/switches", json={"missing_relation_rate": 1})
    assert "SaleLines" not in (await till.get("Sale", load_relations='["SaleLines"]'))["Sale"]


async def test_a_short_page_is_not_the_last(till: Till) -> None:
    await till.control("sales", [{"lines": [a_line()], "payments": [{"type": "PIN"}]}] * 110)
    await till.client.put("/sandbox/retail/switches", json={"short_page_rate": 1})
    page = await till.get("Sale")
    assert len(page["Sale"]) < 100
    rest = await till.get(page["@attributes"]["next"])
    assert {sale["saleID"] for sale in page["Sale"] + rest["Sale"]} == {str(n) for n in range(1, 111)}


@needs_samples
async def test_recorded_sales_are_served_verbatim(till: Till) -> None:
    recorded = json.loads((RETAIL_SAMPLES / "sales-page.json").read_text())["body"]["Sale"]
    await till.control("recorded", recorded)
    served = await till.get("Sale", archived="true", updatetime=">=,2015-12-01T00:00:00Z")
    assert served["Sale"] == recorded


@needs_samples
async def test_fields_are_those_of_a_recorded_sale_line_payment_and_item(till: Till) -> None:
    recorded = json.loads((RETAIL_SAMPLES / "sales-page.json").read_text())["body"]["Sale"][0]
    sale = await till.sale(
        await till.sell(a_line("10", item="A")), "SaleLines.Item", "SalePayments.PaymentType"
    )
    assert set(recorded) <= set(sale)
    assert set(recorded["SaleLines"]["SaleLine"]) - {"Note"} <= set(sale["SaleLines"]["SaleLine"])
    assert set(recorded["SalePayments"]["SalePayment"]) <= set(sale["SalePayments"]["SalePayment"])
    item = json.loads((RETAIL_SAMPLES / "items-page.json").read_text())["body"]["Item"][0]
    relations = {"TaxClass", "ItemShops", "ItemVendorNums"}
    assert set(item) - relations <= set(sale["SaleLines"]["SaleLine"]["Item"])
