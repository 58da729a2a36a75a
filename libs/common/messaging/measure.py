"""Takes the measure of what waits: the outbox, each queue, each service's dead letters."""

from __future__ import annotations

from datetime import UTC, datetime

from libs.common.database.engine import Database
from libs.common.messaging import outbox
from libs.common.messaging.bus import Bus
from libs.common.observability.metrics import OUTBOX_DEPTH, OUTBOX_LAG_SECONDS, QUEUE_DEPTH


async def measure(database: Database, bus: Bus) -> None:
    async with database.reading() as transaction:
        count, oldest = await outbox.depth(transaction)
    OUTBOX_DEPTH.set(count)
    OUTBOX_LAG_SECONDS.set(0 if oldest is None else max(0.0, (datetime.now(UTC) - oldest).total_seconds()))
    for queue, waiting in (await bus.depths()).items():
        QUEUE_DEPTH.labels(queue).set(waiting)
