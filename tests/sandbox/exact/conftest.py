"""A world that stands still at Friday 20 November 2026, 09:00 in Amsterdam, and ways to call it."""

import pytest

from services.sandbox.clock import Clock
from tests.sandbox.exact.office import START, Office


@pytest.fixture
def office() -> Office:
    return Office(Clock(START))
