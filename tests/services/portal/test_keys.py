"""A partner's API keys: one that leaked is ended, one that was lost replaced, and its merchants stay."""

from __future__ import annotations

from services.portal.keys import PREFIX_LENGTH, add_key, all_keys, revoke_key
from tests.services.portal.world import World, assert_problem


async def test_a_revoked_key_opens_nothing_and_another_of_the_partner_the_same(world: World) -> None:
    merchant = await world.merchant()
    now = world.sandbox.clock.now()
    old = world.partner.headers["authorization"].removeprefix("Bearer ")

    new = await add_key(world.database, old[:PREFIX_LENGTH], now)
    assert await revoke_key(world.database, old[:PREFIX_LENGTH], now)

    assert_problem(await world.partner.get("/v1/merchants"), 401)
    world.partner.headers["authorization"] = f"Bearer {new}"
    (seen,) = (await world.partner.get("/v1/merchants")).json()["items"]
    assert seen["id"] == merchant
    assert (await world.stranger.get("/v1/merchants")).json()["items"] == []
    async with world.database.reading() as transaction:
        keys = await all_keys(transaction)
    assert {each.prefix: each.revoked_at for each in keys if each.partner == "Een"} == {
        old[:PREFIX_LENGTH]: now,
        str(new)[:PREFIX_LENGTH]: None,
    }
    rows = (await world.operator.get("/admin/audit")).json()["items"]
    assert [row["action"] for row in rows] == ["API key revoked", "API key made"]
    assert str(new)[PREFIX_LENGTH:] not in str(rows)


async def test_a_key_that_never_was_is_neither_revoked_nor_followed_by_another(one_world: World) -> None:
    now = one_world.sandbox.clock.now()
    assert await add_key(one_world.database, "kk_nothing1", now) is None
    assert not await revoke_key(one_world.database, "kk_nothing1", now)
