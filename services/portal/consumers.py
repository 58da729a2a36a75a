"""What the portal learns from each message: it decides nothing, it shows.

Messages come in any order and more than once over replicas; the facts of `sale_facts` don't mind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import ConnectionAttention, IgnoreRequested, RetryRequested
from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentDelayed,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    Purpose,
)
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.products import ProductsTold
from libs.common.contracts.sales import (
    NumbersMissing,
    SaleIgnored,
    SaleMapped,
    SaleProblem,
    SaleRecorded,
    SalesRead,
)
from libs.common.database import registry
from libs.common.domain.business_day import business_day
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.service import Handler, Now
from services.portal import attention, how_far, number_gaps, products_store, projections
from services.portal.learning import (
    DocumentNews,
    learn_document,
    learn_ignored,
    learn_mapped,
    learn_problem,
    learn_recorded,
    learn_wanted,
)
from services.portal.projections import SaleKey, problem_adapter
from services.portal.sale_facts import DocumentFacts

RULES_MAY_BE_THIS_OLD = timedelta(seconds=5)
DUTCH_TIME = "Europe/Amsterdam"
OF_DAYS = (Purpose.DAY_SETTLEMENT, Purpose.DAY_TOTAL, Purpose.TILL_CLOSE)


@dataclass(slots=True)
class Consumers:
    now: Now
    _rules: dict[str, tuple[datetime, Rules | None]] = field(default_factory=dict)

    def handlers(self) -> dict[str, Handler]:
        return {
            SaleRecorded.type: self.show_recorded,
            SalesRead.type: how_far.show_read,
            NumbersMissing.type: number_gaps.show_missing,
            SaleProblem.type: self.show_problem,
            SaleIgnored.type: self.show_ignored,
            SaleMapped.type: self.show_mapped,
            DocumentReady.type: self.show_ready,
            DocumentWithdrawn.type: self.show_withdrawn,
            DocumentBooked.type: self.show_booked,
            DocumentRejected.type: self.show_rejected,
            DocumentDelayed.type: self.show_delayed,
            RetryRequested.type: self.show_retry,
            IgnoreRequested.type: self.show_ignore,
            ConnectionAttention.type: attention.show_attention,
            ProductsTold.type: products_store.show_told,
        }

    async def show_recorded(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleRecorded)
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return
        key = SaleKey(envelope.connection_id, message.sale.id)
        sheet = await projections.locked_sale(transaction, key)
        if learn_recorded(sheet.facts, message, rules):
            sheet.columns = projections.columns_of_sale(message.sale)
        await projections.keep_sales(transaction, [sheet])
        await projections.keep_content(transaction, key, message.revision, message.sale)
        await projections.note_moment(transaction, key, envelope.at, "recorded", revision=message.revision)

    async def show_problem(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleProblem)
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return
        key = SaleKey(envelope.connection_id, message.sale_id)
        sheet = await projections.locked_sale(transaction, key)
        if learn_problem(sheet.facts, message, _day(message, rules)):
            sheet.columns = projections.columns_of_unread_sale(message)
        await projections.keep_sales(transaction, [sheet])
        await projections.note_moment(
            transaction, key, envelope.at, "problem", problem=_told(message.problem)
        )

    async def show_ignored(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleIgnored)
        if await self._rules_of(transaction, envelope.connection_id) is None:
            return
        key = SaleKey(envelope.connection_id, message.sale_id)
        sheet = await projections.locked_sale(transaction, key)
        learn_ignored(sheet.facts, message)
        await projections.keep_sales(transaction, [sheet])
        await projections.note_moment(
            transaction, key, envelope.at, "ignored", why=message.why.value, reason=message.reason
        )

    async def show_mapped(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleMapped)
        if await self._rules_of(transaction, envelope.connection_id) is None:
            return
        key = SaleKey(envelope.connection_id, message.sale_id)
        sheet = await projections.locked_sale(transaction, key)
        learn_mapped(sheet.facts, message)
        await projections.keep_sales(transaction, [sheet])
        await projections.note_moment(transaction, key, envelope.at, "mapped")

    async def show_ready(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentReady)
        if await self._learn_document(transaction, envelope, message, message.purpose, "mapped"):
            await projections.keep_document(transaction, envelope.connection_id, message, message.document)

    async def show_withdrawn(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        """Only documents of days are withdrawn without naming sales."""
        message = message_in(envelope, DocumentWithdrawn)
        purpose = Purpose.TURNOVER if message.sales else Purpose.DAY_TOTAL
        await self._learn_document(transaction, envelope, message, purpose, "withdrawn")

    async def show_booked(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentBooked)
        known = await self._learn_document(transaction, envelope, message, message.purpose, "booked")
        if known and message.document is not None:
            await projections.keep_document(transaction, envelope.connection_id, message, message.document)

    async def show_rejected(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentRejected)
        await self._learn_document(transaction, envelope, message, message.purpose, "rejected")

    async def show_delayed(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        """For operators alone: it stands in no timeline."""
        message = message_in(envelope, DocumentDelayed)
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return
        if message.purpose in OF_DAYS:
            await _learn_day_document(transaction, envelope.connection_id, message, rules)
            return
        sale_ids = {version.sale_id for version in message.sales}
        sheets = await projections.locked_sales(transaction, envelope.connection_id, sale_ids)
        for sheet in sheets:
            learn_document(sheet.facts.document(message.document_id), message, rules, sheet.key.sale_id)
        await projections.keep_sales(transaction, sheets)

    async def show_retry(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, RetryRequested)
        key = SaleKey(envelope.connection_id, message.sale_id)
        await projections.note_moment(transaction, key, envelope.at, "retry-requested")

    async def show_ignore(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, IgnoreRequested)
        key = SaleKey(envelope.connection_id, message.sale_id)
        await projections.note_moment(
            transaction, key, envelope.at, "ignore-requested", reason=message.reason
        )

    async def _learn_document(
        self,
        transaction: AsyncConnection,
        envelope: Envelope,
        message: DocumentNews,
        purpose: Purpose,
        event: str,
    ) -> bool:
        """Whether the connection still stands."""
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return False
        withdrawn, settles = 0, False
        sale_ids = {version.sale_id for version in message.sales}
        if purpose in OF_DAYS:
            day = await _learn_day_document(transaction, envelope.connection_id, message, rules)
            sale_ids |= await _sales_besides(transaction, envelope.connection_id, message)
            withdrawn = day.withdrawn
            if day.purpose == Purpose.TILL_CLOSE.value:
                return True
            settles = day.purpose != Purpose.DAY_TOTAL.value
        sheets = await projections.locked_sales(transaction, envelope.connection_id, sale_ids)
        for sheet in sheets:
            document = sheet.facts.document(message.document_id, settles=settles)
            learn_document(document, message, rules, sheet.key.sale_id)
            document.withdrawn = max(document.withdrawn, withdrawn)
            learn_wanted(sheet.facts, message, sheet.key.sale_id)
        await projections.keep_sales(transaction, sheets)
        if settles:
            return True
        keys = [sheet.key for sheet in sheets]
        await projections.note_moments(transaction, keys, envelope.at, event, _moment_of(message))
        return True

    async def _rules_of(self, transaction: AsyncConnection, connection_id: str) -> Rules | None:
        """The connection's rules, at most some seconds old; None where it has ended."""
        at = self.now()
        read_at, rules = self._rules.get(connection_id, (None, None))
        if read_at is None or not read_at <= at < read_at + RULES_MAY_BE_THIS_OLD:
            connection = await registry.connection(transaction, connection_id)
            rules = None if connection is None else connection.rules
            self._rules[connection_id] = (at, rules)
        return rules


async def _learn_day_document(
    transaction: AsyncConnection, connection_id: str, message: DocumentNews, rules: Rules
) -> DocumentFacts:
    document = await projections.locked_day_document(transaction, connection_id, message.document_id)
    learn_document(document, message, rules, "")
    await projections.keep_day_document(transaction, connection_id, message.document_id, document)
    sale_ids = [version.sale_id for version in message.sales]
    await projections.keep_day_links(transaction, connection_id, message.document_id, sale_ids)
    return document


async def _sales_besides(transaction: AsyncConnection, connection_id: str, message: DocumentNews) -> set[str]:
    """A withdrawal of a day's document names none of its sales."""
    if message.sales:
        return set()
    return set(await projections.sales_of_day_document(transaction, connection_id, message.document_id))


def _told(problem: Problem) -> object:
    return problem_adapter().dump_python(problem, mode="json")


def _moment_of(message: DocumentNews) -> dict[str, object]:
    """What the timeline says of a document."""
    about: dict[str, object] = {"document_id": message.document_id, "version": message.document_version}
    match message:
        case DocumentReady():
            return about | {"kind": message.document.kind.value, "reference": message.document.reference}
        case DocumentWithdrawn() | DocumentDelayed():
            return about
        case DocumentBooked():
            return about | {
                "kind": message.kind.value,
                "reference": message.reference,
                "number": message.number,
                "exact_id": message.exact_id,
            }
        case DocumentRejected():
            return about | {
                "kind": message.kind.value,
                "reference": message.reference,
                "problem": _told(message.problem),
            }


def _day(message: SaleProblem, rules: Rules) -> date | None:
    """The day of a sale that can't be read, by the clock of the country."""
    if message.completed_at is None:
        return None
    return business_day(message.completed_at, DUTCH_TIME, rules.day_end)
