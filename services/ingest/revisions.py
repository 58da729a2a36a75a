"""What a sale just read means beside what is kept of it: nothing new, a revision or a problem. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.common.domain.problem import Problem
from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.source import Parser
from services.ingest.content import content_hash, payload_hash
from services.ingest.store import UNREADABLE, KeptSale

TOLD = (SaleState.COMPLETED, SaleState.VOIDED, SaleState.INTERNAL)


@dataclass(frozen=True, slots=True)
class ReadSale:
    """One sale of a page, parsed; `is_wanted` where a person asked for it again, who is told it in any case.

    `changed_at` is the record's own stamp, by which an old answer is known; of a voided sale the parsed one
    has the moment of the void.
    """

    sale_id: str
    payload: Mapping[str, Any]
    parsed: Sale | Problem
    content_hash: str
    changed_at: datetime | None
    is_ticket: bool = False
    is_wanted: bool = False

    @property
    def state(self) -> str:
        return self.parsed.state.value if isinstance(self.parsed, Sale) else UNREADABLE

    @property
    def is_sale(self) -> bool:
        return isinstance(self.parsed, Sale)

    @property
    def has_customer(self) -> bool:
        return isinstance(self.parsed, Sale) and self.parsed.customer is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to keep and whether to tell it: a problem's `decision` counts from 1, a sale's is 0."""

    read: ReadSale
    revision: int
    decision: int
    is_told: bool


def read_sale(payload: Mapping[str, Any], parser: Parser, reference: Any) -> ReadSale:
    parsed, changed_at = parser.parse_sale(payload, reference), parser.changed_at(payload)
    if isinstance(parsed, Sale):
        digest = content_hash(parsed, parser.customer_id(payload))
        return ReadSale(parsed.id, payload, parsed, digest, changed_at)
    digest = payload_hash(payload)
    sale_id = parser.sale_id(payload) or "?" + digest[-16:]  # so that it is shown all the same
    return ReadSale(sale_id, payload, parsed, digest, changed_at, parser.is_ticket(payload))


def verdict_on(read: ReadSale, kept: KeptSale | None, *, books_open_payments: bool = False) -> Verdict | None:
    """None where there is nothing to keep: the same again, or an answer older than the one before."""
    if kept is not None and _is_older(read, kept):
        return None
    if isinstance(read.parsed, Problem):
        return _on_problem(read, kept)
    revision = kept.revision if kept else 0
    if not _matters(read.parsed, books_open_payments=books_open_payments) and revision == 0:
        return _quiet(read, kept)
    if kept is None or revision == 0 or read.is_wanted or _differs(read, kept):
        return Verdict(read, revision + 1, 0, is_told=True)
    return _quiet(read, kept)


def _matters(sale: Sale, *, books_open_payments: bool) -> bool:
    """Of open ones those paid on, where that is booked as it comes: as deposits, or by the rules."""
    if sale.state is not SaleState.OPEN or not sale.payments:
        return sale.state in TOLD
    return sale.runs_on_account or books_open_payments


def _on_problem(read: ReadSale, kept: KeptSale | None) -> Verdict | None:
    revision = kept.revision if kept else 0
    if revision == 0 and read.is_ticket:
        return _quiet(read, kept)  # it has no money yet: that it can't be read is nobody's problem
    if kept is not None and _was_read_as_it_is(read, kept):
        return None
    if kept is None or kept.content_hash != read.content_hash:
        return Verdict(read, revision + 1, 1, is_told=True)
    if read.is_wanted:
        return Verdict(read, revision, kept.decision + 1, is_told=True)
    return None


def _was_read_as_it_is(read: ReadSale, kept: KeptSale) -> bool:
    """It was read whole and hasn't changed since: that an answer came without a part says nothing of it."""
    if read.is_wanted or kept.state == UNREADABLE:
        return False
    return read.changed_at is not None and read.changed_at == kept.changed_at


def _quiet(read: ReadSale, kept: KeptSale | None) -> Verdict | None:
    """Kept without a word: tickets that nobody heard of, and edits without money."""
    if kept is None:
        return Verdict(read, 0, 0, is_told=False)
    if kept.content_hash == read.content_hash and kept.changed_at == read.changed_at:
        return None
    if kept.state == SaleState.VOIDED and kept.content_hash == read.content_hash:
        return None  # nothing can happen to it any more, and what is kept says when it was voided
    return Verdict(read, kept.revision, kept.decision, is_told=False)


def _differs(read: ReadSale, kept: KeptSale) -> bool:
    """A customer that only now could be read counts; one that is no longer read doesn't."""
    return read.content_hash != kept.content_hash or (read.has_customer and not kept.has_customer)


def _is_older(read: ReadSale, kept: KeptSale) -> bool:
    """A replica that lags may answer what was true before (reference 7)."""
    if read.is_wanted or read.changed_at is None or kept.changed_at is None:
        return False
    return read.changed_at < kept.changed_at
