"""Wires the products service: the only file of it that builds things."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

from libs.common.budget import Budget
from libs.common.database.registry import Connection
from libs.common.exact.client import ExactClient
from libs.common.exact.oauth import ExactTokens
from libs.common.http import http_client
from libs.common.lightspeed.product_source import ProductTill
from libs.common.lightspeed.sources import SOURCES, Tills, consents
from libs.common.observability.loops import forever
from libs.common.service import House, Service, close_in_turn
from libs.common.vault import Keyring, Vault
from services.products.books import Books
from services.products.consumers import handlers
from services.products.schedule import SIGNAL, Schedule

EXACT = "exact"
WORKERS = 4
LOOK_SECONDS = 1.0


def build(house: House) -> Service:
    settings, now = house.settings, house.now
    http = http_client(read_seconds=settings.exact_read_seconds)
    endpoints = {name: consent.endpoint for name, consent in consents(settings, http).items()}
    secret = settings.exact_client_secret.get_secret_value()
    endpoints[EXACT] = ExactTokens(http, settings.exact_client_id, secret)
    vault = Vault(house.database, Keyring.of(settings.secret_keys), endpoints, now)
    budget = Budget(house.database, now)
    tills = Tills(settings, http, vault, budget, now)
    exact = ExactClient(http, vault, budget, now, read_seconds=settings.exact_read_seconds)
    schedule = Schedule(
        house.database,
        [name for name, source in SOURCES.items() if source.products is not None],
        partial(_till, tills),
        partial(_books, house, exact),
        now,
        settle=timedelta(seconds=settings.settle_seconds),
        owner=uuid.uuid4().hex,
    )
    return Service(
        name="products",
        consumers=handlers(house),
        tasks=tuple(partial(_work, house, schedule, number) for number in range(1, WORKERS + 1)),
        close=partial(close_in_turn, vault.close, http.aclose),
    )


def _till(tills: Tills, connection: Connection) -> ProductTill | None:
    grant, account = connection.lightspeed_grant_id or "", connection.lightspeed_account or ""
    return tills.products_of(connection.source, grant, account, connection.rules.closed_outlets)


def _books(house: House, exact: ExactClient, connection: Connection) -> Books:
    site = house.settings.exact_site(connection.country)
    division = exact.division(connection.exact_grant_id or "", site, connection.division or "")
    return Books(division, house.now)


async def _work(house: House, schedule: Schedule, number: int) -> None:
    wake = house.database.signals.listen(SIGNAL)
    await forever(f"products {number}", schedule.work_on_due, every=LOOK_SECONDS, wake=wake, patience=3600.0)
