"""Which answer is which error; refusals in both languages, with the texts of reference 4.6."""

from __future__ import annotations

import json

import pytest

from libs.common.exact.errors import (
    BadRequest,
    ExactError,
    LimitReached,
    NoRight,
    NotAccepted,
    OutcomeUnknown,
    Refused,
    Unavailable,
    classify,
)
from libs.common.exact.refusals import RefusalCategory as Kind
from libs.common.exact.refusals import category_of, subject_of


def error(text: str) -> bytes:
    return json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}}).encode()


TEXTS = [
    (Kind.MANDATORY, "Verplicht: Factuur voor\r\nVerplicht: Besteld door", "Mandatory: Relationship"),
    (Kind.MANDATORY, "Grootboekrekening is verplicht", "Mandatory: General ledger account"),
    (Kind.MANDATORY, "Verplicht: Dagboek", "Mandatory: Diary"),
    (Kind.MANDATORY, "Verplicht: Opslaglocatie", "Mandatory: Storage location"),
    (Kind.INVALID_REFERENCE, "Ongeldige referentie: Journals", "Invalid reference: Cost unit"),
    (Kind.JOURNAL_TYPE, "Ongeldig: Dagboek", "Invalid journal. The journal must be a cash journal."),
    (Kind.LEDGER_TYPE, "Ongeldig: Grootboekrekeningtype", "Invalid: General ledger account of a wrong type"),
    (Kind.CUSTOMER_TYPE, "Ongeldig: Factuur voor (Type)", "Invalid: Customer (Type)"),
    (Kind.VAT, "Ongeldig: Btw-percentage []", "Invalid: VAT percentage []"),
    (Kind.NOT_ALLOWED, "Niet toegestaan: Btw-code", "Not allowed: VAT-code"),
    (Kind.NOT_ALLOWED, "Niet toegestaan: Wisselkoers", "Not allowed: Exchange rate"),
    (
        Kind.VAT,
        'Een btw bedrag is niet toegestaan als u gebruikmaakt van een btw-code van het type "geen btw"',
        'A VAT amount is not allowed when you use a VAT code of the type "no VAT"',
    ),
    (Kind.PERIOD_CLOSED, "Periode is afgesloten: 2025 - 03", "Period is closed: 2025 - 03"),
    (Kind.IN_USE, "In gebruik: Boekstuknummer", "In use: Entry number"),
    (Kind.IN_USE, "Can't delete: Account 58 - Used in: Administrations", "In use: Account"),
    (Kind.ALREADY_EXISTS, "Verkoopordernummer: Bestaat reeds", "Sales order number: Already exists"),
    (Kind.ALREADY_EXISTS, "Gegeven bestaat reeds.", "Data already exists."),
    (Kind.ALREADY_PROCESSED, "Reeds verwerkt", "Already processed"),
    (
        Kind.OTHER_RECEIVABLE,
        "De klantenrekening van deze relatie is niet gelijk aan de rekening van het gebruikte verkoopdagboek",
        "The receivable account of this account differs from the account of the sales journal used",
    ),
    (Kind.MALFORMED, "Niet herkende GUID-indeling.", "Unrecognized Guid format."),
    (
        Kind.CRASH,
        "De objectverwijzing is niet op een exemplaar ingesteld.",
        "Object reference not set to an instance of an object.",
    ),
    (Kind.NOT_BALANCED, "Boeking niet in evenwicht", "Entry not balanced"),
    (Kind.BLOCKED, "Geblokkeerd: Grootboekrekening", "Blocked: General ledger account"),
    (Kind.NOT_ACTIVE, "Niet actief: Relatie", "Not active: Account"),
    (Kind.TOO_LONG, "Te lang: Omschrijving (max. 60)", "Too long: Description (max. 60)"),
    (Kind.INVALID, "Ongeldig: Bedrag", "Invalid: Amount"),
    (Kind.WRONG_DIVISION, "Wrong Division", "Wrong Division"),
    (Kind.UNKNOWN, "Iets heel nieuws", "Something new altogether"),
]


@pytest.mark.parametrize(("kind", "dutch", "english"), TEXTS, ids=lambda value: str(value)[:20])
def test_a_refusal_is_the_same_in_both_languages(kind: Kind, dutch: str, english: str) -> None:
    assert category_of(dutch) is kind
    assert category_of(english) is kind


def test_the_first_line_that_says_something_decides() -> None:
    assert category_of("Onbekend\r\nVerplicht: Dagboek\r\nReeds verwerkt") is Kind.MANDATORY
    assert subject_of("Ongeldige referentie: Btw-code\r\nVerplicht: Dagboek") == "Btw-code"
    assert subject_of("Reeds verwerkt") == subject_of("") == ""
    assert category_of("Onderwerp [GLTransactions] Verplicht: Dagboek") is Kind.MANDATORY


@pytest.mark.parametrize(
    ("status", "body", "is_write", "expected"),
    [
        (500, error("Verplicht: Dagboek"), True, Refused),
        (500, error("Verplicht: Dagboek"), False, Unavailable),
        (500, b"<html>Server Error</html>", True, OutcomeUnknown),
        (500, b'{"error":{"message":{"value":""}}}', True, OutcomeUnknown),
        (500, b'{"error":"x"}', True, OutcomeUnknown),
        (500, b"[1]", True, OutcomeUnknown),
        (502, error("x"), True, OutcomeUnknown),
        (503, b"<html>", True, OutcomeUnknown),
        (503, b"<html>", False, Unavailable),
        (302, b"", True, OutcomeUnknown),
        (302, b"", False, Unavailable),
        (408, b"", True, OutcomeUnknown),
        (400, error("Please add a $select or a $top=1 statement"), False, BadRequest),
        (400, error("Error processing request stream."), True, BadRequest),
        (400, error("Periode is afgesloten: 2025 - 03"), True, Refused),
        (400, b"<html>", True, OutcomeUnknown),
        (400, b"<html>", False, BadRequest),
        (404, b"", True, BadRequest),
        (403, b"", True, NoRight),
        (401, b"<html>", True, NotAccepted),
        (429, b"", True, LimitReached),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, is_write: bool, expected: type[ExactError]) -> None:
    found = classify(status, {}, body, is_write)
    assert type(found) is expected


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_is_no_error(status: int) -> None:
    assert classify(status, {}, b"<html>", True) is None


def test_the_reason_header_says_why_there_is_no_right() -> None:
    found = classify(403, {"Reason": "NoDivisionAccess"}, b"", False)
    assert isinstance(found, NoRight)
    assert found.reason == "NoDivisionAccess"


def test_a_refusal_keeps_exacts_own_words() -> None:
    found = classify(500, {}, error("Verplicht: Factuur voor\r\nVerplicht: Besteld door"), True)
    assert isinstance(found, Refused)
    assert found.message == "Verplicht: Factuur voor\r\nVerplicht: Besteld door"
    assert (found.category, found.subject) == (Kind.MANDATORY, "Factuur voor")
