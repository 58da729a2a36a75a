"""Rows that people enter, save and throw away between two pages of a list."""

from collections import Counter

import httpx
import pytest

from services.sandbox.exact.app import exact_app
from services.sandbox.exact.vendor import exact_hooks
from services.sandbox.faults import Faults, FaultyVendor
from tests.sandbox.exact.office import Office
from tests.sandbox.exact.test_protocol import pages

ITEMS, ACCOUNTS = "logistics/Items", "crm/Accounts"


@pytest.fixture
async def restless(office: Office) -> Office:
    """Its pages hold four rows, and between any two of them somebody is at work; eleven items are new."""
    hooks = exact_hooks(office.world)
    faults = Faults({"exact": frozenset(hooks.before_work)})
    await office.link()
    await office.switch(page_rows=4)
    for number in range(11):
        await office.made(ITEMS, {"Code": f"NIEUW-{number:02d}", "Description": "Nieuw"})
    faults.choose({"exact": {"rows_move": 1}})
    behind = FaultyVendor(exact_app(office.world), "exact", faults, hooks)
    office.http = httpx.AsyncClient(transport=httpx.ASGITransport(behind), base_url="http://exact.test")
    return office


async def feed(office: Office, path: str) -> list[tuple[str, int]]:
    found = await pages(office, path, filter="Timestamp gt 0", select="ID,Timestamp")
    return [(row["ID"], int(row["Timestamp"])) for page in found for row in page]


async def test_a_row_that_is_saved_meanwhile_comes_once_more_at_the_end_of_a_feed(restless: Office) -> None:
    """One at each turn of a page, from the first page's rows on; the versions only rise."""
    items = restless.world.divisions[restless.division].table(ITEMS)
    rested = [row["ID"] for row in items.changed_after(0)]
    read = await feed(restless, "sync/Logistics/Items")
    versions = [version for _, version in read]
    assert versions == sorted(set(versions))
    told = [key for key, _ in read]
    again = len(told) - len(rested)
    assert again >= len(rested) // 4
    assert told == rested + rested[:again]


async def test_without_an_order_a_row_keeps_its_place_and_none_is_skipped(restless: Office) -> None:
    where = {"filter": "startswith(Code,'NIEUW')", "select": "Code"}
    read = [row["Code"] for page in await pages(restless, ITEMS, **where) for row in page]
    assert read == [f"NIEUW-{number:02d}" for number in range(11)]


async def test_by_modified_the_saved_row_moves_to_the_end_and_none_is_skipped(restless: Office) -> None:
    restless.clock.advance(60)
    where = {"filter": "Code ne ''", "select": "ID", "orderby": "Modified"}
    read = Counter(row["ID"] for page in await pages(restless, ITEMS, **where) for row in page)
    assert set(read) == set(restless.world.divisions[restless.division].table(ITEMS).rows)
    assert max(read.values()) == 2


async def test_a_relation_comes_and_the_one_before_goes_and_the_books_stay(restless: Office) -> None:
    await restless.made("salesentry/SalesEntries", restless.an_entry())
    before, accounts = (
        await restless.books(),
        len(restless.world.divisions[restless.division].table(ACCOUNTS)),
    )
    turned = len(await pages(restless, ITEMS, filter="Code ne ''", select="ID")) - 1
    assert turned > 1
    assert await restless.books() == before | {"accounts": accounts + 1}
    gone = await restless.rows("sync/Deleted", filter="Timestamp gt 0", select="EntityType")
    assert [row["EntityType"] for row in gone] == [2] * (turned - 1)


async def test_nothing_moves_at_a_first_page_or_in_another_s_company(restless: Office) -> None:
    await restless.get(ITEMS, filter="Code ne ''", select="ID")
    following = (await restless.get(ITEMS, filter="Code ne ''", select="ID")).json()["d"]["__next"]
    elsewhere = following.replace(str(restless.division), "1")
    assert (await restless.http.get(elsewhere, headers=restless.headers)).status_code == 403
    accounts = restless.world.divisions[restless.division].table(ACCOUNTS)
    assert accounts.find("Name", "Voorbijganger") == []
