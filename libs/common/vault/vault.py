"""The vault: gives out access tokens that are good now, and renews each by its clock, once.

Over all processes one alone refreshes a grant; the others wait a little and read again.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update

from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import insert_new
from libs.common.service import Now
from libs.common.vault import grants
from libs.common.vault.endpoint import TokenEndpoint, TokenError, TokenSet
from libs.common.vault.grants import Grant
from libs.common.vault.keyring import Keyring, Undecryptable
from libs.common.vault.policy import Policy, Step, decide, due_at
from libs.common.vault.refresh import SETTLED, Refresher, bound_to, new_tokens

log = structlog.get_logger()

PATIENCE_SECONDS = 20.0
REMEMBERED_SECONDS = 5.0
IDLE_BATCH = 200
WITHDRAWN = "withdrawn here"
MOST_REFRESHES = 2
"""In one request for a token; more would be a loop."""


class GrantLost(Exception):
    """Only a person can help: the consent must be given again."""

    def __init__(self, grant_id: str, reason: str) -> None:
        super().__init__(f"{grant_id}: {reason}")
        self.grant_id = grant_id
        self.reason = reason


class GrantBusy(Exception):
    """No token can be had now; try again from `until` on."""

    def __init__(self, until: datetime, grant_id: str = "") -> None:
        super().__init__(f"{grant_id}: until {until.isoformat()}")
        self.until = until
        self.grant_id = grant_id


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    value: str
    generation: int

    def __repr__(self) -> str:
        return f"AccessToken(generation={self.generation})"


@dataclass(frozen=True, slots=True)
class _Remembered:
    token: AccessToken
    due_at: datetime
    read_at: float


class Vault:
    """One a process. `endpoints` by system: "exact", and each source's name."""

    def __init__(
        self, database: Database, keyring: Keyring, endpoints: Mapping[str, TokenEndpoint], now: Now
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._endpoints = endpoints
        self._now = now
        self._refresher = Refresher(database, keyring, endpoints, now)
        self._running: set[asyncio.Task[None]] = set()
        self._remembered: dict[str, _Remembered] = {}

    async def keep_consent(
        self,
        transaction: Transaction,
        *,
        partner_id: str,
        merchant_id: str,
        system: str,
        site: str,
        subject: str,
        subject_name: str,
        tokens: TokenSet,
    ) -> str:
        """The grant's id. The same login of the same partner is the same grant: a new consent mends it."""
        now = self._now()
        grant_id = uuid.uuid4().hex
        login = {"system": system, "site": site, "subject": subject, "partner_id": partner_id}
        row = {
            "id": grant_id,
            "merchant_id": merchant_id,
            **login,
            **_consented(subject_name, now),
            **new_tokens(self._keyring, grant_id, tokens, now),
            "generation": 1,
            "fencing": 1,
            "token_calls": 1,
        }
        inserted = insert_new(grants.grants, [row], returning=[grants.grants.c.id])
        if (await transaction.execute(inserted)).first() is not None:
            return grant_id
        known = await grants.grant_of_login(transaction, system, site, subject, partner_id)
        assert known is not None
        values = {
            **_consented(subject_name, now),
            **new_tokens(self._keyring, known.id, tokens, now),
            "generation": known.generation + 1,
            "fencing": known.fencing + 1,
            "token_day": grants.day_of(now),
            "token_calls": known.calls_on(now) + 1,
        }
        await transaction.execute(
            update(grants.grants).where(grants.grants.c.id == known.id).values(**values)
        )
        self._remembered.pop(known.id, None)
        return known.id

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> AccessToken:
        """A token that is good now.

        `rejected_generation` says that the vendor refused the token of that generation although it should
        have lived. Raises `GrantLost`, `GrantBusy`, or `Undecryptable` where our own keys are at fault.
        """
        if rejected_generation is None and (token := self._remembered_token(grant_id)) is not None:
            return token
        self._remembered.pop(grant_id, None)
        if rejected_generation is not None:
            await self._count_rejection(grant_id, rejected_generation)
        return await self._good_token(grant_id, rejected_generation)

    async def refresh_idle(self, now: datetime) -> int:
        """Renews grants that nobody used for as long as their vendor's policy says; says how many."""
        idle: list[Grant] = []
        async with self._database.reading() as transaction:
            for system, endpoint in self._endpoints.items():
                since = now - timedelta(days=endpoint.policy.idle_days)
                idle += await grants.idle_grants(transaction, system, since, IDLE_BATCH)
        renewed = 0
        for each in idle:
            try:
                await self._good_token(each.id, None, forced_generation=each.generation)
                renewed += 1
            except (GrantLost, GrantBusy, Undecryptable) as error:
                log.warning("vault.idle_not_renewed", grant=each.id, error=str(error))
        return renewed

    async def revoke(self, grant_id: str) -> None:
        """Withdraws the consent at the vendor where that can be done, and forgets its tokens for good."""
        present = await self._read(grant_id)
        if present.state == "live":
            token = self._keyring.decrypt(present.refresh_token, bound_to(grant_id, "refresh_token"))
            try:
                await self._endpoints[present.system].revoke(token, present.site)
            except TokenError as error:
                log.warning("vault.revoke_not_confirmed", grant=grant_id, error=str(error))
        await self._database.run(lambda each: self._forget(each, present))
        self._remembered.pop(grant_id, None)

    async def close(self) -> None:
        """Waits for refreshes under way: an answer that nobody stores would cost the merchant a consent."""
        if self._running:
            await asyncio.wait(self._running)

    async def _good_token(
        self, grant_id: str, rejected_generation: int | None, *, forced_generation: int | None = None
    ) -> AccessToken:
        deadline, pause, refreshes = time.monotonic() + PATIENCE_SECONDS, 0.02, 0
        while True:
            seen = await self._read(grant_id)
            if seen.state == "lost":
                raise GrantLost(grant_id, seen.reason or "lost")
            decision = decide(
                seen,
                self._policy_of(seen),
                self._now(),
                is_rejected=seen.generation == rejected_generation,
                is_forced=seen.generation == forced_generation,
            )
            match decision.step:
                case Step.USE:
                    return self._give_out(seen)
                case Step.REFRESH if refreshes < MOST_REFRESHES:
                    refreshes += 1
                    await self._refresh(seen)
                case Step.GIVE_UP:
                    await self._refresher.give_up(seen)
                case Step.WAIT if time.monotonic() < deadline:
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, 0.5)
                case _:
                    raise GrantBusy(decision.until or self._now() + timedelta(seconds=60), grant_id)

    async def _refresh(self, seen: Grant) -> None:
        """In a task of its own: whoever asked may be cancelled, the call and its store may not."""
        policy, now = self._policy_of(seen), self._now()
        if seen.calls_on(now) >= policy.calls_a_day:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            raise GrantBusy(midnight, seen.id)
        task = asyncio.create_task(self._refresher.refresh(seen, policy))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    def _give_out(self, seen: Grant) -> AccessToken:
        value = self._keyring.decrypt(seen.access_token, bound_to(seen.id, "access_token"))
        token = AccessToken(value, seen.generation)
        if not seen.rejections:
            due = due_at(seen, self._policy_of(seen))
            self._remembered[seen.id] = _Remembered(token, due, time.monotonic())
        return token

    def _remembered_token(self, grant_id: str) -> AccessToken | None:
        """For a few seconds a token is given out again without reading its row."""
        known = self._remembered.get(grant_id)
        if known is None or time.monotonic() - known.read_at > REMEMBERED_SECONDS:
            return None
        return known.token if self._now() < known.due_at else None

    def _policy_of(self, seen: Grant) -> Policy:
        return self._endpoints[seen.system].policy

    async def _read(self, grant_id: str) -> Grant:
        async with self._database.reading() as transaction:
            found = await grants.grant(transaction, grant_id)
        if found is None:
            raise GrantLost(grant_id, "there is no such grant")
        return found

    async def _count_rejection(self, grant_id: str, generation: int) -> None:
        table = grants.grants
        statement = (
            update(table)
            .where(table.c.id == grant_id, table.c.generation == generation)
            .values(rejections=table.c.rejections + 1)
        )
        await self._database.run(lambda transaction: transaction.execute(statement))

    async def _forget(self, transaction: Transaction, present: Grant) -> None:
        statement = update(grants.grants).where(
            grants.grants.c.id == present.id, grants.grants.c.generation == present.generation
        )
        gone = {"state": "lost", "reason": WITHDRAWN, "access_token": "", "refresh_token": ""}
        await transaction.execute(statement.values(**SETTLED, **gone, generation=present.generation + 1))


def _consented(subject_name: str, now: datetime) -> dict[str, object]:
    return {
        "subject_name": subject_name,
        "state": "live",
        "reason": None,
        "consented_at": now,
        "token_day": grants.day_of(now),
        **SETTLED,
    }
