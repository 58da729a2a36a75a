"""Articles kept in step as partners see them: listed, searched, with conflicts, and what is said of them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from libs.common.contracts.products import ProductProgress, ProductsTold, ProductTold, StockProgress
from libs.common.domain.product import ProductField
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_trouble import Trouble, TroubleCode
from libs.common.messaging.outbox import outbox_messages
from tests.services.portal.world import World, assert_problem

PROGRESS = ProductProgress(
    direction="to-exact",
    wish="w-1",
    is_read=True,
    is_approved=False,
    to_create=1,
    to_change=1,
    done=1,
    conflicts=1,
    left=0,
    in_till=3,
    in_exact=2,
)
DOUBLE = Conflict(ConflictCode.CODE_DOUBLE, None, (("code", "B-2"), ("names", "B-2 Bel, B-2 Slot")))
PRICE = Conflict(ConflictCode.PRICE_ZERO, ProductField.PRICE, (("name", "C-3 Pomp"),))
PRODUCTS = (
    ProductTold("1", "A-1", "Bel", "431", None, "to-create", {"code": "A-1", "price": "8.2231"}),
    ProductTold("2", "B-2", "Slot", "432", None, "conflict", conflicts=(DOUBLE,)),
    ProductTold("3", "C-3", "Pomp 100%", "433", "guid-3", "in-step", conflicts=(PRICE,)),
)


async def with_products(world: World, **choices: Any) -> str:
    connection = await world.active()
    rules = (await world.partner.get(f"/v1/connections/{connection}/rules")).json()
    rules["products"] = {"direction": "to-exact", "stock": False, "fields": ["code", "price"]} | choices
    kept = await world.partner.put(f"/v1/connections/{connection}/rules", json=rules)
    assert kept.status_code == 200, kept.text
    return connection


async def listed(world: World, connection: str, query: str = "") -> dict[str, Any]:
    answer = await world.partner.get(f"/v1/connections/{connection}/products{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sent(world: World, kind: str) -> list[dict[str, Any]]:
    async with world.database.reading() as transaction:
        query = select(outbox_messages.c.body).where(outbox_messages.c.type == kind)
        return [json.loads(body) for body in (await transaction.execute(query)).scalars()]


async def test_products_are_listed_with_conflicts_in_words_and_progress(one_world: World) -> None:
    connection = await with_products(one_world)
    assert await listed(one_world, connection) == {"items": [], "next": None, "progress": None}
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))

    body = await listed(one_world, connection)

    assert [item["code"] for item in body["items"]] == ["A-1", "B-2", "C-3"]
    assert body["items"][0]["wanted"] == {"code": "A-1", "price": "8.2231"}
    [conflict] = body["items"][1]["conflicts"]
    assert conflict["message"] == "Meer dan één artikel heeft de code B-2: B-2 Bel, B-2 Slot."
    assert (conflict["code"], conflict["field"]) == ("code-double", None)
    progress = body["progress"]
    assert (progress["stock"], progress["trouble"]) == (None, None)
    assert (progress["waits_for_yes"], progress["wish"], progress["to_create"]) == (True, "w-1", 1)


async def test_what_a_person_must_mend_is_a_code_with_words_and_a_remedy(one_world: World) -> None:
    connection = await with_products(one_world)
    lacks = Trouble(TroubleCode.CONSENT_LOST, (("system", "Exact Online"),))
    await one_world.tell(connection, ProductsTold((), replace(PROGRESS, lacks=lacks), number=1))

    body = await listed(one_world, connection)

    assert body["progress"]["trouble"] == {
        "code": "consent-lost",
        "message": "De toestemming van Exact Online geldt niet meer.",
        "remedy": "Koppel Exact Online opnieuw. Daarna gaat het vanzelf verder.",
    }


async def test_stock_has_numbers_of_its_own(one_world: World) -> None:
    connection = await with_products(one_world)
    ends_at = datetime(2026, 3, 14, 12, 1, tzinfo=UTC)
    progress = replace(PROGRESS, is_approved=True, stock=StockProgress(7, 2, 1, ends_at))
    await one_world.tell(connection, ProductsTold((), progress, number=1))

    body = await listed(one_world, connection)

    shown = {"done": 7, "to_do": 2, "conflicts": 1, "ends_at": "2026-03-14T12:01:00Z"}
    assert body["progress"]["stock"] == shown


async def test_products_are_found_by_state_and_search_page_by_page(one_world: World) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))

    async def codes(query: str) -> list[str]:
        return [item["code"] for item in (await listed(one_world, connection, query))["items"]]

    assert await codes("?state=conflict") == ["B-2", "C-3"]
    assert await codes("?state=in-step") == ["C-3"]
    assert await codes("?search=100%25") == ["C-3"]
    assert await codes("?search=slot") == ["B-2"]
    assert await codes("?search=guid-3") == ["C-3"]
    first = await listed(one_world, connection, "?limit=2")
    assert await codes(f"?limit=2&cursor={first['next']}") == ["C-3"]
    wrong = await one_world.partner.get(f"/v1/connections/{connection}/products?state=odd")
    assert_problem(wrong, 422)


async def test_of_messages_that_overtake_each_other_the_later_holds(one_world: World) -> None:
    connection = await with_products(one_world)
    later = replace(PRODUCTS[0], state="in-step", wanted={})
    done = replace(PROGRESS, to_create=0, is_approved=True)

    await one_world.tell(connection, ProductsTold((later,), done, number=7))
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=6))

    body = await listed(one_world, connection)
    assert [item["state"] for item in body["items"]] == ["in-step", "conflict", "in-step"]
    assert (body["progress"]["waits_for_yes"], body["progress"]["to_create"]) == (False, 0)


async def test_of_two_replicas_the_one_with_the_earlier_word_changes_nothing(world: World) -> None:
    connection = await with_products(world)
    await world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    later = replace(PRODUCTS[0], state="in-step", wanted={})
    last = world.envelope(connection, ProductsTold((later,), replace(PROGRESS, done=2), number=3))
    last_is_shown = asyncio.Event()

    async def other_replica() -> None:
        await last_is_shown.wait()
        await world.tell(connection, ProductsTold((PRODUCTS[0],), PROGRESS, number=2))

    other = asyncio.create_task(other_replica())
    async with world.database.transaction() as transaction:
        await world.service.consumers[ProductsTold.type](transaction, last)
        last_is_shown.set()
        await asyncio.sleep(0.3)
    await other

    body = await listed(world, connection)
    assert (body["items"][0]["state"], body["progress"]["done"]) == ("in-step", 2)


async def test_of_the_direction_before_nothing_is_shown_any_more(one_world: World) -> None:
    """Turned round, links that led nowhere are gone; what is still told of them comes too late."""
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    turned = replace(PROGRESS, direction="to-lightspeed", wish="w-2")
    await one_world.tell(connection, ProductsTold((PRODUCTS[2],), turned, number=3))
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=2))
    await one_world.tell(connection, ProductsTold((), turned, number=4))

    assert [item["code"] for item in (await listed(one_world, connection))["items"]] == ["C-3"]


@pytest.mark.parametrize("direction", ["off", "to-lightspeed"])
async def test_no_yes_is_asked_for_what_the_rules_no_longer_say(one_world: World, direction: str) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    rules = (await one_world.partner.get(f"/v1/connections/{connection}/rules")).json()
    rules["products"]["direction"] = direction
    await one_world.partner.put(f"/v1/connections/{connection}/rules", json=rules)

    assert (await listed(one_world, connection))["progress"] is None
    path = f"/v1/connections/{connection}/products/sync"
    assert_problem(await one_world.partner.post(path, json={"approve": "w-1"}), 422)


async def test_the_yes_names_what_was_shown(one_world: World) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    path = f"/v1/connections/{connection}/products/sync"

    assert_problem(await one_world.partner.post(path, json={"approve": "w-0"}), 422)
    assert (await one_world.partner.post(path, json={"approve": "w-1"})).status_code == 202
    assert (await listed(one_world, connection))["progress"]["waits_for_yes"] is False
    assert (await one_world.partner.post(path)).status_code == 202

    assert await sent(one_world, "products.requested") == [{"wish": "w-1"}, {"wish": ""}]
    rows = (await one_world.operator.get("/admin/audit")).json()["items"]
    assert "products approved" in {row["action"] for row in rows}


async def test_a_yes_that_came_too_late_is_asked_for_again(one_world: World) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    await one_world.partner.post(f"/v1/connections/{connection}/products/sync", json={"approve": "w-1"})
    await one_world.tell(connection, ProductsTold((), replace(PROGRESS, wish="w-2"), number=2))
    progress = (await listed(one_world, connection))["progress"]
    assert (progress["waits_for_yes"], progress["wish"]) == (True, "w-2")


async def test_a_person_decides_of_one_article(one_world: World) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))
    path = f"/v1/connections/{connection}/products"

    linked = await one_world.partner.post(f"{path}/2/decide", json={"choice": "link", "other": "guid-9"})
    assert linked.status_code == 202, linked.text
    assert_problem(await one_world.partner.post(f"{path}/2/decide", json={"choice": "link"}), 422)
    assert_problem(await one_world.partner.post(f"{path}/2/decide", json={"choice": "guess"}), 422)
    assert_problem(await one_world.partner.post(f"{path}/99/decide", json={"choice": "leave"}), 404)

    assert await sent(one_world, "product.decided") == [
        {"product_id": "2", "choice": "link", "other": "guid-9"}
    ]


async def test_without_a_direction_and_of_another_partner_there_is_nothing(one_world: World) -> None:
    connection = await one_world.active()
    path = f"/v1/connections/{connection}/products"

    assert_problem(await one_world.partner.post(f"{path}/sync"), 422)
    assert_problem(await one_world.stranger.get(path), 404)
    assert_problem(await one_world.stranger.post(f"{path}/sync"), 404)


async def test_stock_that_would_move_twice_is_refused_with_its_field(one_world: World) -> None:
    connection = await one_world.active()
    rules = (await one_world.partner.get(f"/v1/connections/{connection}/rules")).json()
    rules["products"] = {"direction": "to-lightspeed", "stock": True, "fields": []}

    refused = await one_world.partner.put(f"/v1/connections/{connection}/rules", json=rules)

    fields = {error["field"] for error in assert_problem(refused, 422)["errors"]}
    assert "products.stock" in fields


async def test_what_is_shown_goes_with_its_connection(one_world: World) -> None:
    connection = await with_products(one_world)
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=1))

    assert (await one_world.partner.delete(f"/v1/connections/{connection}")).status_code == 204
    await one_world.tell(connection, ProductsTold(PRODUCTS, PROGRESS, number=2))

    assert_problem(await one_world.partner.get(f"/v1/connections/{connection}/products"), 404)
