"""Money at the till (8.3, 11.3 to 11.5, 12.3, 12.6): change, rounding, cards, credit, registers."""

from typing import Any

import pytest

from tests.sandbox.x_series.store import BUYER, Store, a_line


async def amounts(store: Store, key: str) -> list[tuple[str, float]]:
    return [(payment["name"], payment["amount"]) for payment in (await store.flat(key))["payments"]]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [("netted", [("Contant", 9.95)]), ("payment", [("Contant", 20), ("Contant", -10.05)])],
)
async def test_change_is_taken_off_or_a_payment_of_its_own(
    store: Store, reading: str, expected: list[tuple[str, float]]
) -> None:
    store.choose(change=reading)
    cash = [{"type": "cash", "amount": "20"}]
    assert await amounts(store, await store.sell(a_line("9.95"), payments=cash)) == expected


async def test_only_cash_may_be_more_than_what_is_due(store: Store) -> None:
    ticket = {"lines": [a_line("9.95")], "payments": [{"type": "PIN", "amount": "20"}]}
    assert await store.refused("sales", [ticket]) == "9.95 is due, and -10.05 of it is not paid"


async def test_cash_rounding_shows_in_three_ways(store: Store) -> None:
    ticket: dict[str, Any] = {"payments": [{"type": "cash"}], "cash_rounding": True}
    own_payment = await store.sell(a_line("9.99"), **ticket)
    store.choose(cash_rounding="line")
    own_line = await store.sell(a_line("9.99"), **ticket)
    store.choose(cash_rounding="silent")
    silent = await store.sell(a_line("9.99"), **ticket)

    assert await amounts(store, own_payment) == [("Afronding contant", -0.01), ("Contant", 10)]
    sale = await store.flat(own_line)
    assert [line["price_total"] for line in sale["line_items"]] == [8.2562, 0.01]
    assert (sale["total_price"] + sale["total_tax"], await amounts(store, own_line)) == (
        10,
        [("Contant", 10)],
    )
    sale = await store.flat(silent)
    assert (sale["total_price"], sale["total_tax"], await amounts(store, silent)) == (
        8.26,
        1.73,
        [("Contant", 10)],
    )
    totals = await store.till("totals", method="GET")
    # turnover is what the goods cost, three times 9.99
    assert totals["turnover"] == "29.97"


async def test_the_rounding_of_the_till_goes_in_five_cents(store: Store) -> None:
    await store.till("settings", {"cash_rounding": True}, "PUT")
    config = {row["name"]: row["config"] for row in (await store.get("2.0/payment_types"))["data"]}
    assert config["Contant"]["rounding"] == "0.05"
    paid = {}
    for price in ("9.92", "9.93", "9.97", "9.98"):
        sold = await store.sell(a_line(price), payments=[{"type": "cash"}])
        paid[price] = dict(await amounts(store, sold))["Contant"]
    assert paid == {"9.92": 9.9, "9.93": 9.95, "9.97": 9.95, "9.98": 10}


async def test_internal_payment_types_are_on_sales_but_not_in_the_list(store: Store) -> None:
    key = await store.sell(
        a_line("-0.01", "1"), a_line("10.00"), payments=[{"type": "cash"}], cash_rounding=True
    )
    used = {payment["retailer_payment_type_id"] for payment in (await store.flat(key))["payments"]}
    listed = {row["id"] for row in (await store.get("2.0/payment_types"))["data"]}
    assert len(used - listed) == 1
    store.choose(internal_payment_types="listed")
    rows = (await store.get("2026-07/payment_types"))["data"]
    assert used <= {row["id"] for row in rows}
    assert {row["name"] for row in rows if row["internal"]} == {
        "Winkeltegoed",
        "Op rekening",
        "Afronding contant",
    }


async def test_a_gift_card_is_sold_as_an_untaxed_line_and_used_as_a_payment(store: Store) -> None:
    sold = await store.sell({"description": "Bon", "unit_price": "50", "gift_card": "GC1"})
    (line,) = (await store.nested(sold))["line_items"]
    assert (line["gift_card_number"], line["tax"]["total"], line["pricing"]["total"]) == ("GC1", 0, 50)

    card = [{"type": "gift card", "amount": "12.10", "gift_card": "GC1"}]
    used = await store.sell(a_line("12.10"), payments=card)
    (payment,) = (await store.flat(used))["payments"]
    assert (payment["payment_type_id"], payment["amount"]) == ("118", 12.1)
    shown = (await store.get("2026-07/gift_cards/by_number/GC1"))["data"]
    assert (shown["status"], shown["balance"], shown["total_sold"], shown["total_redeemed"]) == (
        "ACTIVE",
        37.9,
        50,
        12.1,
    )
    moves = (await store.get("2026-04/gift_cards/GC1/transactions"))["data"]
    assert [(move["type"], move["amount"]) for move in moves] == [("ACTIVATION", 50), ("REDEEMING", -12.1)]
    too_much = {"lines": [a_line("40")], "payments": [{"type": "gift card", "gift_card": "GC1"}]}
    assert await store.refused("sales", [too_much]) == "gift card GC1 holds 37.90, not 40.00"
    # the debt of the card is no turnover
    assert (await store.till("totals", method="GET"))["turnover"] == "12.10"


async def test_cards_change_without_a_sale(store: Store) -> None:
    await store.till("gift-cards/OUD1", {"type": "IMPORTING", "amount": "25"})
    gone = await store.till("gift-cards/OUD1", {"type": "EXPIRING"})
    assert gone == {"number": "OUD1", "status": "EXPIRED", "balance": "0.00"}


async def test_a_card_that_ended_may_still_show_what_was_on_it(store: Store) -> None:
    await store.till("gift-cards/OUD1", {"type": "IMPORTING", "amount": "25"})
    await store.till("gift-cards/OUD1", {"type": "VOIDING"})
    assert await shown_balance(store, "OUD1") == ("VOIDED", 0)
    store.choose(ended_card_balance="kept")
    assert await shown_balance(store, "OUD1") == ("VOIDED", 25)


async def shown_balance(store: Store, number: str) -> tuple[str, float]:
    shown = (await store.get(f"2026-07/gift_cards/by_number/{number}"))["data"]
    return shown["status"], shown["balance"]


async def test_gift_cards_come_newest_first_and_the_old_endpoint_repeats_the_last(store: Store) -> None:
    for number in ("GC1", "GC2", "GC3"):
        await store.till(f"gift-cards/{number}", {"type": "IMPORTING", "amount": "5"})
    first = (await store.get("2026-07/gift_cards", page_size=2))["data"]
    assert [card["number"] for card in first] == ["GC3", "GC2"]
    rest = await store.get("2026-07/gift_cards", before=first[-1]["id"])
    assert [card["number"] for card in rest["data"]] == ["GC1"]
    old = await store.get("2.0/balances/gift_cards", before=first[-1]["id"])
    assert [card["number"] for card in old["data"]] == ["GC2", "GC1"]
    assert (await store.answer("2026-01/gift_cards")).status_code == 404


async def test_a_void_gives_the_card_back_what_was_redeemed(store: Store) -> None:
    await store.till("gift-cards/GC1", {"type": "IMPORTING", "amount": "25"})
    used = await store.sell(a_line("25"), payments=[{"type": "gift card", "gift_card": "GC1"}])
    await store.till(f"sales/{used}/void")
    shown = (await store.get("2026-07/gift_cards/by_number/GC1"))["data"]
    assert (shown["balance"], shown["gift_card_transactions"][-1]["type"]) == (25, "REVERSING")


async def test_store_credit_is_issued_by_a_negative_payment_and_used_by_a_positive_one(store: Store) -> None:
    credit = [{"type": "store credit"}]
    await store.sell(a_line("12.10", "-1"), payments=credit, customer=BUYER)
    used = [{"type": "store credit", "amount": "5"}, {"type": "PIN"}]
    key = await store.sell(a_line("24.20"), payments=used, customer=BUYER)

    assert await amounts(store, key) == [("Winkeltegoed", 5), ("PIN", 19.2)]
    (row,) = (await store.get("2026-07/store_credits"))["data"]
    assert (row["balance"], row["total_credit_issued"], row["total_credit_redeemed"]) == (7.1, 12.1, 5)
    moves = (await store.get(f"2.0/store_credits/{row['customer_id']}/transactions"))["data"]
    assert [(move["type"], move["amount"]) for move in moves] == [("ISSUE", 12.1), ("REDEMPTION", -5)]


async def test_loyalty_is_earned_on_lines_and_spent_as_a_payment(store: Store) -> None:
    await store.till("settings", {"loyalty_ratio": "0.1"}, "PUT")
    await store.sell(a_line("24.20"), customer=BUYER)
    payments = [{"type": "loyalty", "amount": "2"}, {"type": "PIN"}]
    key = await store.sell(a_line("24.20"), customer=BUYER, payments=payments)
    sale = await store.flat(key)

    assert (sale["total_loyalty"], sale["line_items"][0]["loyalty_value"]) == (2.42, 2.42)
    assert sale["payments"][0]["payment_type_id"] == "106"
    customer = (await store.get(f"2.0/customers/{sale['customer_id']}"))["data"]
    assert customer["loyalty_balance"] == 2.84  # 2.42 - 2 + 2.42


async def test_a_register_opens_with_its_first_sale_and_sums_what_came_in(store: Store) -> None:
    key = await store.sell(a_line("12.10"))
    await store.sell(a_line("9.95"), payments=[{"type": "cash"}])
    sale = await store.nested(key)
    register = sale["source"]["register_id"]
    summary = (await store.get(f"2026-07/registers/{register}/payments_summary"))["data"]

    assert summary["register_closure_id"] == sale["_metadata"]["complete_open_sequence_id"]
    assert sale["payments"][0]["_metadata"]["register_open_sequence_id"] == summary["register_closure_id"]
    totals = {row["payment_type_name"]: row["total"] for row in summary["payments"]}
    assert totals == {"PIN": "12.10", "Contant": "9.95"}

    counted = {"payments": [{"payment_type_id": store.payment_type("PIN"), "total": "12.10"}]}
    await store.send("PUT", f"2.0/registers/{register}/actions/close", counted)
    assert (await store.answer(f"2.0/registers/{register}/payments_summary")).status_code == 404
    await store.send("PUT", f"2.0/registers/{register}/actions/close", counted, status=422)
    opened = {"register_open_time": "2026-03-16T10:00:00Z"}
    shown = (await store.send("PUT", f"2026-07/registers/{register}/actions/open", opened))["data"]
    assert (shown["is_open"], shown["register_open_time"]) == (True, "2026-03-16T10:00:00+00:00")


async def test_a_later_day_is_another_closure(store: Store) -> None:
    first = await store.sell(a_line(), at="2026-03-14T12:00:00+01:00")
    second = await store.sell(a_line(), at="2026-03-15T12:00:00+01:00")
    late = await store.sell(a_line(), at="2026-03-14T17:00:00+01:00")
    ids = [
        (await store.nested(key))["_metadata"]["complete_open_sequence_id"] for key in (first, second, late)
    ]
    assert ids[0] != ids[1] == ids[2]


async def test_a_ticket_that_is_refused_moves_no_card_and_no_stock(store: Store) -> None:
    await store.till("gift-cards/GC1", {"type": "IMPORTING", "amount": "25"})
    card = {"type": "gift card", "amount": "5", "gift_card": "GC1"}
    await store.refused("sales", [{"lines": [a_line("12.10")], "payments": [card]}])
    key = await store.sell(a_line("12.10"), payments=[], completed=False)
    await store.refused(f"sales/{key}/complete", {"payments": [card]})

    assert (await store.get("2026-07/gift_cards/by_number/GC1"))["data"]["balance"] == 25
    sale = await store.flat(key)
    assert (sale["status"], sale["payments"]) == ("SAVED", [])
    assert {row["inventory_level"] for row in (await store.get("2.0/inventory"))["data"]} == {0}
