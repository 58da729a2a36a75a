"""Which days of a journal are open: read when a period turns out to be closed, and known for an hour.

While it is known, documents of a closed period go under the first open day at once, without being refused
first; when the hour is over the books are asked again by trying, since an accountant may open a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Database
from libs.common.exact.reference import Period
from services.exporter import facts
from services.exporter.matching import equals
from services.exporter.posting_day import first_open_day

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

FRESH = timedelta(hours=1)
JOURNAL_STATUSES = "read/financial/JournalStatusList"
CLOSED = 1
PERIODS, CLOSED_OF = "periods", "closed:"


@dataclass(frozen=True, slots=True)
class OpenDays:
    """What is known by now, of the journals that were asked for within the hour."""

    periods: tuple[Period, ...] = ()
    closed: dict[str, frozenset[tuple[int, int]]] | None = None

    def day_for(self, journal: str, day: date) -> date | None:
        """The first open day from this one on; None where nothing is known of the journal."""
        closed = (self.closed or {}).get(journal.strip())
        return None if closed is None else first_open_day(day, self.periods, closed)


async def known_days(database: Database, division_key: str, now: datetime) -> OpenDays:
    async with database.reading() as transaction:
        return _open_days(await facts.learned(transaction, division_key), now)


async def read_days(
    database: Database,
    exact: ExactDivision,
    division_key: str,
    journal: str,
    day: date,
    now: datetime,
    lane: Lane,
) -> OpenDays:
    """Asks for the journal's periods anew: one call, and one for the periods' dates where a day is over."""
    async with database.reading() as transaction:
        kept = await facts.learned(transaction, division_key)
    periods = kept.get(PERIODS)
    if periods is None or now - _read_at(periods) >= facts.FRESH or not _begins_before(day, periods):
        periods = _noted(await _read_periods(exact, day, lane), now)
    statuses = _noted(await _read_closed(exact, journal, day.year - 1, lane), now)
    learnt = {PERIODS: periods, CLOSED_OF + journal.strip(): statuses}
    await database.run(lambda transaction: facts.learn(transaction, division_key, learnt))
    return _open_days(kept | learnt, now)


async def _read_periods(exact: ExactDivision, day: date, lane: Lane) -> list[list[Any]]:
    """A year back too, for the older documents of the same days."""
    since = f"EndDate ge datetime'{day.replace(day=1) - timedelta(days=366)}'"
    rows = await exact.rows(Period.path, select=list(Period.select), filter=since, lane=lane)
    periods = [Period.of(row) for row in rows]
    return [[each.year, each.period, str(each.starts_on), str(each.ends_on)] for each in periods]


async def _read_closed(exact: ExactDivision, journal: str, year: int, lane: Lane) -> list[list[int]]:
    where = f"{equals('Journal', journal)} and Year ge {year}"
    rows = await exact.rows(
        JOURNAL_STATUSES, select=["Journal", "Year", "Period", "Status"], filter=where, lane=lane
    )
    return [[int(row["Year"]), int(row["Period"])] for row in rows if int(row["Status"]) == CLOSED]


def _begins_before(day: date, periods: dict[str, Any]) -> bool:
    return any(start <= day.isoformat() for _, _, start, _ in periods["rows"])


def _noted(rows: list[Any], now: datetime) -> dict[str, Any]:
    return {"read_at": now.isoformat(), "rows": rows}


def _read_at(noted: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(noted["read_at"])


def _open_days(kept: dict[str, Any], now: datetime) -> OpenDays:
    periods = tuple(
        Period(year, period, date.fromisoformat(start), date.fromisoformat(end))
        for year, period, start, end in kept.get(PERIODS, {}).get("rows", ())
    )
    closed = {
        name.removeprefix(CLOSED_OF): frozenset((year, period) for year, period in noted["rows"])
        for name, noted in kept.items()
        if name.startswith(CLOSED_OF) and now - _read_at(noted) < FRESH
    }
    return OpenDays(periods, closed)
