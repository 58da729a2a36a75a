"""A line is one connection's documents of one kind; it stops when three in a row were booked differently.

Something then changes what we send, and more of it would only be more to mend. A person looks, and
changed rules or switching the connection on again let it go on. A row is broken by one that was right when
it was read back, and not by an answer: what only the ledger shows comes with answers that are all right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from libs.common.contracts.commands import ConnectionAttention
from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert
from libs.common.domain.document import DocumentKind
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.messaging import outbox
from services.exporter import store
from services.exporter.compare import Booked, Difference

IN_A_ROW = 3
STOPPED = "booked-differently"


@dataclass(slots=True)
class Lines:
    different: dict[tuple[str, str], int] = field(default_factory=dict)

    def is_stopped(self, connection_id: str, kind: DocumentKind) -> bool:
        return self.different.get((connection_id, kind.value), 0) >= IN_A_ROW

    async def count_different(
        self, transaction: Transaction, connection_id: str, kind: DocumentKind, now: datetime
    ) -> None:
        """One was booked differently, by the answer or by what was read back."""
        after = self.different.get((connection_id, kind.value), 0) + 1
        await self._keep(transaction, connection_id, kind, after, now)
        if after == IN_A_ROW:
            attention = ConnectionAttention(reason=STOPPED)
            await outbox.add(transaction, attention, connection_id=connection_id, at=now)

    async def begin_anew(
        self, transaction: Transaction, connection_id: str, kind: DocumentKind, now: datetime
    ) -> None:
        """One was right when it was read back."""
        if self.different.get((connection_id, kind.value)):
            await self._keep(transaction, connection_id, kind, 0, now)

    async def _keep(
        self,
        transaction: Transaction,
        connection_id: str,
        kind: DocumentKind,
        different: int,
        now: datetime,
    ) -> None:
        self.different[connection_id, kind.value] = different
        values = {
            "connection_id": connection_id,
            "kind": kind.value,
            "different": different,
            "stopped_at": now if different >= IN_A_ROW else None,
        }
        await transaction.execute(
            upsert(
                store.stopped_lines,
                [values],
                key=["connection_id", "kind"],
                update=["different", "stopped_at"],
            )
        )


async def read_lines(transaction: Transaction, connection_ids: list[str]) -> Lines:
    table = store.stopped_lines
    query = select(table.c.connection_id, table.c.kind, table.c.different).where(
        table.c.connection_id.in_(connection_ids)
    )
    rows = await transaction.execute(query)
    return Lines({(row.connection_id, row.kind): row.different for row in rows})


def difference_problem(reference: str, booked: Booked) -> Problem:
    facts = [("reference", reference), ("number", booked.number)]
    facts += [(name, f"{meant} / {told}") for name, meant, told in booked.differences if name != "reference"]
    told = [name for name, _, _ in booked.differences]
    return Problem(
        ProblemCode.BOOKED_DIFFERENTLY,
        (*facts, ("fields", ", ".join(told))),
        per_sale=tuple(name for name, _ in facts),
    )


def changed_since(reference: str, number: str, differences: tuple[Difference, ...] | None) -> Problem:
    """It was right when it was booked: since then somebody edited or deleted it in Exact."""
    facts = [("reference", reference), ("number", number)]
    if differences is None:
        return Problem(ProblemCode.DELETED_IN_EXACT, tuple(facts), per_sale=("reference", "number"))
    facts += [(name, f"{meant} / {told}") for name, meant, told in differences]
    fields = ", ".join(name for name, _, _ in differences)
    return Problem(
        ProblemCode.EDITED_IN_EXACT,
        (*facts, ("fields", fields)),
        per_sale=tuple(name for name, _ in facts),
    )
