"""Suggests what is kept in step of articles, once the merchant has said which side leads. Pure.

The direction itself is never suggested: it says whose articles are written over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from libs.common.domain.product import CHOOSABLE, Direction, ProductField
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rules import Mode, ProductRules
from services.portal.choices import Choice, DivisionChoices, TillChoices
from services.portal.reasons import Reasons
from services.portal.till_usage import TillUsage, Use


def suggest_products(
    articles: TillArticles | None,
    till: TillChoices,
    books: DivisionChoices,
    vat: Mapping[str, str],
    mode: Mode,
    usage: TillUsage,
    reasons: Reasons,
) -> ProductRules:
    if articles is None:
        return ProductRules()
    _say_direction(articles, reasons)
    _say_stock(articles, till, books, mode, reasons)
    return ProductRules(
        fields=_fields(articles, reasons),
        item_groups=_item_groups(till.categories, books.item_groups, usage, reasons),
        vat_codes={} if articles.bear_vat else _vat_codes(till.categories, books, vat, usage, reasons),
    )


def _say_direction(articles: TillArticles, reasons: Reasons) -> None:
    field = "products.direction"
    if Direction.TO_LIGHTSPEED in articles.directions:
        reasons.add(
            field,
            "Uit tot u kiest wie de baas is: to-exact als u artikelen aan de kassa bijhoudt, to-lightspeed "
            "als u dat in Exact Online doet.",
            "Off until you choose who leads: to-exact if you keep articles at the till, to-lightspeed if you "
            "keep them in Exact Online.",
        )
    else:
        reasons.add(
            field,
            "Uit tot u het wilt; bij deze kassa kan alleen to-exact.",
            "Off until you want it; this till can do to-exact alone.",
        )


def _fields(articles: TillArticles, reasons: Reasons) -> tuple[str, ...]:
    """Cost is copied to new items at the most (domain.md 11.3), and that nobody chose."""
    reasons.add(
        "products.fields",
        "Alles wat kassa en Exact Online beide van een artikel weten, behalve de kostprijs: die gaat vaak "
        "over de inkoop, en Exact Online laat haar niet overal veranderen.",
        "All that the till and Exact Online both know of an article, but the cost: it is mostly the buyer's, "
        "and Exact Online doesn't let it be changed everywhere.",
    )
    return tuple(name.value for name in CHOOSABLE if name in articles.fields - {ProductField.COST})


def _say_stock(
    articles: TillArticles, till: TillChoices, books: DivisionChoices, mode: Mode, reasons: Reasons
) -> None:
    outlets, warehouses = len(till.outlets), len(books.warehouses)
    if not articles.have_stock:
        why = "de kassa zegt niet hoeveel er van een artikel is", "the till doesn't say how much there is"
    elif mode is Mode.ORDERS:
        why = (
            "orders boeken de voorraad in Exact Online zelf af; alleen met to-lightspeed gaat hij mee",
            "orders take stock out of Exact Online themselves; only with to-lightspeed it goes along",
        )
    elif warehouses < outlets:
        why = (
            f"elke vestiging heeft een eigen magazijn nodig; er zijn er {warehouses} voor {outlets}",
            f"each outlet needs a warehouse of its own; there are {warehouses} for {outlets}",
        )
    else:
        why = (
            "kies eerst bij elke vestiging haar magazijn; tellingen gaan dan met to-exact mee",
            "first choose each outlet's warehouse; counts then go along with to-exact",
        )
    reasons.add("products.stock", f"Uit: {why[0]}.", f"Off: {why[1]}.")


def _item_groups(
    categories: Sequence[Choice], groups: Sequence[Choice], usage: TillUsage, reasons: Reasons
) -> dict[str, str]:
    """By their name, where the group has a ledger for turnover."""
    named = {group.name.casefold(): group for group in groups if group.in_books}
    found = {each.id: named[each.name.casefold()] for each in categories if each.name.casefold() in named}
    for category, group in found.items():
        field = f"products.item_groups.{category}"
        reasons.chosen(field, group, "heet zoals de categorie", "bears the category's name")
        reasons.used(field, usage.categories.get(category))
    if len(found) < len(categories):
        reasons.add(
            "products.item_groups",
            f"{len(found)} van {len(categories)} categorieën heten zoals een artikelgroep; artikelen van de "
            "andere komen in de standaardgroep.",
            f"{len(found)} of {len(categories)} categories bear the name of an item group; articles of the "
            "others go to the default group.",
        )
    return {category: group.id for category, group in found.items()}


def _vat_codes(
    categories: Sequence[Choice],
    books: DivisionChoices,
    vat: Mapping[str, str],
    usage: TillUsage,
    reasons: Reasons,
) -> dict[str, str]:
    """Where articles bear no tax, that under which most of the category was sold lately."""
    by_id = {code.id: code for code in books.vat_codes}
    found: dict[str, str] = {}
    for category in categories:
        sold = usage.category_rates.get(category.id, {})
        rate, use = max(sold.items(), key=lambda one: one[1].amount, default=("", Use()))
        code = by_id.get(vat.get(rate, ""))
        field = f"products.vat_codes.{category.id}"
        others = ", ".join(f"{each} %" for each in sorted(sold) if each != rate)
        reasons.chosen(
            field,
            code,
            f"{category.name} werd met {rate} % verkocht" + (f", soms met {others}" if others else ""),
            f"{category.name} was sold with {rate} %" + (f", sometimes with {others}" if others else ""),
        )
        if code is not None:
            reasons.used(field, use)
            found[category.id] = code.id
    return found
