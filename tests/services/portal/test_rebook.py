"""Rebooking days: a command to the mapper, for a connection that is switched on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from libs.common.messaging.outbox import outbox_messages
from tests.services.portal.world import World, assert_problem

DAYS = {"from": "2026-03-01", "to": "2026-03-14"}


async def commands(world: World) -> list[dict[str, Any]]:
    async with world.database.reading() as transaction:
        query = select(outbox_messages.c.body).where(outbox_messages.c.type == "rebook.requested")
        return [json.loads(body) for body in (await transaction.execute(query)).scalars()]


async def test_days_are_rebooked_by_one_command_and_the_audit_says_who(world: World) -> None:
    connection = await world.active()
    headers = {"Idempotency-Key": "once"}

    for _ in range(2):
        answer = await world.partner.post(f"/v1/connections/{connection}/rebook", json=DAYS, headers=headers)
        assert answer.status_code == 202, answer.text

    assert await commands(world) == [{"first_day": "2026-03-01", "last_day": "2026-03-14"}]
    rows = (await world.operator.get("/admin/audit")).json()["items"]
    assert rows[0]["action"] == "days rebooked"
    assert rows[0]["actor"].startswith("partner ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-03-14", "to": "2026-03-13"}, "to"),
        ({"from": "2024-01-01", "to": "2026-03-13"}, "to"),
        ({"from": "2199-01-01", "to": "2199-01-02"}, "from"),
        ({"from": "yesterday", "to": "2026-03-13"}, "from"),
        ({"to": "2026-03-13"}, "from"),
        ({**DAYS, "outlet": "1"}, "outlet"),
    ],
)
async def test_a_wrong_period_is_refused_by_its_field(
    one_world: World, body: dict[str, str], field: str
) -> None:
    connection = await one_world.active()
    problem = assert_problem(
        await one_world.partner.post(f"/v1/connections/{connection}/rebook", json=body), 422
    )
    assert field in {error["field"] for error in problem["errors"]}
    assert await commands(one_world) == []


async def test_a_connection_that_is_not_switched_on_rebooks_nothing(one_world: World) -> None:
    connection = await one_world.active()
    await one_world.partner.post(f"/v1/connections/{connection}/pause")
    assert_problem(await one_world.partner.post(f"/v1/connections/{connection}/rebook", json=DAYS), 422)
    assert await commands(one_world) == []
