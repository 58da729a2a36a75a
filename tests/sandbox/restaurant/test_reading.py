"""What the two financial APIs answer: ranges, pages, business days, and where V1 and V2 differ (5, 10)."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.restaurant.till import UTRECHT, ZEIST, Till, beer, burger

V2 = f"/f/v2/business-location/{UTRECHT}"
V1 = f"/f/finance/{UTRECHT}"


async def at(till: Till, *moments: str) -> list[str]:
    """A beer sold at each of these moments of 15 March, UTC."""
    return [await till.sell(beer(), at=f"2026-03-15T{moment}Z") for moment in moments]


def numbers(answer: Any) -> list[str]:
    return [sale["accountFiscId"] for sale in answer["sales"]]


async def test_sales_come_by_time_closed_in_pages(till: Till) -> None:
    late, early, middle = await at(till, "18:00:00", "12:00:00", "15:00:00")
    first = await till.sales(pageSize=2)
    assert numbers(first) == [early, middle]
    second = await till.sales(pageSize=2, nextPageToken=first["nextPageToken"])
    assert numbers(second) == [late]
    assert "nextPageToken" not in second
    assert base64.b64decode(first["nextPageToken"]).startswith(b"2026-03-15T15:00:00.000Z")


async def test_the_last_page_may_end_with_an_empty_token(till: Till) -> None:
    await till.switch(last_page_token="empty")
    assert await till.sales() == {"sales": [], "nextPageToken": ""}


async def test_sales_of_one_moment_are_not_lost_between_pages(till: Till) -> None:
    sold = await at(till, "12:00:00", "12:00:00", "12:00:00")
    first = await till.sales(pageSize=1)
    second = await till.sales(pageSize=1, nextPageToken=first["nextPageToken"])
    third = await till.sales(pageSize=1, nextPageToken=second["nextPageToken"])
    assert numbers(first) + numbers(second) + numbers(third) == sold


async def test_a_page_is_50_at_most_100_and_more_is_cut_or_refused(till: Till) -> None:
    await till.control("sales", [{"lines": [beer()], "payments": [{"type": "PIN"}]}] * 120)
    assert len((await till.sales())["sales"]) == 50
    assert len((await till.sales(pageSize=500))["sales"]) == 100
    await till.switch(large_page_size="400")
    refused = await till.answer(f"{V2}/sales", from_="2026-03-01T00:00:00Z", pageSize=101)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


async def test_what_is_not_asked_for_is_not_there(till: Till) -> None:
    guest = {"ref": "g", "last_name": "Bos"}
    await till.sell(burger(), customer=guest, table="7", profile="HIER")
    (bare,) = (await till.sales(include=""))["sales"]
    assert not {"payments", "ownerName", "tableNumber", "accountProfileCode"} & set(bare)
    assert not {"revenueCenter", "staffName", "accountProfileCode"} & set(bare["salesLines"][0])
    (paid,) = (await till.sales(include="payments"))["sales"]
    assert "consumer" not in paid["payments"][0]
    (full,) = (await till.sales())["sales"]
    assert (full["tableNumber"], full["accountProfileCode"]) == ("7", "HIER")
    assert full["payments"][0]["consumer"]["lastName"] == "Bos"
    assert full["salesLines"][0]["revenueCenter"] == "Restaurant"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'from' is not present"),
        ({"from_": "yesterday"}, "Could not parse 'from'"),
        ({"from_": "2026-03-01T00:00:00"}, "has no offset"),
        ({"from_": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}, "must be before"),
        ({"from_": "2025-03-15T00:00:00Z"}, "more than 365 days"),
        ({"from_": "2022-06-01T00:00:00Z", "to": "2022-07-01T00:00:00Z"}, "is 2023-01-01T00:00:00.000Z"),
        ({"from_": "2026-03-01T00:00:00Z", "pageSize": "0"}, "'pageSize' is '0'"),
        ({"from_": "2026-03-01T00:00:00Z", "nextPageToken": "?"}, "Invalid nextPageToken"),
    ],
)
async def test_ranges_that_are_refused(till: Till, given: dict[str, str], said: str) -> None:
    refused = await till.answer(f"{V2}/sales", **given)
    assert refused.status_code == 400
    assert said in refused.json()["error"]


async def test_the_earliest_usable_moment_may_be_a_date(till: Till) -> None:
    await till.switch(earliest_date="date")
    refused = await till.answer(f"{V2}/sales", from_="2022-12-31T00:00:00Z", to="2023-01-02T00:00:00Z")
    assert refused.json()["error"].endswith("The earliest usable date is 2023-01-01")


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [("inclusive", "exclusive", 1), ("exclusive", "exclusive", 0), ("inclusive", "inclusive", 2)],
)
async def test_the_ends_of_a_range_are_in_or_out(till: Till, begin: str, end: str, found: int) -> None:
    await at(till, "12:00:00", "13:00:00")
    await till.switch(range_begin=begin, range_end=end)
    given = {"from_": "2026-03-15T12:00:00Z", "to": "2026-03-15T13:00:00Z"}
    assert len((await till.sales(**given))["sales"]) == found


async def test_a_range_may_be_written_in_local_time(till: Till) -> None:
    await at(till, "12:00:00")
    given = {"from_": "2026-03-15T12:30:00+01:00", "to": "2026-03-15T13:30:00+01:00"}
    assert len((await till.sales(**given))["sales"]) == 1


async def test_a_sale_after_midnight_is_of_the_day_before(till: Till) -> None:
    """02:00 local on the 15th is of the 14th, whose end is 05:30 local of the 15th."""
    number = await till.sell(beer(), at="2026-03-15T01:00:00Z")
    day = await till.get(f"{V2}/sales-daily", date="2026-03-14")
    assert numbers(day) == [number]
    assert day["nextStartOfDayAsIso8601"] == "2026-03-15T05:30:00+01:00"
    assert day["dataComplete"] is True
    assert numbers(await till.get(f"{V2}/sales-daily", date="2026-03-15")) == []
    running = await till.get(f"{V2}/sales-daily", date="2026-03-16")
    assert running["dataComplete"] is False


async def test_the_day_on_which_summer_time_begins_has_23_hours(till: Till) -> None:
    """29 March 2026: 05:30 +02:00 begins it, 28 March ends there after 23 hours."""
    await till.wait(20 * 86400)
    last = await till.sell(beer(), at="2026-03-29T03:29:59Z")
    first = await till.sell(beer(), at="2026-03-29T03:30:00Z")
    before = await till.get(f"{V2}/sales-daily", date="2026-03-28")
    after = await till.get(f"{V2}/sales-daily", date="2026-03-29")
    assert (numbers(before), numbers(after)) == ([last], [first])
    ends = [datetime.fromisoformat(day["nextStartOfDayAsIso8601"]) for day in (before, after)]
    assert before["nextStartOfDayAsIso8601"] == "2026-03-29T05:30:00+02:00"
    assert ends[0].astimezone(UTC) == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)
    assert (ends[1] - ends[0]).total_seconds() == 24 * 3600
    friday = await till.get(f"{V2}/sales-daily", date="2026-03-27")
    saturday_begin = datetime.fromisoformat(friday["nextStartOfDayAsIso8601"])
    assert (ends[0] - saturday_begin).total_seconds() == 23 * 3600


async def test_a_day_is_complete_when_the_offline_till_has_synced(till: Till) -> None:
    number = await till.sell(beer(), at="2026-03-15T18:00:00Z", arrives_at="2026-03-16T12:00:00Z")
    path = f"{V2}/sales-daily"
    day = await till.get(path, date="2026-03-15")
    assert (numbers(day), day["dataComplete"]) == ([], False)
    await till.switch(data_complete="day over")
    assert (await till.get(path, date="2026-03-15"))["dataComplete"] is True
    await till.switch(data_complete="day over and devices synced")
    await till.wait(3600)
    day = await till.get(path, date="2026-03-15")
    assert (numbers(day), day["dataComplete"]) == ([number], True)
    await till.control("days/2026-03-15", {"complete": False}, "PUT")
    assert (await till.get(path, date="2026-03-15"))["dataComplete"] is False


async def test_v1_spells_pages_and_links_otherwise(till: Till) -> None:
    first, second = await at(till, "12:00:00", "13:00:00")
    path = f"{V1}/financials/2026-03-15T00:00:00Z/2026-03-16T00:00:00Z"
    page = await till.get(path, include="payments", pageSize=1)
    assert numbers(page) == [first]
    assert page["sales"][0]["timeOfCloseAndPaid"] == "2026-03-15T12:00:00.000Z"
    assert "timeClosed" not in page["sales"][0]
    assert (page["nextPageToken"], page["businessLocationId"]) == (second, int(UTRECHT))
    link = page["_links"]["nextPage"]["href"]
    assert link.startswith(f"https://api.ikentoo.com{V1}/financials/")
    following = await till.get(link.removeprefix("https://api.ikentoo.com"))
    assert numbers(following) == [second]
    assert "nextPage" not in following["_links"]
    await till.switch(v1_times_key="timeof", links_host="own")
    again = await till.get(path, pageSize=1)
    assert again["_links"]["self"]["href"].startswith("http://till.test/f/finance/")
    assert "timeofCloseAndPaid" in again["sales"][0]


async def test_v1_has_nothing_of_before_the_location_existed_and_says_so_in_no_error(till: Till) -> None:
    page = await till.get(f"{V1}/financials/2022-06-01T00:00:00Z/2022-07-01T00:00:00Z")
    assert page["sales"] == []
    refused = await till.answer(f"{V1}/financials/2022-06-01T00:00:00Z/2023-07-01T00:00:00Z")
    assert refused.status_code == 400


async def test_back_office_work_is_on_its_own_date_in_v1_and_today_in_v2(till: Till) -> None:
    number = await till.sell(burger(), at="2026-03-12T18:00:00Z", back_office=True)
    sale = await till.sale(number)
    assert (sale["timeClosed"], sale["deviceName"]) == ("2026-03-16T11:00:00.000Z", "BackOffice")
    day = await till.get(f"{V1}/dailyFinancials", date="2026-03-12", include="payments")
    assert [one["timeOfCloseAndPaid"] for one in day["sales"]] == ["2026-03-12T18:00:00.000Z"]
    assert numbers(await till.get(f"{V2}/sales-daily", date="2026-03-12")) == []
    assert numbers(await till.get(f"{V2}/sales-daily", date="2026-03-16")) == [number]


async def test_the_lists(till: Till) -> None:
    (business,) = (await till.get("/f/data/businesses"))["_embedded"]["businessList"]
    assert business["businessLocations"][0] == {
        "blName": "De Keuken Utrecht", "blID": int(UTRECHT), "country": "NL", "timezone": "Europe/Amsterdam",
    }  # fmt: skip
    rates = (await till.get(f"{V1}/tax-rates"))["_embedded"]["taxRateList"]
    assert [(rate["code"], rate["rate"]) for rate in rates] == [("NL21", 1.21), ("NL9", 1.09), ("NL0", 1.0)]
    methods = (await till.get(f"{V1}/paymentMethods"))["_embedded"]["paymentMethodList"]
    by_code = {method["code"]: method for method in methods}
    assert by_code["PIN"]["accountingReference"] == "2000"
    assert "accountingReference" not in by_code["IKGIFT"]
    groups = (await till.get(f"{V1}/accountingGroups"))["_embedded"]["accountingGroupList"]
    assert groups[0]["statisticGroup"] == '[{"category": "default", "value": "Eten"}]'
    await till.switch(bl_id_key="blId")
    (business,) = (await till.get("/f/data/businesses"))["_embedded"]["businessList"]
    assert business["businessLocations"][1]["blId"] == int(ZEIST)
    assert "_embedded" not in await till.get("/f/data/businesses", page=1)


async def test_the_totals_of_a_day_by_accounting_group(till: Till) -> None:
    """Two beers of 5.00 and a burger of 15.00: 1.735537 + 1.238532 = 2.97 of VAT."""
    await till.sell(beer(), burger(), at="2026-03-15T18:00:00Z")
    totals = await till.get(
        f"{V1}/aggregatedSales", date="2026-03-15", groupBy="accountingGroup,statisticGroup"
    )
    assert (totals["totalAmount"], totals["totalTaxAmount"], totals["numberOfSales"]) == ("25.00", "2.97", 2)
    (by_group,) = totals["children"]
    assert by_group["groupByKey"] == "accountingGroup"
    assert [(one["groupByValue"], one["totalAmount"]) for one in by_group["children"]] == [
        ("Alcohol", "10.00"), ("Keuken", "15.00"),
    ]  # fmt: skip
    assert by_group["children"][0]["children"][0]["children"][0]["groupByValue"] == "Dranken"
    flat = await till.get(
        f"{V1}/aggregatedSales", date="2026-03-15", groupBy="accountingGroup", flattened="true"
    )
    assert [one["groupByValue"] for one in flat["children"]] == ["Alcohol", "Keuken"]
    refused = await till.answer(f"{V1}/aggregatedSales", date="2026-03-15", groupBy="vat")
    assert refused.status_code == 400


async def test_card_payments_as_the_processor_saw_them(till: Till) -> None:
    """0.10 and 1.2 % of 25.00 is 0.40."""
    number = await till.sell(beer(), burger(), at="2026-03-15T18:00:00Z")
    await till.sell(beer(), payments=[{"type": "CASH"}])
    path = f"{V2}/lightspeed-payments"
    (payment,) = (await till.get(path, from_="2026-03-15T00:00:00Z"))["payments"]
    assert (payment["accountFiscId"], payment["status"]) == (number, "CAPTURED")
    assert payment["fees"] == {"value": "0.40", "currency": "EUR"}
    await till.control(f"sales/{number}/void", {})
    given = {"from_": "2026-03-16T00:00:00Z", "status": "REFUNDED"}
    (payment,) = (await till.get(path, **given))["payments"]
    assert payment["modificationDate"] == "2026-03-16T11:00:00.000Z"
    assert (await till.get(path, dateType="CREATED", **given))["payments"] == []


async def test_one_receipt_by_its_external_reference(till: Till) -> None:
    number = await till.sell(burger(), platform="778")
    found = await till.get(f"{V1}/saleByExternalReference", externalReferenceId=f"TASK:OO-{UTRECHT}-778")
    assert found["accountFiscId"] == number
    missing = await till.answer(f"{V1}/saleByExternalReference", externalReferenceId="x")
    assert missing.status_code == 404


async def test_older_data_reads_otherwise(till: Till) -> None:
    await till.switch(tax_rate_percentage="multiplier", account_reference="uuid", receipt_id=False)
    sale = await till.sale(await till.sell(beer()))
    assert sale["salesLines"][0]["taxRatePercentage"] == "1.21"
    assert len(sale["accountReference"]) == 36
    assert "receiptId" not in sale
