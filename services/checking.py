"""`koppeling check`: tries what the settings name, and says for each whether it answers, or what to do."""

from __future__ import annotations

from dataclasses import dataclass

import aio_pika
import httpx
from sqlalchemy.exc import SQLAlchemyError

from libs.common.database.engine import Database
from libs.common.database.migrate import is_up_to_date
from libs.common.lightspeed.sources import SOURCES, USUAL
from libs.common.settings import Settings, VendorApp
from services.running import embedded_url, prepare_data_dir

ANSWERING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing tried: what, and if it isn't good, what is wrong and what would mend it."""

    what: str
    wrong: str = ""

    @property
    def is_good(self) -> bool:
        return not self.wrong

    def __str__(self) -> str:
        return f"good   {self.what}" if self.is_good else f"WRONG  {self.what}: {self.wrong}"


async def check_all(settings: Settings) -> list[Finding]:
    findings = [await _database(settings), await _broker(settings)]
    findings += [_client("EXACT", settings.exact_client_id, settings.exact_client_secret.get_secret_value())]
    tills = _tills(settings)
    findings += [_client(app.name, app.client_id, app.client_secret.get_secret_value()) for app in tills]
    findings += [await _address("EXACT_URL", settings.exact_site("nl"))]
    for app in tills:
        findings += [await _address(f"{app.name}_AUTH_URL", app.auth_url)]
        if "{" not in app.api_url:  # else each merchant has an address of its own
            findings += [await _address(f"{app.name}_API_URL", app.api_url)]
    return findings


def _tills(settings: Settings) -> list[VendorApp]:
    """The product lines for which an app is registered; where there is none, the usual one, to say so."""
    apps = [settings.app_of(name) for name in SOURCES]
    return [app for app in apps if app.is_registered] or [settings.app_of(USUAL)]


async def _database(settings: Settings) -> Finding:
    if not settings.database_url:
        settings = prepare_data_dir(settings)
    url = settings.database_url or embedded_url(settings)
    what = "database: " + ("PostgreSQL" if settings.database_url else f"embedded, in {settings.data_dir}")
    database = Database.open(url)
    try:
        if await is_up_to_date(database):
            return Finding(what)
        return Finding(what, "not up to date; run `koppeling migrate`")
    except (SQLAlchemyError, OSError) as error:
        return Finding(what, f"doesn't answer ({type(error).__name__}); look at KOPPELING_DATABASE_URL")
    finally:
        await database.close()


async def _broker(settings: Settings) -> Finding:
    if not settings.broker_url:
        return Finding("broker: in this process")
    try:
        connection = await aio_pika.connect(settings.broker_url, timeout=ANSWERING_SECONDS)
        await connection.close()
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        return Finding("broker: RabbitMQ", f"doesn't answer ({error}); look at KOPPELING_BROKER_URL")
    return Finding("broker: RabbitMQ")


def _client(vendor: str, client_id: str, client_secret: str) -> Finding:
    missing = [
        f"KOPPELING_{vendor}_{name}"
        for name, value in (("CLIENT_ID", client_id), ("CLIENT_SECRET", client_secret))
        if not value
    ]
    wrong = (
        f"{' and '.join(missing)} missing; the vendor gives them where the app is registered"
        if missing
        else ""
    )
    return Finding(f"app registration at {vendor}", wrong)


async def _address(name: str, url: str) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=ANSWERING_SECONDS) as http:
            await http.get(url)
    except httpx.HTTPError as error:
        return Finding(
            f"{name} {url}", f"can't be reached ({type(error).__name__}); look at KOPPELING_{name}"
        )
    return Finding(f"{name} {url}")
