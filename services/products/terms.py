"""What a connection keeps in step, by its rules and by what both sides say of VAT, groups and categories.

What both sides say is read once in a while and kept as JSON; when it means something else than before, every
article is decided about again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from libs.common.database.registry import Connection
from libs.common.domain.product import Direction, ProductField
from libs.common.domain.product_facts import ProductFacts, ProductTerms, TillArticles
from libs.common.domain.rules import Rules
from libs.common.lightspeed.product_source import TillFacts
from services.products.books import BooksFacts

FRESH = timedelta(hours=6)
NOTHING = BooksFacts({}, {}, "", (), "")


@dataclass(frozen=True, slots=True)
class KeptFacts:
    till: TillFacts = field(default_factory=TillFacts)
    books: BooksFacts = NOTHING


@cache
def _adapter() -> TypeAdapter[KeptFacts]:
    return TypeAdapter(KeptFacts)


def facts_text(facts: KeptFacts) -> str:
    return _adapter().dump_json(facts).decode()


def facts_of(text: str) -> KeptFacts | None:
    """None where another release kept them otherwise."""
    try:
        return _adapter().validate_json(text) if text else None
    except ValidationError:
        return None


def terms_of(rules: Rules, facts: KeptFacts, articles: TillArticles) -> ProductTerms:
    direction = Direction(rules.products.direction)
    missing = frozenset() if facts.books.prices_travel else {ProductField.PRICE}
    return ProductTerms(
        direction=direction,
        fields=fields_of(rules) & (articles.fields | {ProductField.STOCKED}) - missing,
        only_new=articles.only_new if direction is Direction.TO_LIGHTSPEED else frozenset(),
        barcode_lengths=articles.barcode_lengths,
        facts=ProductFacts(
            vat_codes=facts.books.vat_codes,
            vat_rules=_vat_rules(rules),
            taxes=facts.till.taxes,
            item_groups=facts.books.groups,
            default_group=facts.books.default_group,
            categories=facts.till.categories,
            group_of_category=rules.products.item_groups,
            units=frozenset(facts.books.units),
            vat_of_category=None if articles.bear_vat else _vat_of_category(rules, facts.till.categories),
        ),
    )


def moves_prices(before: KeptFacts, now: KeptFacts, rules: Rules) -> bool:
    """Whether new rates alone make other prices at the till: those are the owner's to decide (11.3)."""
    is_led_by_exact = Direction(rules.products.direction) is Direction.TO_LIGHTSPEED
    if not is_led_by_exact or ProductField.PRICE not in fields_of(rules):
        return False
    return (
        _differ(_rates_of(before.books), _rates_of(now.books))
        or _differ(before.till.taxes.rates, now.till.taxes.rates)
        or before.till.taxes.includes_vat != now.till.taxes.includes_vat
    )


def _rates_of(books: BooksFacts) -> dict[str, object]:
    return {code: (each.type, each.percentage) for code, each in books.vat_codes.items()}


def _differ(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """In what both name: what is new has no prices yet."""
    return any(before[key] != each for key, each in now.items() if key in before)


def fields_of(rules: Rules) -> frozenset[ProductField]:
    known = {each.value: each for each in ProductField}
    chosen = frozenset(known[name] for name in rules.products.fields if name in known)
    return chosen | ({ProductField.STOCKED} if rules.products.stock else frozenset())


def _vat_rules(rules: Rules) -> dict[str, str]:
    """Without VAT (KOR) every class means the code without any."""
    if not rules.small_business_scheme or "none" not in rules.vat:
        return rules.vat
    return dict.fromkeys([*rules.vat, "21", "9", "0"], rules.vat["none"])


def _vat_of_category(rules: Rules, categories: Iterable[str]) -> dict[str, str]:
    if rules.small_business_scheme and "none" in rules.vat:
        return dict.fromkeys(categories, rules.vat["none"])
    return rules.products.vat_codes


def identity_of(connection: Connection) -> str:
    """Between what and in which direction: of anything else, nothing that is known holds."""
    said = [connection.lightspeed_account, connection.division, connection.rules.products.direction]
    return json.dumps(said)


def wish_of(connection: Connection) -> str:
    """What a person says yes to; another wish is shown again before anything is written."""
    products = connection.rules.products
    said = [identity_of(connection), sorted(products.fields), products.stock]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def meaning_of(terms: ProductTerms) -> str:
    """Changes with everything that may decide otherwise about an article that didn't change.

    New categories alone decide nothing about articles that have none.
    """
    facts = terms.facts
    said = [
        terms.direction,
        sorted(terms.fields),
        terms.barcode_lengths,
        _all_of(facts.vat_codes),
        sorted(facts.vat_rules.items()),
        sorted((key, str(rate)) for key, rate in facts.taxes.rates.items()),
        facts.taxes.includes_vat,
        _all_of(facts.item_groups),
        facts.default_group,
        sorted(facts.group_of_category.items()),
        sorted(facts.units),
        sorted((facts.vat_of_category or {}).items()),
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]


def _all_of(found: Mapping[str, object]) -> list[str]:
    return sorted(map(repr, found.values()))
