"""Takes back documents of days by which nothing is booked any more, so that they are no problem either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentWithdrawn
from libs.common.messaging import outbox
from services.mapper import day_store, store
from services.mapper.day_store import OpenDay
from services.mapper.store import DocumentState, KeptDocument
from services.mapper.unmade_days import unmade_of_day


async def withdraw(
    transaction: AsyncConnection, connection_id: str, document: KeptDocument, *, at: datetime
) -> None:
    gone = replace(document, version=document.version + 1, state=DocumentState.WITHDRAWN)
    await store.withdraw_document(transaction, gone)
    told = DocumentWithdrawn(gone.id, gone.version, ())
    await outbox.add(transaction, told, connection_id=connection_id, at=at)


async def withdraw_unmade(
    transaction: AsyncConnection, connection_id: str, left: Iterable[OpenDay], *, at: datetime
) -> None:
    """Of the days that a sale left, those that couldn't be made and in which nothing waits now."""
    for opened in left:
        unmade = await unmade_of_day(transaction, connection_id, opened)
        if not unmade or await day_store.shares_of_day(transaction, connection_id, opened):
            continue
        for document in unmade:
            await withdraw(transaction, connection_id, document, at=at)
