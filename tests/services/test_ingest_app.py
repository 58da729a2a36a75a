"""The service as the command line builds it: it reads a till by itself and takes its messages."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx
import pytest

from libs.common.contracts.commands import SyncRequested
from libs.common.contracts.envelope import envelope_of
from libs.common.database.engine import Database
from libs.common.http import http_client
from libs.common.messaging.bus import Outcome
from libs.common.messaging.inbox import handle_batch
from libs.common.service import House
from libs.common.settings import read_settings
from services.ingest import app
from services.ingest.app import build
from tests.services.ingest_world import ADDRESS, CONNECTION, KEY, a_world


async def test_the_built_service_reads_a_till_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(database) as world:
        world.sell(3)

        def in_process(**_more: Any) -> httpx.AsyncClient:
            return http_client(transport=world.transport)

        monkeypatch.setattr(app, "http_client", in_process)
        settings = read_settings(
            secret_keys=(base64.urlsafe_b64encode(KEY).decode(),),
            lightspeed_retail_auth_url=ADDRESS,
            lightspeed_retail_api_url=ADDRESS,
            lightspeed_retail_client_id="kassakoppeling",
            lightspeed_retail_client_secret="sandbox-secret",
        )
        service = build(House(settings, database, world.clock.now))
        running = [asyncio.create_task(task()) for task in service.tasks]
        try:
            for _ in range(100):
                if len(await world.recorded()) == 3:
                    break
                await asyncio.sleep(0.05)
            assert len(await world.recorded()) == 3

            world.sell(1)
            sync = envelope_of(SyncRequested(), CONNECTION, world.clock.now())
            outcomes = await handle_batch(database, service.name, [sync], service.consumers)
            assert outcomes == [Outcome.HANDLED]
            for _ in range(100):
                if len(await world.recorded()) == 4:
                    break
                await asyncio.sleep(0.05)
            assert len(await world.recorded()) == 4
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if service.close is not None:
                await service.close()
