"""Checks what is to be kept in step: known fields, a warehouse for each outlet, no stock that moves twice.

Stock moves in one system by itself and in the other by our counts. Where sales move it in Exact already, as
orders do when they are delivered, counts to Exact would move it again; where they don't, Exact can't lead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from libs.common.domain.options import Options
from libs.common.domain.product import CHOOSABLE, Direction
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.product_texts import FIELD_WORDS
from libs.common.domain.rule_error import RuleError, missing, unknown
from libs.common.domain.rules import Mode, Rules

FIELDS = ", ".join(name.value for name in CHOOSABLE)


def product_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    products = rules.products
    known = {name.value for name in CHOOSABLE}
    for name in products.fields:
        if name not in known:
            yield RuleError(
                "products.fields",
                f"{name} is geen veld van een artikel; kies uit {FIELDS}.",
                f"{name} is no field of an article; choose from {FIELDS}.",
            )
    direction = Direction(products.direction)
    if direction is Direction.OFF:
        return
    if not products.fields and not products.stock:
        yield missing("products.fields")
    for category, group in products.item_groups.items():
        if group not in options.item_groups:
            yield unknown(f"products.item_groups.{category}", group)
    if products.stock:
        yield from _stock_errors(rules, direction)
        yield from _warehouse_errors(rules, options)


def till_errors(rules: Rules, title: str, articles: TillArticles | None) -> Iterator[RuleError]:
    """Of the till's product line, which people know by `title`; None where none of its articles are kept."""
    direction = Direction(rules.products.direction)
    if direction is Direction.OFF:
        return
    if articles is None:
        yield RuleError(
            "products.direction",
            f"Artikelen van {title} worden niet gelijk gehouden met Exact Online. Zet dit hier uit.",
            f"Articles of {title} aren't kept in step with Exact Online. Switch this off here.",
        )
        return
    if direction not in articles.directions:
        yield RuleError(
            "products.direction",
            f"Artikelen gaan alleen van {title} naar Exact Online: terug zou elke verandering het hele "
            "artikel vervangen, in elke vestiging. Laat de kassa de baas zijn, of zet dit uit.",
            f"Articles go from {title} to Exact Online alone: back, each change would replace the whole "
            "article, at every outlet. Let the till lead, or switch this off.",
        )
    for name in CHOOSABLE:
        if name.value in rules.products.fields and name not in articles.fields:
            dutch, english = FIELD_WORDS[name.value]
            yield RuleError(
                "products.fields",
                f"Artikelen van {title} kennen {dutch} niet; laat {name.value} weg.",
                f"Articles of {title} don't have {english}; leave {name.value} out.",
            )
    if rules.products.stock and not articles.have_stock:
        yield RuleError(
            "products.stock",
            f"{title} zegt niet hoeveel er van een artikel is. Zet de voorraad hier uit.",
            f"{title} doesn't say how much there is of an article. Switch stock off here.",
        )


def _stock_errors(rules: Rules, direction: Direction) -> Iterator[RuleError]:
    if direction is Direction.TO_EXACT and rules.mode is Mode.ORDERS:
        yield RuleError(
            "products.stock",
            "Orders boeken de voorraad in Exact Online al af bij levering; tellingen van de kassa zouden dat "
            "nog eens doen. Zet de voorraad uit, of laat Exact Online de baas zijn.",
            "Orders take stock out of Exact Online when they are delivered; counts of the till would do it "
            "again. Switch stock off, or let Exact Online lead.",
        )
    if direction is Direction.TO_LIGHTSPEED and rules.mode is not Mode.ORDERS:
        yield RuleError(
            "products.stock",
            "In deze vorm boeken verkopen geen voorraad af in Exact Online, dus kan dat de kassa geen "
            "voorraad geven. Kies orders, of laat de kassa de baas zijn.",
            "In this mode sales take no stock out of Exact Online, so that it can't give the till its stock. "
            "Choose orders, or let the till lead.",
        )


def _warehouse_errors(rules: Rules, options: Options) -> Iterator[RuleError]:
    """One outlet, one warehouse: a count of one would else undo that of another (domain.md 11.5)."""
    chosen = {
        outlet: rules.outlets[outlet].warehouse if outlet in rules.outlets else None
        for outlet in options.outlets
        if outlet not in rules.outlets or rules.outlets[outlet].enabled
    }
    shared = {each for each, times in Counter(chosen.values()).items() if each is not None and times > 1}
    for outlet, warehouse in chosen.items():
        if warehouse is None:
            yield missing(f"outlets.{outlet}.warehouse")
        elif warehouse in shared:
            yield RuleError(
                f"outlets.{outlet}.warehouse",
                "Elke vestiging heeft voor de voorraad een eigen magazijn nodig.",
                "For stock each outlet needs a warehouse of its own.",
            )
