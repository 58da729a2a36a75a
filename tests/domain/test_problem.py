"""Problems speak plain Dutch and English, and one row to mend is one cause."""

from __future__ import annotations

from dataclasses import fields
from string import Formatter

import pytest

from libs.common.domain.problem import Problem, ProblemCode, describe
from libs.common.domain.problem_texts import TEXTS
from libs.common.domain.rules import SpecialLedgers


def test_every_code_has_its_texts_and_no_text_is_without_a_code() -> None:
    assert set(TEXTS) == {code.value for code in ProblemCode}


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_text_says_something_and_uses_only_the_facts_it_names(code: ProblemCode) -> None:
    texts = TEXTS[code.value]

    for text in (*texts.nl, *texts.en):
        placeholders = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert text.endswith((".", "}"))
        assert placeholders <= set(texts.facts)


@pytest.mark.parametrize("code", list(ProblemCode))
def test_both_languages_name_the_same_facts(code: ProblemCode) -> None:
    facts = [
        {name for text in language for _, name, _, _ in Formatter().parse(text) if name is not None}
        for language in (TEXTS[code.value].nl, TEXTS[code.value].en)
    ]

    assert facts[0] == facts[1]


def test_a_problem_is_described_with_its_facts_and_its_remedy() -> None:
    problem = Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", "9"),))

    assert describe(problem, "en") == (
        "No VAT code is chosen for 9 %.",
        "Choose one under Settings, VAT. The sale is then booked by itself.",
    )
    assert describe(problem, "nl") == (
        "Voor 9 % is geen btw-code gekozen.",
        "Kies een btw-code onder Instellingen, Btw. De bon wordt daarna vanzelf geboekt.",
    )


def test_facts_that_are_codes_of_ours_are_said_in_words() -> None:
    problem = Problem(ProblemCode.RULE_MISSING, (("field", "ledgers.tips"),))

    assert describe(problem, "nl")[0] == "Er is nog niet gekozen: de rekening voor fooien."
    assert describe(problem, "en")[0] == "Not chosen yet: the ledger for tips."


def test_a_rule_for_one_article_is_said_in_words() -> None:
    problem = Problem(ProblemCode.RULE_MISSING, (("field", "revenue.by_item.431"),))

    assert describe(problem, "nl")[0] == "Er is nog niet gekozen: de rekening voor artikel 431."
    assert describe(problem, "en")[0] == "Not chosen yet: the ledger for item 431."


def test_every_ledger_that_an_event_needs_is_said_in_words() -> None:
    for ledger in fields(SpecialLedgers):
        problem = Problem(ProblemCode.RULE_MISSING, (("field", f"ledgers.{ledger.name}"),))
        assert "ledgers." not in "".join(describe(problem, "nl") + describe(problem, "en"))


def test_a_fact_that_is_missing_leaves_a_question_mark() -> None:
    assert describe(Problem(ProblemCode.EXACT_REFUSED), "en")[0] == "Exact Online refuses this document: ?"


def test_an_answer_with_braces_is_shown_as_it_came() -> None:
    problem = Problem(ProblemCode.EXACT_REFUSED, (("answer", "{odd}"),))

    assert describe(problem, "en")[0] == "Exact Online refuses this document: {odd}."


@pytest.mark.parametrize(
    ("answer", "told"),
    [("Verplicht: Bedrag", "Verplicht: Bedrag."), ("Bestaat reeds.", "Bestaat reeds."), ("Echt?", "Echt?")],
)
def test_a_vendors_words_end_with_a_full_stop(answer: str, told: str) -> None:
    problem = Problem(ProblemCode.EXACT_REFUSED, (("answer", answer),))
    assert describe(problem, "nl")[0] == f"Exact Online weigert deze boeking: {told}"


def test_sales_with_the_same_cause_are_one_row_to_mend() -> None:
    facts = (("payment_type", "42"), ("name", "Tikkie"))
    problems = [
        Problem(ProblemCode.PAYMENT_TYPE_UNMAPPED, facts, per_sale=("name",)),
        Problem(ProblemCode.PAYMENT_TYPE_UNMAPPED, (facts[0], ("name", "tikkie")), per_sale=("name",)),
    ]

    assert {problem.cause for problem in problems} == {"payment-type-unmapped:payment_type=42"}
