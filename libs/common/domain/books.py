"""What is known of a division's books when a sale is mapped, as it was when the rules were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Books:
    currency: str = ""
    """Empty where it isn't known."""
    vat_rates: Mapping[str, Decimal] = field(default_factory=dict)
    """By VAT code, in per cent; without those whose rate no sale shows (margin scheme, reverse charge)."""


UNKNOWN = Books()
