"""Links between the two sides, and what is to be written: one row for each article of the leading side."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, case, exists, func, not_, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert_all
from libs.common.domain.product import CREATE, LEAVE, ProductField, ProductLink, Values
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.products import Plan, Step
from services.products.kept import chunks
from services.products.store import links

RETRY = "retry"
"""A choice that lasts until the next decision: what was refused is sent once more."""
DOUBT_SEARCHES = 2
OF_OTHERS = (
    *(ConflictCode.CODE_DOUBLE, ConflictCode.CODE_TAKEN, ConflictCode.CODE_TOO_LONG),
    *(ConflictCode.SEVERAL_MATCHES, ConflictCode.BARCODE_DOUBLE),
)
"""What another article may have stood in the way of; a missing VAT code may keep all of them waiting."""
REFUSED_FOR = timedelta(days=1)
"""Then it is sent once more: at the pace at which it was refused, which the error budget bears."""
LATELY = timedelta(minutes=10)
"""What was decided in it goes before the rest of a first synchronisation, which may take weeks."""


class LinkState(StrEnum):
    TO_CREATE = "to-create"
    TO_CHANGE = "to-change"
    IN_STEP = "in-step"
    CONFLICT = "conflict"
    LEFT = "left"


TO_DO = (LinkState.TO_CREATE, LinkState.TO_CHANGE)


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: int
    master_key: str
    slave_key: str | None
    state: LinkState
    wanted: Values
    synced: Values
    synced_after: Values
    conflicts: tuple[Conflict, ...]
    stock_conflicts: tuple[Conflict, ...]
    overwritten: Values
    choice: str
    sent_at: datetime | None
    searches: int
    attempts: int
    due_at: datetime | None

    @property
    def is_in_doubt(self) -> bool:
        """A new article was sent, and whether it was made isn't known."""
        return self.sent_at is not None and self.slave_key is None

    @property
    def link(self) -> ProductLink:
        return ProductLink(self.master_key, self.slave_key, self.synced, self.choice)

    @property
    def was_refused(self) -> bool:
        return any(each.code is ConflictCode.REFUSED for each in self.conflicts)


@cache
def _conflicts() -> TypeAdapter[tuple[Conflict, ...]]:
    return TypeAdapter(tuple[Conflict, ...])


def conflicts_text(conflicts: Sequence[Conflict]) -> str:
    return _conflicts().dump_json(tuple(conflicts)).decode() if conflicts else ""


def conflicts_of(text: str) -> tuple[Conflict, ...]:
    return _conflicts().validate_json(text) if text else ()


def values_text(values: Values) -> str:
    return json.dumps({name.value: value for name, value in sorted(values.items())}, ensure_ascii=False)


def values_of(text: str) -> dict[ProductField, str]:
    return {ProductField(name): value for name, value in json.loads(text or "{}").items()}


async def of_masters(transaction: Transaction, connection_id: str, keys: Iterable[str]) -> dict[str, LinkRow]:
    return await _by(transaction, connection_id, links.c.master_key, keys)


async def of_slaves(transaction: Transaction, connection_id: str, keys: Iterable[str]) -> dict[str, LinkRow]:
    return await _by(transaction, connection_id, links.c.slave_key, keys)


async def _by(
    transaction: Transaction, connection_id: str, column: Any, keys: Iterable[str]
) -> dict[str, LinkRow]:
    found: dict[str, LinkRow] = {}
    for part in chunks(keys):
        query = select(links).where(links.c.connection_id == connection_id, column.in_(part))
        for row in await transaction.execute(query):
            link = link_of(row)
            found[link.master_key] = link
    return found


def link_of(row: Row[Any]) -> LinkRow:
    return LinkRow(
        id=row.id,
        master_key=row.master_key,
        slave_key=row.slave_key,
        state=LinkState(row.state),
        wanted=values_of(row.wanted),
        synced=values_of(row.synced),
        synced_after=values_of(row.synced_after),
        conflicts=conflicts_of(row.conflicts),
        stock_conflicts=conflicts_of(row.stock_conflicts),
        overwritten=values_of(row.overwritten),
        choice=row.choice,
        sent_at=row.sent_at,
        searches=row.searches,
        attempts=row.attempts,
        due_at=row.due_at,
    )


def decided(old: LinkRow | None, plan: Plan, now: datetime) -> dict[str, Any] | None:
    """The row that a decision makes of what was there; None where it changes nothing."""
    was_refused = old is not None and old.was_refused and old.choice != RETRY
    if old is not None and was_refused and old.wanted and old.wanted == plan.values:
        return None  # the same again would be refused again
    choice = "" if old is None else old.choice
    state = LinkState.LEFT if choice == LEAVE else state_of(plan)
    is_over = (
        choice == RETRY or (choice == CREATE and plan.slave_key) or (choice and state is LinkState.IN_STEP)
    )
    before = old.synced if old is not None and old.slave_key == plan.slave_key else {}
    row = {
        "master_key": plan.master_key,
        "slave_key": plan.slave_key,
        "state": state.value,
        "wanted": values_text(plan.values),
        "synced": values_text(plan.synced if not plan.values else before),
        "synced_after": values_text(plan.synced),
        "conflicts": conflicts_text(plan.conflicts),
        "overwritten": values_text(plan.overwritten or ({} if old is None else old.overwritten)),
        "choice": "" if is_over and choice != LEAVE else choice,
        "due_at": now if state in TO_DO else None,
    }
    return None if old is not None and _says(old, row) else row


def state_of(plan: Plan) -> LinkState:
    if plan.step is Step.CREATE:
        return LinkState.TO_CREATE
    if plan.step is Step.CHANGE:
        return LinkState.TO_CHANGE
    if plan.conflicts:
        return LinkState.CONFLICT
    return LinkState.IN_STEP if plan.slave_key is not None else LinkState.LEFT


def _says(old: LinkRow, row: Mapping[str, Any]) -> bool:
    known = {
        "slave_key": old.slave_key,
        "state": old.state.value,
        "wanted": values_text(old.wanted),
        "synced": values_text(old.synced),
        "synced_after": values_text(old.synced_after),
        "conflicts": conflicts_text(old.conflicts),
        "choice": old.choice,
    }
    is_due_again = row["due_at"] is not None and old.due_at is None
    return not is_due_again and all(row[name] == value for name, value in known.items())


async def keep(transaction: Transaction, connection_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """What was decided; what may have been sent before is still looked for."""
    fresh = {"sent_at": None, "searches": 0, "attempts": 0, "stock_conflicts": ""}
    whole = [{"connection_id": connection_id, **row, "is_told": False, **fresh} for row in rows]
    changing = [name for name in (rows[0] if rows else ()) if name != "master_key"]
    changing.append("is_told")
    await upsert_all(transaction, links, whole, key=["connection_id", "master_key"], update=changing)


async def change(transaction: Transaction, link_id: int, **values: Any) -> None:
    await transaction.execute(update(links).where(links.c.id == link_id).values(is_told=False, **values))


async def record(transaction: Transaction, link: LinkRow, **values: Any) -> None:
    """What became of a write, unless a person linked the article otherwise since.

    What was chosen since stays.
    """
    is_same = and_(links.c.id == link.id, links.c.slave_key.is_not_distinct_from(link.slave_key))
    if "choice" in values:
        is_chosen_since = links.c.choice != link.choice
        values["choice"] = case((is_chosen_since, links.c.choice), else_=values["choice"])
    await transaction.execute(update(links).where(is_same).values(is_told=False, **values))


async def next_to_write(
    transaction: Transaction, connection_id: str, now: datetime, *, lately: bool
) -> LinkRow | None:
    """What is due: of what was decided lately the latest, of what waits longer what waits longest."""
    since = now - LATELY
    is_due = and_(links.c.due_at <= now, links.c.due_at > since if lately else links.c.due_at <= since)
    order = links.c.due_at.desc() if lately else links.c.due_at
    for state in (LinkState.TO_CHANGE, LinkState.TO_CREATE):  # each in the order of the index
        mine = and_(links.c.connection_id == connection_id, links.c.state == state.value)
        query = select(links).where(mine, is_due).order_by(order, links.c.id).limit(1)
        if (row := (await transaction.execute(query)).first()) is not None:
            return link_of(row)
    return None


async def next_due(transaction: Transaction, connection_id: str) -> datetime | None:
    waiting = and_(
        links.c.connection_id == connection_id, links.c.state.in_([state.value for state in TO_DO])
    )
    found: datetime | None = (
        await transaction.execute(select(func.min(links.c.due_at)).where(waiting))
    ).scalar_one()
    return found


async def has_to_create(transaction: Transaction, connection_id: str, since: datetime | None) -> bool:
    """Any at all, or any that was decided since."""
    mine = [links.c.connection_id == connection_id, links.c.state == LinkState.TO_CREATE.value]
    if since is not None:
        mine.append(links.c.due_at > since)
    return bool((await transaction.execute(select(exists().where(*mine)))).scalar_one())


async def counts(transaction: Transaction, connection_id: str) -> dict[LinkState, int]:
    query = (
        select(links.c.state, func.count())
        .where(links.c.connection_id == connection_id)
        .group_by(links.c.state)
    )
    found = {LinkState(state): int(number) for state, number in await transaction.execute(query)}
    return {state: found.get(state, 0) for state in LinkState}


async def with_conflicts(transaction: Transaction, connection_id: str) -> int:
    """Those in step but for a field count too."""
    has_some = or_(links.c.conflicts != "", links.c.stock_conflicts != "")
    query = select(func.count()).where(links.c.connection_id == connection_id, has_some)
    return int((await transaction.execute(query)).scalar_one())


async def waiting_masters(transaction: Transaction, connection_id: str) -> list[str]:
    """Whose conflict another article may end: nothing is linked to them."""
    query = select(links.c.master_key).where(
        links.c.connection_id == connection_id,
        links.c.slave_key.is_(None),
        links.c.state == LinkState.CONFLICT.value,
        or_(*(links.c.conflicts.contains(f'"{code.value}"', autoescape=True) for code in OF_OTHERS)),
    )
    return list((await transaction.execute(query)).scalars())


async def refused_long_ago(transaction: Transaction, connection_id: str, now: datetime) -> list[str]:
    query = select(links.c.master_key).where(_refused(connection_id), links.c.due_at <= now)
    return list((await transaction.execute(query)).scalars())


async def put_back(transaction: Transaction, connection_id: str, keys: Iterable[str]) -> None:
    """What was refused of these is decided about as if it hadn't been."""
    for part in chunks(keys):
        mine = and_(_refused(connection_id), links.c.master_key.in_(part))
        await transaction.execute(update(links).where(mine).values(wanted="{}", due_at=None))


def _refused(connection_id: str) -> ColumnElement[bool]:
    return and_(
        links.c.connection_id == connection_id,
        links.c.state == LinkState.CONFLICT.value,
        links.c.conflicts.contains(f'"{ConflictCode.REFUSED.value}"', autoescape=True),
    )


async def conflicting_masters(transaction: Transaction, connection_id: str) -> list[str]:
    query = select(links.c.master_key).where(links.c.connection_id == connection_id, links.c.conflicts != "")
    return list((await transaction.execute(query)).scalars())


async def untold(transaction: Transaction, connection_id: str, limit: int) -> list[LinkRow]:
    query = select(links).where(links.c.connection_id == connection_id, links.c.is_told.is_(False))
    rows = await transaction.execute(query.order_by(links.c.id).limit(limit))
    return [link_of(row) for row in rows]


async def tell_again(
    transaction: Transaction, connection_id: str, keys: Iterable[str], *, leads: bool
) -> None:
    """Though nothing may be done about them: what the till calls them may be another code than it was."""
    column = links.c.master_key if leads else links.c.slave_key
    for part in chunks(keys):
        mine = and_(links.c.connection_id == connection_id, column.in_(part))
        await transaction.execute(update(links).where(mine).values(is_told=False))


async def told(transaction: Transaction, ids: Collection[int]) -> None:
    await transaction.execute(update(links).where(links.c.id.in_(list(ids))).values(is_told=True))


async def turn_round(transaction: Transaction, connection_id: str) -> None:
    """The other side leads from now on: who belongs together still does, what was last alike is forgotten."""
    mine = links.c.connection_id == connection_id
    await transaction.execute(links.delete().where(mine, links.c.slave_key.is_(None)))
    fresh = dict.fromkeys(("wanted", "synced", "synced_after", "overwritten"), "{}")
    await transaction.execute(
        update(links)
        .where(mine)
        .values(
            master_key=links.c.slave_key,
            slave_key=links.c.master_key,
            state=LinkState.IN_STEP.value,
            conflicts="",
            stock_conflicts="",
            choice="",
            sent_at=None,
            due_at=None,
            is_told=False,
            **fresh,
        )
    )


async def choose(
    transaction: Transaction, connection_id: str, master_key: str, choice: str, slave_key: str | None
) -> list[str]:
    """What a person said of one article. With another article it is linked from scratch.

    Who had that one until now has none, and is to be decided about again: their keys are the answer. Nothing
    is written of either before that; but what may have been made is looked for.
    """
    ousted: list[str] = []
    mine = and_(links.c.connection_id == connection_id, links.c.master_key == master_key)
    is_in_doubt = and_(links.c.sent_at.is_not(None), links.c.slave_key.is_(None))
    is_to_do = links.c.state.in_([state.value for state in TO_DO])
    held = case((and_(is_to_do, not_(is_in_doubt)), None), else_=links.c.due_at)
    values: dict[str, Any] = {"choice": choice, "is_told": False, "due_at": held}
    if choice == LEAVE:
        values["stock_conflicts"] = ""
    if slave_key is not None:
        values |= {"slave_key": slave_key, "synced": "{}", "sent_at": None}
    elif choice == CREATE:
        values |= {"slave_key": None, "synced": "{}", "sent_at": None}
    if slave_key is not None:
        others = and_(
            links.c.connection_id == connection_id,
            links.c.slave_key == slave_key,
            links.c.master_key != master_key,
        )
        bare = {"slave_key": None, "synced": "{}", "sent_at": None, "due_at": held, "is_told": False}
        rows = await transaction.execute(
            update(links).where(others).values(**bare).returning(links.c.master_key)
        )
        ousted = list(rows.scalars())
    await transaction.execute(update(links).where(mine).values(**values))
    return ousted
