"""Conflicts about articles speak plain Dutch and English."""

from __future__ import annotations

from string import Formatter

import pytest

from libs.common.domain.product import ProductField
from libs.common.domain.product_conflict import Conflict, ConflictCode, describe_conflict
from libs.common.domain.product_texts import FIELD_WORDS, TEXTS
from libs.common.domain.product_trouble import Trouble, TroubleCode, describe_trouble
from libs.common.domain.product_trouble_texts import TEXTS as TROUBLES


def test_every_code_and_field_has_its_words_and_no_words_are_without() -> None:
    assert set(TEXTS) == {code.value for code in ConflictCode}
    assert set(FIELD_WORDS) == {field.value for field in ProductField}
    assert set(TROUBLES) == {code.value for code in TroubleCode}


@pytest.mark.parametrize("code", [*ConflictCode, *TroubleCode])
def test_both_languages_say_something_with_the_facts_that_are_named(code: ConflictCode | TroubleCode) -> None:
    texts = (TEXTS | TROUBLES)[code.value]

    named = [
        {name for text in language for _, name, _, _ in Formatter().parse(text) if name is not None}
        for language in (texts.nl, texts.en)
    ]

    assert named[0] == named[1] == set(texts.facts)
    assert all(text.endswith((".", "}")) for text in (*texts.nl, *texts.en))


def test_a_conflict_names_its_field_in_words() -> None:
    facts = (("name", "EX-1 Bel"), ("was", "9.95"), ("now", "8"))
    conflict = Conflict(ConflictCode.CHANGED_ON_WRONG_SIDE, ProductField.PRICE, facts)

    message, remedy = describe_conflict(conflict, "nl")

    assert message == "Van EX-1 Bel is de verkoopprijs veranderd waar dat niet volgt: van 9.95 in 8."
    assert remedy.startswith("Zet het terug")
    assert "the sales price was changed" in describe_conflict(conflict, "en")[0]


@pytest.mark.parametrize(
    ("asked", "dutch", "english"),
    [
        ("inventory/stockcounts", "voorraadtellingen", "stock counts"),
        ("sync/inventory/stockpositions", "voorraad", "stock"),
        ("sync/logistics/salesitemprices", "verkoopprijzen", "sales prices"),
        ("logistics/items", "artikelen", "items"),
        ("crm/accounts", "crm/accounts", "crm/accounts"),
    ],
)
def test_a_missing_right_is_named_as_people_know_it(asked: str, dutch: str, english: str) -> None:
    trouble = Trouble(TroubleCode.NO_RIGHT_IN_EXACT, (("asked", asked), ("answer", "403")))

    message, remedy = describe_trouble(trouble, "nl")

    assert message == f"De gebruiker van de koppeling heeft in Exact Online geen recht op {dutch}: 403."
    assert remedy.startswith("Geef die gebruiker dit recht in Exact Online")
    assert f"no right to {english} in Exact Online" in describe_trouble(trouble, "en")[0]
