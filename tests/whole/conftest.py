"""The whole needs no server, but where services run apart."""

from __future__ import annotations

import os

import pytest

from tests.servers import broker_url, database_url, need_postgresql, need_rabbitmq


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL and RabbitMQ for services apart: those of the other tests."""
    need_postgresql()
    need_rabbitmq()
    monkeypatch.setitem(os.environ, "KOPPELING_DATABASE_URL", database_url())
    monkeypatch.setitem(os.environ, "KOPPELING_BROKER_URL", broker_url())
