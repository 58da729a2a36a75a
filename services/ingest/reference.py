"""The account's reference for a poll: read once a day, and again when a sale names what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from libs.common.database.engine import Database, Transaction
from libs.common.lightspeed.source import Parser, Till
from libs.common.service import Now
from services.ingest import store

GOOD_FOR = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=5)
"""A name that stays unknown may not cost six calls with every page."""


class ReferenceOfPoll:
    """The reference of one connection during one poll."""

    def __init__(self, database: Database, till: Till, parser: Parser, connection_id: str, now: Now) -> None:
        self._database = database
        self._till = till
        self._parser = parser
        self._connection_id = connection_id
        self._now = now
        self._read_at: datetime | None = None
        self._reference = parser.no_reference()

    async def get(self, lacks: Callable[[Any], bool] | None = None) -> Any:
        """Read again where it is a day old, or where it lacks something and isn't fresh."""
        if self._read_at is None:
            await self._load()
        age = GOOD_FOR if self._read_at is None else self._now() - self._read_at
        is_short = age >= AGAIN_AFTER and lacks is not None and lacks(self._reference)
        if age >= GOOD_FOR or is_short:
            await self._read_again()
        return self._reference

    async def _load(self) -> None:
        async with self._database.reading() as transaction:
            kept = await store.kept_reference(transaction, self._connection_id)
        if kept is None:
            return
        try:
            self._reference = self._parser.reference_from_text(kept[1])
            self._read_at = kept[0]
        except ValidationError:
            self._read_at = None

    async def _read_again(self) -> None:
        """What couldn't be read for want of a name is fetched again once names are new."""
        reference, read_at = await self._till.read_reference(), self._now()
        is_new = reference != self._reference
        text = self._parser.reference_text(reference)

        async def keep(transaction: Transaction) -> None:
            await store.keep_reference(transaction, self._connection_id, read_at, text)
            if is_new:
                unreadable = await store.unreadable_sales(transaction, self._connection_id)
                await store.want_sales(transaction, self._connection_id, unreadable)

        await self._database.run(keep)
        self._reference, self._read_at = reference, read_at
