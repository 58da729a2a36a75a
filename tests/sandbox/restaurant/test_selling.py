"""What a till makes of an order: amounts worked out by hand, shapes as in chapters 7 and 9."""

from typing import Any

import httpx
import pytest

from tests.sandbox.restaurant.till import UTRECHT, Till, beer, burger


async def test_the_sample_of_the_reference(till: Till) -> None:
    """7.4: two beers of 5.00 at 21 %, a burger of 15.00 at 9 %, paid by card with a tip of 2.50."""
    number = await till.sell(beer(), burger(), payments=[{"type": "PIN", "tip": "2.50"}])
    sale = await till.sale(number)
    two_beers, one_burger = sale["salesLines"]
    assert two_beers["totalNetAmountWithTax"] == "10.000000"
    assert two_beers["totalNetAmountWithoutTax"] == "8.264463"
    assert two_beers["menuListPrice"] == "10.00"
    assert (two_beers["taxAmount"], two_beers["taxRatePercentage"]) == ("1.7355", "21.00")
    assert two_beers["taxLines"] == [
        {
            "taxId": two_beers["taxLines"][0]["taxId"], "taxCode": "NL21", "taxRate": "1.21",
            "taxAmount": "1.735537", "taxIncluded": True,
        }
    ]  # fmt: skip
    assert (two_beers["quantity"], two_beers["accountingGroup"]["name"]) == ("2.000", "Alcohol")
    assert (one_burger["totalNetAmountWithoutTax"], one_burger["taxLines"][0]["taxAmount"]) == (
        "13.761468", "1.238532",
    )  # fmt: skip
    (payment,) = sale["payments"]
    assert (payment["netAmountWithTax"], payment["tip"], payment["roundingAmount"]) == (
        "25.00",
        "2.50",
        "0.00",
    )
    assert (sale["type"], sale["cancelled"], sale["source"]) == ("SALE", False, {"initialAccountId": number})


@pytest.mark.parametrize(
    ("kind", "food", "drink", "bill"),
    [
        ("UNTAXED", ("10.900000", "10.000000", "1.09"), ("12.100000", "10.000000", "1.21"), "25.30"),
        ("APPORTIONED", ("11.990000", "11.000000", "1.09"), ("13.310000", "11.000000", "1.21"), "25.30"),
    ],
)
async def test_service_charge_of_ten_per_cent(
    till: Till, kind: str, food: tuple[str, ...], drink: tuple[str, ...], bill: str
) -> None:
    """The vectors of 9.3."""
    number = await till.sell(
        burger("10.90"), beer("12.10", "1"), service_charge="10", service_charge_type=kind
    )
    sale = await till.sale(number)
    shown = [
        (line["totalNetAmountWithTax"], line["totalNetAmountWithoutTax"], line["serviceCharge"])
        for line in sale["salesLines"]
    ]
    assert shown == [food, drink]
    assert sale["payments"][0]["netAmountWithTax"] == bill
    assert sale["salesLines"][0]["serviceChargeType"] == kind


async def test_a_gift_card_is_sold_without_lines_and_redeemed_as_a_payment(till: Till) -> None:
    sold = await till.sale(await till.sell({"gift_card": "GC-000123", "unit_price": "50"}))
    assert sold["salesLines"] == []
    assert [(payment["code"], payment["netAmountWithTax"]) for payment in sold["payments"]] == [
        ("PIN", "50.00"), ("IKGIFT", "-50.00"),
    ]  # fmt: skip
    assert sold["payments"][1]["externalReference"] == "GC-000123"
    paid = [{"type": "gift card", "amount": "15", "gift_card": "GC-000123"}]
    redeemed = await till.sale(await till.sell(burger(), payments=paid))
    assert redeemed["payments"][0]["netAmountWithTax"] == "15.00"
    assert str(till.world.businesses[4801].cards["GC-000123"]) == "35.00"
    await till.switch(gift_card_issue="positive")
    again = await till.sale(sold["accountFiscId"])
    assert [payment["netAmountWithTax"] for payment in again["payments"]] == ["50.00", "50.00"]


async def test_cash_is_rounded_to_five_cents_on_top_of_the_bill_or_inside(till: Till) -> None:
    """12.48 becomes 12.50 (9.8); whether netAmountWithTax is the bill or the coins is a switch."""
    number = await till.sell(beer("6.24"), payments=[{"type": "cash"}], cash_rounding=True)
    payment = (await till.sale(number))["payments"][0]
    assert (payment["netAmountWithTax"], payment["roundingAmount"]) == ("12.48", "0.02")
    await till.switch(cash_rounding="inside")
    payment = (await till.sale(number))["payments"][0]
    assert (payment["netAmountWithTax"], payment["roundingAmount"]) == ("12.50", "0.02")
    await till.switch(rounding_amount=False)
    assert "roundingAmount" not in (await till.sale(number))["payments"][0]


async def test_a_surcharge_is_on_top_or_inside(till: Till) -> None:
    number = await till.sell(beer(), payments=[{"type": "CC", "surcharge": "0.25"}])
    assert (await till.sale(number))["payments"][0]["netAmountWithTax"] == "10.00"
    await till.switch(surcharge="inside")
    payment = (await till.sale(number))["payments"][0]
    assert (payment["netAmountWithTax"], payment["surcharge"]) == ("10.25", "0.25")


async def test_modifiers_and_courses_are_lines_under_their_parent(till: Till) -> None:
    number = await till.sell(burger(), {"item": "KAAS", "unit_price": "1.25", "under": 0})
    dish, option = (await till.sale(number))["salesLines"]
    assert option["parentLineId"] == dish["id"]
    assert "parentLineId" not in dish
    refused = await till.client.post(
        "/sandbox/tills/restaurant/4801/sales", json={"lines": [burger(under=3)], "payments": []}
    )
    assert (refused.status_code, "line 3" in refused.text) == (422, True)


async def test_a_belgian_dish_is_12_at_the_table_and_6_taken_away_and_a_drink_is_21(till: Till) -> None:
    order = {
        "lines": [
            {"item": "CROQUE", "unit_price": "11.20"},
            {"item": "CROQUE", "unit_price": "10.60", "profile": "MEE"},
            {"item": "PINTJE", "unit_price": "2.42", "profile": "MEE"},
        ],
        "payments": [{"type": "PIN"}],
        "profile": "HIER",
    }
    await till.client.post("/sandbox/tills/restaurant/4803/sales", json=order)
    location, record = next(iter(till.world.businesses[4803].by_number.values()))
    assert location.country == "BE"
    assert [(line.rate.code, f"{line.tax:.2f}") for line in record.lines] == [
        ("BE12", "1.20"), ("BE6", "0.60"), ("BE21", "0.42"),
    ]  # fmt: skip


async def test_two_rates_can_meet_in_one_accounting_group(till: Till) -> None:
    number = await till.sell(burger(), burger("12.10", vat_rate="21"))
    low, high = (await till.sale(number))["salesLines"]
    assert low["accountingGroup"] == high["accountingGroup"]
    assert (low["taxCode"], high["taxCode"]) == ("NL9", "NL21")


async def test_discounts_are_off_the_line_and_told_beside_it(till: Till) -> None:
    number = await till.sell(burger("20.00", line_discount="2"), receipt_discount_percent="10")
    line = (await till.sale(number))["salesLines"][0]
    assert (line["menuListPrice"], line["totalNetAmountWithTax"]) == ("20.00", "16.200000")
    assert (line["discountAmount"], line["accountDiscountAmount"]) == ("2.000000", "1.800000")
    assert line["totalDiscountAmount"] == "3.80"


async def test_a_voided_line_counts_for_nothing_and_may_still_show_its_price(till: Till) -> None:
    number = await till.sell(burger(), beer(void_reason="User Mistake"))
    sale = await till.sale(number)
    assert sale["payments"][0]["netAmountWithTax"] == "15.00"
    voided = sale["salesLines"][1]
    assert (voided["voidReason"], voided["totalNetAmountWithTax"]) == ("User Mistake", "0.000000")
    await till.switch(voided_line_amounts="price")
    assert (await till.sale(number))["salesLines"][1]["totalNetAmountWithTax"] == "10.000000"


async def test_half_a_cent_goes_to_the_even_cent_or_up(till: Till) -> None:
    """10 % off 12.45 is 11.205."""
    even = await till.sale(await till.sell(burger("12.45"), receipt_discount_percent="10"))
    await till.switch(bill_rounding="half up")
    up = await till.sale(await till.sell(burger("12.45"), receipt_discount_percent="10"))
    assert [sale["payments"][0]["netAmountWithTax"] for sale in (even, up)] == ["11.20", "11.21"]
    assert even["salesLines"][0]["totalNetAmountWithTax"] == "11.205000"


async def test_on_account_a_room_and_a_delivery(till: Till) -> None:
    guest = {"ref": "g1", "last_name": "de Boer", "company": "Boer Bouw BV", "vat_number": "NL1"}
    sale = await till.sale(await till.sell(burger(), payments=[{"type": "REKENING"}], customer=guest))
    (payment,) = sale["payments"]
    assert (payment["type"], payment["consumer"]["companyName"]) == ("ACCOUNTS_RECEIVABLE", "Boer Bouw BV")
    assert payment["consumer"]["taxIdentifier"] == "NL1"
    room = await till.sale(await till.sell(burger(), payments=[{"type": "IKPMS", "reference": "KAMER-12"}]))
    assert (room["payments"][0]["code"], room["payments"][0]["externalReference"]) == ("IKPMS", "KAMER-12")
    brought = await till.sale(
        await till.sell(burger(), payments=[{"type": "UBER"}], platform="778", profile="BEZORG")
    )
    assert brought["externalReferences"] == [f"TASK:OO-{UTRECHT}-778"]
    assert (brought["dineIn"], brought["accountProfileCode"]) == (False, "BEZORG")


async def test_numbers_run_for_each_device(till: Till) -> None:
    first = await till.sell(beer(), register="1")
    other = await till.sell(beer(), register="2")
    again = await till.sell(beer(), register="1")
    devices = [device.pos_id for device in till.world.businesses[4801].locations[0].devices]
    assert (first, again) == (f"A{devices[0]}.1", f"A{devices[0]}.2")
    assert other == f"A{devices[1]}.1"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"payments": [{"type": "PIN", "amount": "5"}]}, "5.00 is paid, and 10.00 is due"),
        ({"payments": [{"type": "PIN", "amount": "15"}]}, "5.00 too much is paid, and none of it in cash"),
        ({"payments": [{"type": "SHELLS"}]}, "no payment method SHELLS"),
        ({"payments": [{"type": "REKENING"}]}, "on account needs a customer"),
        ({"at": "2027-01-01T00:00:00Z"}, "in the future"),
        ({"shop": "9"}, "no location 9"),
        ({"tables": 3}, "a ticket has no tables"),
        ({"completed": False}, "closed accounts only"),
    ],
)
async def test_what_cannot_be_rung_up_is_refused_in_a_sentence(
    till: Till, order: dict[str, Any], said: str
) -> None:
    body = {"lines": [beer()], "payments": [{"type": "PIN"}]} | order
    refused: httpx.Response = await till.client.post("/sandbox/tills/restaurant/4801/sales", json=body)
    assert refused.status_code == 422
    assert said in refused.json()["error"]


async def test_change_goes_back_in_cash(till: Till) -> None:
    sale = await till.sale(await till.sell(beer(), payments=[{"type": "cash", "amount": "20"}]))
    assert sale["payments"][0]["netAmountWithTax"] == "10.00"
