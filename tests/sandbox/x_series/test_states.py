"""What becomes of a sale (chapters 10, 11): status and state in step, later payments, returns, voids."""

from typing import Any

import pytest

from tests.sandbox.x_series.store import BUYER, Store, a_line


async def told(store: Store, key: str) -> tuple[str, str, list[str]]:
    """The one word of 2.0, and the pair of the newer versions."""
    flat, nested = await store.flat(key), await store.nested(key)
    assert (flat["state"], flat["attributes"]) == (nested["state"], nested["attributes"])
    return flat["status"], nested["state"], nested["attributes"]


@pytest.mark.parametrize(
    ("ticket", "waiting", "done"),
    [
        ({"state": "layby"}, ("LAYBY", "pending", ["layby"]), "LAYBY_CLOSED"),
        ({"state": "delivery"}, ("AWAITING_DISPATCH", "pending", ["delivery"]), "DISPATCHED_CLOSED"),
        ({"state": "pickup"}, ("AWAITING_PICKUP", "pending", ["pickup"]), "PICKED_UP_CLOSED"),
        ({"state": "service"}, ("SERVICE", "pending", ["service"]), "SERVICE_CLOSED"),
        ({"state": "open"}, ("OPEN", "pending", []), "CLOSED"),
        ({"completed": False}, ("SAVED", "parked", []), "CLOSED"),
    ],
)
async def test_a_sale_waits_and_closes(
    store: Store, ticket: dict[str, Any], waiting: tuple[str, str, list[str]], done: str
) -> None:
    key = await store.sell(a_line(), payments=[], customer=BUYER, **ticket)
    assert await told(store, key) == waiting
    assert (await store.till("totals", method="GET"))["sales"] == 0

    await store.till(f"sales/{key}/complete", {"payments": [{"type": "PIN"}]})
    status, state, _ = await told(store, key)
    assert (status, state) == (done, "closed")
    assert (await store.till("totals", method="GET"))["turnover"] == "12.10"


async def test_a_sale_on_account_is_turnover_at_once_and_settled_on_the_old_sale(store: Store) -> None:
    key = await store.sell(a_line("121.00"), payments=[{"type": "on account"}], customer=BUYER)
    assert await told(store, key) == ("ONACCOUNT", "pending", ["onaccount"])
    assert (await store.flat(key))["payments"] == []
    assert (await store.till("totals", method="GET"))["by_payment_type"] == {"Op rekening": "121.00"}

    store.world.clock.advance(86_400)
    store.headers = store.headers | await fresh(store)
    before = (await store.flat(key))["version"]
    await store.till(f"sales/{key}/pay", {"payments": [{"type": "PIN", "amount": "21"}]})
    assert (await told(store, key))[0] == "ONACCOUNT"
    await store.till(f"sales/{key}/pay", {"payments": [{"type": "PIN", "at": "2026-03-17T11:00:00+00:00"}]})

    sale = await store.flat(key)
    assert (sale["status"], sale["sale_date"]) == ("ONACCOUNT_CLOSED", "2026-03-16T11:00:00+00:00")
    assert [payment["amount"] for payment in sale["payments"]] == [21, 100]
    assert {payment["payment_date"] for payment in sale["payments"]} == {"2026-03-17T11:00:00+00:00"}
    assert sale["version"] > before
    refused = await store.refused(f"sales/{key}/pay", {"payments": [{"type": "PIN", "amount": "1"}]})
    assert "takes no payments" in refused


async def fresh(store: Store) -> dict[str, str]:
    made = await store.client.post("/sandbox/x/accounts/cadeauhuis/personal-token", json={})
    return {"Authorization": f"Bearer {made.json()['token']}"}


async def test_what_a_customer_owes_is_negative_or_positive_by_switch(store: Store) -> None:
    await store.sell(a_line("121.00"), payments=[{"type": "on account"}], customer=BUYER)
    key = store.merchant.customer_codes["klant-1"]
    assert (await store.get(f"2.0/customers/{key}"))["data"]["balance"] == -121
    store.choose(debt_is_negative=False)
    assert (await store.get(f"2.0/customers/{key}"))["data"]["balance"] == 121


async def test_on_account_can_stand_as_a_payment_that_is_taken_back(store: Store) -> None:
    store.choose(on_account_payment=True)
    key = await store.sell(a_line("121.00"), payments=[{"type": "on account"}], customer=BUYER)
    (entry,) = (await store.flat(key))["payments"]
    assert (entry["name"], entry["amount"]) == ("Op rekening", 121)
    await store.till(f"sales/{key}/pay", {"payments": [{"type": "PIN"}]})
    sale = await store.flat(key)
    assert sorted(payment["amount"] for payment in sale["payments"]) == [-121, 121, 121]
    assert sale["status"] == "ONACCOUNT_CLOSED"


async def test_a_walk_in_gets_nothing_on_account(store: Store) -> None:
    said = await store.refused("sales", [{"lines": [a_line()], "payments": [{"type": "on account"}]}])
    assert "needs a customer" in said


async def test_a_layby_is_paid_in_parts_and_then_handed_over(store: Store) -> None:
    part = [{"type": "PIN", "amount": "50"}]
    key = await store.sell(a_line("121.00"), payments=part, customer=BUYER, state="layby")
    await store.till(f"sales/{key}/pay", {"payments": [{"type": "cash"}]})
    assert (await told(store, key))[0] == "LAYBY_CLOSED"
    assert [payment["amount"] for payment in (await store.flat(key))["payments"]] == [50, 71]


async def test_attributes_combine_but_for_two_pairs(store: Store) -> None:
    key = await store.sell(a_line(), payments=[], customer=BUYER, state="onaccount delivery")
    assert await told(store, key) == ("ONACCOUNT", "pending", ["onaccount", "delivery"])
    for pair in ("onaccount layby", "pickup delivery"):
        ticket = {"lines": [a_line()], "customer": BUYER, "state": pair}
        assert "can't be" in await store.refused("sales", [ticket])


async def test_what_is_not_paid_cannot_close(store: Store) -> None:
    said = await store.refused("sales", [{"lines": [a_line()], "payments": [{"type": "PIN", "amount": "5"}]}])
    assert said == "12.10 is due, and 7.10 of it is not paid"


@pytest.mark.parametrize(("version", "method"), [("2.0", "PUT"), ("2026-07", "POST"), ("2026-01", "POST")])
async def test_the_return_action_answers_a_parked_sale_in_the_flat_shape(
    store: Store, version: str, method: str
) -> None:
    key = await store.sell(a_line("12.10", "2"), a_line("10.90", rate="9"))
    back = (await store.send(method, f"{version}/sales/{key}/actions/return"))["data"]

    assert (back["status"], back["return_for"], back["payments"], back["taxes"]) == ("SAVED", key, [], [])
    assert [line["quantity"] for line in back["line_items"]] == [-2, -1]
    assert [line["is_return"] for line in back["line_items"]] == [True, True]
    assert (back["total_price"], back["total_tax"]) == (-30, -5.1)
    # the vendor's example: tax_total below nil, tax components above
    assert back["line_items"][0]["tax_total"] == -4.2
    assert back["line_items"][0]["tax_components"][0]["total_tax"] == 4.2
    assert (await store.nested(key))["return"]["return_sale_ids"] == [back["id"]]
    wrong = "POST" if method == "PUT" else "PUT"
    assert (await store.answer(f"{version}/sales/{key}/actions/return", wrong)).status_code in {404, 405}


async def test_only_a_completed_sale_can_be_returned(store: Store) -> None:
    key = await store.sell(a_line(), completed=False, payments=[])
    await store.send("PUT", f"2.0/sales/{key}/actions/return", status=422)


async def test_a_return_in_part_is_finished_with_a_negative_payment_and_voids_the_others(
    store: Store,
) -> None:
    key = await store.sell(a_line("12.10", "3"))
    first, second = [(await store.send("PUT", f"2.0/sales/{key}/actions/return"))["data"] for _ in range(2)]
    line = first["line_items"][0]["id"]
    store.world.clock.advance(3600)
    await store.till(
        f"sales/{first['id']}/complete", {"payments": [{"type": "cash"}], "quantities": {line: "-1"}}
    )

    done = await store.nested(first["id"])
    assert (done["state"], done["totals"]["price_incl_tax"], done["totals"]["tax"]) == ("closed", -12.1, -2.1)
    assert [payment["amount"] for payment in done["payments"]] == [-12.1]
    assert done["return"] == {"is_return": True, "original_sale_id": key, "return_sale_ids": []}
    assert done["date"] == "2026-03-16T12:00:00Z"
    assert (await store.flat(second["id"]))["status"] == "VOIDED"


async def test_an_exchange_pays_the_difference(store: Store) -> None:
    key = await store.sell(a_line("12.10", "-1"), a_line("24.20", item="VAAS"))
    sale = await store.flat(key)
    assert (sale["total_price"], sale["total_tax"], sale["payments"][0]["amount"]) == (10, 2.1, 12.1)


async def test_a_void_comes_again_with_a_higher_version_and_is_deleted_by_switch(store: Store) -> None:
    first, second = await store.sell(a_line()), await store.sell(a_line())
    before = (await store.flat(first))["version"]
    await store.till(f"sales/{first}/void")
    sale = await store.flat(first)
    assert (sale["status"], sale["version"] > before, "deleted_at" in sale) == ("VOIDED", True, False)
    store.choose(void_sets_deleted_at=True)
    await store.till(f"sales/{second}/void")
    assert "deleted_at" in await store.flat(second)
    assert (await store.till("totals", method="GET"))["sales"] == 0


async def test_a_deleted_sale_stays_in_the_list(store: Store) -> None:
    key = await store.sell(a_line())
    await store.till(f"sales/{key}/delete")
    (listed,) = (await store.get("2026-07/sales"))["data"]
    assert (listed["id"], listed["deleted_at"]) == (key, "2026-03-16T11:00:00Z")


async def test_a_late_sale_has_an_older_date_than_its_record(store: Store) -> None:
    times = {"at": "2026-03-14T10:00:00+01:00", "opened_at": "2026-03-16T11:00:00+00:00"}
    sale = await store.flat(await store.sell(a_line(), **times))
    assert (sale["sale_date"], sale["created_at"]) == (
        "2026-03-14T09:00:00+00:00",
        "2026-03-16T11:00:00+00:00",
    )
    assert (await store.till("totals", method="GET"))["by_day"] == {"2026-03-14": "12.10"}
