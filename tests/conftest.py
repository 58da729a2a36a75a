"""Fixtures for every test: `database` on both engines, `bus` on both buses, each empty when a test begins."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import stamina
import structlog
from sqlalchemy import text

from libs.common.database.engine import Database
from libs.common.database.types import metadata
from libs.common.messaging.bus import Bus
from libs.common.messaging.in_process import TableBus
from libs.common.messaging.rabbit import RabbitBus
from migrations.tables import all_tables
from tests import exact_reference, servers

SERVICES = ("ingest", "mapper", "exporter", "products", "portal", "left", "right")
"""Names that a bus of the tests knows; the last two belong to no service."""


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # the default draws tracebacks with all their variables, which takes longer than most tests

stamina.set_testing(True, attempts=3, cap=True)  # tries as often as ever, and doesn't wait in between


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no core waits for another's last test."""
    items.sort(key=lambda item: "/whole/" not in item.path.as_posix())


@pytest.fixture(autouse=True)
def _exact_is_asked_as_the_reference_says() -> Iterator[None]:
    """In every test, whatever it is about."""
    exact_reference.strange.clear()
    yield
    assert sorted(set(exact_reference.strange)) == []


_created: dict[str, list[str]] = {}


async def _with_tables(url: str) -> Database:
    tables = all_tables(on_failure=_tell).sorted_tables
    database = Database.open(url)
    async with database.transaction() as transaction:
        await transaction.run_sync(metadata.create_all, tables=tables)
    _created[database.dialect] = [f'"{table.name}"' for table in reversed(tables)]
    return database


def _tell(module: str, error: Exception) -> None:
    warnings.warn(f"its tables are missing: {module}: {error!r}", stacklevel=2)


@pytest.fixture(scope="session")
async def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    file: Path = tmp_path_factory.mktemp("sqlite") / "koppeling.db"
    database = await _with_tables(f"sqlite+aiosqlite:///{file}")
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def _postgresql() -> AsyncIterator[Database]:
    servers.need_postgresql()
    url = await servers.create_database()
    try:
        database = await _with_tables(url)
        yield database
        await database.close()
    finally:
        await servers.drop_database(url)


@pytest.fixture
async def sqlite_database(_sqlite: Database) -> Database:
    """For tests that need this engine alone."""
    await _empty(_sqlite)
    return _sqlite


@pytest.fixture
async def postgresql_database(_postgresql: Database) -> Database:
    await _empty(_postgresql)
    return _postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Empty, with all tables; every test that takes it runs on both engines."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


async def _empty(database: Database) -> None:
    """DELETE, not TRUNCATE: nearly all tables are empty, and truncating each would write files."""
    tables = _created[database.dialect]
    async with database.transaction() as transaction:
        if database.dialect == "postgresql":
            deletes = " ".join(f"DELETE FROM {table};" for table in tables)
            await transaction.execute(text(f"DO $$ BEGIN {deletes} END $$"))
            return
        for table in tables:
            await transaction.execute(text(f"DELETE FROM {table}"))


MakeBus = Callable[..., Awaitable[Bus]]


@pytest.fixture(params=["table", "rabbit"])
async def make_bus(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[MakeBus]:
    """Makes buses that are one and the same to those who use them, as several processes would."""
    made: list[Bus] = []
    prefix = servers.new_prefix()
    if request.param == "rabbit":
        servers.need_rabbitmq()

    async def make(*, dead_letter_limit: int = 50) -> Bus:
        bus: Bus
        if request.param == "table":
            bus = TableBus(database, lease_seconds=2, dead_letter_limit=dead_letter_limit)
        else:
            bus = RabbitBus(
                servers.broker_url(), prefix, services=SERVICES, dead_letter_limit=dead_letter_limit
            )
        made.append(bus)
        return bus

    yield make
    for bus in made:
        await bus.close()
    if request.param == "rabbit":
        await servers.remove_from_broker(prefix, SERVICES)


@pytest.fixture
async def bus(make_bus: MakeBus) -> Bus:
    """Every test that takes it runs on both buses, with both databases."""
    return await make_bus()
