"""Commands that ingest takes: read this connection now, or this sale again."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import ConnectionEnded, RetryRequested, RulesChanged, SyncRequested
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.database import registry
from libs.common.database.signals import announce
from libs.common.lightspeed.sources import SOURCES
from libs.common.service import Handler, Now
from services.ingest import errand_store, store
from services.ingest.erase import erase_people
from services.ingest.schedule import SIGNAL


def handlers(now: Now) -> dict[str, Handler]:
    async def make_due(transaction: AsyncConnection, envelope: Envelope) -> None:
        await store.make_due(transaction, envelope.connection_id, now())
        announce(transaction, SIGNAL)

    async def begin_anew(transaction: AsyncConnection, envelope: Envelope) -> None:
        """The start date or the need of customers may have moved.

        It may have been switched on again too: a person who was asked before is asked anew if it still fails.
        """
        await store.make_due(transaction, envelope.connection_id, now(), attention=None)
        announce(transaction, SIGNAL)

    async def read_again(transaction: AsyncConnection, envelope: Envelope) -> None:
        """A remedy may lie at the till where no poll sees it: a mended customer moves no sale (4.5)."""
        sale_id = message_in(envelope, RetryRequested).sale_id
        if sale_id in await store.kept_sales(transaction, envelope.connection_id, [sale_id]):
            await store.want_sales(transaction, envelope.connection_id, [sale_id])
            await make_due(transaction, envelope)

    async def erase(transaction: AsyncConnection, envelope: Envelope) -> None:
        """The money facts of raw answers are kept for their years, the people in them are not."""
        source = await registry.source_of(transaction, envelope.connection_id)
        if source is not None:
            await erase_people(transaction, envelope.connection_id, SOURCES[source].parser)
        await errand_store.end(transaction, envelope.connection_id)

    return {
        SyncRequested.type: make_due,
        RulesChanged.type: begin_anew,
        RetryRequested.type: read_again,
        ConnectionEnded.type: erase,
    }
