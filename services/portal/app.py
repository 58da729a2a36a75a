"""Wires the portal: partners and programs talk to it, it shows what the other services report."""

from __future__ import annotations

from functools import partial

import httpx

from libs.common.budget import Budget
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from libs.common.lightspeed.sources import Tills, consents
from libs.common.messaging.bus import Bus
from libs.common.observability.loops import forever
from libs.common.service import House, Service, close_in_turn
from libs.common.vault import Keyring, Vault
from libs.common.vault.consent import Consent
from libs.common.vault.rotate import rotate
from services.portal.books_watch import watch_books
from services.portal.consumers import Consumers
from services.portal.context import Portal, signing_key
from services.portal.cursors import Cursors
from services.portal.divisions import Divisions
from services.portal.oauth import Consents
from services.portal.options import OptionsReader
from services.portal.till_watch import watch_tills
from services.portal.trials import end_trials
from services.portal.vat_watch import watch_vat
from services.portal.vendors import EXACT, ExactConsent
from services.portal.web import web_app

AN_HOUR = 3600.0


def build(house: House, bus: Bus | None = None, *, http: httpx.AsyncClient | None = None) -> Service:
    """The bus serves the operators' look into queues and dead letters; without one they see none."""
    client = http or http_client(read_seconds=house.settings.exact_read_seconds)
    portal = _portal(house, bus, client)
    return Service(
        name="portal",
        consumers=Consumers(house.now).handlers(),
        tasks=(
            partial(forever, "portal.keep-consents", partial(keep_consents, portal), every=AN_HOUR),
            partial(forever, "portal.end-trials", partial(end_trials, portal), every=AN_HOUR),
            partial(forever, "portal.watch-vat", partial(watch_vat, portal), every=AN_HOUR),
            partial(forever, "portal.watch-tills", partial(watch_tills, portal), every=AN_HOUR),
            partial(forever, "portal.watch-books", partial(watch_books, portal), every=AN_HOUR),
        ),
        web=web_app(portal),
        close=partial(close_in_turn, portal.vault.close, client.aclose),
    )


async def keep_consents(portal: Portal) -> None:
    """Consents that nobody uses are kept alive; values under an old key come under the first."""
    await rotate(portal.database, portal.keyring)
    await portal.vault.refresh_idle(portal.now())


def _portal(house: House, bus: Bus | None, http: httpx.AsyncClient) -> Portal:
    settings, database, now = house.settings, house.database, house.now
    vendors: dict[str, Consent] = {EXACT: ExactConsent(settings, http), **consents(settings, http)}
    endpoints = {name: vendor.endpoint for name, vendor in vendors.items()}
    keyring = Keyring.of(settings.secret_keys)
    vault = Vault(database, keyring, endpoints, now)
    budget = Budget(database, now)
    exact = ExactClient(http, vault, budget, now, read_seconds=settings.exact_read_seconds)
    tills = Tills(settings, http, vault, budget, now)
    divisions = Divisions(exact)
    return Portal(
        settings=settings,
        database=database,
        now=now,
        keyring=keyring,
        vault=vault,
        budget=budget,
        exact=exact,
        consents=Consents(
            database=database,
            vault=vault,
            vendors=vendors,
            divisions=divisions,
            public_url=settings.public_url,
            key=signing_key(settings, "pkce"),
            now=now,
        ),
        options=OptionsReader(database, settings, exact, tills, divisions, now),
        cursors=Cursors(signing_key(settings, "cursors")),
        tills=tills,
        bus=bus,
    )
