"""A portal with its vendors, on both databases; on SQLite alone where that makes no difference."""

from __future__ import annotations

import pytest

from libs.common.database.engine import Database
from tests.services.portal.world import World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


@pytest.fixture
async def one_world(sqlite_database: Database) -> World:
    return await make_world(sqlite_database)
