"""What holds for all articles: a plan that was carried out leaves nothing to do, no item is linked twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.domain.money import to_cents
from libs.common.domain.product import (
    CHOOSABLE,
    DESCRIPTION_LENGTH,
    Product,
    ProductField,
    ProductKind,
    ProductLink,
    cut_at_word,
    readable,
)
from libs.common.domain.product_facts import ItemVatCode, ProductTerms, TillTaxes
from libs.common.domain.product_matching import Sides
from libs.common.domain.product_price import price_for_exact, price_for_till
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
    to_exact,
    to_lightspeed,
    written,
)

SOME = settings(max_examples=100, deadline=None)
codes = st.sampled_from(["EX-1", "ex-1 ", "EX-2", "007", "7", "", "X" * 31])
texts = st.sampled_from(["Fietsbel", "  Bel\u200b ", "Zeer " * 20, "", "Bel & 'co' €"])
barcodes = st.lists(
    st.sampled_from(["8712345678906", "012345678905", "0012345678905", "12345678", "x"]),
    max_size=2,
    unique=True,
).map(tuple)
prices = st.one_of(st.none(), st.integers(0, 2_000_000).map(lambda cents: D(cents) / 100))


@st.composite
def till_products(draw: st.DrawFn) -> Product:
    return at_the_till(
        "t",
        draw(codes),
        description=draw(texts),
        barcodes=draw(barcodes),
        price=draw(prices),
        cost=draw(prices),
        vat=draw(st.sampled_from([HIGH, LOW, EXEMPT, "99"])),
        group=draw(st.sampled_from(["", "7", "8", "9"])),
        is_active=draw(st.booleans()),
        kind=draw(st.sampled_from(ProductKind)),
    )


@st.composite
def exact_products(draw: st.DrawFn) -> Product:
    return in_exact(
        "e",
        draw(codes) or "LS-1",
        description=draw(texts),
        barcodes=draw(barcodes)[:1],
        price=draw(prices),
        cost=draw(prices),
        vat=draw(st.sampled_from([HIGH_E, HIGH_I, LOW_E, LOW_I, ZERO_RATE, ""])),
        group=draw(st.sampled_from([GROUP, SPECIAL_GROUP, BARE_GROUP])),
        is_active=draw(st.booleans()),
    )


fields = st.sets(st.sampled_from(CHOOSABLE), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
stocks = st.booleans().map(lambda on: (ProductField.STOCKED,) if on else ())


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Product], list[Product], ProductTerms]:
    """Masters, slaves and terms, in either direction."""
    till = draw(st.lists(till_products(), max_size=4))
    exact = draw(st.lists(exact_products(), max_size=4))
    till = [replace(each, key=f"t{number}") for number, each in enumerate(till)]
    exact = [replace(each, key=f"e{number}") for number, each in enumerate(exact)]
    chosen = (*draw(fields), *draw(stocks))
    if draw(st.booleans()):
        return till, exact, to_exact(*chosen)
    return exact, till, to_lightspeed(*chosen)


def _plan_all(
    masters: list[Product], slaves: list[Product], links: list[ProductLink], terms: ProductTerms
) -> list[Plan]:
    return plan_changes([each.key for each in masters], Sides.of(masters, slaves, links), terms)


def _carried_out(slaves: list[Product], plans: list[Plan]) -> tuple[list[Product], list[ProductLink]]:
    held = {each.key: each for each in slaves}
    links = []
    for plan in plans:
        key = plan.slave_key or (f"new-{plan.master_key}" if plan.step is Step.CREATE else None)
        if key is None:
            continue
        held[key] = written(held.get(key), _with_categories(plan), key)
        synced = {name: _category(value) for name, value in plan.synced.items()}
        links.append(ProductLink(plan.master_key, key, synced))
    return list(held.values()), links


def _with_categories(plan: Plan) -> dict[ProductField, str]:
    return {name: _category(value) for name, value in plan.values.items()}


def _category(value: str) -> str:
    return {"name:Zonder": "9"}.get(value, value)


@given(scenes())
@SOME
def test_when_a_plan_was_carried_out_nothing_is_left_to_write(
    scene: tuple[list[Product], list[Product], ProductTerms],
) -> None:
    masters, slaves, terms = scene
    slaves, links = _carried_out(slaves, _plan_all(masters, slaves, [], terms))

    again = _plan_all(masters, slaves, links, terms)

    linked = {link.master_key for link in links}
    for plan in again:
        assert plan.values == {} or plan.master_key not in linked
        assert plan.step is not Step.CREATE


@given(scenes())
@SOME
def test_no_article_is_linked_twice_and_no_two_are_made_of_one_code(
    scene: tuple[list[Product], list[Product], ProductTerms],
) -> None:
    masters, slaves, terms = scene

    plans = _plan_all(masters, slaves, [], terms)

    linked = [plan.slave_key for plan in plans if plan.slave_key is not None]
    made = [plan.values[ProductField.CODE].casefold() for plan in plans if plan.step is Step.CREATE]
    assert len(linked) == len(set(linked))
    assert len(made) == len(set(made))


@given(scenes(), st.data())
@SOME
def test_what_is_changed_on_the_side_that_follows_is_never_written_over(
    scene: tuple[list[Product], list[Product], ProductTerms], data: st.DataObject
) -> None:
    masters, slaves, terms = scene
    slaves, links = _carried_out(slaves, _plan_all(masters, slaves, [], terms))
    changed = [replace(each, description=data.draw(texts), price=data.draw(prices)) for each in slaves]

    plans = _plan_all(masters, changed, links, terms)

    linked = {link.master_key: link for link in links}
    for plan in plans:
        if plan.master_key in linked:
            synced = linked[plan.master_key].synced
            assert not {ProductField.DESCRIPTION, ProductField.PRICE} & plan.values.keys() & synced.keys()


@given(scenes())
@SOME
def test_of_an_article_that_is_there_nothing_is_written_but_what_was_chosen(
    scene: tuple[list[Product], list[Product], ProductTerms],
) -> None:
    masters, slaves, terms = scene

    for plan in _plan_all(masters, slaves, [], terms):
        if plan.step is Step.CHANGE:
            assert plan.values.keys() <= terms.fields
        if plan.step is Step.CONFLICT:
            assert plan.conflicts


@given(scenes())
@SOME
def test_deciding_twice_says_the_same(scene: tuple[list[Product], list[Product], ProductTerms]) -> None:
    masters, slaves, terms = scene

    assert _plan_all(masters, slaves, [], terms) == _plan_all(masters, slaves, [], terms)


@given(
    st.integers(1, 10**9),
    st.sampled_from(["0", "6", "9", "12", "21", "25"]),
    st.sampled_from(["E", "I"]),
)
@SOME
def test_a_price_with_vat_comes_back_to_the_cent(cents: int, rate: str, kind: str) -> None:
    price, taxes = Decimal(cents) / 100, TillTaxes({"": D(rate)}, "1", includes_vat=True)
    code = ItemVatCode("x", kind, D(rate))

    there = price_for_exact(price, D(rate), taxes, code)

    assert to_cents(price_for_till(there, code, D(rate), taxes)) == price


@given(st.text(max_size=200))
@SOME
def test_a_text_that_is_cut_is_the_begin_of_what_it_was(text: str) -> None:
    cut = cut_at_word(text)

    assert len(cut) <= DESCRIPTION_LENGTH
    assert readable(text).startswith(cut)
    assert cut == cut.strip() == cut_at_word(cut)
