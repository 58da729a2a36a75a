"""What a person must mend before articles, their prices or their stock go on: a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from libs.common.domain.product_trouble_texts import RIGHT_WORDS, TEXTS


class TroubleCode(StrEnum):
    NO_RIGHT_IN_EXACT = "no-right-in-exact"
    NO_MODULE_IN_EXACT = "no-module-in-exact"
    NO_RIGHT_AT_TILL = "no-right-at-till"
    CONSENT_LOST = "consent-lost"
    WRONG_ACCOUNT = "wrong-account"
    PRICES_NOT_SHOWN = "prices-not-shown"
    PRICES_NOT_WRITTEN = "prices-not-written"
    PRICES_OF_NO_ITEM = "prices-of-no-item"
    STOCK_OF_NO_ITEM = "stock-of-no-item"


@dataclass(frozen=True, slots=True)
class Trouble:
    """The fact `asked` is what was asked of Exact, in its own terms; people read which right that takes."""

    code: TroubleCode
    facts: tuple[tuple[str, str], ...] = ()


def describe_trouble(trouble: Trouble, language: str = "nl") -> tuple[str, str]:
    """The sentence and the remedy, in Dutch ("nl") or English ("en"); "?" stands for a missing fact."""
    facts = dict(trouble.facts)
    facts["right"] = _right_of(facts.get("asked", ""), language)
    return TEXTS[trouble.code.value].told(facts, language)


def _right_of(asked: str, language: str) -> str:
    """What the right is called; a list that has no words of its own is named as it is."""
    words = next((words for part, words in RIGHT_WORDS.items() if part in asked.lower()), (asked, asked))
    return (words[0] if language == "nl" else words[1]) or "?"
