"""Why something is suggested, by the field's name, in the merchant's language."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.portal.choices import Choice


@dataclass(frozen=True, slots=True)
class Reasons:
    language: str
    by_field: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, dutch: str, english: str) -> None:
        self.by_field[name] = dutch if self.language == "nl" else english

    def chosen(self, name: str, choice: Choice | None, dutch: str, english: str) -> None:
        if choice is None:
            self.add(name, "Niets gevonden: kies er zelf een.", "Nothing found: choose one yourself.")
            return
        shown = f"{choice.code} {choice.name}".strip()
        self.add(name, f"{shown}: {dutch}.", f"{shown}: {english}.")
