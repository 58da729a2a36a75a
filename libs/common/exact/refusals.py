"""Pure: what kind of refusal a text of Exact is, in Dutch and English (reference 4.6).

The language follows the user's setting and sentences change, so only their stable heads are matched.
"""

from __future__ import annotations

import re
from enum import StrEnum


class RefusalCategory(StrEnum):
    MANDATORY = "mandatory"
    INVALID_REFERENCE = "invalid-reference"
    INVALID = "invalid"
    NOT_ALLOWED = "not-allowed"
    PERIOD_CLOSED = "period-closed"
    IN_USE = "in-use"
    ALREADY_EXISTS = "already-exists"
    ALREADY_PROCESSED = "already-processed"
    LEDGER_TYPE = "ledger-type"
    JOURNAL_TYPE = "journal-type"
    CUSTOMER_TYPE = "customer-type"
    VAT = "vat"
    OTHER_RECEIVABLE = "other-receivable"
    NOT_BALANCED = "not-balanced"
    BLOCKED = "blocked"
    NOT_ACTIVE = "not-active"
    TOO_LONG = "too-long"
    WRONG_DIVISION = "wrong-division"
    MALFORMED = "malformed"
    """A value that can't even be read: a defect of ours."""
    CRASH = "crash"
    """Exact stumbled over this content: sending it again gives the same."""
    UNKNOWN = "unknown"


_PATTERNS: tuple[tuple[RefusalCategory, str], ...] = (
    (RefusalCategory.PERIOD_CLOSED, r"periode is afgesloten|period is closed|is closed: \d{4}"),
    (
        RefusalCategory.LEDGER_TYPE,
        r"grootboekrekeningtype|ledger account.*wrong type|of a wrong type|general ledger account type",
    ),
    (
        RefusalCategory.JOURNAL_TYPE,
        r"^ongeldig: dagboek|^invalid: (journal|diary)|^invalid journal\b|must be an? \w+ journal",
    ),
    (RefusalCategory.CUSTOMER_TYPE, r"^(ongeldig|invalid): .*\(type\)"),
    (
        RefusalCategory.VAT,
        r"btw-percentage|vat percentage|btw[- ]bedrag is niet toegestaan|vat amount is not allowed",
    ),
    (
        RefusalCategory.OTHER_RECEIVABLE,
        r"klantenrekening van deze relatie|receivable account of this account",
    ),
    (RefusalCategory.ALREADY_PROCESSED, r"reeds verwerkt|already processed"),
    (
        RefusalCategory.IN_USE,
        r"^in gebruik\b|^in use\b|can't delete|cannot delete|kan niet verwijderen|used in:",
    ),
    (RefusalCategory.ALREADY_EXISTS, r"bestaat reeds|bestaat al|already exists"),
    (RefusalCategory.INVALID_REFERENCE, r"ongeldige referentie|invalid reference"),
    (RefusalCategory.NOT_ALLOWED, r"^niet toegestaan|^not allowed"),
    (
        RefusalCategory.MANDATORY,
        r"^verplicht\b|^mandatory\b|is verplicht\b|is mandatory\b|is required\b|\bverplicht$",
    ),
    (
        RefusalCategory.NOT_BALANCED,
        r"niet in evenwicht|not balanced|(begin|eind)saldo|(opening|closing) balance",
    ),
    (RefusalCategory.BLOCKED, r"^geblokkeerd|^blocked|is geblokkeerd|is blocked"),
    (RefusalCategory.NOT_ACTIVE, r"^niet actief|^not active|inactief|inactive"),
    (RefusalCategory.TOO_LONG, r"^te lang|^too long"),
    (RefusalCategory.WRONG_DIVISION, r"^wrong division"),
    (
        RefusalCategory.MALFORMED,
        r"niet herkende guid|unrecognized guid|error processing request stream|error in query syntax",
    ),
    (RefusalCategory.CRASH, r"objectverwijzing is niet|object reference not set"),
    (RefusalCategory.INVALID, r"^ongeldig|^invalid"),
)
_COMPILED = tuple((category, re.compile(pattern, re.IGNORECASE)) for category, pattern in _PATTERNS)
_TOPIC = re.compile(r"^(?:Onderwerp|Subject|Topic) \[[^\]]*\]\s*", re.IGNORECASE)


def lines_of(message: str) -> list[str]:
    """Several refusals come in one text, a line each."""
    lines = (_TOPIC.sub("", line).strip() for line in message.splitlines())
    return [line for line in lines if line]


def category_of(message: str) -> RefusalCategory:
    """The kind of the first line that has one."""
    for line in lines_of(message):
        for category, pattern in _COMPILED:
            if pattern.search(line):
                return category
    return RefusalCategory.UNKNOWN


def subject_of(message: str) -> str:
    """What the first line names behind its colon: "Ongeldige referentie: Btw-code" is about "Btw-code"."""
    lines = lines_of(message)
    _, colon, subject = lines[0].partition(":") if lines else ("", "", "")
    return subject.strip() if colon else ""
