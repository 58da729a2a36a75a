"""Pure: what to ask Exact about a customer of the till, and which account the answer says it is.

The steps go in the merchant's order and the first that hits wins. Two hits at a step are never chosen
from; an e-mail address that several have says nothing, so it is passed over: several accounts, several
customers of today, or this one and the customer whose account it led to before.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.product import code_in_exact
from libs.common.domain.sale import Customer
from libs.common.exact.entities import normal_vat_number

CODE_LENGTH = 18
TERMS = 40
"""How many terms one filter holds: proven, and far from the longest address that servers take."""

FIELDS = {
    "code": "Code",
    "vat_number": "VATNumber",
    "chamber_of_commerce": "ChamberOfCommerce",
    "email": "Email",
}
ACCOUNT_FIELDS = ("ID", *FIELDS.values(), "AddressLine1", "Postcode", "City", "Country")
DUTCH_VAT = re.compile(r"(NL)(\d{4})(\d{2})(\d{3})(B\d{2})")

Row = Mapping[str, Any]


def customer_key(customer: Customer, step: str) -> str:
    """The customer's own value of a step, as accounts are compared by; empty where there is none."""
    match step:
        case "code":
            return _account_code(customer.code)
        case "vat_number":
            return normal_vat_number(customer.vat_number)
        case "chamber_of_commerce":
            return _digits(customer.chamber_of_commerce)
        case "email":
            return customer.email.strip().lower()
    return ""


def account_key(row: Row, step: str) -> str:
    value = str(row.get(FIELDS[step]) or "")
    match step:
        case "code":
            return _account_code(value)
        case "vat_number":
            return normal_vat_number(value)
        case "chamber_of_commerce":
            return _digits(value)
    return value.strip().lower()


def _account_code(code: str) -> str:
    """Exact's codes are numbers, whatever their padding; anything else can't be one."""
    trimmed = code.strip()
    return trimmed.lstrip("0") or trimmed if trimmed.isdigit() and len(trimmed) <= CODE_LENGTH else ""


def _digits(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def terms_of(customer: Customer, match_on: Iterable[str], shared_emails: frozenset[str]) -> list[str]:
    terms: dict[str, None] = {}
    for step in match_on:
        key = customer_key(customer, step)
        if not key or (step == "email" and key in shared_emails):
            continue
        terms |= dict.fromkeys(equals(FIELDS[step], form) for form in forms_of(customer, step, key))
    return list(terms)


def forms_of(customer: Customer, step: str, key: str) -> list[str]:
    """How an accountant may have written it: a filter compares letters, dots and all."""
    match step:
        case "code":
            return list(dict.fromkeys(code.rjust(CODE_LENGTH) for code in (key, customer.code.strip())))
        case "vat_number":
            dotted = DUTCH_VAT.sub(r"\1\2.\3.\4.\5", key)
            return list(dict.fromkeys((key, customer.vat_number.strip(), dotted)))
        case "chamber_of_commerce":
            dotted = ".".join(key[start : start + 2] for start in range(0, len(key), 2))
            return list(dict.fromkeys((key, customer.chamber_of_commerce.strip(), dotted)))
        case _:
            return list(dict.fromkeys((key, customer.email.strip())))


def matched(
    customer: Customer,
    rows: Sequence[Row],
    match_on: Iterable[str],
    shared_emails: frozenset[str],
    of_others: Collection[str],
) -> str | Problem | None:
    """The id of the account, or why none may be chosen, or None where there is none.

    `of_others` are the accounts that other customers of the till have.
    """
    for step in match_on:
        key = customer_key(customer, step)
        if not key or (step == "email" and key in shared_emails):
            continue
        hits = {str(row["ID"]) for row in rows if account_key(row, step) == key}
        if step == "email" and not hits.isdisjoint(of_others):
            continue
        if len(hits) == 1:
            return hits.pop()
        if hits and step != "email":
            facts = (("customer", customer.booking_name), ("match_on", step))
            return Problem(ProblemCode.DEBTOR_AMBIGUOUS, facts)
    return None


def emails_of_several(customers: Iterable[Customer]) -> frozenset[str]:
    counted = Counter(customer.email.strip().lower() for customer in customers)
    return frozenset(email for email, count in counted.items() if count > 1)


def search_code(connection_id: str, till_key: str) -> str:
    """What a new account is found back by, should the answer to its creation be lost."""
    return "KK" + hashlib.sha256(f"{connection_id}/{till_key}".encode()).hexdigest()[:20].upper()


def item_code(code: str, till_item: str) -> str:
    """The article's own code, as Exact can bear it; one of ours where it has none."""
    return code_in_exact(code) or code_in_exact(f"LS-{till_item}")


def article_key(code: str, till_item: str) -> str:
    """An article under its code: the code may be another article's tomorrow, and this one bear another."""
    return f"{till_item}/{item_code(code, till_item)}"


def item_terms(search_key: str, code: str) -> list[str]:
    """Exact may have it as we write it, or with the spaces that it has at the till."""
    return [equals("Code", form) for form in dict.fromkeys(filter(None, (search_key, code.strip())))]


def equals(field: str, text: str) -> str:
    escaped = text.replace("'", "''")
    return f"{field} eq '{escaped}'"


def any_of(terms: Iterable[str]) -> str:
    return " or ".join(terms)


def filled(
    groups: Iterable[tuple[Any, Sequence[str]]], most: int = TERMS
) -> Iterator[list[tuple[Any, Sequence[str]]]]:
    """Batches of whole groups of terms, each as full as fits one filter."""
    batch: list[tuple[Any, Sequence[str]]] = []
    count = 0
    for group in groups:
        if batch and count + len(group[1]) > most:
            yield batch
            batch, count = [], 0
        batch.append(group)
        count += len(group[1])
    if batch:
        yield batch
