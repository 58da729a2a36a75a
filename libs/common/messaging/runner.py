"""Runs services: their consumers, their endless tasks, the relay and the housekeeping, until cancelled.

Every queue is declared before the first message can leave the outbox, so that a service that starts last
misses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog

from libs.common.contracts.envelope import Envelope
from libs.common.messaging import inbox
from libs.common.messaging.bus import Bus, Outcome, TooManyDeadLetters
from libs.common.messaging.measure import measure
from libs.common.messaging.outbox import Relay
from libs.common.observability.health import ServiceState
from libs.common.observability.loops import forever, supervised
from libs.common.service import House, Service

log = structlog.get_logger()

PRUNE_EVERY = 3600.0
MEASURE_EVERY = 15.0


async def run_service(service: Service, house: House, bus: Bus, *, state: ServiceState | None = None) -> None:
    """One service in this process."""
    await run_services([service], house, bus, state=state)


async def run_services(
    services: Sequence[Service], house: House, bus: Bus, *, state: ServiceState | None = None
) -> None:
    """Several services in this process, with one relay between them. Their `close` is called at the end."""
    state = state or state_of(services, house, bus)
    await subscribe(services, bus)
    try:
        async with asyncio.TaskGroup() as group:
            for service in services:
                _start(group, service, house, bus, state)
            group.create_task(Relay(house.database, bus, house.now).run(), name="outbox relay")
            prune = partial(inbox.prune, house.database)
            group.create_task(forever("inbox prune", prune, every=PRUNE_EVERY))
            group.create_task(forever("measure", partial(measure, house.database, bus), every=MEASURE_EVERY))
    finally:
        for service in services:
            if service.close is not None:
                await service.close()


async def subscribe(services: Sequence[Service], bus: Bus) -> None:
    """Declares what these services take; safe to repeat. Do it for all services before the first one runs."""
    for service in services:
        if service.consumers:
            await bus.subscribe(service.name, list(service.consumers))


def state_of(services: Sequence[Service], house: House, bus: Bus) -> ServiceState:
    """What health has to say about these services; give it to `health_app` and to `run_services`."""
    state = ServiceState("+".join(service.name for service in services))
    state.checks["database"] = partial(_check_database, house)
    for service in services:
        if service.consumers:
            state.checks[f"{service.name} consuming"] = partial(_check_consuming, service.name, bus)
    return state


def _start(group: asyncio.TaskGroup, service: Service, house: House, bus: Bus, state: ServiceState) -> None:
    if service.consumers:
        group.create_task(_consume(service, house, bus, state), name=f"{service.name} consumer")
    for number, task in enumerate(service.tasks, 1):
        name = f"{service.name} task {number}"
        group.create_task(supervised(name, task), name=name)


async def _consume(service: Service, house: House, bus: Bus, state: ServiceState) -> None:
    async def deliver(envelopes: Sequence[Envelope]) -> list[Outcome]:
        return await inbox.handle_batch(house.database, service.name, envelopes, service.consumers)

    async def consume() -> None:
        try:
            await bus.consume(service.name, list(service.consumers), deliver)
        except TooManyDeadLetters as reason:
            state.red[f"{service.name} consumer"] = str(reason)
            log.critical("consumer stopped: too many dead letters", service=service.name)

    await supervised(f"{service.name} consumer", consume)


async def _check_database(house: House) -> str | None:
    async with house.database.reading() as transaction:
        await transaction.exec_driver_sql("SELECT 1")
    return None


async def _check_consuming(name: str, bus: Bus) -> str | None:
    return None if bus.is_consuming(name) else "not consuming"
