"""Suggests the items of invoices and orders, and which of the till's articles are no turnover. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.domain.choices import ItemKind
from libs.common.domain.rules import ItemRules, SpecialLedgers
from services.portal import words
from services.portal.choices import Choice
from services.portal.reasons import Reasons
from services.portal.till_usage import TillUsage

LEDGER_OF = {ItemKind.BOTTLE_DEPOSIT: "bottle_deposit", ItemKind.GIFT_CARD: "gift_cards"}


def suggest_items(
    items: Sequence[Choice], ledgers: SpecialLedgers, usage: TillUsage, reasons: Reasons
) -> ItemRules:
    fallback = _item(items, words.FALLBACK_ITEMS)
    rounding = _item(items, words.ROUNDING_ITEMS)
    for name, found, code in (
        ("items.fallback_item", fallback, words.FALLBACK_ITEMS[0]),
        ("items.rounding_item", rounding, words.ROUNDING_ITEMS[0]),
    ):
        if found is not None:
            reasons.chosen(name, found, "naar de code", "by its code")
            continue
        reasons.add(
            name,
            f"Er is nog geen; voor facturen en orders wordt {code} bij het bewaren aangemaakt.",
            f"There is none yet; for invoices and orders {code} is made when the rules are saved.",
        )
    return ItemRules(
        fallback_item=None if fallback is None else fallback.id,
        rounding_item=None if rounding is None else rounding.id,
        kinds=_kinds(ledgers, usage, reasons),
    )


def _kinds(ledgers: SpecialLedgers, usage: TillUsage, reasons: Reasons) -> dict[str, str]:
    """Articles that are no turnover, where there is a ledger for what they are."""
    found: dict[str, str] = {}
    for key, kind in usage.liabilities.items():
        name = LEDGER_OF[kind]
        if getattr(ledgers, name) is None:
            continue
        shown, field = usage.item_names[key], f"items.kinds.{key}"
        reasons.add(
            field,
            f"{shown}: zonder btw verkocht en zo genoemd: op ledgers.{name}, geen omzet.",
            f"{shown}: sold without VAT, and named for it: on ledgers.{name}, no turnover.",
        )
        reasons.used(field, usage.items.get(key))
        found[key] = kind.value
    return found


def _item(items: Sequence[Choice], codes: Sequence[str]) -> Choice | None:
    by_code = {item.code.upper(): item for item in items}
    return next((by_code[code] for code in codes if code in by_code), None)
