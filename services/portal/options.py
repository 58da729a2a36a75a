"""What a connection can choose from, read when it is asked for and kept for a while: calls are scarce."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.budget import Postponed
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.database.statements import upsert
from libs.common.exact.client import ExactClient, ExactDivision
from libs.common.exact.errors import ExactError
from libs.common.lightspeed.errors import LightspeedError
from libs.common.lightspeed.sources import Tills
from libs.common.service import Now
from libs.common.settings import Settings
from libs.common.vault import GrantBusy, GrantLost
from services.portal import choices as kept
from services.portal import reading, sale_queries
from services.portal.choices import Choice, Choices, DivisionChoices, TillChoices
from services.portal.divisions import Divisions
from services.portal.problems_http import Refusal, wrong_field
from services.portal.store import LASTING, readings
from services.portal.till_usage import payment_types_in

GOOD_FOR = timedelta(minutes=15)
SEARCH_GOOD_FOR = timedelta(minutes=2)
BRIEFLY = "search:"
"""What begins so is good for a shorter while."""
LATELY, A_DAY = timedelta(days=30), timedelta(days=1)
MOST_SALES = 2000
A_MOMENT = 2.0
TRIES = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OptionsReader:
    database: Database
    settings: Settings
    exact: ExactClient
    tills: Tills
    divisions: Divisions
    now: Now

    async def choices(self, connection: Connection, division: str | None = None) -> Choices:
        """Of the division asked for, the chosen one, or the login's current one; 409 before both consents.

        A division that the login may not use is a 422.
        """
        missing = missing_consents(connection)
        if missing:
            raise Refusal(409, f"Authorize first: {' and '.join(missing)}.")
        return await self.asked(partial(self._choices, connection, division))

    async def asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A vendor's trouble as an answer of ours, whatever was asked."""
        try:
            return await ask()
        except GrantLost as error:
            raise Refusal(409, "The consent is gone: authorize again.") from error
        except (GrantBusy, Postponed) as error:
            until = error.until.isoformat()
            raise Refusal(503, f"No calls are left until {until}.", headers={"Retry-After": "60"}) from error
        except (ExactError, LightspeedError) as error:
            raise Refusal(502, f"The other side gave no usable answer: {error}") from error

    async def _choices(self, connection: Connection, division: str | None) -> Choices:
        divisions = await self._divisions(connection)
        chosen = division or connection.division or (divisions[0].id if divisions else None)
        if chosen is not None and chosen not in {each.id for each in divisions}:
            raise wrong_field("division", "This login can't use that division, or it doesn't exist.")
        books = DivisionChoices() if chosen is None else await self._books(connection, chosen)
        till = await self._till(connection)
        listed = {each.id for each in till.payment_types}
        unlisted = tuple(each for each in await self._met(connection) if each.id not in listed)
        return Choices(divisions, chosen, books, replace(till, unlisted=unlisted))

    async def category_names(self, connection: Connection) -> dict[str, str]:
        """By id, as the till has them by now."""
        return {category.id: category.name for category in (await self._till(connection)).categories}

    async def search(self, connection: Connection, choices: Choices, words: str) -> Choices:
        """The same with the items and debtors that the words find."""
        return await self.asked(partial(self._search, connection, choices, words))

    async def _search(self, connection: Connection, choices: Choices, words: str) -> Choices:
        if choices.division is None or not words.strip():
            return choices
        division = self._division(connection, choices.division)
        read = partial(self._read_found, division, words.strip())
        name = hashlib.sha256(words.strip().lower().encode()).hexdigest()[:32]
        subject = f"{BRIEFLY}{choices.division}:{name}"
        found = await self._kept(connection, subject, read, kept.division_text, kept.division_from)
        return replace(choices, books=replace(choices.books, items=found.items, debtors=found.debtors))

    async def _read_found(self, division: ExactDivision, words: str) -> DivisionChoices:
        items, debtors = await reading.search_division(division, words)
        return DivisionChoices(items=items, debtors=debtors)

    async def _divisions(self, connection: Connection) -> tuple[Choice, ...]:
        grant_id, site = connection.exact_grant_id or "", self.settings.exact_site(connection.country)
        subject = f"divisions:{grant_id}"
        read = partial(self.divisions.read, grant_id, site)
        return await self._kept(connection, subject, read, kept.list_text, kept.list_from)

    async def _books(self, connection: Connection, division: str) -> DivisionChoices:
        read = partial(reading.read_division, self._division(connection, division), self.now().date())
        return await self._kept(connection, f"books:{division}", read, kept.division_text, kept.division_from)

    async def _till(self, connection: Connection) -> TillChoices:
        till = self.tills.of(
            connection.source, connection.lightspeed_grant_id or "", connection.lightspeed_account or ""
        )
        read = partial(self._patiently, partial(reading.read_till, till))
        return await self._kept(connection, "till", read, kept.till_text, kept.till_from)

    async def _patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """A second that had its calls is over soon: nobody is sent away for it."""
        for _ in range(TRIES):
            try:
                return await read()
            except Postponed as wait:
                seconds = (wait.until - self.now()).total_seconds()
                if seconds > A_MOMENT:
                    raise
                await asyncio.sleep(max(seconds, 0))
        return await read()

    async def _met(self, connection: Connection) -> tuple[Choice, ...]:
        read = partial(self._read_met, connection)
        return await self._kept(connection, f"{BRIEFLY}payment-types", read, kept.list_text, kept.list_from)

    async def _read_met(self, connection: Connection) -> tuple[Choice, ...]:
        """The payment types of recent sales: what a till may not list must be there to choose."""
        today = self.now().date()
        async with self.database.reading() as transaction:
            sold = await sale_queries.contents_between(
                transaction, connection, today - LATELY, today + A_DAY, MOST_SALES, newest_first=True
            )
        return payment_types_in(sold)

    def _division(self, connection: Connection, division: str) -> ExactDivision:
        site = self.settings.exact_site(connection.country)
        return self.exact.division(connection.exact_grant_id or "", site, division)

    async def _kept(
        self,
        connection: Connection,
        subject: str,
        read: Callable[[], Awaitable[T]],
        to_text: Callable[[T], str],
        from_text: Callable[[str], T],
    ) -> T:
        at = self.now()
        async with self.database.reading() as transaction:
            earlier = await _reading(transaction, connection.id, subject)
        good_for = SEARCH_GOOD_FOR if subject.startswith(BRIEFLY) else GOOD_FOR
        if earlier is not None and earlier.read_at <= at < earlier.read_at + good_for:
            return from_text(earlier.text)
        found = await read()
        await self.database.run(partial(_keep_reading, connection.id, subject, to_text(found), at))
        return found

    async def forget(self, connection_id: str) -> None:
        """Something was made in Exact: what was read before lacks it."""
        await self.database.run(partial(_forget, connection_id))


def missing_consents(connection: Connection) -> list[str]:
    """By system, as authorizations are asked for."""
    grants = {"lightspeed": connection.lightspeed_grant_id, "exact": connection.exact_grant_id}
    return [system for system, grant in grants.items() if grant is None]


async def _reading(transaction: AsyncConnection, connection_id: str, subject: str) -> Reading | None:
    query = select(readings.c.rows, readings.c.read_at).where(
        readings.c.connection_id == connection_id, readings.c.subject == subject
    )
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else Reading(row.rows, row.read_at)


async def _keep_reading(
    connection_id: str, subject: str, text: str, at: datetime, transaction: AsyncConnection
) -> None:
    row = {"connection_id": connection_id, "subject": subject, "rows": text, "read_at": at}
    await transaction.execute(
        upsert(readings, [row], key=["connection_id", "subject"], update=["rows", "read_at"])
    )


async def _forget(connection_id: str, transaction: AsyncConnection) -> None:
    await transaction.execute(
        delete(readings).where(readings.c.connection_id == connection_id, readings.c.subject.not_in(LASTING))
    )
