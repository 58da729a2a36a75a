"""What is to be written next: a link with both its articles, and what may be left out of it for now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.product import CREATE, OVERWRITE, Product, ProductField, Values
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_values import name_of
from services.products import kept, linked, planning
from services.products.kept import following, leading
from services.products.linked import LinkRow, LinkState
from services.products.turn import Turn

WAITED_FOR = frozenset({ProductField.CODE, ProductField.BARCODE})
"""What one article has at a time."""


@dataclass(frozen=True, slots=True)
class Job:
    """A link to write, with the article that leads and, where there is one, the one that follows."""

    link: LinkRow
    master: Product
    slave: Product | None
    lane: Lane
    is_marked: bool = False
    """The link says already that something is being made."""
    held_back: Values = field(default_factory=dict)
    """What was refused, and is not sent again with the rest."""
    held_until: datetime | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Of the link, once all of it was written."""
        choice = "" if self.link.choice in (OVERWRITE, linked.RETRY, CREATE) else self.link.choice
        has_conflicts = bool(self.link.conflicts)
        return {
            "state": (LinkState.CONFLICT if has_conflicts else LinkState.IN_STEP).value,
            "wanted": linked.values_text(self.held_back),
            "conflicts": linked.conflicts_text(self.link.conflicts),
            "synced": linked.values_text(self.link.synced_after),
            "choice": choice,
            "sent_at": None,
            "searches": 0,
            "attempts": 0,
            "due_at": self.held_until,
        }

    def without(self, *names: ProductField) -> Job:
        """All but these fields, of which it stays known what was last alike."""
        wanted = {name: value for name, value in self.link.wanted.items() if name not in names}
        after = {name: value for name, value in self.link.synced_after.items() if name not in names}
        after |= {name: self.link.synced[name] for name in names if name in self.link.synced}
        return replace(self, link=replace(self.link, wanted=wanted, synced_after=after))

    def holding_back(self, names: Collection[ProductField], conflict: Conflict, until: datetime) -> Job:
        """The rest of it; what is held back stays wanted, with why."""
        held_back = {name: value for name, value in self.link.wanted.items() if name in names}
        rest = self.without(*held_back)
        others = tuple(each for each in rest.link.conflicts if not _is_refusal_of(each, conflict.field))
        link = replace(rest.link, conflicts=(*others, conflict))
        return replace(rest, link=link, held_back={**self.held_back, **held_back}, held_until=until)

    def rest(self, conflict: Conflict, until: datetime) -> Job | None:
        """What may be taken without the code and barcode, which another may have."""
        rest = self.holding_back(WAITED_FOR, conflict, until)
        is_less = rest.link.wanted != self.link.wanted
        return rest if self.slave is not None and is_less and rest.link.wanted else None


def _is_refusal_of(conflict: Conflict, name: ProductField | None) -> bool:
    return conflict.code is ConflictCode.REFUSED and conflict.field is name


async def next_job(turn: Turn) -> Job | None:
    """What was decided lately, else what waits longer; one at a time, since people choose meanwhile."""
    return await _job_of(turn, Lane.PRODUCTS) or await _job_of(turn, Lane.CATALOGUE)


async def _job_of(turn: Turn, lane: Lane) -> Job | None:
    """What may have been made is looked for by its code, also of an article that is gone by now."""
    connection, direction, lately = turn.connection.id, turn.direction, lane is Lane.PRODUCTS
    while not turn.is_over:
        async with turn.database.reading() as transaction:
            row = await linked.next_to_write(transaction, connection, turn.now(), lately=lately)
            if row is None:
                return None
            key, other = row.master_key, row.slave_key or ""
            leads = await kept.with_keys(transaction, connection, leading(direction), [key])
            follows = await kept.with_keys(transaction, connection, following(direction), [other])
        if row.is_in_doubt:
            leads.setdefault(key, Product(key, row.wanted.get(ProductField.CODE, ""), ""))
        if key in leads:
            return Job(row, leads[key], follows.get(other), lane)
        await decide_again(turn, [key])
    return None


def refusal_of(job: Job, name: ProductField | None, answer: str) -> Conflict:
    return Conflict(ConflictCode.REFUSED, name, (("name", name_of(job.master)), ("answer", answer)))


async def decide(turn: Turn, keys: list[str], transaction: Transaction) -> None:
    """At once, in the transaction of what they were found out in."""
    assert turn.terms is not None
    await planning.plan(transaction, turn.connection.id, keys, turn.terms, turn.now())


async def decide_again(turn: Turn, keys: list[str]) -> None:
    await turn.step(partial(decide, turn, keys))
