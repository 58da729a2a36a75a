from collections.abc import AsyncIterator

import pytest

from tests.sandbox.retail.till import Till, a_client, a_world, tokens


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    world = a_world()
    async with a_client(world) as client:
        granted = await tokens(client)
        yield Till(world, client, {"Authorization": f"Bearer {granted['access_token']}"})
