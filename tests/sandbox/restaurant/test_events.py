"""What happens to accounts afterwards: types, signs, chains, both readings of what nobody knows (8, 9)."""

from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import UTRECHT, ZEIST, Till, a_client, beer, burger

V1_DAY = f"/f/finance/{UTRECHT}/dailyFinancials"


def lines_of(sale: Any) -> list[str]:
    return [line["totalNetAmountWithTax"] for line in sale["salesLines"]]


def paid(sale: Any) -> list[tuple[str, str]]:
    return [(payment["code"], payment["netAmountWithTax"]) for payment in sale["payments"]]


async def turnover(till: Till) -> Decimal:
    return Decimal((await till.control("totals", method="GET"))["turnover"])


async def test_a_refund_is_an_account_of_its_own_with_negative_lines(till: Till) -> None:
    number = await till.sell(beer(quantity="4"), burger(), at="2026-03-15T18:00:00Z")
    line = (await till.sale(number))["salesLines"][0]["id"]
    wish = {"lines": [{"line": line, "quantity": "1"}], "payment": "CASH"}
    (made,) = await till.control(f"sales/{number}/refund", wish)
    refund = await till.sale(made["number"])
    assert (refund["type"], refund["source"]) == (
        "REFUND", {"initialAccountId": number, "previousAccountId": number},
    )  # fmt: skip
    assert (lines_of(refund), paid(refund)) == (["-5.000000"], [("CASH", "-5.00")])
    assert refund["salesLines"][0]["quantity"] == "-1.000"
    assert refund["salesLines"][0]["totalNetAmountWithoutTax"] == "-4.132231"
    assert refund["timeClosed"] == "2026-03-16T11:00:00.000Z"
    assert await turnover(till) == Decimal("30.00")
    await till.switch(refund_amounts="positive", reversal_quantities="positive")
    positive = await till.sale(made["number"])
    assert (lines_of(positive), paid(positive)) == (["5.000000"], [("CASH", "5.00")])
    assert positive["salesLines"][0]["quantity"] == "1.000"


async def test_a_void_nets_its_account_to_nothing(till: Till) -> None:
    number = await till.sell(beer(), payments=[{"type": "PIN", "tip": "1.00"}])
    (made,) = await till.control(f"sales/{number}/void", {"reason": "Unhappy Client"})
    void = await till.sale(made["number"])
    assert (void["type"], void["voidReason"], lines_of(void)) == ("VOID", "Unhappy Client", ["-10.000000"])
    assert (paid(void), void["payments"][0]["tip"]) == ([("PIN", "-10.00")], "-1.00")
    assert await turnover(till) == 0
    await till.switch(void_amounts="positive")
    assert lines_of(await till.sale(made["number"])) == ["10.000000"]
    again = await till.client.post(f"/sandbox/tills/restaurant/4801/sales/{number}/void", json={})
    assert (again.status_code, "does not stand" in again.text) == (422, True)


@pytest.mark.parametrize(
    ("how", "types"), [("beside", ["SALE", "VOID", "RECALL"]), ("implicit", ["SALE", "RECALL"])]
)
async def test_a_recall_replaces_a_closed_account(till: Till, how: str, types: list[str]) -> None:
    await till.switch(recall_void=how)
    number = await till.sell(beer(), at="2026-03-15T18:00:00Z")
    order = {"lines": [beer(), burger()], "payments": [{"type": "CASH"}]}
    (made,) = await till.control(f"sales/{number}/recall", order)
    found = (await till.sales())["sales"]
    assert [sale["type"] for sale in found] == types
    recall = await till.sale(made["number"])
    assert (lines_of(recall), paid(recall)) == (["10.000000", "15.000000"], [("CASH", "25.00")])
    assert recall["source"] == {"initialAccountId": number, "previousAccountId": number}
    totals = await till.control("totals", method="GET")
    assert (totals["turnover"], totals["sales"]) == ("25.00", len(types))


async def test_a_changed_payment_is_an_update_without_lines(till: Till) -> None:
    number = await till.sell(beer(), at="2026-03-14T18:00:00Z")
    (made,) = await till.control(f"sales/{number}/payment", {"to": "CASH"})
    update = await till.sale(made["number"])
    assert (update["type"], update["salesLines"]) == ("UPDATE", [])
    assert paid(update) == [("PIN", "-10.00"), ("CASH", "10.00")]
    assert update["timeClosed"] == "2026-03-16T11:00:00.000Z"
    first_day = await till.get(V1_DAY, date="2026-03-14", include="payments")
    assert [sale["type"] for sale in first_day["sales"]] == ["SALE", "UPDATE"]
    assert await turnover(till) == Decimal("10.00")
    totals = await till.control("totals", method="GET")
    assert totals["by_payment_type"] == {"Contant": "10.00", "Pin": "0.00"}


async def test_a_cancelled_account_is_marked_in_v1_and_reversed_later_in_v2(till: Till) -> None:
    number = await till.sell(beer(), at="2026-03-14T18:00:00Z")
    (made,) = await till.control(f"sales/{number}/cancel", {})
    later = await till.sale(made["number"])
    assert (later["type"], later["cancelled"], lines_of(later)) == ("VOID", True, ["-10.000000"])
    assert (await till.sale(number))["cancelled"] is False
    (marked,) = (await till.get(V1_DAY, date="2026-03-14"))["sales"]
    assert (marked["accountFiscId"], marked["cancelled"]) == (number, True)
    assert await turnover(till) == 0


async def test_input_that_was_cancelled_holds_no_money(till: Till) -> None:
    (made,) = await till.control("cancelled-input", {"lines": [beer()]})
    sale = await till.sale(made["number"])
    assert (sale["type"], sale["cancelled"], lines_of(sale), paid(sale)) == ("CANCEL", True, ["0.000000"], [])
    totals = await till.control("totals", method="GET")
    assert (totals["sales"], totals["with_money"], totals["turnover"]) == (1, 0, "0.00")


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        ("cents", ["3.330000", "3.330000", "3.340000"]),
        ("fractions", ["3.333333", "3.333333", "3.333334"]),
    ],
)
async def test_ten_euros_in_three(till: Till, step: str, lines: list[str]) -> None:
    await till.switch(split_lines=step)
    made = await till.control("split", {"lines": [beer()], "payments": [{"type": "PIN"}], "ways": 3})
    sales = [await till.sale(one["number"]) for one in made]
    assert [sale["type"] for sale in sales] == ["SALE", "SPLIT", "SPLIT"]
    assert [lines_of(sale)[0] for sale in sales] == lines
    assert [paid(sale) for sale in sales] == [[("PIN", "3.33")], [("PIN", "3.33")], [("PIN", "3.34")]]
    assert {sale["source"]["initialAccountId"] for sale in sales} == {made[0]["number"]}
    assert sales[2]["source"]["previousAccountId"] == made[1]["number"]
    assert await turnover(till) == Decimal("10.00")


@pytest.mark.parametrize(
    ("shape", "lines"),
    [("one record", [["-10.000000", "10.000000"]]), ("two records", [["-10.000000"], ["10.000000"]])],
)
async def test_a_transfer_nets_to_nothing(till: Till, shape: str, lines: list[list[str]]) -> None:
    await till.switch(transfer=shape)
    made = await till.control("transfer", {"lines": [beer()]})
    sales = [await till.sale(one["number"]) for one in made]
    assert [lines_of(sale) for sale in sales] == lines
    assert {sale["type"] for sale in sales} == {"TRANSFER"}
    assert await turnover(till) == 0


async def test_floats_and_moves_to_another_location_sell_nothing(till: Till) -> None:
    (drawer,) = await till.control("float", {"amount": "-250"})
    lifted = await till.sale(drawer["number"])
    assert (lifted["type"], paid(lifted), lifted["salesLines"]) == ("FLOAT", [("CASH", "-250.00")], [])
    out, into = await till.control("cross-location", {"lines": [beer()], "to": ZEIST})
    assert lines_of(await till.sale(out["number"])) == ["-10.000000"]
    assert lines_of(await till.sale(into["number"], ZEIST)) == ["10.000000"]
    totals = await till.control("totals", method="GET")
    assert (totals["turnover"], totals["with_money"], totals["by_payment_type"]) == ("0.00", 0, {})


async def test_what_is_carried_over_is_in_v1_alone(till: Till) -> None:
    order = {"at": "2026-03-15T22:00:00Z", "payments": [{"type": "PIN", "amount": "20"}]}
    await till.control("transitory", order)
    (carried,) = (await till.get(V1_DAY, date="2026-03-15", include="payments"))["sales"]
    assert (carried["type"], paid(carried)) == ("TRANSITORY", [("PIN", "20.00")])
    assert (await till.sales())["sales"] == []


@pytest.mark.parametrize(
    ("shape", "payments"),
    [("balanced", [("PIN", "40.00"), ("REKENING", "-40.00")]), ("money alone", [("PIN", "40.00")])],
)
async def test_a_house_account_is_paid_off(till: Till, shape: str, payments: list[tuple[str, str]]) -> None:
    await till.switch(receivable_settlement=shape)
    guest = {"ref": "g1", "company": "Boer Bouw BV"}
    await till.sell(burger("50.00"), payments=[{"type": "REKENING"}], customer=guest)
    (made,) = await till.control("house-account", {"customer": "g1", "amount": "40"})
    sale = await till.sale(made["number"])
    assert (sale["type"], sale["salesLines"], paid(sale)) == ("SALE", [], payments)
    business = till.world.businesses[4801]
    assert business.owed[business.buyers["g1"][0]] == Decimal("10.00")
    assert await turnover(till) == Decimal("50.00")


async def test_a_sale_that_comes_late_is_behind_the_page_token(till: Till) -> None:
    for hour in ("12", "14", "16"):
        await till.sell(beer(), at=f"2026-03-15T{hour}:00:00Z")
    first = await till.sales(pageSize=2)
    late = await till.sell(beer(), at="2026-03-15T13:00:00Z")
    second = await till.sales(pageSize=2, nextPageToken=first["nextPageToken"])
    assert late not in [sale["accountFiscId"] for sale in first["sales"] + second["sales"]]
    assert late in [sale["accountFiscId"] for sale in (await till.sales())["sales"]]


async def test_the_till_tells_of_a_late_sale_only_when_it_arrived(till: Till) -> None:
    await till.sell(beer(), at="2026-03-15T18:00:00Z", arrives_at="2026-03-16T12:00:00Z")
    assert (await till.control("totals", method="GET"))["sales"] == 0
    await till.wait(3600)
    totals = await till.control("totals", method="GET")
    assert (totals["sales"], totals["by_day"]) == (1, {"2026-03-15": "10.00"})


async def test_receipts_are_listed_with_what_was_received_for_them(till: Till) -> None:
    number = await till.sell(beer(), payments=[{"type": "PIN", "tip": "2.50", "amount": "12.50"}])
    (listed,) = await till.control("sales?limit=5", method="GET")
    (method,) = [one for one in till.world.businesses[4801].methods if one.code == "PIN"]
    assert (listed["number"], listed["total"], listed["type"]) == (number, "10.00", "SALE")
    assert listed["payments"] == {str(method.method_id): "12.50"}
    totals = await till.control("totals", method="GET")
    assert (totals["turnover"], totals["tips"]) == ("10.00", "2.50")


@pytest.mark.parametrize("business", [4801, 4803])
async def test_made_up_evenings_balance_and_are_the_same_for_the_same_seed(till: Till, business: int) -> None:
    wish = {"count": 300, "days": 7, "seed": 5, "profile": "everything", "events": True}
    made = (await till.client.post(f"/sandbox/tills/restaurant/{business}/made-up", json=wish)).json()
    kinds = {one["type"] for one in made}
    assert {"SALE", "REFUND", "VOID", "UPDATE", "RECALL", "SPLIT", "TRANSFER", "FLOAT", "CANCEL"} <= kinds
    for _, record in till.world.businesses[business].by_number.values():
        if record.kind not in {"FLOAT", "TRANSFER", "CANCEL"}:
            assert sum(payment.amount for payment in record.payments) == record.total, record.fisc_id
    other = RestaurantWorld(till.world.clock)
    async with a_client(other) as client:
        again = (await client.post(f"/sandbox/tills/restaurant/{business}/made-up", json=wish)).json()
    assert again == made
