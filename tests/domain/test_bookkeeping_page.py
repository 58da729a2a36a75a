"""docs/bookkeeping.md shows what the product books, in both languages alike."""

from __future__ import annotations

from tests.domain.bookkeeping_examples import vector_shown_by
from tests.domain.bookkeeping_page import EXAMPLE, HALVES, PAGE, WORDS, page
from tests.domain.vectors import FILE, vector_ids
from tests.shared import needs

with_vectors = needs(FILE, "docs/bookkeeping.md shows what is booked")

NOT_SHOWN = {
    "V03": "V02 the other way: rounded down",
    "V04": "a discount on one line is booked as V05's on the receipt; its half cent as V25's",
    "V10": "V09 and goods on one receipt",
    "V11": "V12 with nothing left to pay",
    "V31": "the accountant's own entry, which the page says",
    "V44": "the bank's own entry, which the page says",
}


@with_vectors
def test_the_page_shows_what_the_product_books() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.domain.bookkeeping_page"


@with_vectors
def test_every_vector_is_shown_or_left_for_a_reason() -> None:
    shown = {vector_shown_by(example) for example in _examples(HALVES[0][0])}

    assert shown | NOT_SHOWN.keys() == set(vector_ids())
    assert not shown & NOT_SHOWN.keys()


def test_both_halves_show_the_same_examples_in_the_same_order() -> None:
    dutch, english = (_examples(name) for name, _ in HALVES)

    assert dutch == english
    assert [line.count("#") for line in _heads(HALVES[0][0])] == [
        line.count("#") for line in _heads(HALVES[1][0])
    ]


def _words(name: str) -> str:
    return (WORDS / name).read_text()


def _examples(name: str) -> list[str]:
    return [found[1] for found in EXAMPLE.finditer(_words(name))]


def _heads(name: str) -> list[str]:
    return [line for line in _words(name).splitlines() if line.startswith("#")]
