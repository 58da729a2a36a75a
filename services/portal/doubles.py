"""What others booked of the till's takings beside us. Pure.

An entry of another is the same receipt where it bears its number and its amount, the same day where it holds
what the day or one of its outlets came to; and takings at all where it brings turnover against the accounts
on which the till's money waits for the bank. Invoices of the shop's own do none of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.sale import ZERO
from services.portal.book_entries import BookEntry, Ledgers, Ours

WORD = re.compile(r"[^\s,;:()]+")
SHORTEST = 2
"""A number of one digit is in many a description."""


class DoubleKind(StrEnum):
    RECEIPT = "receipt"
    DAY = "day"
    TAKINGS = "takings"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Receipt:
    number: str
    day: date
    total: Decimal


@dataclass(frozen=True, slots=True)
class Double:
    """`what` is the receipt's number, the outlet of a day (empty for all), or our own reference."""

    kind: DoubleKind
    journal: str
    number: str
    day: date
    amount: Decimal
    what: str = ""


def may_be_takings(entry: BookEntry, ledgers: Ledgers) -> bool:
    """It brings turnover: a credit."""
    return entry.sum_on(ledgers.revenue) < ZERO


def numbers_in(entry: BookEntry) -> set[str]:
    """Whatever may be a receipt's number in what an entry is called: words, and the digits that end one."""
    words = {word for text in entry.texts for word in WORD.findall(text)}
    ends = {match[0] for word in words if (match := re.search(r"\d+$", word)) is not None}
    return {each for each in words | ends if len(each) >= SHORTEST}


def doubles_of_others(
    entries: Iterable[BookEntry],
    ledgers: Ledgers,
    receipts: Mapping[str, Receipt],
    days: Mapping[tuple[date, str], Decimal],
) -> Iterator[Double]:
    """`entries` are of others, whole; `receipts` by number; `days` by outlet, and by "" what all sold."""
    for entry in entries:
        found = _double(entry, ledgers, receipts, days)
        if found is not None:
            yield found


def _double(
    entry: BookEntry,
    ledgers: Ledgers,
    receipts: Mapping[str, Receipt],
    days: Mapping[tuple[date, str], Decimal],
) -> Double | None:
    about = (entry.journal, entry.number, entry.day, entry.debits)
    for number in sorted(numbers_in(entry)):
        receipt = receipts.get(number)
        if receipt is not None and receipt.total == entry.debits:
            return Double(DoubleKind.RECEIPT, *about, what=receipt.number)
    for (day, outlet), amount in sorted(days.items()):
        if day == entry.day and amount == entry.debits:
            return Double(DoubleKind.DAY, *about, what=outlet)
    takes_money = entry.sum_on(ledgers.money) > ZERO
    return Double(DoubleKind.TAKINGS, *about) if takes_money else None


def doubles_of_ours(entries: Sequence[BookEntry], ours: Ours) -> Iterator[Double]:
    """One reference that stands more than once in a journal; all but the first are too many."""
    seen: dict[tuple[str, str], str] = {}
    for entry in sorted(entries, key=lambda each: (each.day, each.number)):
        reference = ours.reference_of(entry)
        if reference is None:
            continue
        first = seen.setdefault((entry.journal, reference), entry.id)
        if first != entry.id:
            yield Double(
                DoubleKind.OURS, entry.journal, entry.number, entry.day, entry.debits, what=reference
            )
