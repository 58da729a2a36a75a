"""Why something is suggested, by the field's name, in the merchant's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from services.portal.choices import Choice
from services.portal.till_usage import Use


@dataclass(frozen=True, slots=True)
class Reasons:
    language: str
    by_field: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, dutch: str, english: str) -> None:
        self.by_field[name] = dutch if self.language == "nl" else english

    def used(self, name: str, use: Use | None) -> None:
        """How much of what the till sold lately hangs on it."""
        if use is None:
            return
        receipts = use.receipts
        self.more(
            name,
            f"Laatste 30 dagen: {receipts} {'bon' if receipts == 1 else 'bonnen'}, {_dutch(use.amount)}.",
            f"Last 30 days: {receipts} {'receipt' if receipts == 1 else 'receipts'}, €{use.amount:,.2f}.",
        )

    def more(self, name: str, dutch: str, english: str) -> None:
        added = dutch if self.language == "nl" else english
        self.by_field[name] = f"{self.by_field.get(name, '')} {added}".strip()

    def chosen(self, name: str, choice: Choice | None, dutch: str, english: str) -> None:
        if choice is None:
            self.add(name, "Niets gevonden: kies er zelf een.", "Nothing found: choose one yourself.")
            return
        shown = f"{choice.code} {choice.name}".strip()
        self.add(name, f"{shown}: {dutch}.", f"{shown}: {english}.")


def _dutch(amount: Decimal) -> str:
    """€ 1.234,50"""
    whole, cents = f"{amount:,.2f}".split(".")
    return f"€ {whole.replace(',', '.')},{cents}"
