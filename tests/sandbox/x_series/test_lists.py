"""Lists by version, versions of the API, search (chapters 2, 5)."""

from datetime import timedelta

import pytest

from tests.sandbox.x_series.store import NOON, Store, a_line


async def walk(store: Store, path: str, **query: int) -> list[list[str]]:
    """The ids of each page until the empty one."""
    pages, after = [], 0
    while (page := await store.get(path, after=after, **query))["data"]:
        pages.append([row["id"] for row in page["data"]])
        after = page["version"]["max"]
    return pages


async def test_pages_follow_the_version_until_the_empty_one(store: Store) -> None:
    sold = [await store.sell(a_line()) for _ in range(5)]
    assert await walk(store, "2.0/sales", page_size=2) == [sold[:2], sold[2:4], sold[4:]]
    assert await walk(store, "2026-07/sales", page_size=2) == [sold[:2], sold[2:4], sold[4:]]


async def test_versions_rise_over_all_resources_with_gaps(store: Store) -> None:
    await store.sell(a_line())
    names = ("sales", "taxes", "outlets", "registers", "payment_types", "users", "customers", "products")
    rows = [row for name in names for row in (await store.get(f"2.0/{name}"))["data"]]
    versions = sorted(row["version"] for row in rows)
    assert len(set(versions)) == len(versions)
    assert versions[-1] - versions[0] > len(versions)
    for name in names:
        own = [row["version"] for row in (await store.get(f"2.0/{name}"))["data"]]
        assert own == sorted(own)


async def test_the_end_has_no_version_or_nulls_by_switch(store: Store) -> None:
    assert await store.get("2.0/sales") == {"data": []}
    store.choose(end_of_list="nulls")
    assert await store.get("2.0/sales") == {"data": [], "version": {"min": None, "max": None}}


async def test_a_changed_sale_moves_to_the_end(store: Store) -> None:
    first, second = await store.sell(a_line()), await store.sell(a_line())
    await store.till(f"sales/{first}/touch", {"note": "gemaild"})
    assert await walk(store, "2.0/sales") == [[second, first]]


async def test_before_looks_back(store: Store) -> None:
    sold = [await store.sell(a_line()) for _ in range(4)]
    last = (await store.nested(sold[3]))["_metadata"]["version"]
    page = await store.get("2026-07/sales", before=last, page_size=2)
    assert [row["id"] for row in page["data"]] == sold[1:3]


async def test_nobody_gets_more_than_the_largest_page_or_always_what_was_asked(store: Store) -> None:
    for _ in range(6):
        await store.sell(a_line())
    store.choose(sales_page_size=4)
    assert [len(page) for page in await walk(store, "2.0/sales", page_size=100_000)] == [4, 2]
    store.choose(short_page_rate=1)
    pages = await walk(store, "2.0/sales", page_size=4)
    assert max(len(page) for page in pages) < 4
    assert sum(len(page) for page in pages) == 6


async def test_taxes_carry_no_version_at_the_top_but_by_switch(store: Store) -> None:
    assert "version" not in await store.get("2.0/taxes")
    store.choose(taxes_have_version=True)
    assert "version" in await store.get("2026-07/taxes")


async def test_deleted_rows_come_when_asked(store: Store) -> None:
    await store.send("POST", "2.0/products", {"name": "Bel", "sku": "BEL"})
    bel = store.merchant.skus["BEL"]
    await store.send("DELETE", f"2.0/products/{bel}")

    listed = [row["id"] for row in (await store.get("2026-07/products"))["data"]]
    (gone,) = [
        row for row in (await store.get("2026-07/products", deleted="true"))["data"] if row["id"] == bel
    ]
    assert bel not in listed
    assert gone["deleted_at"] == "2026-03-16T11:00:00+00:00"


async def test_a_version_past_its_end_is_answered_by_the_oldest_supported_one(store: Store) -> None:
    key = await store.sell(a_line())
    old = (await store.get(f"2024-10/sales/{key}"))["data"]
    assert old == (await store.get(f"2026-01/sales/{key}"))["data"]
    assert (await store.answer("2026-10/sales")).status_code == 404
    assert (await store.answer("2026-07/nonsense")).status_code == 404


@pytest.mark.parametrize("query", [{"page_size": "many"}, {"after": "x"}, {"page_size": "0"}])
async def test_a_wrong_parameter_is_a_400(store: Store, query: dict[str, str]) -> None:
    assert (await store.answer("2.0/sales", **query)).status_code == 400


async def test_what_cannot_be_accepted_is_a_406(store: Store) -> None:
    headers = store.headers | {"Accept": "text/csv"}
    assert (await store.client.get("/api/2.0/sales", headers=headers)).status_code == 406


async def test_search_finds_sales_by_date_status_and_number(store: Store) -> None:
    days = [NOON - timedelta(days=ago) for ago in (3, 2, 1)]
    sold = [await store.sell(a_line(), at=day.isoformat()) for day in days]
    parked = await store.sell(a_line(), completed=False, payments=[])

    found = await store.get(
        "2.0/search",
        type="sales",
        date_from="2026-03-14T00:00:00Z",
        order_by="date",
        order_direction="asc",
        status="CLOSED",
        page_size=1,
    )
    assert [row["id"] for row in found["data"]] == [sold[1]]
    number = (await store.flat(sold[2]))["invoice_number"]
    found = await store.get("2026-07/search", type="sales", invoice_number=number)
    assert [row["id"] for row in found["data"]] == [sold[2]]
    assert found["data"][0]["_metadata"]["version"]
    found = await store.get("2.0/search", type="sales", status="SAVED")
    assert [row["id"] for row in found["data"]] == [parked]


async def test_search_lags_behind_the_lists(store: Store) -> None:
    store.choose(search_lag_seconds=5)
    await store.sell(a_line())
    assert (await store.get("2.0/search", type="sales"))["data"] == []
    store.world.clock.advance(6)
    assert len((await store.get("2.0/search", type="sales"))["data"]) == 1


async def test_search_negates_with_a_minus(store: Store) -> None:
    await store.send("POST", "2.0/products", {"name": "Bel", "sku": "BEL"})
    found = await store.get("2.0/search", type="products", **{"-sku": "BEL"})
    assert "BEL" not in {row["sku"] for row in found["data"]}
    found = await store.get("2.0/search", type="products", sku="BEL")
    assert [row["name"] for row in found["data"]] == ["Bel"]
    assert (await store.answer("2.0/search", type="nothing")).status_code == 400
