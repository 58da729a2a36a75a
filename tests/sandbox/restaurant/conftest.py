from collections.abc import AsyncIterator

import pytest

from services.sandbox.clock import Clock
from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import NOON, Till, a_client


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    world = RestaurantWorld(Clock(NOON))
    async with a_client(world) as client:
        till = Till(world, client)
        await till.connect()
        yield till
