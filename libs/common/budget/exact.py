"""Exact's budget in the database: a transaction a call where calls are scarce, blocks where they abound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update

from libs.common.budget import division, endpoint
from libs.common.budget.division import Division
from libs.common.budget.endpoint import COUNTED, REFUSED, Endpoint
from libs.common.budget.headers import day_family, minute_family
from libs.common.budget.lanes import Lane, Postponed
from libs.common.budget.tables import divisions, endpoints
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import insert_new, upsert
from libs.common.observability.metrics import POSTPONED
from libs.common.service import Now

BLOCK_SECONDS = 5
LARGEST_BLOCK = 500
OK = range(200, 300)

Place = tuple[str, str, Lane]


@dataclass(slots=True)
class _Block:
    """Calls that this process has reserved ahead; the next block is larger if this one is used up in time."""

    left: int = 0
    size: int = 1
    taken_at: datetime | None = None

    def use(self, now: datetime) -> bool:
        is_fresh = self.taken_at is not None and timedelta() <= now - self.taken_at < timedelta(
            seconds=BLOCK_SECONDS
        )
        if not is_fresh:
            self.size = max(1, self.size // 2) if self.left else self.size
            self.left = 0
        if self.left == 0:
            return False
        self.left -= 1
        return True

    def fill(self, count: int, now: datetime) -> None:
        self.left, self.taken_at = count - 1, now
        self.size = min(LARGEST_BLOCK, max(1, self.size) * 2)


@dataclass(slots=True)
class ExactBudget:
    database: Database
    now: Now
    _blocks: dict[Place, _Block] = field(default_factory=dict)
    _known: dict[str, Division] = field(default_factory=dict)
    """The divisions as this process last read them: an answer that adds nothing to that is not written."""

    async def reserve(self, division_key: str, endpoint_name: str, lane: Lane) -> None:
        place = (division_key, endpoint_name, lane)
        block, now = self._blocks.setdefault(place, _Block()), self.now()
        if block.use(now):
            return
        taken = await self.database.run(lambda each: self._take(each, place, block.size))
        if isinstance(taken, Postponed):
            POSTPONED.labels(system="exact", lane=lane.value).inc()
            raise taken
        block.fill(taken, now)  # of the moment before the reservation: a block is never used too late

    async def learn(
        self, division_key: str, endpoint_name: str, status: int, headers: Mapping[str, str]
    ) -> datetime | None:
        """After a 429: until when to stay away."""
        if status in OK and not self._is_news(division_key, headers):
            return None
        if status not in OK:
            self._forget_blocks(division_key)
        return await self.database.run(
            lambda each: self._learn(each, division_key, endpoint_name, status, headers)
        )

    async def _take(self, transaction: Transaction, place: Place, wanted: int) -> int | Postponed:
        key, name, lane = place
        state, of_endpoint, now = await _read(transaction, key, name, self.now)
        free_at = of_endpoint.free_at(lane, now, counts_refusals=state.counts_refusals)
        if free_at is not None:
            return Postponed(free_at, f"too many errors on {name}")
        taken = division.take(state, lane, now, wanted, BLOCK_SECONDS)
        await _write(transaction, key, state)
        self._known[key] = state
        return taken

    async def _learn(
        self,
        transaction: Transaction,
        key: str,
        name: str,
        status: int,
        headers: Mapping[str, str],
    ) -> datetime | None:
        state, of_endpoint, now = await _read(transaction, key, name, self.now)
        until = None
        if status == 429:
            until = _block(state, of_endpoint, headers, now)
        else:
            division.learn(state, now, headers)
            of_endpoint.note(status, now)
        await _write(transaction, key, state)
        if status == 429 or status in COUNTED or status == REFUSED:
            row = {"division_key": key, "endpoint": name, **of_endpoint.values()}
            names = list(of_endpoint.values())
            await transaction.execute(
                upsert(endpoints, [row], key=["division_key", "endpoint"], update=names)
            )
        self._known[key] = state
        return until

    def _is_news(self, division_key: str, headers: Mapping[str, str]) -> bool:
        known = self._known.get(division_key)
        if known is None or known.strikes:
            return True
        minute, day = minute_family(headers), day_family(headers)
        if (minute.limit or known.minute_limit) != known.minute_limit:
            return True
        if (day.limit or known.day_limit) != known.day_limit:
            return True
        if minute.used is not None and minute.used * 2 > known.minute_limit:
            return division.uncounted(known.minute, minute, self.now()) > 0
        is_much = day.used is not None and day.used * 2 > known.day_limit
        return is_much and division.is_of_today(day, self.now()) and (day.used or 0) > known.day_used

    def _forget_blocks(self, division_key: str) -> None:
        for place, block in self._blocks.items():
            if place[0] == division_key:
                block.left = 0


def _block(state: Division, of_endpoint: Endpoint, headers: Mapping[str, str], now: datetime) -> datetime:
    says_nothing = not minute_family(headers).is_present and not day_family(headers).is_present
    until = None
    if not (says_nothing and of_endpoint.looks_blocked(now)):
        until = division.block(state, now, headers)
    if until is None:
        state.counts_refusals = state.counts_refusals or of_endpoint.shows_counted_refusals(now)
        until = of_endpoint.park(now)
    return until


async def _read(
    transaction: Transaction, key: str, name: str, clock: Now
) -> tuple[Division, Endpoint, datetime]:
    """The row is locked until the transaction ends, so that reservations follow one another.

    The moment is that after the lock was got: waiting for it takes time.
    """
    query = (
        select(
            *divisions.columns,
            endpoints.c.errors,
            endpoints.c.refusals,
            endpoints.c.blocked_until.label("endpoint_blocked_until"),
        )
        .select_from(
            divisions.outerjoin(
                endpoints,
                and_(endpoints.c.division_key == divisions.c.division_key, endpoints.c.endpoint == name),
            )
        )
        .where(divisions.c.division_key == key)
        .with_for_update(of=divisions)
    )
    found = (await transaction.execute(query)).one_or_none()
    if found is None:
        new = {"division_key": key, **Division.new(clock()).values()}
        await transaction.execute(insert_new(divisions, [new]))
        found = (await transaction.execute(query)).one()
    row, now = dict(found._mapping), clock()
    of_endpoint = Endpoint.read(row["errors"], row["refusals"], row["endpoint_blocked_until"])
    return Division.read(row, now), of_endpoint, now


async def _write(transaction: Transaction, key: str, state: Division) -> None:
    await transaction.execute(
        update(divisions).where(divisions.c.division_key == key).values(**state.values())
    )


@dataclass(frozen=True, slots=True)
class ExactUsage:
    """What a division used of Exact's limits, for people to see."""

    minute_used: int
    minute_limit: int
    day_used: int
    day_limit: int
    minute_resets_at: datetime | None
    """When the first call of the last minute no longer counts."""
    day_resets_at: datetime
    blocked_until: datetime | None
    blocked_reason: str | None
    blocked_endpoints: tuple[tuple[str, datetime], ...]


async def _known(transaction: Transaction, key: str, now: datetime) -> Division:
    query = select(divisions).where(divisions.c.division_key == key)
    found = (await transaction.execute(query)).one_or_none()
    return Division.new(now) if found is None else Division.read(dict(found._mapping), now)


async def room_in_day(
    transaction: Transaction, division_key: str, lane: Lane, now: datetime
) -> tuple[int, int]:
    """How many calls a lane may still add today, and how many in a whole day."""
    state = await _known(transaction, division_key, now)
    left = division.allowed_in_day(state, lane, now) - state.day_used
    return max(0, left), division.allowed_in_whole_day(state, lane, now)


async def usage(transaction: Transaction, division_key: str, now: datetime) -> ExactUsage:
    state = await _known(transaction, division_key, now)
    rows = await transaction.execute(select(endpoints).where(endpoints.c.division_key == division_key))
    blocked = []
    for row in rows:
        each = endpoint.Endpoint.read(row.errors, row.refusals, row.blocked_until)
        free_at = each.free_at(Lane.SALES, now, counts_refusals=state.counts_refusals)
        if free_at is not None:
            blocked.append((row.endpoint, free_at))
    used = state.minute.used()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return ExactUsage(
        minute_used=used,
        minute_limit=state.minute_limit,
        day_used=state.day_used,
        day_limit=state.day_limit,
        minute_resets_at=state.minute.free_at(used) if used else None,
        day_resets_at=midnight,
        blocked_until=state.blocked(now),
        blocked_reason=state.blocked_reason if state.blocked(now) else None,
        blocked_endpoints=tuple(sorted(blocked)),
    )
