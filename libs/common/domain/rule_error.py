"""A wrong or missing choice in the rules, named by its field as in the JSON, in Dutch and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleError:
    field: str
    message_nl: str
    message_en: str
    is_missing: bool = False
    """Not chosen yet: no reason to refuse what is chosen, only to switch on."""


def missing(field: str) -> RuleError:
    return RuleError(field, "Dit is nog niet gekozen.", "This hasn't been chosen yet.", is_missing=True)


def unknown(field: str, value: str) -> RuleError:
    return RuleError(field, f"{value} bestaat niet, of niet meer.", f"{value} doesn't exist, or no longer.")
