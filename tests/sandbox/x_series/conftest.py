from collections.abc import AsyncIterator

import pytest

from tests.sandbox.x_series.store import Store, a_client, a_world, tokens


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    world = a_world()
    async with a_client(world) as client:
        granted = await tokens(client)
        yield Store(world, client, {"Authorization": f"Bearer {granted['access_token']}"})
