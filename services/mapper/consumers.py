"""What the mapper does with each message: sales are decided, problems decided again, bookings noted.

A sale of a connection that isn't switched on waits here; switching on or changing rules wakes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import (
    ConnectionEnded,
    IgnoreRequested,
    RetryRequested,
    RulesChanged,
)
from libs.common.contracts.documents import DocumentBooked, DocumentRejected
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import SaleRecorded, SalesRead
from libs.common.database import registry
from libs.common.service import Handler, Now
from services.mapper import day_store, decide, store
from services.mapper.store import DocumentState, KeptSale, SaleDecision


@dataclass(frozen=True, slots=True)
class Consumers:
    now: Now

    def handlers(self) -> dict[str, Handler]:
        return {
            SaleRecorded.type: self.record,
            SalesRead.type: self.note_read,
            RetryRequested.type: self.retry,
            IgnoreRequested.type: self.ignore,
            RulesChanged.type: self.decide_again,
            DocumentBooked.type: self.note_booked,
            DocumentRejected.type: self.note_rejected,
            ConnectionEnded.type: self.erase,
        }

    async def record(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleRecorded)
        connection = await registry.connection(transaction, envelope.connection_id)
        if connection is None:
            return
        await day_store.take_turn(transaction, connection.id, seen=1)
        earlier = await store.kept_sale(transaction, connection.id, message.sale.id)
        if earlier is not None and earlier.revision >= message.revision:
            return
        kept = await _kept(transaction, connection, message, earlier)
        if connection.is_booked:
            await decide.decide(transaction, connection, kept, at=self.now())
        else:
            await store.keep_sale(transaction, kept)

    async def note_read(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SalesRead)
        await day_store.take_turn(transaction, envelope.connection_id)
        await day_store.note_read(transaction, envelope.connection_id, message.read_until, message.position)

    async def retry(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, RetryRequested)
        await day_store.take_turn(transaction, envelope.connection_id)
        await store.wait_again(transaction, envelope.connection_id, message.sale_id)
        await day_store.unsettle_rejected(transaction, envelope.connection_id)

    async def ignore(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, IgnoreRequested)
        await day_store.take_turn(transaction, envelope.connection_id)
        if await registry.connection(transaction, envelope.connection_id) is None:
            return
        kept = await store.kept_sale(transaction, envelope.connection_id, message.sale_id)
        if kept is not None and kept.state is SaleDecision.PROBLEM:
            await decide.ignore(transaction, kept, message.reason, at=self.now())

    async def decide_again(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        await day_store.take_turn(transaction, envelope.connection_id)
        await store.wait_again(transaction, envelope.connection_id)
        await day_store.unsettle_rejected(transaction, envelope.connection_id)

    async def erase(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        await day_store.take_turn(transaction, envelope.connection_id)
        await store.erase_sales(transaction, envelope.connection_id)
        await day_store.erase_money(transaction, envelope.connection_id)

    async def note_booked(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentBooked)
        await store.set_document_state(
            transaction, message.document_id, message.document_version, DocumentState.BOOKED
        )

    async def note_rejected(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        """A refused document makes its sale a problem again, so that a retry or mended rules decide anew."""
        message = message_in(envelope, DocumentRejected)
        state = DocumentState.BOOKED if message.is_booked else DocumentState.REJECTED
        is_current = await store.set_document_state(
            transaction, message.document_id, message.document_version, state
        )
        if is_current and not message.is_booked and len(message.sales) == 1:
            await store.set_state(
                transaction, envelope.connection_id, message.sales[0].sale_id, SaleDecision.PROBLEM
            )


async def _kept(
    transaction: AsyncConnection,
    connection: registry.Connection,
    message: SaleRecorded,
    earlier: KeptSale | None,
) -> KeptSale:
    sale = message.sale
    number = (
        earlier.reference_number
        if earlier is not None
        else await store.free_number(transaction, connection.id, sale.number)
    )
    return KeptSale(
        connection_id=connection.id,
        sale_id=sale.id,
        revision=message.revision,
        decision=earlier.decision if earlier is not None else 0,
        state=SaleDecision.WAITING,
        reference_number=number,
        business_day=earlier.business_day if earlier is not None else None,
        outlet=sale.outlet,
        is_backlog=message.is_backlog,
        sale=sale,
    )
