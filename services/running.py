"""Builds the services and runs them until they are told to stop: all in one process, or one of them."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import importlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from libs.common.database.engine import Database
from libs.common.database.migrate import is_up_to_date, migrate
from libs.common.messaging.bus import Bus
from libs.common.messaging.in_process import TableBus
from libs.common.messaging.runner import run_services, state_of
from libs.common.observability.health import health_app
from libs.common.observability.logs import set_up_logs
from libs.common.service import House, Service
from libs.common.settings import Settings
from services import refusing
from services.names import SERVICES, CannotStart
from services.serving import listen, serve, until_told_to_stop


def utc_now() -> datetime:
    return datetime.now(UTC)


def embedded_url(settings: Settings) -> str:
    return f"sqlite+aiosqlite:///{(settings.data_dir / 'kassakoppeling.db').resolve()}"


def prepare_data_dir(settings: Settings) -> Settings:
    """The embedded default's folder and its key; the key is made on the first start."""
    with refusing.of_data_dir(settings):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if settings.secret_keys:
            return settings
        key_file = settings.data_dir / "secret.key"
        if not key_file.exists():
            key_file.touch(mode=0o600)
            key_file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        return settings.model_copy(update={"secret_keys": (SecretStr(key_file.read_text().strip()),)})


@contextlib.contextmanager
def data_dir_lock(folder: Path) -> Iterator[None]:
    """One `up` for a data folder; a second one is refused."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"another `koppeling up` already runs on {folder}; stop it, or give this one a folder of its"
                " own with KOPPELING_DATA_DIR"
            ) from None
        yield


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[House, Bus]]:
    """The database and the bus that the settings name, closed again at the end."""
    database = Database.open(settings.database_url or embedded_url(settings))
    bus = _bus(settings, database)
    try:
        yield House(settings, database, utc_now), bus
    finally:
        await bus.close()
        await database.close()


def _bus(settings: Settings, database: Database) -> Bus:
    if not settings.broker_url:
        return TableBus(database)
    from libs.common.messaging.rabbit import RabbitBus

    return RabbitBus(settings.broker_url, settings.broker_prefix)


def build_services(names: Sequence[str], house: House, bus: Bus) -> list[Service]:
    """The services of these names, wired; only those are imported."""
    return [_build(name, house, bus) for name in names]


def _build(name: str, house: House, bus: Bus) -> Service:
    app = importlib.import_module(f"services.{name}.app")
    service: Service = app.build(house, bus) if name == "portal" else app.build(house)
    return service


async def run_up(settings: Settings, port: int, say: Callable[[str], None]) -> None:
    """Migrates, then runs all services in this process until SIGTERM or SIGINT."""
    if settings.database_url:
        _require_keys(settings)
    settings = prepare_data_dir(settings)
    with data_dir_lock(settings.data_dir):
        await bring_up_to_date(settings)
        await _run(settings, SERVICES, port, say)


async def bring_up_to_date(settings: Settings) -> None:
    with refusing.of_database(settings):
        await migrate(settings.database_url or embedded_url(settings))


async def require_up_to_date(house: House) -> None:
    with refusing.of_database(house.settings):
        is_it = await is_up_to_date(house.database)
    if not is_it:
        raise CannotStart("the database isn't up to date; run `koppeling migrate` first")


async def run_one(settings: Settings, name: str, port: int, say: Callable[[str], None]) -> None:
    """Runs one service against the database and the broker of the settings."""
    if not settings.database_url or not settings.broker_url:
        raise CannotStart(
            "a service on its own needs KOPPELING_DATABASE_URL and KOPPELING_BROKER_URL;"
            " `koppeling up` runs all of them in one process without either"
        )
    _require_keys(settings)
    await _run(settings, (name,), port, say)


def _require_keys(settings: Settings) -> None:
    """A key that lies beside one process isn't there for the next one at the same database."""
    if settings.secret_keys:
        return
    key_file = settings.data_dir / "secret.key"
    made = f"; a start without them made the one in {key_file}: set it to that" if key_file.exists() else ""
    raise CannotStart(
        "KOPPELING_SECRET_KEYS is missing: one or more keys of 32 bytes in URL-safe base64,"
        f" the same for every service at this database{made}"
    )


async def _run(settings: Settings, names: Sequence[str], port: int, say: Callable[[str], None]) -> None:
    set_up_logs()
    listening = listen(port)
    async with opened(settings) as (house, bus):
        await require_up_to_date(house)
        services = build_services(names, house, bus)
        state = state_of(services, house, bus)
        web = health_app(state)
        for service in services:
            if service.web is not None:
                web.mount("/", service.web)
        say(f"{' + '.join(names)} on http://127.0.0.1:{port}")
        with refusing.of_broker(settings):  # later its loops wait for the broker by themselves
            await until_told_to_stop(run_services(services, house, bus, state=state), serve(web, listening))
