"""Searches by our reference: what of a document stands in Exact already.

A search answers 200 and an empty list where there is nothing, so it costs no error. Many references go
in one filter; what comes back is compared again here, since Exact compares texts more loosely than we do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from libs.common.budget.lanes import Lane
from libs.common.domain.document import Document, SalesEntry
from libs.common.exact import entities
from libs.common.exact.entities import Journaled
from services.exporter.compare import KEYS, LEDGER_LINE, NUMBERS, SELECTED, Booked, booked_by, booked_journal
from services.exporter.matching import TERMS, any_of, equals

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

TRANSACTION_LINES = "financialtransaction/TransactionLines"
Hits = dict[str, list[Booked]]
"""By reference; more than one means that it stands there more than once."""


async def find_booked(exact: ExactDivision, documents: Sequence[Document]) -> Hits:
    """Documents of one kind."""
    hits: Hits = {document.reference: [] for document in documents}
    if isinstance(documents[0], Journaled):
        entries = [document for document in documents if isinstance(document, Journaled)]
        await _find_journals(exact, entries, hits)
        return hits
    kind = type(documents[0])
    path = entities.PATHS[kind]
    by_reference = {document.reference: document for document in documents}
    for batch in _in_batches(list(by_reference), TERMS):
        terms = [equals("YourRef", reference) for reference in batch]
        rows = await exact.rows(
            path,
            select=list(SELECTED[kind]),
            filter=entities.reference_filter(path, any_of(terms)),
            lane=Lane.SETTLE,
        )
        for row in {row[KEYS[kind]]: row for row in rows}.values():
            document = by_reference.get(str(row.get("YourRef") or "").strip())
            if document is not None:
                hits[document.reference].append(booked_by(document, row))
    return hits


async def _find_journals(exact: ExactDivision, entries: Sequence[Journaled], hits: Hits) -> None:
    by_journal: dict[str, dict[str, Journaled]] = {}
    for entry in entries:
        by_journal.setdefault(entry.journal.strip(), {})[entry.reference] = entry
    for journal, by_reference in by_journal.items():
        for batch in _in_batches(list(by_reference), TERMS // 2):
            found = await exact.rows(
                TRANSACTION_LINES,
                select=list(LEDGER_LINE),
                filter=f"{equals('JournalCode', journal)} and ({any_of(_heads(batch))})",
                lane=Lane.SETTLE,
            )
            for reference, rows in _by_entry(found, batch):
                hits[reference].append(booked_journal(by_reference[reference], rows))


async def holders_of(exact: ExactDivision, document: Document, number: int) -> set[str]:
    """The references of what has this number in the document's journal, or of the order that has it."""
    kind = type(document)
    if isinstance(document, Journaled):
        path, field = TRANSACTION_LINES, "Description"
        where = f"{equals('JournalCode', document.journal.strip())} and EntryNumber eq {number}"
    else:
        path, field = entities.PATHS[kind], "YourRef"
        where = f"{NUMBERS[kind]} eq {number}"
        if isinstance(document, SalesEntry):
            where += f" and {equals('Journal', document.journal.strip())}"
    rows = await exact.rows(path, select=[field], filter=where, lane=Lane.SETTLE)
    texts = [str(row.get(field) or "").strip() for row in rows]
    ours = document.reference
    return (
        {_head_of(text, [ours]) or text for text in texts} if isinstance(document, Journaled) else set(texts)
    )


def _heads(references: Iterable[str]) -> list[str]:
    """The reference alone, or before a space: so that 12 is not found in 123."""
    terms = []
    for reference in references:
        escaped = reference.replace("'", "''")
        terms += [equals("Description", reference), f"startswith(Description,'{escaped} ')"]
    return terms


def _by_entry(
    rows: Iterable[Mapping[str, Any]], references: Sequence[str]
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    entries: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        reference = _head_of(str(row.get("Description") or ""), references)
        if reference is not None:
            entries.setdefault((reference, str(row["EntryID"])), []).append(row)
    return [(reference, lines) for (reference, _), lines in entries.items()]


def _head_of(description: str, references: Sequence[str]) -> str | None:
    heads = [each for each in references if description == each or description.startswith(f"{each} ")]
    return max(heads, key=len, default=None)


def _in_batches(references: Sequence[str], size: int) -> list[Sequence[str]]:
    return [references[start : start + size] for start in range(0, len(references), size)]
