"""What stands on a connection's ledgers, of us and of others, counted without reading years every night.

What is older than two months is kept as a sum, and counted anew from the first line once in four weeks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from pydantic import TypeAdapter

from libs.common.domain.sale import ZERO
from services.portal.balances import Stand
from services.portal.book_entries import BookEntry, Ledgers, Ours

OLD = timedelta(days=62)
COUNTED_ANEW_AFTER = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Counted:
    """The sums of all that lies before a day, by ledger, and since when that is so."""

    counted_on: date
    before: date
    stands: dict[str, Stand] = field(default_factory=dict)
    ledgers: tuple[str, ...] = ()
    accounts: tuple[str, ...] | None = None
    """The relations on whose account our sales were; None where they were never looked for."""

    def serves(self, ledgers: Ledgers, today: date) -> bool:
        is_fresh = today - self.counted_on < COUNTED_ANEW_AFTER
        return is_fresh and self.ledgers == tuple(sorted(ledgers.all))


@cache
def _adapter() -> TypeAdapter[Counted]:
    return TypeAdapter(Counted)


def counted_text(counted: Counted) -> str:
    return _adapter().dump_json(counted).decode()


def counted_of(text: str) -> Counted:
    return _adapter().validate_json(text)


def stands_of(entries: Iterable[BookEntry], ours: Ours, kept: Counted | None) -> dict[str, Stand]:
    """By ledger; of what was counted before, no entry counts twice."""
    stands = {} if kept is None else dict(kept.stands)
    for entry in entries:
        if kept is not None and entry.day < kept.before:
            continue
        is_ours = ours.has(entry)
        for ledger, amount in entry.amounts.items():
            stand = Stand(ours=amount) if is_ours else Stand(others=amount)
            stands[ledger] = stands.get(ledger, Stand()) + stand
    return stands


def counted_by(
    entries: Iterable[BookEntry],
    ours: Ours,
    kept: Counted | None,
    ledgers: Ledgers,
    today: date,
    accounts: Collection[str] | None,
) -> Counted:
    before = today - OLD
    old = [entry for entry in entries if entry.day < before]
    return Counted(
        counted_on=today if kept is None else kept.counted_on,
        before=before if kept is None else max(before, kept.before),
        stands=stands_of(old, ours, kept),
        ledgers=tuple(sorted(ledgers.all)),
        accounts=None if accounts is None else tuple(sorted(accounts)),
    )


def together(stands: Mapping[str, Stand], ledgers: Iterable[str]) -> Stand:
    total = Stand(ZERO, ZERO)
    for ledger in ledgers:
        total += stands.get(ledger, Stand())
    return total
