"""What a sale just read means beside what is kept of it: nothing new, a revision or a problem. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.common.domain.problem import Problem
from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.retail_reference import RetailReference
from libs.common.lightspeed.retail_sale import changed_at, parse_sale, state_of
from libs.common.lightspeed.retail_values import NONE, Unreadable, identity
from services.ingest.content import content_hash, payload_hash
from services.ingest.store import UNREADABLE, KeptSale

TOLD = (SaleState.COMPLETED, SaleState.VOIDED)


@dataclass(frozen=True, slots=True)
class ReadSale:
    """One sale of a page, parsed; `is_wanted` where a person asked for it again.

    `changed_at` is the record's own stamp, by which an old answer is known; of a voided sale the parsed one
    has the moment of the void.
    """

    sale_id: str
    payload: Mapping[str, Any]
    parsed: Sale | Problem
    content_hash: str
    changed_at: datetime | None
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


def read_sale(payload: Mapping[str, Any], reference: RetailReference, *, is_wanted: bool = False) -> ReadSale:
    parsed = parse_sale(payload, reference)
    if isinstance(parsed, Sale):
        digest = content_hash(parsed, identity(payload, "customerID"))
        return ReadSale(parsed.id, payload, parsed, digest, _changed_at(payload), is_wanted)
    digest = payload_hash(payload)
    return ReadSale(_id_of(payload, digest), payload, parsed, digest, _changed_at(payload), is_wanted)


def verdict_on(read: ReadSale, kept: KeptSale | None) -> Verdict | None:
    """None where there is nothing to keep: the same again, or an answer older than the one before."""
    if kept is not None and _is_older(read, kept):
        return None
    if isinstance(read.parsed, Problem):
        return _on_problem(read, kept)
    revision = kept.revision if kept else 0
    if read.parsed.state not in TOLD and revision == 0:
        return _quiet(read, kept)
    if kept is None or revision == 0 or _differs(read, kept):
        return Verdict(read, revision + 1, 0, is_told=True)
    return _quiet(read, kept)


def _on_problem(read: ReadSale, kept: KeptSale | None) -> Verdict | None:
    revision = kept.revision if kept else 0
    if revision == 0 and _is_ticket(read.payload):
        return _quiet(read, kept)
    if kept is None or kept.content_hash != read.content_hash:
        return Verdict(read, revision + 1, 1, is_told=True)
    if read.is_wanted:
        return Verdict(read, revision, kept.decision + 1, is_told=True)
    return None


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


def _is_ticket(payload: Mapping[str, Any]) -> bool:
    """An open or cancelled ticket has no money yet: that it can't be read is nobody's problem."""
    try:
        return state_of(payload) not in TOLD
    except Unreadable:
        return False


def _id_of(payload: Mapping[str, Any], digest: str) -> str:
    """A sale without a readable id is known by its content, so that it is shown all the same."""
    try:
        sale_id = identity(payload, "saleID")
    except Unreadable:
        sale_id = NONE
    return sale_id if sale_id != NONE else "?" + digest[-16:]


def _changed_at(payload: Mapping[str, Any]) -> datetime | None:
    try:
        return changed_at(payload)
    except Unreadable:
        return None
