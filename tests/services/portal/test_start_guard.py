"""What another system has booked of the till's takings stands in the way of the start date."""

from __future__ import annotations

from datetime import date, timedelta

from libs.common.contracts.sales import SaleRecorded
from libs.common.database import registry
from libs.common.database.registry import Connection
from tests.services.portal.test_books_watch import book, ledger, revenue_and_money, sold, yesterday
from tests.services.portal.world import World, assert_problem


async def a_chosen_connection(world: World) -> Connection:
    """Rules are kept, nothing is switched on."""
    id_ = await world.connected()
    options = (await world.partner.get(f"/v1/connections/{id_}/options?mode=daily-totals")).json()
    kept = await world.partner.put(f"/v1/connections/{id_}/rules", json=options["suggested_rules"])
    assert kept.status_code == 200, kept.text
    return await connection_of(world, id_)


async def connection_of(world: World, id_: str) -> Connection:
    async with world.database.reading() as transaction:
        kept = await registry.connection(transaction, id_)
    assert kept is not None
    return kept


async def start_on(world: World, connection: Connection, day: date) -> int:
    address = f"/v1/connections/{connection.id}/rules"
    rules = (await world.partner.get(address)).json() | {"start_date": day.isoformat()}
    return (await world.partner.put(address, json=rules)).status_code


async def test_takings_that_another_system_booked_stand_in_the_way_of_the_switch(one_world: World) -> None:
    world = one_world
    connection = await a_chosen_connection(world)
    day = yesterday(world).date()
    sale = sold(world, "5012", "12.10")
    await world.tell(connection.id, SaleRecorded(sale, 1, "hash", 1))
    revenue, _ = revenue_and_money(connection)
    await book(world, connection, "Z 25", day, {revenue: "-12.10", ledger(world, "2006"): "12.10"})
    refused = await world.partner.post(f"/v1/connections/{connection.id}/activate")
    (error,) = assert_problem(refused, 422)["errors"]
    assert error["field"] == "start_date"
    assert f"Kies een startdatum na {day}" in error["message"]

    assert await start_on(world, connection, day + timedelta(days=1)) == 200
    assert (await world.partner.post(f"/v1/connections/{connection.id}/activate")).status_code == 202


async def test_what_an_ended_connection_booked_is_not_booked_again(one_world: World) -> None:
    world = one_world
    connection = await a_chosen_connection(world)
    await world.tell(connection.id, SaleRecorded(sold(world, "5012", "12.10"), 1, "hash", 1))
    revenue, money = revenue_and_money(connection)
    reference = f"{connection.rules.reference_prefix}5012"
    await book(world, connection, reference, yesterday(world).date(), {revenue: "-12.10", money: "12.10"})
    refused = await world.partner.post(f"/v1/connections/{connection.id}/activate")
    assert assert_problem(refused, 422)["errors"][0]["field"] == "start_date"


async def test_a_start_date_moves_back_only_over_days_that_nobody_booked(one_world: World) -> None:
    world = one_world
    connection = await a_chosen_connection(world)
    day = yesterday(world).date()
    assert await start_on(world, connection, day) == 200
    assert (await world.partner.post(f"/v1/connections/{connection.id}/activate")).status_code == 202
    revenue, money = revenue_and_money(connection)
    await book(world, connection, "Z 20", day - timedelta(days=5), {revenue: "-99.00", money: "99.00"})
    assert await start_on(world, connection, day - timedelta(days=4)) == 200
    assert await start_on(world, connection, day - timedelta(days=6)) == 422


async def test_invoices_of_the_shops_own_stand_in_nobodys_way(one_world: World) -> None:
    world = one_world
    connection = await a_chosen_connection(world)
    day = yesterday(world).date()
    await world.tell(connection.id, SaleRecorded(sold(world, "5012", "12.10"), 1, "hash", 1))
    revenue, _ = revenue_and_money(connection)
    await book(world, connection, "Factuur 881", day, {revenue: "-500.00", ledger(world, "2006"): "500.00"})
    assert (await world.partner.post(f"/v1/connections/{connection.id}/activate")).status_code == 202
