"""A part of a sale as it stands in the books and as it is wanted, and how what corrects it is named.

References and descriptions follow the sale's first document; debtors are known by who they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import TypeVar

from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    DocumentKind,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)

D = TypeVar("D", bound=SalesEntry | SalesInvoice | SalesOrder | CashEntry)


@dataclass(frozen=True, slots=True)
class Family:
    """The documents of one part of a sale, its turnover or its settlement: what stands and what is wanted."""

    standing: tuple[Document, ...]
    wanted: tuple[Document, ...]


@dataclass(slots=True)
class Correcting:
    """How the documents of one correction are named and dated; `used` are the sale's references so far."""

    reference: str
    """The sale's own, which its first document has."""
    day: date
    used: set[tuple[str, str]]
    is_void: bool = False
    is_repeated: bool = False
    """Whether what stands is reversed as a whole, and what is wanted booked anew."""
    first_day: date | None = None
    """Of a sale that is rebooked: the rules changed and not the sale, so it is reversed on its first day."""

    def suffix(self, kind: str) -> str:
        """`-V` for a void, else `-C`, `-C2`: the first that no document of the sale has on the same shelf.

        A printed invoice shows among the sales entries, so these share their references; journals don't.
        """
        taken = {reference for other, reference in self.used if _shelf(other) == _shelf(kind)}
        for suffix in self._suffixes():
            if self.reference + suffix not in taken:
                self.used.add((kind, self.reference + suffix))
                return suffix
        raise AssertionError("there is always a next number")

    def _suffixes(self) -> Iterable[str]:
        if self.is_void:
            yield "-V"
        yield "-C"
        yield from (f"-C{number}" for number in count(2))


def _shelf(kind: str) -> str:
    return "journal" if kind in (DocumentKind.GENERAL_JOURNAL, DocumentKind.CASH_ENTRY) else "sales"


def renamed(document: D, how: Correcting) -> D:
    """A document again under a reference of its own, on the day of the correction."""
    suffix = how.suffix(document.kind.value)
    return replace(
        document,
        reference=how.reference + suffix,
        day=how.day,
        description=described(document, how.reference, suffix),
    )


def described(document: Document, reference: str, suffix: str) -> str:
    """The first document's words with the suffix behind the number: "Winkel / 5012-C"."""
    return document.description.removesuffix(document.reference.removeprefix(reference)) + suffix


def described_journal(document: Document, reference: str) -> str:
    return f"{reference} {document.description.removeprefix(document.reference).strip()}".strip()


def headed(line: JournalLine, reference: str, first: str) -> JournalLine:
    """The reference at the head, in place of the one that the line had when it was booked first."""
    head, _, words = line.description.partition(" ")
    plain = words if head.startswith(first) else line.description
    return replace(line, description=f"{reference} {plain}".strip())


def who_is(debtor: Debtor) -> str:
    """A customer whose address changed is the same debtor."""
    return debtor.account or f"customer:{debtor.customer.id if debtor.customer else ''}"


def debtors_of(family: Family) -> dict[str, Debtor]:
    """The debtors by who they are, each as the newest document names it."""
    found: dict[str, Debtor] = {}
    for document in (*family.standing, *family.wanted):
        if isinstance(document, JournalEntry | CashEntry):
            named = [line.debtor for line in document.lines if line.debtor is not None]
        else:
            named = [document.debtor]
        found |= {who_is(debtor): debtor for debtor in named}
    return found
