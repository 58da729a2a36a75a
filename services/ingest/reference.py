"""The account's reference for a poll: read once a day, and again when a sale names what it lacks."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from libs.common.database.engine import Database, Transaction
from libs.common.lightspeed.retail import RetailAccount
from libs.common.lightspeed.retail_reference import (
    RetailReference,
    read_reference,
    reference_from_text,
    reference_text,
)
from libs.common.lightspeed.retail_sale import names_unknown
from libs.common.service import Now
from services.ingest import store

GOOD_FOR = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=5)
"""A name that stays unknown may not cost six calls with every page."""


class ReferenceOfPoll:
    """The reference of one connection during one poll."""

    def __init__(self, database: Database, account: RetailAccount, connection_id: str, now: Now) -> None:
        self._database = database
        self._account = account
        self._connection_id = connection_id
        self._now = now
        self._read_at: datetime | None = None
        self._reference = RetailReference()

    async def for_sales(self, payloads: Sequence[dict[str, Any]]) -> RetailReference:
        if self._read_at is None:
            await self._load()
        if self._is_due(payloads):
            await self._read_again()
        return self._reference

    async def for_registers(self, ids: Set[str], payment_types: Set[str]) -> RetailReference:
        await self.for_sales([])
        is_known = (
            ids <= self._reference.registers.keys() and payment_types <= self._reference.payment_types.keys()
        )
        if not is_known and self._age() >= AGAIN_AFTER:
            await self._read_again()
        return self._reference

    def _is_due(self, payloads: Sequence[dict[str, Any]]) -> bool:
        age = self._age()
        if age >= GOOD_FOR:
            return True
        return age >= AGAIN_AFTER and any(names_unknown(payload, self._reference) for payload in payloads)

    def _age(self) -> timedelta:
        return GOOD_FOR if self._read_at is None else self._now() - self._read_at

    async def _load(self) -> None:
        async with self._database.reading() as transaction:
            kept = await store.kept_reference(transaction, self._connection_id)
        if kept is None:
            return
        try:
            self._reference = reference_from_text(kept[1])
            self._read_at = kept[0]
        except ValidationError:
            self._read_at = None

    async def _read_again(self) -> None:
        """What couldn't be read for want of a name is fetched again once names are new."""
        reference, read_at = await read_reference(self._account), self._now()
        is_new = reference != self._reference

        async def keep(transaction: Transaction) -> None:
            await store.keep_reference(transaction, self._connection_id, read_at, reference_text(reference))
            if is_new:
                unreadable = await store.unreadable_sales(transaction, self._connection_id)
                await store.want_sales(transaction, self._connection_id, unreadable)

        await self._database.run(keep)
        self._reference, self._read_at = reference, read_at
