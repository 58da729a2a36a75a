"""Conflicts about articles speak plain Dutch and English."""

from __future__ import annotations

from string import Formatter

import pytest

from libs.common.domain.product import ProductField
from libs.common.domain.product_conflict import Conflict, ConflictCode, describe_conflict
from libs.common.domain.product_texts import FIELD_WORDS, TEXTS


def test_every_code_and_field_has_its_words_and_no_words_are_without() -> None:
    assert set(TEXTS) == {code.value for code in ConflictCode}
    assert set(FIELD_WORDS) == {field.value for field in ProductField}


@pytest.mark.parametrize("code", list(ConflictCode))
def test_both_languages_say_something_with_the_facts_that_are_named(code: ConflictCode) -> None:
    texts = TEXTS[code.value]

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
