"""What the mapper does with each message: sales are decided, problems decided again, bookings noted.

A sale of a connection that isn't switched on waits here; switching on or changing rules wakes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import (
    ConnectionEnded,
    IgnoreRequested,
    RebookRequested,
    RetryRequested,
    RulesChanged,
)
from libs.common.contracts.documents import DocumentBooked, DocumentRejected, Purpose
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import SaleRecorded, SalesRead, TillClosed
from libs.common.database import registry
from libs.common.service import Handler, Now
from services.mapper import day_store, decide, progress_store, store, till_store
from services.mapper.close_tills import ignore_close, place_of_close
from services.mapper.lacking_days import take_as_it_is
from services.mapper.store import DocumentState, KeptDocument, KeptSale, SaleDecision
from services.mapper.unmade_days import unmade_of_sale
from services.mapper.withdrawn_days import withdraw


@dataclass(frozen=True, slots=True)
class Consumers:
    now: Now

    def handlers(self) -> dict[str, Handler]:
        return {
            SaleRecorded.type: self.record,
            SalesRead.type: self.note_read,
            TillClosed.type: self.record_till,
            RetryRequested.type: self.retry,
            IgnoreRequested.type: self.ignore,
            RulesChanged.type: self.decide_again,
            RebookRequested.type: self.rebook,
            DocumentBooked.type: self.note_booked,
            DocumentRejected.type: self.note_rejected,
            ConnectionEnded.type: self.erase,
        }

    async def record(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleRecorded)
        connection = await registry.connection(transaction, envelope.connection_id)
        if connection is None:
            return
        await progress_store.take_turn(transaction, connection.id, seen=1)
        earlier = await store.kept_sale(transaction, connection.id, message.sale.id)
        if earlier is not None and earlier.revision >= message.revision:
            return
        kept = await _kept(transaction, connection, message, earlier)
        if earlier is not None and earlier.state is SaleDecision.BY_HAND:
            await decide.keep_ignored(transaction, kept, at=self.now())
        elif connection.is_booked:
            await decide.decide(transaction, connection, kept, at=self.now())
        else:
            await store.keep_sale(transaction, kept)

    async def record_till(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, TillClosed)
        await progress_store.take_turn(transaction, envelope.connection_id)
        if await registry.connection(transaction, envelope.connection_id) is not None:
            await till_store.add(transaction, envelope.connection_id, message.close)

    async def note_read(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SalesRead)
        await progress_store.take_turn(transaction, envelope.connection_id, seen=1)
        await progress_store.note_read(transaction, envelope.connection_id, message)

    async def retry(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, RetryRequested)
        await progress_store.take_turn(transaction, envelope.connection_id)
        close_id = place_of_close(message.sale_id)
        if close_id is not None:
            await till_store.wait_again(transaction, envelope.connection_id, close_id)
            return
        await store.wait_again(transaction, envelope.connection_id, [message.sale_id])
        await self._decide_refused(transaction, envelope.connection_id, message.sale_id)
        await take_as_it_is(transaction, envelope.connection_id, message.sale_id)

    async def ignore(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, IgnoreRequested)
        await progress_store.take_turn(transaction, envelope.connection_id)
        if await registry.connection(transaction, envelope.connection_id) is None:
            return
        close_id = place_of_close(message.sale_id)
        if close_id is not None:
            await ignore_close(transaction, envelope.connection_id, close_id, message.reason, at=self.now())
            return
        kept = await store.kept_sale(transaction, envelope.connection_id, message.sale_id)
        if kept is None:
            return
        is_of_its_day = await self._take_out(transaction, envelope.connection_id, message.sale_id)
        if kept.state is SaleDecision.PROBLEM or is_of_its_day:
            await decide.ignore(transaction, kept, message.reason, at=self.now())

    async def _take_out(self, transaction: AsyncConnection, connection_id: str, sale_id: str) -> bool:
        """Out of the refused totals of days; whether it is in one, or waits in a day that can't be made."""
        total = Purpose.DAY_TOTAL
        refused = await day_store.refused_shares(transaction, connection_id, sale_id, total)
        for day_share in await day_store.take_out(transaction, connection_id, sale_id, refused):
            await self._withdraw_refused(transaction, connection_id, day_share)
        unmade = await unmade_of_sale(transaction, connection_id, sale_id)
        return bool(refused) or any(one.purpose is total for one in unmade)

    async def _withdraw_refused(
        self, transaction: AsyncConnection, connection_id: str, day_share: str
    ) -> None:
        for document in await store.documents_of_share(transaction, connection_id, day_share):
            if document.state is DocumentState.REJECTED and document.content is not None:
                await withdraw(transaction, connection_id, document, at=self.now())

    async def decide_again(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        await progress_store.take_turn(transaction, envelope.connection_id)
        await store.wait_again(transaction, envelope.connection_id)
        await till_store.wait_again(transaction, envelope.connection_id)
        await self._decide_refused(transaction, envelope.connection_id)

    async def rebook(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, RebookRequested)
        await progress_store.take_turn(transaction, envelope.connection_id)
        await store.rebook_days(transaction, envelope.connection_id, message.first_day, message.last_day)

    async def erase(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        await progress_store.take_turn(transaction, envelope.connection_id)
        await store.erase_sales(transaction, envelope.connection_id)
        await day_store.erase_shares(transaction, envelope.connection_id)

    async def note_booked(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        """What stands counts: where a newer version came too late, the sale is decided anew against it."""
        message = message_in(envelope, DocumentBooked)
        is_current = await store.set_document_state(
            transaction, message.document_id, message.document_version, DocumentState.BOOKED
        )
        if is_current or message.document is None:
            return
        kept = await store.document(transaction, message.document_id)
        if kept is None or kept.version <= message.document_version or kept.state is DocumentState.BOOKED:
            return
        stands = replace(
            kept,
            state=DocumentState.BOOKED,
            content=message.document,
            reference=message.document.reference,
            day=message.document.day,
        )
        await store.keep_document(transaction, envelope.connection_id, stands)
        if kept.sale_id is not None:
            await store.decide_anew(transaction, envelope.connection_id, [kept.sale_id])

    async def note_rejected(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        """A refused document makes its sale a problem again, so that a retry or mended rules decide anew."""
        message = message_in(envelope, DocumentRejected)
        state = DocumentState.BOOKED if message.is_booked else DocumentState.REJECTED
        is_current = await store.set_document_state(
            transaction, message.document_id, message.document_version, state
        )
        if not is_current or message.is_booked:
            return
        kept = await store.document(transaction, message.document_id)
        if kept is not None and kept.sale_id is not None:
            await store.set_state(transaction, envelope.connection_id, kept.sale_id, SaleDecision.PROBLEM)
            refused = await day_store.refused_shares(transaction, envelope.connection_id, kept.sale_id)
            await _let_others_go_on(transaction, envelope.connection_id, refused)
        elif kept is not None and (close_id := place_of_close(kept.family)) is not None:
            await till_store.set_problem(transaction, envelope.connection_id, close_id)
        elif kept is not None and kept.day_share is not None:
            await self._take_back_after(transaction, envelope.connection_id, kept)
            await _let_others_go_on(transaction, envelope.connection_id, [kept.day_share])

    async def _take_back_after(
        self, transaction: AsyncConnection, connection_id: str, refused: KeptDocument
    ) -> None:
        """What was to follow the refused document of a day is not to be booked without it."""
        together = await store.documents_of_share(transaction, connection_id, refused.day_share or "")
        if any(one.state is DocumentState.BOOKED for one in together):
            return
        for document in together:
            if document.state is DocumentState.READY:
                await withdraw(transaction, connection_id, document, at=self.now())

    async def _decide_refused(
        self, transaction: AsyncConnection, connection_id: str, sale_id: str | None = None
    ) -> None:
        """Sales of days whose documents Exact refused are decided anew, and their days made again.

        Perhaps otherwise, so what was refused is withdrawn; a day that couldn't be made waits as it did.
        """
        refused = await day_store.refused_shares(transaction, connection_id, sale_id)
        if not refused:
            return
        for day_share in refused:
            await self._withdraw_refused(transaction, connection_id, day_share)
        sale_ids = await day_store.give_up(transaction, connection_id, refused)
        await store.decide_anew(transaction, connection_id, sale_ids)


async def _let_others_go_on(transaction: AsyncConnection, connection_id: str, refused: Sequence[str]) -> None:
    """A settlement that a sale holds up is made again without it; a supplement settles that sale later."""
    held_up = await day_store.held_up(transaction, connection_id, refused)
    if held_up:
        await day_store.reopen(transaction, connection_id, held_up)


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
        is_rebooked=earlier is not None and earlier.is_rebooked,
        reason="" if earlier is None else earlier.reason,
    )
