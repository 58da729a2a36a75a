"""What happens to sales and registers afterwards, as a scenario asks the control API for it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.sandbox.retail.till import NOON, Till, a_line

BUYER = {"ref": "anna", "first_name": "Anna", "last_name": "de Wit"}


async def balances(till: Till, **asked: str) -> list[str]:
    found = (await till.get("CreditAccount", **asked)).get("CreditAccount", [])
    return [row["balance"] for row in (found if isinstance(found, list) else [found])]


async def refused(till: Till, path: str, body: object) -> str:
    answer = await till.client.post(f"/sandbox/tills/retail/{till.account}/{path}", json=body)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


async def test_an_open_ticket_is_paid_in_parts_and_completed(till: Till) -> None:
    key = await till.sell(a_line("120"), payments=[{"type": "PIN", "amount": "50"}], completed=False)
    till.world.clock.advance(1_800)
    shown = await till.control(f"sales/{key}/add", {"payments": [{"type": "cash", "amount": "30"}]})
    assert (shown["completed"], shown["balance"]) == (False, "40")
    assert "less than the total" in await refused(till, f"sales/{key}/complete", {})

    await till.control(f"sales/{key}/add", {"lines": [a_line("5")], "payments": [{"type": "iDEAL"}]})
    await till.control(f"sales/{key}/complete", {})

    sale = await till.sale(key)
    assert (sale["completed"], sale["total"], sale["balance"]) == ("true", "125", "0")
    assert sale["createTime"] == "2026-03-16T11:00:00+00:00"
    assert sale["completeTime"] == "2026-03-16T11:30:00+00:00"
    payments = sale["SalePayments"]["SalePayment"]
    assert [row["amount"] for row in payments] == ["50", "30", "45"]
    assert payments[0]["createTime"] < payments[1]["createTime"]
    assert "no open ticket" in await refused(till, f"sales/{key}/add", {"payments": [{"type": "PIN"}]})


async def test_a_gift_card_is_cashed_out(till: Till) -> None:
    await till.sell(a_line("50", gift_card="GC00000001"))
    payments = [
        {"type": "Gift Card", "amount": "50", "gift_card": "GC00000001"},
        {"type": "cash", "amount": "-50"},
    ]
    sale = await till.sale(await till.sell(payments=payments))
    assert (sale["total"], sale["balance"], sale["SaleLines"]) == ("0", "0", "")
    assert await balances(till, giftCard="true") == ["0"]


async def test_a_return_goes_to_a_gift_card_or_to_a_customers_account(till: Till) -> None:
    first, second = await till.sell(a_line("30")), await till.sell(a_line("20"))
    await till.control(f"sales/{first}/refund", {"payment": "Gift Card", "gift_card": "GC00000002"})
    back = await till.control(f"sales/{second}/refund", {"payment": "Credit Account", "customer": BUYER})
    assert await balances(till, giftCard="true") == ["-30"]
    assert await balances(till) == ["-20"]
    sale = await till.sale(back["saleID"])
    assert (sale["customerID"] != "0", sale["SalePayments"]["SalePayment"]["amount"]) == (True, "-20")


async def test_store_credit_without_a_return_and_its_use(till: Till) -> None:
    """A miscellaneous line of less than nothing, and a credit account payment of the same size (5.9)."""
    line = {"description": "Tegoed", "unit_price": "-15", "taxable": False}
    await till.sell(line, customer=BUYER, payments=[{"type": "Credit Account"}])
    assert await balances(till) == ["-15"]
    payments = [{"type": "Credit Account", "amount": "15"}, {"type": "PIN"}]
    await till.sell(a_line("40"), customer=BUYER, payments=payments)
    assert await balances(till) == ["0"]


async def test_what_was_sold_on_account_is_paid_later(till: Till) -> None:
    await till.sell(a_line("242"), customer=BUYER, payments=[{"type": "Credit Account"}])
    payments = [{"type": "PIN", "amount": "242"}, {"type": "Credit Account", "amount": "-242"}]
    sale = await till.sale(await till.sell(customer=BUYER, payments=payments))
    assert (sale["total"], sale["totalDue"]) == ("0", "242")
    assert await balances(till) == ["0"]


async def test_an_edit_may_leave_no_stamp_and_may_give_the_sale_a_customer(till: Till) -> None:
    key = await till.sell(a_line("10"))
    before = await till.sale(key)
    till.world.clock.advance(1_800)
    await till.control(f"sales/{key}/edit", {"customer": BUYER, "silent": True})
    after = await till.sale(key)
    assert (before["customerID"], after["customerID"] != "0") == ("0", True)
    assert after["updatetime"] == before["updatetime"]

    voided = await till.control(f"sales/{key}/void", {"silent": True})
    assert ((await till.sale(key))["voided"], voided["saleVoidID"]) == ("true", "1")
    assert (await till.sale(key))["updatetime"] == before["updatetime"]


async def test_a_sale_reaches_the_lists_late_with_the_stamp_of_its_till(till: Till) -> None:
    at = (NOON - timedelta(hours=5)).isoformat()
    sale = await till.sale(await till.sell(a_line("10"), at=at, changed_at=at))
    assert (sale["completeTime"], sale["updatetime"]) == ("2026-03-16T06:00:00+00:00",) * 2


async def test_cash_is_rounded_once_the_shop_chose_so(till: Till) -> None:
    chosen = await till.control("settings", {"cash_rounding": True}, method="PUT")
    assert chosen == {"cash_rounding": True}
    sale = await till.sale(await till.sell(a_line("12.48"), payments=[{"type": "cash"}]))
    assert sale["cashRoundingDelta"] == "-0.02"


async def test_a_register_stays_closed_until_it_is_opened_with_a_float(till: Till) -> None:
    till.world.clock.advance(600)
    await till.control("registers/1/close", {"stays_closed": True})
    assert (await till.get("Register/1"))["Register"]["open"] == "false"
    assert "is closed" in await refused(till, "registers/1/close", {})
    till.world.clock.advance(1_200)
    await till.control("registers/1/open", {"float": "150"})
    register = (await till.get("Register/1"))["Register"]
    assert (register["open"], register["openTime"]) == ("true", "2026-03-16T11:30:00+00:00")
    movement = (await till.get("RegisterWithdraw"))["RegisterWithdraw"]
    assert (movement["amount"], movement["createTime"]) == ("150", register["openTime"])
    assert "is open already" in await refused(till, "registers/1/open", {})


async def test_what_moves_in_the_second_of_a_count_is_counted_once(till: Till) -> None:
    till.world.clock.advance(600)
    await till.sell(a_line("100"), payments=[{"type": "cash"}], register="1")
    await till.control("registers/1/withdraw", {"amount": "-80", "notes": "afstorting"})
    await till.control("registers/1/close", {"float": "20"})
    await till.sell(a_line("7"), payments=[{"type": "cash"}], register="1")
    held = (await till.get("Register/1/calculated"))["CalculatedAmount"]
    assert held == [{"add": "20", "withdraw": "0", "payment": "7", "paymentTypeID": "1"}]
    till.world.clock.advance(60)
    await till.control("registers/1/close", {})
    counts = (await till.get("RegisterCount", load_relations='["RegisterCountAmounts"]'))["RegisterCount"]
    amounts = [count["RegisterCountAmounts"]["RegisterCountAmount"]["calculated"] for count in counts]
    assert amounts == ["20", "27"]


async def test_made_up_events_are_mixed_in_and_the_till_still_balances(till: Till) -> None:
    wanted = {"count": 300, "days": 4, "seed": 3}
    plain = await till.control("made-up", wanted)
    till.account = till.world.add_account("Ander", shops=("Centrum", "Station"), registers=(2, 1)).account_id
    mixed = await till.control("made-up", wanted | {"events": True})
    assert len(plain) == len(mixed) == 300
    account = till.world.accounts[till.account]
    assert len(account["SaleVoid"]) > 5
    stamps = [sale.moment("updatetime") for sale in account["Sale"]]
    assert len(set(stamps)) >= 1
    kinds = {row.text("name") for row in account["PaymentType"]}
    assert {"Gift Card", "Credit Account"} <= kinds
    totals = await till.control("totals", method="GET")
    paid = sum(Decimal(amount) for amount in totals["by_payment_type"].values())
    owed = Decimal(totals["turnover"]) + Decimal(totals["tips"]) - Decimal(totals["cash_rounding"])
    assert paid == owed
    assert Decimal(totals["by_payment_type"]["Gift Card"]) != 0
    assert Decimal(totals["cash_rounding"]) != 0
    assert Decimal(totals["tips"]) > 0
