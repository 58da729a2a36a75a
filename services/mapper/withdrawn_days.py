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
from services.mapper.unmade_days import is_unmade


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
        place = opened.place
        of_day = await store.day_documents(transaction, connection_id, place.outlet, place.part, opened.day)
        unmade = [one for one in of_day if one.purpose is place.purpose and is_unmade(one)]
        if not unmade or await day_store.shares_of_day(transaction, connection_id, opened):
            continue
        for document in unmade:
            if document.state is DocumentState.REJECTED:
                await withdraw(transaction, connection_id, document, at=at)
