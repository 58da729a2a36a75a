"""Why an article, or one field of it, is not in step, and what would mend it: a value, not an exception.

The rest of the article, and every other article, goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from libs.common.domain.product import ProductField
from libs.common.domain.product_texts import FIELD_WORDS, TEXTS


class ConflictCode(StrEnum):
    CODE_MISSING = "code-missing"
    CODE_DOUBLE = "code-double"
    CODE_TOO_LONG = "code-too-long"
    CODE_TAKEN = "code-taken"
    SEVERAL_MATCHES = "several-matches"
    BARCODE_DOUBLE = "barcode-double"
    BARCODE_UNFIT = "barcode-unfit"
    VAT_CODE_MISSING = "vat-code-missing"
    CATEGORY_WITHOUT_VAT = "category-without-vat"
    TAX_CLASS_MISSING = "tax-class-missing"
    OUTLETS_DIFFER = "outlets-differ"
    PRICE_ZERO = "price-zero"
    PRICE_WITHOUT_VAT = "price-without-vat"
    GROUP_WITHOUT_LEDGERS = "group-without-ledgers"
    UNIT_UNKNOWN = "unit-unknown"
    CHANGED_ON_WRONG_SIDE = "changed-on-wrong-side"
    ARCHIVED_IN_EXACT = "archived-in-exact"
    GONE = "gone"
    MERGED = "merged"
    MASTER_GONE = "master-gone"
    REFUSED = "refused"
    STOCK_NEGATIVE = "stock-negative"
    STOCK_COUNT_WAITS = "stock-count-waits"
    STOCK_UNREADABLE = "stock-unreadable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Conflict:
    """`field` is the one that waits; None where it is the whole article."""

    code: ConflictCode
    field: ProductField | None = None
    facts: tuple[tuple[str, str], ...] = ()


def describe_conflict(conflict: Conflict, language: str = "nl") -> tuple[str, str]:
    """The sentence and the remedy, in Dutch ("nl") or English ("en"); "?" stands for a missing fact."""
    facts = dict(conflict.facts)
    if conflict.field is not None:
        dutch, english = FIELD_WORDS[conflict.field.value]
        facts["field"] = dutch if language == "nl" else english
    return TEXTS[conflict.code.value].told(facts, language)
