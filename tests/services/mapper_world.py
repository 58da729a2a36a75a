"""The mapper as its consumer and loops would drive it, and the exporter's answers to what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import insert, select, update

from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
)
from libs.common.contracts.envelope import Envelope, Message, envelope_of, message_in
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem, SaleRecorded, SalesRead
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.registry import ConnectionState
from libs.common.domain.document import DocumentKind
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from libs.common.messaging.outbox import outbox_messages
from libs.common.service import House
from libs.common.settings import Settings
from services.mapper import app
from tests.builders import D

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
CONTRACTS: tuple[type[Any], ...] = (
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    SaleProblem,
    SaleIgnored,
    SaleMapped,
)


class Mapper:
    """The mapper's handlers and turns, called as its consumer and loops would."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.now = NOW
        self._house = House(Settings(_env_file=None), database, lambda: self.now)
        self._handlers = app.build(self._house).consumers
        self.positions = 0

    async def connect(self, rules: Rules, state: ConnectionState = ConnectionState.ACTIVE) -> None:
        row = {
            "id": "c1",
            "merchant_id": "m1",
            "partner_id": "p1",
            "source": "lightspeed-retail",
            "country": "nl",
            "state": state.value,
            "division": "123",
            "rules": registry.rules_text(rules),
            "rules_version": 1,
            "created_at": NOW,
        }
        await self._database.run(lambda transaction: transaction.execute(insert(registry.connections), row))

    async def change(self, **values: Any) -> None:
        statement = update(registry.connections).values(**values)
        await self._database.run(lambda transaction: transaction.execute(statement))

    async def take(self, *messages: Message) -> None:
        for message in messages:
            envelope = envelope_of(message, "c1", NOW)
            await self._database.run(partial(self._hand_over, envelope=envelope))

    async def _hand_over(self, transaction: Any, envelope: Envelope) -> None:
        await self._handlers[envelope.type](transaction, envelope)

    async def record(self, sale: Sale, revision: int = 1) -> None:
        self.positions += 1
        await self.take(SaleRecorded(sale, revision, f"hash {revision}", self.positions))

    async def read_until(self, moment: datetime) -> None:
        await self.tell_read(moment)

    async def tell_read(self, moment: datetime, **more: Any) -> None:
        self.positions += 1
        await self.take(SalesRead(moment, self.positions, **more))

    async def turn(self) -> None:
        await app.decide_waiting(self._house)
        await app.settle_days(self._house)

    async def said(self) -> list[Any]:
        """What lies in the outbox, oldest first, and empties it."""
        async with self._database.transaction() as transaction:
            rows = (
                await transaction.execute(select(outbox_messages).order_by(outbox_messages.c.position))
            ).all()
            await transaction.execute(outbox_messages.delete())
        by_type = {contract.type: contract for contract in CONTRACTS}
        return [
            message_in(
                Envelope(row.message_id, row.type, row.version, row.connection_id, row.at, row.body),
                by_type[row.type],
            )
            for row in rows
        ]


def booked(ready: DocumentReady) -> DocumentBooked:
    return DocumentBooked(
        document_id=ready.document_id,
        document_version=ready.document_version,
        kind=DocumentKind(ready.document.kind),
        purpose=ready.purpose,
        reference=ready.document.reference,
        exact_id="guid",
        number="26700001",
        amount=D("12.10"),
        business_day=ready.business_day,
        outlet=ready.outlet,
        booked_at=NOW,
        sales=ready.sales,
    )


def rejected(ready: DocumentReady) -> DocumentRejected:
    return DocumentRejected(
        document_id=ready.document_id,
        document_version=ready.document_version,
        kind=DocumentKind(ready.document.kind),
        purpose=ready.purpose,
        reference=ready.document.reference,
        problem=Problem(ProblemCode.PERIOD_CLOSED),
        sales=ready.sales,
    )
