"""What travels from one side to the other, what waits for a person, and what is left alone (domain.md 11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.domain.product import (
    ProductField,
    ProductKind,
    ProductLink,
    code_key,
    cut_at_word,
    gtin,
    readable,
    readable_variant,
)
from libs.common.domain.product_conflict import ConflictCode
from libs.common.domain.product_facts import TillTaxes
from libs.common.domain.product_matching import Sides
from libs.common.domain.products import Plan, Step, plan_changes
from tests.builders import D
from tests.domain.articles import (
    BARE_GROUP,
    EXEMPT,
    GROUP,
    HIGH,
    HIGH_E,
    HIGH_I,
    LOW,
    LOW_E,
    LOW_I,
    SPECIAL_GROUP,
    ZERO_RATE,
    at_the_till,
    in_exact,
    plan_one,
    to_exact,
    to_lightspeed,
)

CODE, DESCRIPTION, PRICE, VAT = (
    ProductField.CODE,
    ProductField.DESCRIPTION,
    ProductField.PRICE,
    ProductField.VAT,
)
GROUPED, ACTIVE, BARCODE, COST = (
    ProductField.GROUP,
    ProductField.ACTIVE,
    ProductField.BARCODE,
    ProductField.COST,
)


def codes_of(plan: Plan) -> list[str]:
    return [conflict.code.value for conflict in plan.conflicts]


def a_link(**synced: str) -> ProductLink:
    return ProductLink("431", "guid-1", {ProductField(name): value for name, value in synced.items()})


def test_a_new_article_is_made_in_exact_with_its_price_without_vat_in_four_decimals() -> None:
    plan = plan_one(at_the_till(barcodes=("8712345678906",), cost=D("4.1")), terms=to_exact())

    assert plan.step is Step.CREATE
    assert plan.values == {
        CODE: "EX-1001",
        DESCRIPTION: "Fietsbel chroom",
        BARCODE: "8712345678906",
        PRICE: "8.2231",  # 9.95 / 1.21; back it is 9.94995..., and so 9.95
        COST: "4.1",
        VAT: HIGH_E,
        GROUPED: GROUP,
        ACTIVE: "true",
        ProductField.STOCKED: "false",
    }


def test_under_a_code_that_includes_vat_the_price_itself_is_kept() -> None:
    terms = to_exact(vat_rules={"21": HIGH_I, "9": LOW_I})

    assert plan_one(at_the_till(), terms=terms).values[PRICE] == "9.95"


def test_a_till_that_sells_without_vat_gives_its_price_as_it_is() -> None:
    taxes = TillTaxes({"": D(21)}, "1", includes_vat=False)

    assert plan_one(at_the_till(price=D("8.2231")), terms=to_exact(taxes=taxes)).values[PRICE] == "8.2231"


def test_low_and_no_vat_are_read_with_their_own_rates() -> None:
    low = plan_one(at_the_till(vat=LOW, price=D("10.90")), terms=to_exact())
    none = plan_one(at_the_till(vat=EXEMPT, price=D("10.90")), terms=to_exact())

    assert (low.values[VAT], low.values[PRICE]) == (LOW_E, "10")
    assert (none.values[VAT], none.values[PRICE]) == (ZERO_RATE, "10.9")


def test_a_rule_for_a_class_goes_before_the_rule_for_its_rate() -> None:
    terms = to_exact(vat_rules={"21": HIGH_E, "class:1": HIGH_I, "9": LOW_E})

    assert plan_one(at_the_till(vat=HIGH), terms=terms).values[VAT] == HIGH_I


def test_articles_without_a_tax_bear_the_vat_code_that_their_category_was_given() -> None:
    terms = to_exact(vat_of_category={"7": HIGH_E, "8": LOW_I}, taxes=TillTaxes())

    bell = plan_one(at_the_till(vat="7", group="7"), terms=terms)
    helmet = plan_one(at_the_till(vat="8", group="8"), terms=terms)
    other = plan_one(at_the_till(vat="9", group="9"), terms=terms)

    assert (bell.values[VAT], bell.values[PRICE]) == (HIGH_E, "8.2231")
    assert (helmet.values[VAT], helmet.values[PRICE]) == (LOW_I, "9.95")
    assert (other.step, codes_of(other)) == (Step.CONFLICT, ["category-without-vat"])
    assert dict(other.conflicts[0].facts) == {"category": "Zonder"}


def test_what_outlets_say_differently_waits_and_the_rest_is_taken() -> None:
    article = at_the_till(differs=(PRICE,))

    plan = plan_one(article, terms=to_exact())

    assert (plan.step, codes_of(plan)) == (Step.CREATE, ["outlets-differ"])
    assert PRICE not in plan.values
    held = plan_one(article, in_exact(price=D(5)), terms=to_exact(), link=a_link(price="5"))
    assert (held.step, codes_of(held)) == (Step.LEAVE, ["outlets-differ"])


def test_a_new_article_of_exact_is_made_at_the_till_at_the_price_that_customers_pay() -> None:
    plan = plan_one(in_exact(group=SPECIAL_GROUP, cost=D("4.10")), terms=to_lightspeed())

    assert plan.step is Step.CREATE
    assert plan.values == {
        CODE: "EX-1001",
        DESCRIPTION: "Fietsbel chroom",
        BARCODE: "",
        PRICE: "9.95",
        COST: "4.1",
        VAT: HIGH,
        GROUPED: "7",
        ACTIVE: "true",
        ProductField.STOCKED: "true",
    }


def test_an_item_that_the_export_of_a_sale_made_is_adopted_by_its_code() -> None:
    made_by_export = in_exact(code=" ex-1001 ", price=None)

    plan = plan_one(at_the_till(), made_by_export, terms=to_exact())

    assert (plan.step, plan.slave_key) == (Step.CHANGE, "guid-1")
    assert plan.values == {CODE: "EX-1001", PRICE: "8.2231"}


def test_leading_zeros_make_another_code() -> None:
    assert plan_one(at_the_till(code="007"), in_exact(code="7"), terms=to_exact()).step is Step.CREATE


def test_without_an_equal_code_an_equal_barcode_links_and_the_code_follows() -> None:
    till = at_the_till(barcodes=("012345678905",))
    exact = in_exact(code="OLD-1", barcodes=("0012345678905",))

    plan = plan_one(till, exact, terms=to_exact())

    assert (plan.slave_key, plan.values) == ("guid-1", {CODE: "EX-1001"})


def test_a_barcode_that_two_articles_bear_decides_nothing() -> None:
    till = at_the_till(barcodes=("8712345678906",))
    twin = at_the_till("432", "EX-1002", barcodes=("8712345678906",))

    plan = plan_one(
        till, in_exact(code="OLD-1", barcodes=("8712345678906",)), terms=to_exact(), others=(twin,)
    )

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["barcode-double"])


def test_a_barcode_that_two_items_bear_decides_nothing_either() -> None:
    """Though one of them is another article's by its code."""
    till = at_the_till(barcodes=("8712345678906",))
    items = (
        in_exact("guid-1", "EX-1002", barcodes=("8712345678906",)),
        in_exact("guid-2", "OLD-1", barcodes=("8712345678906",)),
    )

    plan = plan_one(till, *items, terms=to_exact(), others=(at_the_till("432", "EX-1002"),))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["barcode-double"])


def test_an_item_whose_code_is_of_another_article_is_not_taken_for_its_barcode() -> None:
    till = at_the_till(barcodes=("8712345678906",))
    other = at_the_till("432", "EX-1002")

    plan = plan_one(
        till, in_exact(code="EX-1002", barcodes=("8712345678906",)), terms=to_exact(), others=(other,)
    )

    assert plan.step is Step.CREATE


def test_several_matches_are_a_conflict_and_never_a_guess() -> None:
    matches = at_the_till("1", "EX-1001"), at_the_till("2", "ex-1001")

    plan = plan_one(in_exact(), *matches, terms=to_lightspeed())

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["several-matches"])


def test_an_archived_match_gives_way_to_a_living_one() -> None:
    matches = at_the_till("1", "EX-1001", is_active=False), at_the_till("2", "EX-1001")

    assert plan_one(in_exact(), *matches, terms=to_lightspeed()).slave_key == "2"


def test_what_a_person_linked_stays_whatever_the_codes_say() -> None:
    link = ProductLink("431", "guid-9")

    plan = plan_one(at_the_till(), in_exact(), in_exact("guid-9", "OTHER"), terms=to_exact(), link=link)

    assert (plan.slave_key, plan.values) == ("guid-9", {CODE: "EX-1001"})


def test_an_item_that_is_linked_is_not_given_to_another() -> None:
    other = ProductLink("500", "guid-1")

    plan = plan_one(at_the_till(), in_exact(), terms=to_exact(), links=(other,))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["code-taken"])


def test_two_articles_that_match_one_item_are_not_both_given_it() -> None:
    sides = Sides.of(
        [in_exact("guid-1", "EX-1001"), in_exact("guid-2", "ZZ", barcodes=("8712345678906",))],
        [at_the_till(barcodes=("8712345678906",))],
        [],
    )

    plans = plan_changes(["guid-1", "guid-2"], sides, to_lightspeed())

    assert [plan.slave_key for plan in plans] == ["431", None]


def test_a_link_survives_a_new_code_which_travels() -> None:
    link = a_link(code="EX-1001", description="Fietsbel chroom", price="8.2231", vat=HIGH_E)

    plan = plan_one(at_the_till(code="BEL-1"), in_exact(), terms=to_exact(), link=link)

    assert (plan.step, plan.slave_key, plan.values) == (Step.CHANGE, "guid-1", {CODE: "BEL-1"})


def test_a_new_code_that_another_article_bears_waits_and_the_rest_goes_on() -> None:
    till = at_the_till(code="EX-2", description="Nieuwe naam")

    plan = plan_one(till, in_exact(), terms=to_exact(), link=a_link(), others=(at_the_till("432", "EX-2"),))

    assert plan.values == {DESCRIPTION: "Nieuwe naam"}
    assert codes_of(plan) == ["code-double"]


def test_nothing_is_written_when_nothing_changed() -> None:
    plan = plan_one(at_the_till(), in_exact(), terms=to_exact(), link=a_link())

    assert (plan.step, plan.values, plan.conflicts) == (Step.LEAVE, {}, ())
    assert plan.synced[PRICE] == "8.2231"


def test_only_the_fields_that_were_chosen_travel() -> None:
    till = at_the_till(description="Nieuwe naam", price=D("12.10"))

    plan = plan_one(till, in_exact(), terms=to_exact(PRICE), link=a_link(price="8.2231"))

    assert plan.values == {PRICE: "10"}


def test_a_change_on_the_side_that_follows_is_reported_and_not_fought_over() -> None:
    plan = plan_one(
        at_the_till(),
        in_exact(description="Eigen naam"),
        terms=to_exact(),
        link=a_link(description="Fietsbel chroom", price="8.2231"),
    )

    assert plan.values == {}
    assert [(each.code, each.field) for each in plan.conflicts] == [
        (ConflictCode.CHANGED_ON_WRONG_SIDE, DESCRIPTION)
    ]


def test_the_report_is_over_when_the_change_is_taken_back() -> None:
    plan = plan_one(at_the_till(), in_exact(), terms=to_exact(), link=a_link(description="Fietsbel chroom"))

    assert plan.conflicts == ()


def test_the_leading_side_wins_where_both_changed_and_what_is_lost_is_told() -> None:
    plan = plan_one(
        at_the_till(description="Bel"),
        in_exact(description="Eigen naam"),
        terms=to_exact(),
        link=a_link(description="Fietsbel chroom"),
    )

    assert plan.values == {DESCRIPTION: "Bel"}
    assert plan.overwritten == {DESCRIPTION: "Eigen naam"}


def test_a_person_may_have_it_overwritten() -> None:
    link = ProductLink("431", "guid-1", {DESCRIPTION: "Fietsbel chroom"}, choice="overwrite")

    plan = plan_one(at_the_till(), in_exact(description="Eigen naam"), terms=to_exact(), link=link)

    assert plan.values == {DESCRIPTION: "Fietsbel chroom"}


def test_the_vat_code_that_the_bookkeeper_gave_an_item_stays_while_its_rate_is_the_class_s() -> None:
    exact = in_exact(vat=HIGH_I, price=D("9.95"))

    assert plan_one(at_the_till(), exact, terms=to_exact()).values == {}
    assert plan_one(at_the_till(price=D("12.10")), exact, terms=to_exact()).values == {PRICE: "12.1"}


def test_another_tax_class_brings_another_code_and_the_price_in_its_reading() -> None:
    plan = plan_one(at_the_till(vat=LOW), in_exact(vat=HIGH_I, price=D("9.95")), terms=to_exact())

    assert plan.values == {VAT: LOW_E, PRICE: "9.1284"}  # 9.95 / 1.09


def test_a_class_at_the_till_that_has_the_rate_already_stays() -> None:
    taxes = TillTaxes({"": D(21), HIGH: D(21), "2": D(21)}, "1")

    plan = plan_one(in_exact(), at_the_till(vat="2"), terms=to_lightspeed(taxes=taxes))

    assert VAT not in plan.values


@pytest.mark.parametrize("code", ["", "  ", "\u200b"])
def test_an_article_without_a_code_waits(code: str) -> None:
    plan = plan_one(at_the_till(code=code), terms=to_exact())

    assert (plan.step, set(codes_of(plan))) == (Step.CONFLICT, {"code-missing"})


def test_articles_of_one_code_wait_until_each_has_its_own() -> None:
    twin = at_the_till("432", "ex-1001 ")

    plan = plan_one(at_the_till(), terms=to_exact(), others=(twin,))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["code-double"])


def test_a_twin_that_was_archived_long_ago_is_in_nobody_s_way() -> None:
    twin = at_the_till("432", "EX-1001", is_active=False)

    assert plan_one(at_the_till(), terms=to_exact(), others=(twin,)).step is Step.CREATE


def test_a_code_of_31_characters_waits_and_one_of_30_goes() -> None:
    assert codes_of(plan_one(at_the_till(code="X" * 31), terms=to_exact())) == ["code-too-long"]
    assert plan_one(at_the_till(code="X" * 30), terms=to_exact()).step is Step.CREATE


LONG = "FIETSBEL-CHROOM-MET-LANGE-NAAM-2026"
CUT = "FIETSBEL-CHROOM-MET-L-e53ffedf"
"""With the first eight digits of its SHA-256: so a sale's export names the item that it makes."""


def test_an_item_that_a_sale_made_under_a_cut_code_is_the_article_s_own_and_keeps_it() -> None:
    plan = plan_one(at_the_till(code=LONG), in_exact(code=CUT, price=D(0)), terms=to_exact(CODE, PRICE))

    assert (plan.step, plan.slave_key, plan.values) == (Step.CHANGE, "guid-1", {PRICE: "8.2231"})
    assert plan.conflicts == ()
    shorter = plan_one(at_the_till(code="BEL"), in_exact(code=CUT), terms=to_exact(CODE), link=a_link())
    assert shorter.values == {CODE: "BEL"}
    other = plan_one(at_the_till(code=LONG + "-B"), in_exact(code=CUT), terms=to_exact(CODE), link=a_link())
    assert (other.values, codes_of(other)) == ({}, ["code-too-long"])


def test_an_item_under_a_cut_code_finds_its_article_at_the_till_and_leaves_its_code() -> None:
    plan = plan_one(in_exact(code=CUT), at_the_till(code=LONG), terms=to_lightspeed(CODE, PRICE))

    assert (plan.step, plan.slave_key, plan.values) == (Step.LEAVE, "431", {})


def test_a_tax_class_without_vat_code_keeps_a_new_article_from_being_made() -> None:
    plan = plan_one(at_the_till(vat=LOW), terms=to_exact(vat_rules={"21": HIGH_E}))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["vat-code-missing"])
    assert dict(plan.conflicts[0].facts) == {"tax_class": LOW, "rate": "9"}


def test_of_an_article_that_is_there_only_vat_and_price_wait_for_the_code() -> None:
    till = at_the_till(vat=LOW, description="Nieuwe naam", price=D("1.09"))

    plan = plan_one(till, in_exact(), terms=to_exact(vat_rules={"21": HIGH_E}), link=a_link())

    assert plan.values == {DESCRIPTION: "Nieuwe naam"}
    assert codes_of(plan) == ["vat-code-missing"]


def test_a_vat_code_without_tax_class_keeps_a_new_article_from_being_made_at_the_till() -> None:
    taxes = TillTaxes({"": D(21), HIGH: D(21)}, "1")

    plan = plan_one(in_exact(vat=LOW_E), terms=to_lightspeed(taxes=taxes))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["tax-class-missing"])


def test_a_price_of_nothing_stays_behind_and_is_named() -> None:
    plan = plan_one(at_the_till(price=D(0)), in_exact(), terms=to_exact(), link=a_link(price="8.2231"))

    assert (plan.values, codes_of(plan)) == ({}, ["price-zero"])


def test_a_price_whose_vat_is_unknown_says_so_where_vat_itself_does_not_travel() -> None:
    """A price means nothing without its VAT; where that is chosen it says itself what it lacks."""
    fields, link = (DESCRIPTION, PRICE), a_link()

    to_item = plan_one(at_the_till(), in_exact(vat="", price=D(1)), terms=to_exact(*fields), link=link)
    of_class = plan_one(
        at_the_till(vat="99"), in_exact(), terms=to_exact(*fields, taxes=TillTaxes()), link=link
    )
    to_till = plan_one(
        in_exact(vat=""), at_the_till(price=D(1)), terms=to_lightspeed(*fields), link=_from_exact("true")
    )

    for plan in (to_item, of_class, to_till):
        assert (PRICE in plan.values, codes_of(plan)) == (False, ["price-without-vat"])
        assert plan.conflicts[0].field is PRICE


def test_an_article_whose_price_is_nothing_is_made_without_it() -> None:
    plan = plan_one(at_the_till(price=D(0)), terms=to_exact())

    assert plan.step is Step.CREATE
    assert PRICE not in plan.values
    assert codes_of(plan) == ["price-zero"]


def test_a_group_without_ledgers_is_not_used() -> None:
    plan = plan_one(at_the_till(group="9"), in_exact(), terms=to_exact(), link=a_link())

    assert (plan.values, codes_of(plan)) == ({}, ["group-without-ledgers"])
    assert BARE_GROUP not in plan.synced.values()


def test_a_category_that_was_not_mapped_leaves_the_item_in_its_group() -> None:
    plan = plan_one(at_the_till(group="8"), in_exact(group=SPECIAL_GROUP), terms=to_exact())

    assert GROUPED not in plan.values


def test_a_group_without_category_has_one_made_of_its_name() -> None:
    exact = in_exact(group=SPECIAL_GROUP)

    plan = plan_one(exact, terms=to_lightspeed(categories={}, group_of_category={}))

    assert plan.values[GROUPED] == "name:Fietsen"


def test_of_two_categories_of_one_name_none_is_chosen() -> None:
    terms = to_lightspeed(categories={"7": "Fietsen", "70": "fietsen"}, group_of_category={})

    assert GROUPED not in plan_one(in_exact(group=SPECIAL_GROUP), terms=terms).values
    assert GROUPED not in plan_one(in_exact(group=SPECIAL_GROUP), at_the_till(group="70"), terms=terms).values


def test_an_article_archived_at_the_till_ends_in_exact_and_lives_again_with_it() -> None:
    link = a_link(active="true")

    ended = plan_one(at_the_till(is_active=False), in_exact(), terms=to_exact(), link=link)
    restored = plan_one(
        at_the_till(), in_exact(is_active=False), terms=to_exact(), link=a_link(active="false")
    )

    assert ended.values == {ACTIVE: "false"}
    assert restored.values == {ACTIVE: "true"}


def test_an_article_that_ended_in_exact_is_never_archived_at_the_till() -> None:
    plan = plan_one(in_exact(is_active=False), at_the_till(), terms=to_lightspeed(), link=_from_exact("true"))

    assert (plan.values, codes_of(plan)) == ({}, ["archived-in-exact"])


def test_an_article_that_lives_again_in_exact_is_brought_back_at_the_till() -> None:
    plan = plan_one(
        in_exact(), at_the_till(is_active=False), terms=to_lightspeed(), link=_from_exact("false")
    )

    assert plan.values == {ACTIVE: "true"}


def _from_exact(active: str) -> ProductLink:
    return ProductLink("guid-1", "431", {ACTIVE: active})


def test_archived_here_and_sold_there_is_told() -> None:
    plan = plan_one(at_the_till(), in_exact(is_active=False), terms=to_exact(), link=a_link(active="true"))

    assert (plan.values, codes_of(plan)) == ({}, ["changed-on-wrong-side"])


def test_an_archived_article_that_was_never_linked_is_left_alone() -> None:
    assert plan_one(at_the_till(is_active=False), terms=to_exact()).step is Step.LEAVE


def test_a_link_whose_other_end_is_gone_waits_for_a_person() -> None:
    plan = plan_one(at_the_till(), terms=to_exact(), link=a_link(code="EX-1001"))

    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["gone"])


def test_deleting_is_never_carried_over() -> None:
    sides = Sides.of([], [at_the_till()], [ProductLink("guid-1", "431")])

    [plan] = plan_changes(["guid-1"], sides, to_lightspeed())

    assert (plan.values, codes_of(plan)) == ({}, ["master-gone"])


def test_what_a_person_wants_left_alone_is_left_alone() -> None:
    link = ProductLink("431", None, choice="leave")

    assert plan_one(at_the_till(), in_exact(), terms=to_exact(), link=link).step is Step.LEAVE


def test_a_person_may_have_another_made_though_several_match() -> None:
    link = ProductLink("guid-1", None, choice="create")
    matches = at_the_till("1", "EX-1001"), at_the_till("2", "EX-1001")

    assert plan_one(in_exact(), *matches, terms=to_lightspeed(), link=link).step is Step.CREATE


def test_a_barcode_that_the_till_does_not_take_stays_behind_and_is_named() -> None:
    plan = plan_one(in_exact(barcodes=("12345678",)), terms=to_lightspeed())

    assert plan.step is Step.CREATE
    assert (BARCODE in plan.values, codes_of(plan)) == (False, ["barcode-unfit"])


def test_a_till_that_takes_eight_digits_is_given_them() -> None:
    terms = replace(to_lightspeed(), barcode_lengths=(8, 12, 13, 14))

    assert plan_one(in_exact(barcodes=("12345670",)), terms=terms).values[BARCODE] == "12345670"
    assert codes_of(plan_one(in_exact(barcodes=("12345678901",)), terms=terms)) == ["barcode-unfit"]


def test_whichever_of_the_till_s_barcodes_exact_has_stays() -> None:
    till = at_the_till(barcodes=("8712345678906", "012345678905"))

    assert plan_one(till, in_exact(barcodes=("0012345678905",)), terms=to_exact()).values == {}


def test_a_cost_that_the_consent_hides_is_not_taken_for_none() -> None:
    link = a_link(cost="4.1")

    plan = plan_one(at_the_till(cost=None), in_exact(cost=D("4.1")), terms=to_exact(), link=link)

    assert (plan.values, plan.conflicts, plan.synced[COST]) == ({}, (), "4.1")


def test_goods_become_stock_items_where_stock_is_kept_in_step() -> None:
    terms = to_exact(DESCRIPTION, ProductField.STOCKED)
    service = ProductKind.SERVICE

    goods = plan_one(at_the_till(), in_exact(kind=service), terms=terms)
    labour = plan_one(at_the_till(kind=service), in_exact(kind=service), terms=terms)
    bundle = plan_one(at_the_till(kind=ProductKind.BUNDLE), terms=terms)

    assert goods.values == {ProductField.STOCKED: "true"}
    assert labour.values == {}
    assert bundle.values[ProductField.STOCKED] == "false"


def test_long_descriptions_are_cut_at_a_word() -> None:
    text = "Regenjas met capuchon en reflecterende strepen, waterdicht tot 10.000 mm"

    assert cut_at_word(text) == "Regenjas met capuchon en reflecterende strepen, waterdicht"
    assert cut_at_word("X" * 70) == "X" * 60
    assert cut_at_word("A" + "b" * 69 + " c") == "A" + "b" * 59
    assert cut_at_word("a" * 60 + " b") == "a" * 60


def test_what_nobody_can_see_is_left_out() -> None:
    assert readable("  Fiets\u200bbel\x00\tchroom\r\n") == "Fiets bel chroom"


def test_variants_have_names_that_people_know_them_by() -> None:
    assert readable_variant("", "T-shirt Zomer", ("Rood", "XL")) == "T-shirt Zomer Rood XL"
    assert (
        readable_variant("T-shirt Zomer rood XL", "T-shirt Zomer", ("Rood", "XL")) == "T-shirt Zomer rood XL"
    )


def test_barcodes_compare_as_gtins_and_codes_without_case() -> None:
    assert gtin("012345678905") == gtin("0012345678905") == "00012345678905"
    assert [gtin(each) for each in ("", "abc", "0000000000000", "123", "１２３４５６７８")] == [""] * 5
    assert code_key(" Ex-1 ") == code_key("EX-1") != code_key("0EX-1")
    assert code_key("BEL  01\u200b") == code_key("bel 01") != code_key("bel01")


def test_a_code_with_odd_spaces_is_the_item_s_that_bears_it_without() -> None:
    plan = plan_one(at_the_till(code="BEL  01"), in_exact(code="BEL 01"), terms=to_exact())

    assert (plan.slave_key, plan.values, plan.conflicts) == ("guid-1", {}, ())


def test_a_barcode_that_only_the_other_side_has_stays_and_one_that_was_removed_goes() -> None:
    exact = in_exact(barcodes=("8712345678906",))

    assert plan_one(at_the_till(), exact, terms=to_exact()).values == {}
    assert plan_one(at_the_till(), exact, terms=to_exact(), link=a_link(barcode="8712345678906")).values == {
        BARCODE: ""
    }
