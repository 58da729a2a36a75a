"""One refresh of one grant: lease, call outside any transaction, store, release.

The lease write comes first: it proves that the database can be written before a token is spent, and it
says that a refresh is under way, so that a crash between answer and store is seen by whoever comes next.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from libs.common.database.engine import Database, Transaction
from libs.common.database.trouble import is_transient
from libs.common.observability.metrics import GRANTS_LOST, REFRESHES
from libs.common.service import Now
from libs.common.vault import grants
from libs.common.vault.endpoint import (
    RefreshRefused,
    RefreshUncertain,
    TokenEndpoint,
    TokenSet,
    TokenUnavailable,
    TooEarly,
)
from libs.common.vault.grants import Grant, day_of
from libs.common.vault.keyring import Keyring
from libs.common.vault.policy import Policy, repeat_after

log = structlog.get_logger()

LEASE_SECONDS = 180
"""Longer than a token call may take in all, so that a lease never runs out under a living owner."""
STORE_ATTEMPTS = 10
ANSWER_LOST = "the answer to a refresh was lost, and the token was spent"
RELEASED: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}
SETTLED: Mapping[str, Any] = {**RELEASED, "attempted_at": None, "attempts": 0}
EARLY_GRACE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Refresher:
    database: Database
    keyring: Keyring
    endpoints: Mapping[str, TokenEndpoint]
    now: Now

    async def refresh(self, seen: Grant, policy: Policy) -> None:
        """Leaves the outcome in the row; does nothing where another came first."""
        old_token = self.keyring.decrypt(seen.refresh_token, bound_to(seen.id, "refresh_token"))
        leased = await self._lease(seen)
        if leased is None:
            return
        try:
            tokens = await self.endpoints[seen.system].refresh(old_token, seen.site)
        except TooEarly as early:
            _count(leased, "too-early")
            await self._too_early(leased, policy, early)
        except RefreshRefused as refusal:
            _count(leased, "refused")
            await self._refused(leased, refusal)
        except RefreshUncertain as lost:
            _count(leased, "answer-lost")
            await self._uncertain(leased, policy, lost)
        except TokenUnavailable as trouble:
            _count(leased, "unavailable")
            until = self.now() + timedelta(seconds=trouble.retry_seconds)
            log.warning("vault.refresh_unavailable", grant=seen.id, reason=trouble.reason)
            await self._keep(leased, {**SETTLED, "not_before": until}, fenced=True)
        else:
            _count(leased, "refreshed")
            await self._store(leased, policy, tokens)

    async def give_up(self, seen: Grant) -> None:
        await self._lose(seen, ANSWER_LOST)

    async def _lease(self, seen: Grant) -> Grant | None:
        now = self.now()
        values: dict[str, Any] = {
            "lease_owner": uuid.uuid4().hex,
            "lease_until": now + timedelta(seconds=LEASE_SECONDS),
            "fencing": seen.fencing + 1,
            "attempted_at": now,
            "attempts": seen.attempts + 1,
            "not_before": None,
            "token_day": day_of(now),
            "token_calls": seen.calls_on(now) + 1,
        }
        got = await self.database.run(lambda each: grants.change(each, seen, values, fenced=True))
        return replace(seen, **values) if got else None

    async def _store(self, leased: Grant, policy: Policy, tokens: TokenSet) -> None:
        values = {**new_tokens(self.keyring, leased.id, tokens, self.now()), **SETTLED}
        values["generation"] = leased.generation + 1
        kept = await self._keep(leased, values, fenced=not policy.is_stored_if_late)
        event = "vault.refreshed" if kept else "vault.refresh_superseded"
        log.info(event, grant=leased.id, generation=values["generation"])

    async def _too_early(self, leased: Grant, policy: Policy, early: TooEarly) -> None:
        """The present tokens stay; long after their end it means that a lost answer had renewed them."""
        now = self.now()
        is_alive = now < leased.expires_at + EARLY_GRACE
        until = max(leased.expires_at, now + EARLY_GRACE) if is_alive else now + repeat_after(leased, policy)
        values: dict[str, Any] = {**SETTLED, "not_before": until}
        if is_alive:  # the vendor's clock runs behind ours: by its word the access token is still good
            values["expires_at"] = until + EARLY_GRACE
        log.warning("vault.refresh_too_early", grant=leased.id)
        await self._keep(leased, {**values, **self._gift(leased, early.refresh_token)}, fenced=True)

    async def _refused(self, leased: Grant, refusal: RefreshRefused) -> None:
        if refusal.refresh_token is not None:
            until = self.now() + timedelta(seconds=60)
            gift = self._gift(leased, refusal.refresh_token)
            await self._keep(leased, {**SETTLED, **gift, "not_before": until}, fenced=True)
            return
        async with self.database.reading() as transaction:
            present = await grants.grant(transaction, leased.id)
        if present is not None and present.generation == leased.generation:
            reason = refusal.reason if leased.attempts == 1 else f"{ANSWER_LOST} ({refusal.reason})"
            await self._lose(leased, reason)

    async def _uncertain(self, leased: Grant, policy: Policy, lost: RefreshUncertain) -> None:
        """The row keeps saying that a refresh was begun: the lease alone ends."""
        log.error("vault.refresh_answer_lost", grant=leased.id, attempt=leased.attempts, why=str(lost))
        if policy.repeats is not None and leased.attempts > policy.repeats:
            await self._lose(leased, ANSWER_LOST)
            return
        await self._keep(leased, RELEASED, fenced=True)

    async def _lose(self, seen: Grant, reason: str) -> None:
        values = {**SETTLED, "state": "lost", "reason": reason[:500]}
        if await self._keep(seen, values, fenced=True):
            GRANTS_LOST.labels(system=seen.system).inc()
            log.error("vault.grant_lost", grant=seen.id, system=seen.system, reason=reason[:500])

    def _gift(self, leased: Grant, refresh_token: str | None) -> dict[str, Any]:
        """A refusal may hold a new refresh token, and then the old one is spent (2.5)."""
        if refresh_token is None:
            return {}
        sealed = self.keyring.encrypt(refresh_token, bound_to(leased.id, "refresh_token"))
        return {"refresh_token": sealed}

    async def _keep(self, leased: Grant, values: Mapping[str, Any], *, fenced: bool) -> bool:
        """Stores with patience: what came from the vendor can't be asked for again."""

        async def step(transaction: Transaction) -> bool:
            return await grants.change(transaction, leased, values, fenced=fenced)

        for attempt in range(1, STORE_ATTEMPTS + 1):
            try:
                return await self.database.run(step)
            except (SQLAlchemyError, OSError) as error:
                if attempt == STORE_ATTEMPTS or not is_transient(error):
                    raise
            await asyncio.sleep(min(0.1 * 2**attempt, 10))
        raise AssertionError("the last attempt returns or raises")


def _count(leased: Grant, outcome: str) -> None:
    REFRESHES.labels(system=leased.system, outcome=outcome).inc()


def bound_to(grant_id: str, column: str) -> str:
    return f"vault_grant {grant_id} {column}"


def new_tokens(keyring: Keyring, grant_id: str, tokens: TokenSet, now: datetime) -> dict[str, Any]:
    """The columns of a fresh pair; its age counts from now, so that no refresh ever comes too early."""
    return {
        "access_token": keyring.encrypt(tokens.access_token, bound_to(grant_id, "access_token")),
        "refresh_token": keyring.encrypt(tokens.refresh_token, bound_to(grant_id, "refresh_token")),
        "issued_at": now,
        "expires_in": tokens.expires_in,
        "expires_at": now + timedelta(seconds=tokens.expires_in),
        "not_before": None,
        "rejections": 0,
    }
