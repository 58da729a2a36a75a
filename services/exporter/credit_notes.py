"""Which way round Exact counts the quantities of a credit note isn't certain (reference 5.8).

They are sent as they are meant. An open one that shows the other total is thrown away and sent turned,
before it is printed. What only printing turns is seen too late: so the first that a division prints is read
back at once, and is a problem where it is wrong. What was seen is remembered for the division.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.document import SalesInvoice
from libs.common.exact.entities import PATHS, CreditSign
from libs.common.exact.errors import OutcomeUnknown
from services.exporter import facts, read_back, trouble
from services.exporter.compare import KEYS, SELECTED, Booked, booked_by
from services.exporter.credit_sign import is_turned, judged, unfit
from services.exporter.outcome import Again
from services.exporter.store import PrintStep
from services.exporter.turn import Job, Turn

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision


async def sign_of(transaction: Transaction, division_key: str) -> CreditSign:
    kept = await facts.learned(transaction, division_key)
    return CreditSign(kept.get(facts.CREDIT_SIGN, CreditSign.UNSEEN))


async def taken(turn: Turn, job: Job, note: SalesInvoice, row: dict[str, Any]) -> Booked | Again:
    """What the answer to its POST says; it is open yet."""
    sign = await _sign(turn)
    if row.get("AmountFC") is None and sign is not CreditSign.AS_SENT:
        row = await _read(job.exact, str(row[KEYS[SalesInvoice]]))
    booked = judged(note, booked_by(note, row, job.related), sign)
    if sign is not CreditSign.UNSEEN or not is_turned(note, booked.differences):
        return booked
    await _remember(turn, CreditSign.TURNED)
    if turn.is_stale(job):
        raise OutcomeUnknown("the lease may be another's")
    try:
        await job.exact.delete(PATHS[SalesInvoice], booked.exact_id, lane=Lane.SETTLE)
    except trouble.CERTAINLY_NOT:
        return booked
    return Again(turn.house.now())


async def before_printing(turn: Turn, job: Job, note: SalesInvoice) -> Booked | None:
    """It stays open where it was sent before its sign was known, and would be printed turned."""
    differences = unfit(note, job.amount, await _sign(turn))
    return Booked(job.exact_id or "", job.number, job.amount, differences) if differences else None


async def after_printing(turn: Turn, job: Job, note: SalesInvoice, booked: Booked) -> Booked:
    """The first of a division as it stands."""
    if await _sign(turn) is not CreditSign.UNSEEN:
        return booked
    job.print_step = PrintStep.PRINTED
    now, database = turn.house.now(), turn.house.database
    try:
        known = await facts.facts_of(database, job.exact, turn.division_key, now, with_cost_centers=False)
        seen = (await read_back.look([job], known, turn.without_bulk))[job.id]
    except trouble.CERTAINLY_NOT:  # it is read back later, as all are
        return booked
    if seen.differences == ():
        await _remember(turn, CreditSign.AS_SENT)
    elif seen.differences and is_turned(note, seen.differences):
        await _remember(turn, CreditSign.TURNED_BY_PRINTING)
        return replace(booked, number=seen.number, differences=seen.differences)
    return booked


async def _read(exact: ExactDivision, exact_id: str) -> dict[str, Any]:
    """Nobody knows what stands where this fails: it is searched then."""
    path, key = PATHS[SalesInvoice], KEYS[SalesInvoice]
    select, mine = list(SELECTED[SalesInvoice]), f"{key} eq guid'{exact_id}'"
    try:
        rows = await exact.rows(path, select=select, filter=mine, lane=Lane.SETTLE)
    except trouble.CERTAINLY_NOT as error:
        raise OutcomeUnknown("a credit note's total") from error
    if not rows:
        raise OutcomeUnknown("a credit note's total")
    return rows[0]


async def _sign(turn: Turn) -> CreditSign:
    async with turn.house.database.reading() as transaction:
        return await sign_of(transaction, turn.division_key)


async def _remember(turn: Turn, sign: CreditSign) -> None:
    async with turn.house.database.transaction() as transaction:
        await facts.learn(transaction, turn.division_key, {facts.CREDIT_SIGN: sign.value})
