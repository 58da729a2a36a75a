"""docs/bookkeeping.md shows what the product books, in both languages alike."""

from __future__ import annotations

from tests.domain.bookkeeping_page import EXAMPLE, HALVES, PAGE, WORDS, page
from tests.domain.vectors import FILE
from tests.shared import needs

with_vectors = needs(FILE, "docs/bookkeeping.md shows what is booked")


@with_vectors
def test_the_page_shows_what_the_product_books() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.domain.bookkeeping_page"


def test_both_halves_show_the_same_examples_in_the_same_order() -> None:
    dutch, english = ([found[1] for found in EXAMPLE.finditer(_words(name))] for name, _ in HALVES)

    assert dutch == english
    assert [line.count("#") for line in _heads(HALVES[0][0])] == [
        line.count("#") for line in _heads(HALVES[1][0])
    ]


def _words(name: str) -> str:
    return (WORDS / name).read_text()


def _heads(name: str) -> list[str]:
    return [line for line in _words(name).splitlines() if line.startswith("#")]
