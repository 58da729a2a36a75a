"""Holds the articles and the stock of both sides against each other, by its own arithmetic.

Pure: what lies at the tills and what stands in Exact in, as the sandbox tells it, and what differs out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT, ZERO = Decimal("0.01"), Decimal(0)
LONGEST_NAME = 60
"""Of an item in Exact; longer ones are cut at a word."""
Plain = Mapping[str, Any]
ByCode = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Taken:
    """`articles` are on both sides; `in_stock` is what the tills say there is of all articles."""

    articles: int
    in_stock: Decimal
    stock_difference: Decimal
    stock_apart: tuple[str, ...] = ()
    """Of which articles, a sentence each."""
    findings: tuple[str, ...] = ()
    """What else differs."""

    @property
    def agrees(self) -> bool:
        return not self.findings and self.stock_difference == ZERO


@dataclass(frozen=True, slots=True)
class Articles:
    """How many articles came to each side, and both sides at the end."""

    to_exact: int
    to_lightspeed: int
    taken: Taken

    def told(self) -> dict[str, int | float]:
        """For the demo's last line."""
        return {
            "articles_to_exact": self.to_exact,
            "articles_to_lightspeed": self.to_lightspeed,
            "articles": self.taken.articles,
            "article_differences": len(self.taken.findings),
            "stock": _number(self.taken.in_stock),
            "stock_difference": _number(self.taken.stock_difference),
        }


def _number(quantity: Decimal) -> int | float:
    """A number of JSON: pieces, counted to the end and only then shown."""
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)


def take_stock(
    till: Sequence[Plain], books: Sequence[Plain], places: Mapping[str, str], *, till_leads: bool
) -> Taken:
    """`places` has the warehouse of each outlet; of none, no stock is held against the other's."""
    here, there = _by_code(till), _by_code(books)
    findings = [*_doubled("at the till", till), *_doubled("in Exact", books)]
    leads, follows = (here, there) if till_leads else (there, here)
    for code, article in leads.items():
        if article["is_active"]:
            findings += _of_follower(article, follows.get(code), till_leads=till_leads)
    apart = {code: _stock_apart(here.get(code), there.get(code), places) for code in {**here, **there}}
    in_stock = sum((_at(each, outlet) for each in here.values() for outlet in places), ZERO)
    told = tuple(f"of {code} the stock is {by} apart" for code, by in apart.items() if by)
    both = len(here.keys() & there.keys())
    return Taken(both, in_stock, sum(apart.values(), ZERO), told, tuple(findings))


def codes_of(articles: Sequence[Plain]) -> frozenset[str]:
    return frozenset(_by_code(articles))


def _by_code(articles: Sequence[Plain]) -> dict[str, Plain]:
    return {_code(article): article for article in articles}


def _code(article: Plain) -> str:
    return str(article["code"]).strip().casefold()


def _doubled(where: str, articles: Sequence[Plain]) -> Iterator[str]:
    seen: set[str] = set()
    for article in articles:
        if _code(article) in seen:
            yield f"{article['code']} stands twice {where}"
        seen.add(_code(article))


def _of_follower(article: Plain, other: Plain | None, *, till_leads: bool) -> Iterator[str]:
    """Only what the leading side says: it has nothing to say of a field that it lacks.

    What Exact has no price of isn't for sale there; at the till it only is where the till has it already.
    """
    named = f"{article['code']} {article['name']}"
    if other is None:
        if till_leads or article["price"] is not None:
            yield f"{named} is missing {'in Exact' if till_leads else 'at the till'}"
        return
    at_till, in_books = (article, other) if till_leads else (other, article)
    if not _is_named(at_till["name"], in_books["name"]):
        yield f"{named} is called {other['name']} on the other side"
    if Decimal(at_till["vat_rate"]) != Decimal(in_books["vat_rate"]):
        yield f"{named} bears {at_till['vat_rate']} % at the till and {in_books['vat_rate']} % in Exact"
    if article["price"] is not None and _gross_at(at_till) != _gross_in(in_books):
        yield f"{named} costs {_gross_at(at_till)} at the till and {_gross_in(in_books)} in Exact"
    if not other["is_active"]:
        yield f"{named} is for sale on one side alone"
    barcodes = article["barcodes"] if till_leads else [*filter(None, [article["barcode"]])]
    held = {other["barcode"]} if till_leads else {*other["barcodes"]}
    if barcodes and not held & {*barcodes}:
        yield f"{named} has the barcode {barcodes[0]} on one side alone"


def _is_named(at_till: str, in_books: str) -> bool:
    whole = " ".join(at_till.split())
    is_cut = len(whole) > LONGEST_NAME and whole.startswith(in_books) and bool(in_books)
    return whole == " ".join(in_books.split()) or is_cut


def _gross_at(article: Plain) -> Decimal | None:
    return None if article["price"] is None else _cents(Decimal(article["price"]))


def _gross_in(article: Plain) -> Decimal | None:
    """What a customer pays, to the cent."""
    if article["price"] is None:
        return None
    price, rate = Decimal(article["price"]), Decimal(article["vat_rate"])
    return _cents(price if article["is_vat_included"] else price * (100 + rate) / 100)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _stock_apart(at_till: Plain | None, in_books: Plain | None, places: Mapping[str, str]) -> Decimal:
    """What is on one side alone differs by all that there is of it."""
    apart = (abs(_at(at_till, outlet) - _at(in_books, warehouse)) for outlet, warehouse in places.items())
    return sum(apart, ZERO)


def _at(article: Plain | None, place: str) -> Decimal:
    return ZERO if article is None else Decimal(article["stock"].get(place, "0"))
