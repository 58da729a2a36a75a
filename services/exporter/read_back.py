"""How Exact is read back in few calls: the ledger in pages of a thousand lines, headers where none is made.

Where a site has no bulk pages, which is found out once, headers of the single endpoints serve instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from libs.common.budget.lanes import Lane
from libs.common.domain.document import SalesEntry, SalesInvoice, SalesOrder
from libs.common.domain.sale import ZERO
from libs.common.exact import entities
from libs.common.exact.entities import CreditSign, DivisionFacts, Journaled
from libs.common.exact.errors import BadRequest
from services.exporter.compare import KEYS, SELECTED, booked_by
from services.exporter.credit_sign import judged
from services.exporter.ledger_check import LedgerSums, Seen, compare_ledger
from services.exporter.matching import TERMS, any_of, equals
from services.exporter.search import TRANSACTION_LINES
from services.exporter.store import PrintStep
from services.exporter.turn import Job

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

BULK_LINES = "bulk/Financial/TransactionLines"
BULK_ORDERS = "bulk/SalesOrder/SalesOrders"
LEDGER_FIELDS = ("EntryNumber", "GLAccount", "VATCode", "AmountDC")
GAP = 500
"""Numbers further apart than this are asked for apart, so that other people's entries aren't read along."""
NOT_FOUND = Seen(None)


async def look(jobs: Sequence[Job], facts: DivisionFacts, without_bulk: set[str]) -> dict[int, Seen]:
    """What stands of each job's document, by the job's id."""
    seen: dict[int, Seen] = {}
    invoices = [job for job in jobs if isinstance(job.document, SalesInvoice)]
    orders = [job for job in jobs if isinstance(job.document, SalesOrder)]
    entries = [job for job in jobs if isinstance(job.document, SalesEntry | Journaled)]
    if invoices:
        seen |= await _headers(invoices[0].exact, invoices, facts.credit_sign)
        entries += [job for job in invoices if _is_in_ledger(job, seen[job.id])]
    if orders:
        seen |= await _orders(orders[0].exact, orders, without_bulk)
    for journal, of_journal in _by_journal(entries).items():
        numbers = {job.id: seen[job.id].number if job.id in seen else job.number for job in of_journal}
        seen |= await _ledger(journal, of_journal, numbers, facts, without_bulk)
    return seen


def _is_in_ledger(job: Job, header: Seen) -> bool:
    return job.print_step is PrintStep.PRINTED and bool(header.number) and header.differences == ()


def _by_journal(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    found: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        document = job.document
        if not isinstance(document, SalesOrder):
            found[document.journal.strip()].append(job)
    return found


async def _ledger(
    journal: str,
    jobs: Sequence[Job],
    numbers: Mapping[int, str],
    facts: DivisionFacts,
    without_bulk: set[str],
) -> dict[int, Seen]:
    exact = jobs[0].exact
    sums: dict[str, LedgerSums] = {}
    wanted = sorted(int(number) for number in numbers.values() if number.isdigit())
    for which in _filters("EntryNumber", wanted):
        where = f"{equals('JournalCode', journal)} and ({which})"
        rows = await _bulk(exact, BULK_LINES, LEDGER_FIELDS, where, without_bulk)
        if rows is None:
            return await _without_ledger(exact, jobs, where)
        _add_up(rows, sums)
    return {
        job.id: compare_ledger(job.document, numbers[job.id], sums.get(numbers[job.id]), facts)
        for job in jobs
    }


def _add_up(rows: Iterable[Mapping[str, Any]], sums: dict[str, LedgerSums]) -> None:
    for row in rows:
        places = sums.setdefault(str(row["EntryNumber"]), {})
        place = str(row["GLAccount"]).lower(), str(row.get("VATCode") or "").strip()
        places[place] = places.get(place, ZERO) + Decimal(str(row["AmountDC"] or 0))


async def _without_ledger(exact: ExactDivision, jobs: Sequence[Job], where: str) -> dict[int, Seen]:
    """Sixty lines a page would cost too much: the header's totals, and journals that are there at all."""
    document = jobs[0].document
    if isinstance(document, SalesInvoice):
        return {}
    if isinstance(document, Journaled):
        rows = await exact.rows(
            TRANSACTION_LINES, select=["EntryNumber"], filter=where, orderby="EntryNumber", lane=Lane.SETTLE
        )
        there = {str(row["EntryNumber"]) for row in rows}
        return {job.id: Seen((), job.number) if job.number in there else NOT_FOUND for job in jobs}
    return await _headers(exact, jobs)


async def _orders(exact: ExactDivision, jobs: Sequence[Job], without_bulk: set[str]) -> dict[int, Seen]:
    rows: list[Mapping[str, Any]] = []
    for where in _filters("OrderNumber", sorted(int(job.number) for job in jobs if job.number.isdigit())):
        found = await _bulk(exact, BULK_ORDERS, SELECTED[SalesOrder], where, without_bulk)
        if found is None:
            return await _headers(exact, jobs)
        rows += found
    return _compared(jobs, rows)


async def _headers(
    exact: ExactDivision, jobs: Sequence[Job], sign: CreditSign = CreditSign.UNSEEN
) -> dict[int, Seen]:
    """By Exact's own ids, forty a call."""
    kind = type(jobs[0].document)
    rows: list[Mapping[str, Any]] = []
    for start in range(0, len(jobs), TERMS):
        terms = [f"{KEYS[kind]} eq guid'{job.exact_id}'" for job in jobs[start : start + TERMS]]
        rows += await exact.rows(
            entities.PATHS[kind], select=list(SELECTED[kind]), filter=any_of(terms), lane=Lane.SETTLE
        )
    return _compared(jobs, rows, sign)


def _compared(
    jobs: Sequence[Job], rows: Iterable[Mapping[str, Any]], sign: CreditSign = CreditSign.UNSEEN
) -> dict[int, Seen]:
    by_id = {str(row[KEYS[type(jobs[0].document)]]): row for row in rows}
    seen: dict[int, Seen] = {}
    for job in jobs:
        row = by_id.get(job.exact_id or "")
        if row is None:
            seen[job.id] = NOT_FOUND
            continue
        booked = judged(job.document, booked_by(job.document, row), sign)
        seen[job.id] = Seen(booked.differences, booked.number)
    return seen


async def _bulk(
    exact: ExactDivision, path: str, select: Sequence[str], where: str, without_bulk: set[str]
) -> list[dict[str, Any]] | None:
    if path in without_bulk:
        return None
    try:
        return await exact.rows(path, select=list(select), filter=where, lane=Lane.SETTLE)
    except BadRequest:
        without_bulk.add(path)
        return None


def _filters(field: str, numbers: Sequence[int]) -> list[str]:
    """As few as will do: closed ranges, or the numbers themselves where they lie far apart."""
    close = ranges(numbers)
    if len(close) <= 1 + len(numbers) // TERMS:
        return [f"{field} ge {low} and {field} le {high}" for low, high in close]
    terms = [f"{field} eq {number}" for number in numbers]
    return [any_of(terms[start : start + TERMS]) for start in range(0, len(terms), TERMS)]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The numbers as few closed ranges without wide gaps in them."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number - found[-1][1] <= GAP:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
