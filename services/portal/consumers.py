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
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    Purpose,
)
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import SaleIgnored, SaleProblem, SaleRecorded
from libs.common.database import registry
from libs.common.domain.business_day import business_day
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.service import Handler, Now
from services.portal import attention, projections
from services.portal.learning import (
    DocumentNews,
    learn_document,
    learn_ignored,
    learn_problem,
    learn_recorded,
)
from services.portal.projections import SaleKey, problem_adapter

RULES_MAY_BE_THIS_OLD = timedelta(seconds=5)
DUTCH_TIME = "Europe/Amsterdam"


@dataclass(slots=True)
class Consumers:
    now: Now
    _rules: dict[str, tuple[datetime, Rules | None]] = field(default_factory=dict)

    def handlers(self) -> dict[str, Handler]:
        return {
            SaleRecorded.type: self.show_recorded,
            SaleProblem.type: self.show_problem,
            SaleIgnored.type: self.show_ignored,
            DocumentReady.type: self.show_ready,
            DocumentWithdrawn.type: self.show_withdrawn,
            DocumentBooked.type: self.show_booked,
            DocumentRejected.type: self.show_rejected,
            RetryRequested.type: self.show_retry,
            IgnoreRequested.type: self.show_ignore,
            ConnectionAttention.type: attention.show_attention,
        }

    async def show_recorded(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleRecorded)
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return
        key = SaleKey(envelope.connection_id, message.sale.id)
        facts = await projections.locked_sale(transaction, key)
        columns = projections.columns_of_sale(message.sale, rules) if learn_recorded(facts, message) else {}
        await projections.keep_sale(transaction, key, facts, columns)
        await projections.keep_content(transaction, key, message.revision, message.sale)
        await projections.note_moment(transaction, key, envelope.at, "recorded", revision=message.revision)

    async def show_problem(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleProblem)
        rules = await self._rules_of(transaction, envelope.connection_id)
        if rules is None:
            return
        key = SaleKey(envelope.connection_id, message.sale_id)
        facts = await projections.locked_sale(transaction, key)
        learn_problem(facts, message)
        columns = {} if facts.recorded else projections.columns_of_unread_sale(message, _day(message, rules))
        await projections.keep_sale(transaction, key, facts, columns)
        await projections.note_moment(
            transaction, key, envelope.at, "problem", problem=_told(message.problem)
        )

    async def show_ignored(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, SaleIgnored)
        if await self._rules_of(transaction, envelope.connection_id) is None:
            return
        key = SaleKey(envelope.connection_id, message.sale_id)
        facts = await projections.locked_sale(transaction, key)
        learn_ignored(facts, message)
        await projections.keep_sale(transaction, key, facts, {})
        await projections.note_moment(
            transaction, key, envelope.at, "ignored", why=message.why.value, reason=message.reason
        )

    async def show_ready(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentReady)
        if await self._learn_document(transaction, envelope, message, message.purpose, "mapped"):
            await projections.keep_document(transaction, envelope.connection_id, message)

    async def show_withdrawn(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentWithdrawn)
        purpose = Purpose.TURNOVER if len(message.sales) == 1 else Purpose.DAY_SETTLEMENT
        await self._learn_document(transaction, envelope, message, purpose, "withdrawn")

    async def show_booked(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentBooked)
        await self._learn_document(transaction, envelope, message, message.purpose, "booked")

    async def show_rejected(self, transaction: AsyncConnection, envelope: Envelope) -> None:
        message = message_in(envelope, DocumentRejected)
        await self._learn_document(transaction, envelope, message, message.purpose, "rejected")

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
        if purpose is Purpose.DAY_SETTLEMENT:
            await _learn_day_document(transaction, envelope.connection_id, message, rules)
            return True
        for sale_id in sorted({version.sale_id for version in message.sales}):
            key = SaleKey(envelope.connection_id, sale_id)
            facts = await projections.locked_sale(transaction, key)
            document = facts.document(message.document_id)
            learn_document(document, message, rules, sale_id)
            await projections.keep_sale(transaction, key, facts, {})
            await projections.note_moment(transaction, key, envelope.at, event, **_moment_of(message))
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
) -> None:
    document = await projections.locked_day_document(transaction, connection_id, message.document_id)
    learn_document(document, message, rules, "")
    await projections.keep_day_document(transaction, connection_id, message.document_id, document)
    sale_ids = [version.sale_id for version in message.sales]
    await projections.keep_day_links(transaction, connection_id, message.document_id, sale_ids)


def _told(problem: Problem) -> object:
    return problem_adapter().dump_python(problem, mode="json")


def _moment_of(message: DocumentNews) -> dict[str, object]:
    """What the timeline says of a document."""
    about: dict[str, object] = {"document_id": message.document_id, "version": message.document_version}
    match message:
        case DocumentReady():
            return about | {"kind": message.document.kind.value, "reference": message.document.reference}
        case DocumentWithdrawn():
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
