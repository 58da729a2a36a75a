"""Wires the exporter: the only file of the service that builds things."""

from __future__ import annotations

from functools import partial

from libs.common.budget import Budget
from libs.common.exact.client import ExactClient
from libs.common.exact.oauth import ExactTokens
from libs.common.http import http_client
from libs.common.service import House, Service, close_in_turn
from libs.common.vault import Keyring, Vault
from services.exporter.consumers import handlers
from services.exporter.schedule import Exporter

SYSTEM = "exact"


def build(house: House) -> Service:
    settings, now = house.settings, house.now
    http = http_client(read_seconds=settings.exact_read_seconds)
    tokens = ExactTokens(http, settings.exact_client_id, settings.exact_client_secret.get_secret_value())
    vault = Vault(house.database, Keyring.of(settings.secret_keys), {SYSTEM: tokens}, now)
    exact = ExactClient(
        http, vault, Budget(house.database, now), now, read_seconds=settings.exact_read_seconds
    )
    return Service(
        name="exporter",
        consumers=handlers(house),
        tasks=(Exporter(house, exact).run,),
        close=partial(close_in_turn, vault.close, http.aclose),
    )
