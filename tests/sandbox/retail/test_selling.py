"""What the till makes of a ticket: amounts worked out by hand, shapes as in chapters 4 and 5."""

from decimal import Decimal

from services.sandbox.tills import Buyer, Ticket, TicketLine, TicketPayment, ticket_from, ticket_json
from tests.sandbox.retail.till import NOON, Till, a_line


async def test_two_rates_are_rounded_once_in_the_header(till: Till) -> None:
    key = await till.sell(a_line("12.10", "2"), a_line("5.45", rate="9"))
    sale = await till.sale(key)
    assert (sale["total"], sale["calcTax1"], sale["calcSubtotal"]) == ("29.65", "4.65", "25")
    assert (sale["completed"], sale["balance"], sale["ticketNumber"]) == ("true", "0", "220000000001")
    first, second = sale["SaleLines"]["SaleLine"]
    assert (first["calcTotal"], first["calcTax1"], first["tax1Rate"]) == ("24.2", "4.2", "0.21")
    assert (second["calcSubtotal"], second["calcTax1"], second["tax1Rate"]) == ("5", "0.45", "0.09")
    assert sale["SalePayments"]["SalePayment"]["amount"] == "29.65"


async def test_a_line_tax_has_seven_decimals(till: Till) -> None:
    sale = await till.sale(await till.sell(a_line("2.55", "6")))
    line = sale["SaleLines"]["SaleLine"]
    assert (line["calcTax1"], line["calcSubtotal"], line["calcTotal"]) == ("2.6553719", "12.6446281", "15.3")
    assert sale["calcTax1"] == "2.66"


async def test_half_a_cent_of_line_discount_goes_up_in_the_header(till: Till) -> None:
    sale = await till.sale(await till.sell(a_line("49.95", line_discount_percent="10")))
    line = sale["SaleLines"]["SaleLine"]
    assert (line["calcTotal"], line["discountPercent"], sale["total"]) == ("44.955", "0.1", "44.96")
    assert sale["calcTax1"] == "7.8"


async def test_a_receipt_discount_is_spread_over_the_lines(till: Till) -> None:
    key = await till.sell(a_line("100"), a_line("5", "4", rate="9"), receipt_discount_percent="15")
    sale = await till.sale(key)
    assert (sale["total"], sale["calcTax1"]) == ("102", "16.16")
    assert [line["calcTotal"] for line in sale["SaleLines"]["SaleLine"]] == ["85", "17"]


async def test_an_export_customer_pays_no_vat(till: Till) -> None:
    buyer = {"ref": "us-1", "last_name": "Carter", "country_code": "US", "tax_category": "2"}
    sale = await till.sale(await till.sell(a_line("12.10"), customer=buyer))
    assert (sale["total"], sale["calcTax1"], sale["taxCategoryID"], sale["calcNonTaxable"]) == (
        "12.1", "0", "2", "12.1",
    )  # fmt: skip


async def test_exclusive_prices_get_the_tax_on_top_and_a_cent_may_differ(till: Till) -> None:
    account = till.world.accounts[4712]
    account.add(
        "TaxCategory",
        isTaxInclusive=False,
        tax1Name="A",
        tax1Rate=Decimal("0.0875"),
        tax2Rate=Decimal("0.01"),
    )
    sale = await till.sale(await till.sell(a_line("14.77", tax_class="1", vat_rate=None), tax_category="3"))
    line = sale["SaleLines"]["SaleLine"]
    assert (line["calcTax1"], line["calcTax2"], line["calcTotal"]) == ("1.292375", "0.1477", "16.210075")
    assert (sale["calcTax1"], sale["calcTax2"], sale["total"]) == ("1.29", "0.15", "16.21")


async def test_a_gift_card_sold_is_a_negative_payment_and_no_turnover(till: Till) -> None:
    sale = await till.sale(
        await till.sell(a_line("50", gift_card="GC00000001")), "SaleLines", "SalePayments.SaleAccounts"
    )
    issued, tender = sale["SalePayments"]["SalePayment"]
    assert (issued["amount"], tender["amount"]) == ("-50", "50")
    assert issued["SaleAccounts"]["SaleAccount"]["creditAccountID"] == issued["creditAccountID"]
    assert (sale["total"], sale["totalDue"], sale["displayableTotal"], sale["balance"]) == (
        "0",
        "50",
        "50",
        "0",
    )
    assert sale["SaleLines"]["SaleLine"]["itemID"] == "0"
    card = (await till.get("CreditAccount", giftCard="true"))["CreditAccount"]
    assert (card["balance"], card["code"]) == ("-50", "GC00000001")
    assert "CreditAccount" not in await till.get("CreditAccount")


async def test_a_gift_card_pays_a_sale(till: Till) -> None:
    await till.sell(a_line("50", gift_card="GC00000001"))
    payments = [{"type": "Gift Card", "amount": "30", "gift_card": "GC00000001"}]
    sale = await till.sale(await till.sell(a_line("30"), payments=payments))
    assert (sale["total"], sale["totalDue"], sale["displayableTotal"]) == ("30", "0", "30")
    assert (await till.get("CreditAccount", giftCard="true"))["CreditAccount"]["balance"] == "-20"


async def test_on_account_needs_a_customer_and_raises_what_is_owed(till: Till) -> None:
    buyer = {"ref": "b-1", "company": "De Wit BV", "vat_number": "NL001234567B01"}
    payments = [{"type": "Credit Account"}]
    sale = await till.sale(await till.sell(a_line("242"), customer=buyer, payments=payments))
    account = await till.get(f"CreditAccount/{sale['SalePayments']['SalePayment']['creditAccountID']}")
    assert (account["CreditAccount"]["balance"], sale["totalDue"]) == ("242", "0")
    refused = await till.client.post(
        "/sandbox/tills/retail/4712/sales", json=[{"lines": [a_line()], "payments": payments}]
    )
    assert (refused.status_code, refused.json()["error"]) == (422, "a sale on account needs a customer")


async def test_a_deposit_has_no_lines(till: Till) -> None:
    payments = [{"type": "PIN", "amount": "50"}, {"type": "Credit Account", "amount": "-50"}]
    sale = await till.sale(await till.sell(customer={"ref": "d-1", "last_name": "Vos"}, payments=payments))
    assert (sale["SaleLines"], sale["total"], sale["totalDue"]) == ("", "0", "50")


async def test_change_is_no_payment(till: Till) -> None:
    sale = await till.sale(await till.sell(a_line("19.99"), payments=[{"type": "cash", "amount": "50"}]))
    assert (sale["SalePayments"]["SalePayment"]["amount"], sale["change"]) == ("19.99", "30.01")


async def test_a_tip_is_inside_the_amount(till: Till) -> None:
    sale = await till.sale(await till.sell(a_line("40"), payments=[{"type": "PIN", "tip": "3"}]))
    payment = sale["SalePayments"]["SalePayment"]
    assert (payment["amount"], payment["tipAmount"]) == ("43", "3")
    assert (sale["total"], sale["calcPayments"], sale["calcTips"], sale["balance"]) == ("40", "40", "3", "0")


async def test_cash_is_rounded_to_five_cents(till: Till) -> None:
    up = await till.sale(await till.sell(a_line("12.48"), payments=[{"type": "cash"}], cash_rounding=True))
    assert (up["SalePayments"]["SalePayment"]["amount"], up["cashRoundingDelta"]) == ("12.5", "-0.02")
    down = await till.sale(await till.sell(a_line("7.42"), payments=[{"type": "cash"}], cash_rounding=True))
    assert (down["cashRoundedTotal"], down["cashRoundingDelta"], down["balance"]) == ("7.4", "0.02", "0.02")


async def test_failed_attempts_are_archived_payments(till: Till) -> None:
    payments = [{"type": "PIN", "archived": True}, {"type": "PIN"}]
    sale = await till.sale(await till.sell(a_line("10"), payments=payments))
    assert [payment["archived"] for payment in sale["SalePayments"]["SalePayment"]] == ["true", "false"]
    assert sale["calcPayments"] == "10"


async def test_an_open_ticket_has_no_completion_and_may_be_unpaid(till: Till) -> None:
    sale = await till.sale(await till.sell(a_line("40"), payments=[], completed=False))
    assert (sale["completed"], sale["balance"], "completeTime" in sale) == ("false", "40", False)


async def test_a_ticket_that_does_not_balance_is_refused(till: Till) -> None:
    body = [{"lines": [a_line("40")], "payments": [{"type": "PIN", "amount": "39"}]}]
    assert (await till.client.post("/sandbox/tills/retail/4712/sales", json=body)).status_code == 422


async def test_a_return_with_receipt_names_the_line(till: Till) -> None:
    key = await till.sell(a_line("12.10", "2"))
    line = (await till.sale(key))["SaleLines"]["SaleLine"]
    wanted = {"lines": [{"sale_line_id": line["saleLineID"], "quantity": "1"}], "payment": "cash"}
    back = await till.sale((await till.control(f"sales/{key}/refund", wanted))["saleID"])
    returned = back["SaleLines"]["SaleLine"]
    assert (returned["unitQuantity"], returned["unitPrice"], returned["calcTax1"]) == ("-1", "12.1", "-2.1")
    assert returned["parentSaleLineID"] == line["saleLineID"]
    assert (back["total"], back["totalDue"], back["calcTax1"]) == ("-12.1", "-12.1", "-2.1")
    assert back["SalePayments"]["SalePayment"]["amount"] == "-12.1"
    too_many = {"lines": [{"sale_line_id": line["saleLineID"], "quantity": "2"}]}
    refused = await till.client.post(f"/sandbox/tills/retail/4712/sales/{key}/refund", json=too_many)
    assert refused.status_code == 422


async def test_a_whole_return_of_a_discounted_sale_mirrors_it(till: Till) -> None:
    key = await till.sell(
        a_line("49.95", "2", line_discount_percent="10"),
        a_line("3.33", rate="9"),
        receipt_discount_percent="15",
    )
    sale = await till.sale(key)
    back = await till.sale((await till.control(f"sales/{key}/refund", {}))["saleID"])
    assert (back["total"], back["calcTax1"]) == (f"-{sale['total']}", f"-{sale['calcTax1']}")


async def test_stock_moves_with_the_sale_and_back_with_the_void(till: Till) -> None:
    key = await till.sell(a_line("10", "3", item="MOK-1"))
    item = (await till.get("Item", customSku="MOK-1", load_relations='["ItemShops"]'))["Item"]
    stock = {row["shopID"]: row["qoh"] for row in item["ItemShops"]["ItemShop"]}
    assert stock == {"1": "-3", "2": "0", "0": "-3"}
    await till.control(f"sales/{key}/void", {"reason": "fout"})
    item = (await till.get("Item", customSku="MOK-1", load_relations='["ItemShops"]'))["Item"]
    assert {row["qoh"] for row in item["ItemShops"]["ItemShop"]} == {"0"}


async def test_a_void_leaves_the_money_fields_and_writes_a_row(till: Till) -> None:
    key = await till.sell(a_line("10"))
    await till.control(f"sales/{key}/void", {"reason": "fout"})
    sale = await till.sale(key)
    assert (sale["voided"], sale["completed"], sale["total"]) == ("true", "false", "10")
    assert (await till.get("SaleVoid"))["SaleVoid"]["saleID"] == key


async def test_an_edit_moves_updatetime_alone(till: Till) -> None:
    key = await till.sell(a_line("10"))
    before = await till.sale(key)
    till.world.clock.advance(1800)
    await till.control(f"sales/{key}/edit", {"payment_type": "Contant"})
    after = await till.sale(key)
    assert after["SalePayments"]["SalePayment"]["paymentTypeID"] == "1"
    assert (after["timeStamp"], after["completeTime"]) == (before["timeStamp"], before["completeTime"])
    assert (before["updatetime"], after["updatetime"]) == (
        "2026-03-16T11:00:00+00:00",
        "2026-03-16T11:30:00+00:00",
    )


async def test_a_reopened_sale_is_not_completed_until_it_is_again(till: Till) -> None:
    key = await till.sell(a_line("10"))
    await till.control(f"sales/{key}/reopen", {})
    assert (await till.sale(key))["completed"] == "false"
    await till.control(f"sales/{key}/complete", {})
    assert (await till.sale(key))["completed"] == "true"


async def test_other_lines_change_the_total_and_the_last_payment(till: Till) -> None:
    key = await till.sell(a_line("10"))
    await till.control(f"sales/{key}/edit", {"lines": [a_line("8.50", rate="9")]})
    sale = await till.sale(key)
    assert (sale["total"], sale["calcTax1"], sale["SalePayments"]["SalePayment"]["amount"]) == (
        "8.5",
        "0.7",
        "8.5",
    )


async def test_totals_leave_out_cards_deposits_tips_and_voids(till: Till) -> None:
    await till.sell(a_line("12.10"), payments=[{"type": "PIN", "tip": "2"}])
    await till.sell(a_line("50", gift_card="GC00000001"))
    await till.sell(a_line("0"), payments=[])
    await till.sell(
        customer={"ref": "d", "last_name": "Vos"},
        payments=[{"type": "PIN", "amount": "5"}, {"type": "SCA", "amount": "-5"}],
    )
    await till.control(f"sales/{await till.sell(a_line('99'))}/void", {})
    totals = await till.control("totals", method="GET")
    assert (totals["turnover"], totals["sales"], totals["with_money"], totals["without_money"]) == (
        "12.10",
        4,
        3,
        1,
    )
    assert totals["by_payment_type"] == {"Credit Account": "-5.00", "Gift Card": "-50.00", "PIN": "69.10"}
    assert totals["by_vat_rate"]["21"] == {"gross": "12.10", "vat": "2.10"}
    assert totals["by_day"] == {"2026-03-16": "12.10"}


async def test_what_a_ticket_does_not_have_is_said(till: Till) -> None:
    refused = await till.client.post(
        "/sandbox/tills/retail/4712/sales", json=[{"lines": [], "discount": "1"}]
    )
    assert refused.status_code == 422
    assert refused.json()["error"].startswith("a ticket has no discount")


async def test_made_up_tickets_are_the_same_for_the_same_seed(till: Till) -> None:
    wanted = {"count": 60, "days": 5, "seed": 7, "profile": "everything"}
    first = await till.control("made-up", wanted)
    till.account = till.world.add_account("Ander", shops=("Centrum", "Station"), registers=(2, 1)).account_id
    other = await till.control("made-up", wanted)
    assert len(first) == len(other) == 60
    till.account = 4712
    totals = await till.control("totals", method="GET")
    paid = sum(float(amount) for amount in totals["by_payment_type"].values())
    owed = float(totals["turnover"]) + float(totals["tips"]) - float(totals["cash_rounding"])
    assert abs(paid - owed) < 0.001


async def test_a_register_is_counted_and_opened_with_a_float(till: Till) -> None:
    await till.sell(a_line("100"), payments=[{"type": "cash"}], register="1")
    await till.sell(a_line("30"), register="1")
    await till.control("registers/1/withdraw", {"amount": "-20", "notes": "bloemen"})
    till.world.clock.advance(600)
    await till.control("registers/1/close", {"counted": {"Contant": "79.50"}, "float": "50"})
    count = (await till.get("RegisterCount", load_relations='["RegisterCountAmounts"]'))["RegisterCount"]
    amounts = count["RegisterCountAmounts"]["RegisterCountAmount"]
    assert [(row["paymentTypeID"], row["calculated"], row["actual"]) for row in amounts] == [
        ("1", "80", "79.5"),
        ("6", "30", "30"),
    ]
    movements = (await till.get("RegisterWithdraw"))["RegisterWithdraw"]
    opened = (await till.get("Register/1"))["Register"]["openTime"]
    assert [(row["amount"], row["createTime"] == opened) for row in movements] == [
        ("-20", False),
        ("50", True),
    ]


async def test_a_ticket_survives_the_way_over_json(till: Till) -> None:
    ticket = Ticket(
        at=NOON,
        customer=Buyer(ref="a", last_name="Bos"),
        lines=(TicketLine(quantity=Decimal("0.5"), unit_price=Decimal("12.10"), vat_rate=Decimal(9)),),
        payments=(TicketPayment(type="PIN"),),
    )
    written = ticket_json(ticket)
    assert written["lines"] == [{"quantity": "0.5", "unit_price": "12.10", "vat_rate": "9"}]
    assert ticket_from(written) == ticket
