"""A consumer in a process of its own, for tests that kill it: database url, bus, prefix."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import structlog

from libs.common.contracts.envelope import Envelope
from libs.common.database.engine import Database, Transaction
from libs.common.messaging import outbox
from libs.common.messaging.bus import Bus
from libs.common.messaging.in_process import TableBus
from libs.common.messaging.rabbit import RabbitBus
from libs.common.messaging.runner import run_service
from libs.common.service import House, Service
from libs.common.settings import Settings
from tests import servers
from tests.messaging.effects import TYPE, keep_effect, now


async def work_slowly(transaction: Transaction, envelope: Envelope) -> None:
    await keep_effect(transaction, "left", envelope)
    await asyncio.sleep(0.002)


outbox.LEASE = timedelta(seconds=1)  # what was claimed by one that was killed is free again at once


async def main(url: str, kind: str, prefix: str) -> None:
    database = Database.open(url)
    bus: Bus = RabbitBus(servers.broker_url(), prefix)
    if kind == "table":
        bus = TableBus(database, lease_seconds=1)
    await run_service(Service("left", {TYPE: work_slowly}), House(Settings(), database, now), bus)


structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
asyncio.run(main(*sys.argv[1:]))
