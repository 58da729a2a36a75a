"""The till's cents, by hand (8.2, 11.2, 12.5)."""

from tests.sandbox.x_series.store import BUYER, Store, a_line


async def test_a_shelf_price_is_stored_without_tax_in_five_decimals(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line("24.95")))

    (line,) = sale["line_items"]
    assert (line["price"], line["tax"]) == (20.61983, 4.33017)  # 24.95 / 1.21, the vendor's own example
    assert (line["price_total"], line["tax_total"]) == (20.61983, 4.33017)
    assert (sale["total_price"], sale["total_tax"]) == (20.62, 4.33)
    assert sale["taxes"] == [{"id": store.tax("BTW hoog").rate_id, "amount": 4.33}]


async def test_two_rates_are_each_rounded_in_the_header(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line("24.95"), a_line("12.50", "2", "9")))

    # 24.95 -> 4.33017; 25.00 at 9 % -> 22.93578 + 2.06422; 4.33 + 2.06 = 6.39; 49.95 - 6.39 = 43.56
    assert (sale["total_price"], sale["total_tax"]) == (43.56, 6.39)
    assert [tax["amount"] for tax in sale["taxes"]] == [4.33, 2.06]
    assert sale["line_items"][1]["price_total"] == 22.93578


async def test_the_last_tax_component_absorbs_what_rounding_leaves(store: Store) -> None:
    lines = [a_line("4.95", rate="21", item=f"A{place}") for place in range(3)]
    sale = await store.flat(await store.sell(*lines))

    # 4.95 / 1.21 = 4.09091, tax 0.85909 each; 3 x 0.85909 = 2.57727 -> 2.58 = 0.86 + 0.86 + 0.86
    shown = [line["tax_components"][0]["total_tax"] for line in sale["line_items"]]
    assert (sale["total_tax"], shown) == (2.58, [0.86, 0.86, 0.86])

    # 1.30 / 1.09 = 1.19266, tax 0.10734 each; 3 x 0.10734 = 0.32202 -> 0.32 = 0.11 + 0.11 + 0.10
    lines = [a_line("1.30", rate="9", item=f"B{place}") for place in range(3)]
    sale = await store.flat(await store.sell(*lines))
    shown = [line["tax_components"][0]["total_tax"] for line in sale["line_items"]]
    assert (sale["total_tax"], shown) == (0.32, [0.11, 0.11, 0.1])


async def test_many_cheap_pieces_keep_their_shelf_price_and_drift_by_switch(store: Store) -> None:
    exact = await store.flat(await store.sell(a_line("0.03", "9360")))
    store.choose(line_totals="unit")
    drifted = await store.flat(await store.sell(a_line("0.03", "9360")))

    # 280.80 / 1.21 = 232.06612; by the piece 0.02479 x 9360 = 232.0344 and 0.00521 x 9360 = 48.7656
    assert (exact["line_items"][0]["price_total"], exact["total_tax"]) == (232.06612, 48.73)
    assert (drifted["line_items"][0]["price_total"], drifted["total_tax"]) == (232.0344, 48.77)
    assert drifted["total_price"] + drifted["total_tax"] == exact["total_price"] + exact["total_tax"] == 280.8


async def test_a_line_discount_is_taken_off_the_price_or_stands_beside_it_by_switch(store: Store) -> None:
    key = await store.sell(a_line("12.10", "2", line_discount="2.42"))
    after = (await store.flat(key))["line_items"][0]
    store.choose(price_and_discount="before")
    before = (await store.flat(key))["line_items"][0]

    # 24.20 - 2.42 = 21.78; a piece 10.89 = 9.00 + 1.89; the discount is 1.00 a piece without tax
    assert (after["price"], after["price_total"], after["discount"], after["discount_total"]) == (9, 18, 1, 2)
    assert (before["price"], before["price_total"], before["discount_total"]) == (10, 20, 2)
    assert (await store.flat(key))["total_price"] == 18


async def test_a_sale_discount_is_a_line_under_one_tax_and_lowers_each_rate(store: Store) -> None:
    key = await store.sell(a_line("12.10"), a_line("10.90", rate="9"), receipt_discount_percent="10")
    sale = await store.flat(key)

    line = sale["line_items"][-1]
    retailer = (await store.get("2.0/retailer"))["data"]
    assert (line["product_id"], line["quantity"], line["price_set"]) == (
        retailer["discount_product_id"],
        -1,
        True,
    )
    # 2.30 off 23.00: 1.21 with 0.21 tax, 1.09 with 0.09 tax
    assert (line["price"], line["tax"], line["price_total"], line["tax_total"]) == (2, 0.3, -2, -0.3)
    assert line["tax_components"] == [{"rate_id": store.tax("BTW hoog").rate_id, "total_tax": -0.3}]
    assert [tax["amount"] for tax in sale["taxes"]] == [1.89, 0.81]
    assert (sale["total_price"], sale["total_tax"]) == (18, 2.7)

    store.choose(discount_components="per rate")
    shown = (await store.flat(key))["line_items"][-1]["tax_components"]
    assert [part["total_tax"] for part in shown] == [-0.21, -0.09]


async def test_a_weighed_line_has_a_broken_quantity(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line("8.95", "0.345", "9")))

    # 0.345 x 8.95 = 3.08775; / 1.09 = 2.83280; tax 0.25495
    (line,) = sale["line_items"]
    assert (line["quantity"], line["price_total"], line["tax_total"]) == (0.345, 2.8328, 0.25495)
    assert (sale["total_price"], sale["total_tax"]) == (2.84, 0.25)
    assert sale["payments"][0]["amount"] == 3.09


async def test_a_zero_receipt_has_no_payments(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line("12.10"), receipt_discount_percent="100", payments=[]))
    assert (sale["status"], sale["total_price"], sale["total_tax"], sale["payments"]) == ("CLOSED", 0, 0, [])


async def test_tips_surcharges_and_web_charges_stand_outside_the_total_or_inside_by_switch(
    store: Store,
) -> None:
    ticket = {
        "payments": [{"type": "PIN", "tip": "2", "surcharge": "1.21"}],
        "charges": [{"name": "Verzendkosten", "amount": "4.84"}],
    }
    outside = await store.flat(await store.sell(a_line("12.10"), **ticket))
    store.choose(tip_in_total=True, surcharge_in_total=True, web_charge_in_total=True)
    inside = await store.flat(await store.sell(a_line("12.10"), **ticket))

    assert (outside["total_price"], outside["total_tax"]) == (10, 2.1)
    # 10 + 2 + 1 + 4 and 2.10 + 0.21 + 0.84
    assert (inside["total_price"], inside["total_tax"]) == (17, 3.15)
    for sale in (outside, inside):
        assert sale["payments"][0]["amount"] == 20.15
        assert [(extra["adjustment_type"], extra["value"]) for extra in sale["adjustments"]] == [
            ("TIP", 2),
            ("SURCHARGE", 1),
        ]
        assert sale["payments"][0]["surcharge"] == {"rule": "PERCENTAGE", "amount": 1.21}
        assert sale["ecom_custom_charges"]["total_incl"] == 4.84


async def test_promotions_are_named_on_nested_lines_and_taken_off_the_price(store: Store) -> None:
    key = await store.sell(a_line("12.10", line_discount="1.21", promotion="Zomer"), customer=BUYER)
    (line,) = (await store.nested(key))["line_items"]
    assert (line["pricing"]["price"], line["pricing"]["discount"]) == (9, 1)
    assert [(part["name"], part["amount"]) for part in line["promotions"]] == [("Zomer", 1)]
