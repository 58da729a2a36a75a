"""Wires ingest: the only file of the service that builds things."""

from __future__ import annotations

import uuid
from functools import partial

from libs.common.budget import Budget
from libs.common.http import http_client
from libs.common.lightspeed.sources import Tills, consents
from libs.common.observability.loops import forever
from libs.common.service import House, Service, close_in_turn
from libs.common.vault import Keyring, Vault
from services.ingest.consumers import handlers
from services.ingest.poll import Poller
from services.ingest.schedule import SIGNAL, Schedule

WORKERS = 8
"""Connections that one process reads at the same time."""
LOOK_SECONDS = 1.0


def build(house: House) -> Service:
    settings, now = house.settings, house.now
    http = http_client()
    endpoints = {name: consent.endpoint for name, consent in consents(settings, http).items()}
    vault = Vault(house.database, Keyring.of(settings.secret_keys), endpoints, now)
    tills = Tills(settings, http, vault, Budget(house.database, now), now)
    schedule = Schedule(
        house.database,
        Poller(house.database, tills, now),
        now,
        poll_seconds=settings.poll_seconds,
        owner=uuid.uuid4().hex,
    )
    return Service(
        name="ingest",
        consumers=handlers(now),
        tasks=tuple(partial(_polls, house, schedule, number) for number in range(1, WORKERS + 1)),
        close=partial(close_in_turn, vault.close, http.aclose),
    )


async def _polls(house: House, schedule: Schedule, number: int) -> None:
    wake = house.database.signals.listen(SIGNAL)
    await forever(f"ingest polls {number}", schedule.poll_due, every=LOOK_SECONDS, wake=wake, patience=3600.0)
