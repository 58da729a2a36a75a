"""What takes seconds of many sales is worked out beside the loop: others are answered meanwhile."""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType
from typing import Any

import pytest

from services.portal import overviews, sale_queries
from services.portal.api import options, preview
from tests.builders import a_sale
from tests.services.portal.messages import recorded
from tests.services.portal.world import World

PATIENCE = 2.0
DAY = {"from": "2026-03-14", "to": "2026-03-14"}


@pytest.mark.parametrize(
    ("module", "name", "path", "body"),
    [
        (sale_queries, "sales_in", "preview", DAY),
        (preview, "preview_of", "preview", DAY),
        (options, "usage_of", "options", None),
        (overviews, "reconcile", "reconciliation", None),
        (sale_queries, "documents_under_way", "budget", None),
    ],
)
async def test_others_are_answered_while_many_sales_are_worked_on(
    one_world: World,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    connection = await one_world.connected()
    await one_world.tell(connection, recorded(a_sale()))
    others_are_answered = threading.Event()
    real = getattr(module, name)

    def long(*given: Any, **named: Any) -> Any:
        assert others_are_answered.wait(PATIENCE)
        return real(*given, **named)

    monkeypatch.setattr(module, name, long)
    asyncio.get_running_loop().call_later(0.2, others_are_answered.set)

    address = f"/v1/connections/{connection}/{path}"
    partner = one_world.partner
    answer = await (partner.get(address) if body is None else partner.post(address, json=body))

    assert answer.status_code == 200, answer.text
