"""A table of effects: what handlers did, so that doing it twice would show."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from libs.common.database.engine import Database
from libs.common.messaging import in_process, rabbit_consumer
from tests.messaging.effects import Effects, effects, own_metadata


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defects come again at once: how long a pause is, no test asks."""
    for bus in (in_process, rabbit_consumer):
        monkeypatch.setattr(bus, "DEFECT_PAUSE", 0.02)


@pytest.fixture(name="effects")
async def kept_effects(database: Database) -> Effects:
    async with database.transaction() as transaction:
        await transaction.run_sync(own_metadata.create_all)
        await transaction.execute(delete(effects))
    return Effects(database)
