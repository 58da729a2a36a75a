"""Articles that a till merges: the link goes on with the one that is left, and nothing is doubled."""

from __future__ import annotations

import pytest

from libs.common.domain.product import Product, ProductField, ProductLink
from libs.common.domain.product_matching import Sides
from libs.common.domain.products import Plan, Step, plan_changes
from tests.domain.articles import at_the_till, in_exact, to_exact, to_lightspeed

CODE = ProductField.CODE
GONE, LEFT, LATER = "431", "432", "433"
BELL, LOCK = "guid-1", "guid-2"


def plans(*keys: str, sides: Sides) -> dict[str, Plan]:
    return {plan.master_key: plan for plan in plan_changes(keys, sides, to_exact(CODE))}


def link(till: str, item: str | None, choice: str = "") -> ProductLink:
    return ProductLink(till, item, {CODE: "BEL"} if item else {}, choice)


def codes_of(plan: Plan) -> list[str]:
    return [conflict.code.value for conflict in plan.conflicts]


def bell(key: str = BELL) -> Product:
    return in_exact(key, "BEL")


def test_the_item_of_what_is_gone_becomes_that_of_what_is_left_and_bears_its_code() -> None:
    sides = Sides.of([at_the_till(LEFT, "BEL-2")], [bell()], [link(GONE, BELL)], {GONE: LEFT})

    found = plans(GONE, LEFT, sides=sides)

    assert (found[GONE].step, found[GONE].slave_key, found[GONE].conflicts) == (Step.LEAVE, None, ())
    assert (found[LEFT].step, found[LEFT].slave_key) == (Step.CHANGE, BELL)
    assert found[LEFT].values == {CODE: "BEL-2"}


def test_a_merge_that_ends_a_double_code_needs_nobody() -> None:
    links = [link(GONE, BELL), link(LEFT, None)]
    sides = Sides.of([at_the_till(LEFT, "BEL")], [bell()], links, {GONE: LEFT})

    found = plans(GONE, LEFT, sides=sides)

    assert (found[LEFT].step, found[LEFT].slave_key) == (Step.LEAVE, BELL)


def test_two_items_are_never_made_one() -> None:
    links = [link(GONE, BELL), ProductLink(LEFT, LOCK, {CODE: "SLOT"})]
    lock = in_exact(LOCK, "SLOT")
    sides = Sides.of([at_the_till(LEFT, "SLOT")], [bell(), lock], links, {GONE: LEFT})

    found = plans(GONE, LEFT, sides=sides)

    assert (found[GONE].slave_key, codes_of(found[GONE])) == (BELL, ["merged"])
    facts = dict(found[GONE].conflicts[0].facts)
    assert facts == {"name": "BEL Fietsbel chroom", "other": "SLOT Fietsbel chroom"}
    assert (found[LEFT].step, found[LEFT].slave_key) == (Step.LEAVE, LOCK)


@pytest.mark.parametrize("heir", ["", "999"])
def test_where_nobody_says_what_is_left_a_person_is_told(heir: str) -> None:
    sides = Sides.of([], [bell()], [link(GONE, BELL)], {GONE: heir})

    assert codes_of(plans(GONE, sides=sides)[GONE]) == ["merged"]


def test_what_was_merged_twice_is_found_at_its_end_and_a_circle_has_none() -> None:
    left = at_the_till(LATER, "BEL")
    sides = Sides.of([left], [bell()], [link(GONE, BELL)], {GONE: LEFT, LEFT: LATER})
    assert plans(GONE, LEFT, LATER, sides=sides)[LATER].slave_key == BELL

    circle = Sides.of([], [bell()], [link(GONE, BELL)], {GONE: LEFT, LEFT: GONE})
    assert codes_of(plans(GONE, LEFT, sides=circle)[GONE]) == ["merged"]


def test_of_two_that_went_into_one_the_first_gives_its_item_and_the_other_waits() -> None:
    links = [link(GONE, BELL), link(LATER, LOCK)]
    items = [bell(), in_exact(LOCK, "SLOT")]
    sides = Sides.of([at_the_till(LEFT, "X")], items, links, {GONE: LEFT, LATER: LEFT})

    found = plans(GONE, LATER, LEFT, sides=sides)

    assert found[LEFT].slave_key == BELL
    assert (found[LATER].slave_key, codes_of(found[LATER])) == (LOCK, ["merged"])


@pytest.mark.parametrize("choice", ["leave", "create"])
def test_what_a_person_said_of_what_is_left_holds(choice: str) -> None:
    links = [link(GONE, BELL), link(LEFT, None, choice)]
    sides = Sides.of([at_the_till(LEFT, "BEL-2")], [bell()], links, {GONE: LEFT})

    found = plans(GONE, LEFT, sides=sides)

    assert (found[GONE].slave_key, codes_of(found[GONE])) == (BELL, ["merged"])
    assert found[LEFT].slave_key is None


def test_what_is_not_decided_about_now_gets_no_link() -> None:
    sides = Sides.of([at_the_till(LEFT, "BEL-2")], [bell()], [link(GONE, BELL)], {GONE: LEFT})

    assert (plans(GONE, sides=sides)[GONE].slave_key, codes_of(plans(GONE, sides=sides)[GONE])) == (
        BELL,
        ["merged"],
    )


def test_where_exact_leads_its_item_goes_on_with_what_is_left_if_that_is_free() -> None:
    free = Sides.of([bell()], [at_the_till(LEFT, "BEL-2")], [ProductLink(BELL, GONE)], {GONE: LEFT})
    (plan,) = plan_changes([BELL], free, to_lightspeed(CODE))
    assert (plan.step, plan.slave_key, plan.values) == (Step.CHANGE, LEFT, {CODE: "BEL"})

    lock, links = in_exact(LOCK, "SLOT"), [ProductLink(BELL, GONE), ProductLink(LOCK, LEFT)]
    taken = Sides.of([bell(), lock], [at_the_till(LEFT, "SLOT")], links, {GONE: LEFT})
    (plan,) = plan_changes([BELL], taken, to_lightspeed(CODE))
    assert (plan.step, codes_of(plan)) == (Step.CONFLICT, ["merged"])
