"""Items of Exact appear at the till: at the price that customers pay, and nothing is ever archived there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from services.sandbox.exact import relations, sales_prices
from tests.services.products_world import D, Scene, a_scene, faults, product_rules


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await a_scene(database, product_rules(Direction.TO_LIGHTSPEED))


async def test_items_are_made_at_the_till_with_price_vat_and_barcode_in_one_call_each(scene: Scene) -> None:
    scene.new_in_exact("A-1", "8.2231", Barcode="8712345678906", CostPriceStandard=D("4.10"))
    scene.new_in_exact("A-2", "10.90", SalesVatCode="3")
    scene.new_in_exact("A-3", "10", SalesVatCode="1")

    await scene.work()
    assert scene.writes() == {}
    await scene.say_yes()
    await scene.work()

    first, second, third = map(scene.till_item, ("A-1", "A-2", "A-3"))
    assert (scene.till_price(first), first.id("taxClassID")) == (D("9.95"), 1)
    assert first.text("ean") == "8712345678906"
    assert first.number("defaultCost") == D("4.1")
    assert (scene.till_price(second), second.id("taxClassID")) == (D("10.9"), 3)
    assert (scene.till_price(third), third.id("taxClassID")) == (D("10.9"), 3)
    assert scene.writes() == {"POST Item": 3}


async def test_changes_of_price_and_name_follow_within_a_minute_and_do_not_echo(scene: Scene) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.work()
    scene.count_from_here()

    scene.price_in_exact("A-1", "10")
    scene.change_in_exact("A-1", Description="Nieuwe naam", Code="B-1")
    await scene.pass_minutes(1)

    row = scene.till_item("B-1")
    assert (scene.till_price(row), row.text("description")) == (D("12.1"), "Nieuwe naam")
    assert scene.writes() == {"PUT Item": 1}
    await scene.pass_minutes(11)
    assert scene.writes() == {"PUT Item": 1}


async def test_rows_that_move_between_two_pages_are_neither_missed_nor_made_twice(scene: Scene) -> None:
    """Some come once more with a new row version, which is no change."""
    scene.restless_in_exact(page_rows=4)
    codes = [f"A-{number:02d}" for number in range(30)]
    for number, code in enumerate(codes):
        scene.new_in_exact(code, str(10 + number))

    await scene.first_synchronisation()

    assert scene.writes() == {"POST Item": 30}
    prices = [scene.till_price(scene.till_item(code)) for code in codes]
    assert prices == [D("1.21") * (10 + number) for number in range(30)]
    await scene.pass_minutes(15)
    assert scene.writes() == {"POST Item": 30}


async def test_the_name_of_a_variant_is_its_matrix_s_and_stays(scene: Scene) -> None:
    attributes = {"attribute1": "Rood", "attribute2": "M", "itemAttributeSetID": "1"}
    scene.new_at_till("A-1", description="Helm Rood M", ItemAttributes=attributes)
    scene.new_in_exact("A-1", "20", Description="Helm")

    await scene.first_synchronisation()

    assert scene.till_item("A-1").text("description") == "Helm Rood M"
    assert scene.till_price(scene.till_item("A-1")) == D("24.2")
    assert await scene.conflicts() == {}


async def test_an_article_of_the_till_with_the_code_is_adopted(scene: Scene) -> None:
    key = scene.new_at_till("a-1", "9.95")
    exact = scene.new_in_exact("A-1")

    await scene.first_synchronisation()

    assert await scene.links() == {exact: key}
    assert scene.writes() == {"PUT Item": 1}
    assert scene.till_item("A-1").text("description") == "Artikel A-1"


async def test_an_item_goes_on_with_what_the_till_left_of_a_merge(scene: Scene) -> None:
    item = scene.new_in_exact("BEL")
    left = scene.new_at_till("EIGEN")
    await scene.first_synchronisation()
    gone = str(scene.till_item("BEL").key)

    scene.merge_at_till(gone, left)
    scene.clock.advance(25 * 3600)
    await scene.pass_minutes(12)

    assert (await scene.links())[item] == left
    assert str(scene.till_item("BEL").key) == left
    assert await scene.conflicts() == {}


async def test_of_several_articles_of_one_code_a_person_chooses(scene: Scene) -> None:
    scene.new_at_till("A-1")
    second = scene.new_at_till("A-1")
    exact = scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    assert await scene.conflicts() == {"A-1": ["several-matches"]}

    await scene.decide("A-1", "link", second)

    assert await scene.links() == {exact: second}
    assert await scene.conflicts() == {}


async def test_an_item_that_ends_in_exact_is_never_archived_at_the_till(scene: Scene) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()

    scene.change_in_exact("A-1", EndDate=scene.division.today())
    await scene.pass_minutes(2)

    assert not scene.till_item("A-1").flag("archived")
    assert await scene.conflicts() == {"A-1": ["archived-in-exact"]}

    scene.at_till("DELETE", f"Item/{scene.till_item('A-1').key}")
    scene.clock.advance(25 * 3600)
    await scene.work()
    assert await scene.conflicts() == {}


@pytest.mark.parametrize("moved_to", [1, 3, None])
async def test_an_end_that_is_set_and_moved_before_its_day_holds_on_the_last_day_that_was_said(
    scene: Scene, moved_to: int | None
) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    today = scene.division.today()

    scene.change_in_exact("A-1", EndDate=today + timedelta(days=1))
    await scene.pass_minutes(2)
    if moved_to != 1:
        scene.change_in_exact("A-1", EndDate=moved_to and today + timedelta(days=moved_to))
        await scene.pass_minutes(2)

    ended = []
    for _ in range(3):
        scene.clock.advance(24 * 3600)
        await scene.work()
        ended.append(bool(await scene.conflicts()))
    assert ended == {1: [True, True, True], 3: [False, False, True], None: [False] * 3}[moved_to]


async def test_an_item_that_was_deleted_in_exact_leaves_the_till_alone(scene: Scene) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    scene.count_from_here()

    scene.division.remove(relations.ITEMS, scene.item("A-1"), scene.bookkeeper.author)
    await scene.pass_minutes(12)

    assert scene.writes() == {}
    assert await scene.conflicts() == {"A-1": ["master-gone"]}


async def test_an_item_that_was_deleted_does_not_come_back_on_its_last_day(scene: Scene) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    tomorrow = scene.division.today() + timedelta(days=1)
    scene.change_in_exact("A-1", EndDate=tomorrow)
    await scene.pass_minutes(2)
    scene.division.remove("logistics/Items", scene.item("A-1"), scene.bookkeeper.author)
    await scene.pass_minutes(12)
    assert await scene.conflicts() == {"A-1": ["master-gone"]}

    scene.clock.advance(24 * 3600)
    await scene.work()

    assert await scene.conflicts() == {"A-1": ["master-gone"]}


@pytest.mark.parametrize("answer", ["no-right", "refused"])
async def test_where_the_till_takes_no_new_category_articles_go_without_and_say_so(
    scene: Scene, answer: str
) -> None:
    group = next(g for g in scene.division.table("logistics/ItemGroups") if not g["IsDefault"])
    for number in range(3):
        scene.new_in_exact(f"A-{number}", ItemGroup=group["ID"])
    scene.to_till.fault = lambda request: (
        answer if request.method == "POST" and "Category" in request.url.path else None
    )

    await scene.first_synchronisation()
    scene.change_in_exact("A-1", Description="Bel")
    await scene.pass_minutes(2)

    codes = ("A-0", "A-1", "A-2")
    assert all(scene.till_item(code).id("categoryID") == 0 for code in codes)
    assert scene.till_item("A-1").text("description") == "Bel"
    assert await scene.conflicts() == {key: ["refused"] for key in codes}
    progress = await scene.progress()
    assert progress is not None
    assert progress.lacks is None

    scene.to_till.fault = lambda request: None
    scene.clock.advance(25 * 3600)
    await scene.work()

    (category,) = scene.account["Category"]
    assert scene.till_item("A-1").id("categoryID") == category.key
    assert await scene.conflicts() == {}


async def test_a_group_becomes_a_category_that_is_made_once(scene: Scene) -> None:
    group = next(g for g in scene.division.table("logistics/ItemGroups") if not g["IsDefault"])
    for number in range(3):
        scene.new_in_exact(f"A-{number}", ItemGroup=group["ID"])

    await scene.first_synchronisation()

    assert scene.writes() == {"POST Item": 3, "POST Category": 1}
    (category,) = scene.account["Category"]
    assert category.text("name") == group["Description"]
    assert {scene.till_item(f"A-{number}").id("categoryID") for number in range(3)} == {category.key}
    scene.count_from_here()
    scene.clock.advance(7 * 3600)
    await scene.work()
    assert scene.writes() == {}


async def test_a_barcode_that_another_article_has_is_refused_and_told(scene: Scene) -> None:
    scene.new_at_till("ANDERS", ean="8712345678906")
    scene.new_at_till("OOK", ean="0012345678905")
    scene.new_in_exact("ANDERS", Barcode="0012345678905")

    await scene.first_synchronisation()

    assert await scene.conflicts() == {"ANDERS": ["refused"]}
    scene.count_from_here()
    scene.clock.advance(7 * 3600)
    await scene.work()
    assert scene.writes() == {}


async def test_what_was_refused_is_sent_again_a_day_later(scene: Scene) -> None:
    """Whatever it was, and where nobody can see that it is mended."""
    scene.new_in_exact("ANDERS")
    await scene.work()
    await scene.say_yes()
    scene.to_till.fault = faults(("POST", "Item", "refused", 1))
    await scene.work()
    scene.count_from_here()

    scene.clock.advance(23 * 3600)
    await scene.work()
    assert (await scene.conflicts(), scene.writes()) == ({"ANDERS": ["refused"]}, {})
    scene.clock.advance(2 * 3600)
    await scene.work()

    assert await scene.conflicts() == {}
    assert scene.till_item("ANDERS").key


async def test_a_barcode_that_a_person_frees_at_the_till_is_taken_when_that_is_read(scene: Scene) -> None:
    scene.new_at_till("ANDERS")
    other = scene.new_at_till("OOK", ean="0012345678905")
    scene.new_in_exact("ANDERS", Barcode="0012345678905")
    await scene.first_synchronisation()
    assert await scene.conflicts() == {"ANDERS": ["refused"]}

    scene.at_till("PUT", f"Item/{other}", ean="", upc="")
    await scene.pass_minutes(12)

    assert await scene.conflicts() == {}
    assert scene.till_item("ANDERS").text("ean") == "0012345678905"


async def test_a_barcode_that_is_refused_holds_up_nothing_else_of_its_article(scene: Scene) -> None:
    other = scene.new_at_till("OOK", ean="0012345678905")
    scene.new_in_exact("ANDERS", "10")
    await scene.first_synchronisation()
    scene.change_in_exact("ANDERS", Barcode="0012345678905", Description="Nieuwe naam")
    scene.price_in_exact("ANDERS", "20")
    await scene.pass_minutes(2)
    article = scene.till_item("ANDERS")
    assert (article.text("description"), scene.till_price(article)) == ("Nieuwe naam", D("24.20"))
    assert await scene.conflicts() == {"ANDERS": ["refused"]}
    scene.count_from_here()
    scene.price_in_exact("ANDERS", "30")
    await scene.pass_minutes(5)
    assert scene.till_price(scene.till_item("ANDERS")) == D("36.30")
    assert (scene.writes(), await scene.conflicts()) == ({"PUT Item": 2}, {"ANDERS": ["refused"]})

    scene.at_till("PUT", f"Item/{other}", ean="", upc="")
    await scene.pass_minutes(12)
    assert (scene.till_item("ANDERS").text("ean"), await scene.conflicts()) == ("0012345678905", {})


async def test_a_barcode_that_moved_to_another_article_moves_at_the_till_too(scene: Scene) -> None:
    scene.new_in_exact("A-2")
    scene.new_in_exact("A-1", Barcode="0012345678905")
    await scene.first_synchronisation()
    scene.change_in_exact("A-1", Barcode=None)
    scene.change_in_exact("A-2", Barcode="0012345678905", Description="Met een barcode")

    await scene.work()

    assert scene.till_item("A-2").text("ean") == "0012345678905"
    assert await scene.conflicts() == {}


async def test_articles_that_exchanged_their_barcodes_do_so_at_the_till_too(scene: Scene) -> None:
    """Where each barcode is one article's, so that none of them can take another's first."""
    codes = {"A-1": "0012345678905", "A-2": "8712345678906", "A-3": "8712345678913"}
    for code, barcode in codes.items():
        scene.new_in_exact(code, Barcode=barcode)
    await scene.first_synchronisation()
    for code, barcode in zip(codes, (*list(codes.values())[1:], codes["A-1"]), strict=True):
        scene.change_in_exact(code, Barcode=barcode, Description=f"Nu met {barcode}")

    await scene.work()

    assert [scene.till_item(code).text("ean") for code in codes] == [
        "8712345678906",
        "8712345678913",
        "0012345678905",
    ]
    assert await scene.conflicts() == {}


async def test_a_price_that_begins_tomorrow_comes_tomorrow(scene: Scene) -> None:
    item = scene.new_in_exact("A-1", "10")
    await scene.first_synchronisation()
    tomorrow = scene.division.today().replace(day=scene.division.today().day + 1)
    body = {"Item": item, "Price": D(20), "StartDate": tomorrow}
    sales_prices.create(scene.bookkeeper, body)
    await scene.pass_minutes(2)
    assert scene.till_price(scene.till_item("A-1")) == D("12.1")

    scene.clock.advance(24 * 3600)
    await scene.work()

    assert scene.till_price(scene.till_item("A-1")) == D("24.2")


async def test_a_division_that_moved_is_read_again_and_nothing_is_written(scene: Scene) -> None:
    for number in range(4):
        scene.new_in_exact(f"A-{number}")
    await scene.first_synchronisation()
    scene.count_from_here()

    scene.division.move()
    scene.clock.advance(7 * 3600)
    await scene.work()

    assert scene.writes() == {}
    scene.price_in_exact("A-0", "10")
    await scene.pass_minutes(2)
    assert scene.till_price(scene.till_item("A-0")) == D("12.1")


async def test_turning_the_direction_keeps_who_belongs_together_and_asks_again(scene: Scene) -> None:
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    scene.count_from_here()

    await scene.choose(lambda _: product_rules(Direction.TO_EXACT))
    key = scene.till_item("A-1").key
    scene.price_at_till(str(key), "12.10")
    await scene.work()
    assert scene.writes() == {}
    await scene.say_yes()
    await scene.work()

    assert scene.item("A-1")["StandardSalesPrice"] == D(10)
    assert "POST Items" not in scene.writes()


async def test_a_direction_that_is_turned_there_and_back_is_shown_again(scene: Scene) -> None:
    """What was last alike is forgotten, so all that differs would be written over."""
    scene.new_in_exact("A-1")
    await scene.first_synchronisation()
    key = scene.till_item("A-1").key
    scene.at_till("PUT", f"Item/{key}", description="Anders aan de kassa")
    await scene.choose(lambda _: product_rules(Direction.TO_EXACT))
    await scene.work()
    scene.count_from_here()

    await scene.choose(lambda _: product_rules(Direction.TO_LIGHTSPEED))
    await scene.work()

    progress = await scene.progress()
    assert progress is not None
    assert (scene.writes(), progress.is_approved, progress.to_change) == ({}, False, 1)


async def test_new_rates_move_no_price_at_the_till_unasked(scene: Scene) -> None:
    """Items without VAT in their price cost the customer more then: whether they do is the owner's to say."""
    await scene.choose(lambda rules: replace(rules, vat={**rules.vat, "25": "2"}))
    scene.new_in_exact("A-1", "10")
    await scene.first_synchronisation()
    assert scene.till_price(scene.till_item("A-1")) == D("12.10")
    scene.count_from_here()

    for row in scene.division.table("vat/VATCodes"):
        if row["Code"].strip() == "2":
            change = {"Percentage": D("0.25")}
            scene.division.change("vat/VATCodes", row, change, scene.bookkeeper.author)
    for entity in ("TaxCategory", "TaxCategoryClass"):
        for row in scene.account[entity]:
            if row.number("tax1Rate") == D("0.21"):
                scene.account[entity].change(row, {"tax1Rate": D("0.25")})
    scene.clock.advance(7 * 3600)
    await scene.work()
    progress = await scene.progress()
    assert progress is not None
    assert (scene.writes(), progress.is_approved, progress.to_change) == ({}, False, 1)

    await scene.say_yes()
    await scene.work()
    assert scene.till_price(scene.till_item("A-1")) == D("12.50")


async def test_what_was_changed_there_and_shows_in_the_answer_to_a_write_is_told(scene: Scene) -> None:
    """Whether the till is read before or after it was written to."""
    scene.new_in_exact("A-1", "10")
    await scene.first_synchronisation()

    key = scene.till_item("A-1").key
    scene.at_till("PUT", f"Item/{key}", description="Anders")
    scene.price_in_exact("A-1", "20")
    await scene.pass_minutes(1)  # Exact is read by now, and the till in some minutes
    assert scene.till_price(scene.till_item("A-1")) == D("24.20")
    await scene.pass_minutes(15)

    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}


async def test_an_article_that_the_till_made_and_a_sale_brought_to_exact_is_not_made_again(
    scene: Scene,
) -> None:
    """Exact is read each minute, the till each ten: what is seen there first may be at the till already."""
    scene.new_in_exact("OUD")
    await scene.first_synchronisation()

    article = scene.new_at_till("NIEUW")
    item = scene.new_in_exact("NIEUW", price=None)
    await scene.pass_minutes(3)

    assert [row.key for row in scene.account["Item"].find("customSku", "NIEUW")] == [int(article)]
    assert (await scene.links())[item] == article


@pytest.mark.parametrize("waited", [1, 5])
async def test_what_a_person_made_at_the_till_while_it_took_nothing_is_not_made_again(
    scene: Scene, waited: int
) -> None:
    """Nobody waits for an article at the counter; the till is read each ten minutes only."""
    scene.new_in_exact("OUD")
    await scene.first_synchronisation()
    scene.to_till.fault = lambda request: "no-connection" if request.method == "POST" else None
    item = scene.new_in_exact("NIEUW", price=None)
    await scene.pass_minutes(2)

    article = scene.new_at_till("NIEUW")
    scene.clock.advance(60 * waited)
    scene.to_till.fault = lambda request: None
    await scene.pass_minutes(3)

    assert [row.key for row in scene.account["Item"].find("customSku", "NIEUW")] == [int(article)]
    assert (await scene.links())[item] == article


async def test_a_till_is_read_once_a_minute_and_not_for_each_part_of_what_is_made(scene: Scene) -> None:
    """A till that says each few articles that it is enough for now costs no more looks at it."""
    for number in range(60):
        scene.new_in_exact(f"A-{number}")
    await scene.work()
    sent: list[httpx.Request] = []

    def enough_for_now(request: httpx.Request) -> str | None:
        if request.method != "POST":
            return None
        sent.append(request)
        return "limit" if len(sent) % 5 == 0 else None

    scene.to_till.fault = enough_for_now
    scene.count_from_here()
    await scene.say_yes()
    schedule = scene.schedule()
    for _ in range(20):
        await schedule.work_on_due()
        scene.clock.advance(6)

    calls = scene.to_till.calls
    assert None not in (await scene.links()).values()
    looks = sum(count for call, count in calls.items() if call.startswith("GET") and "/Item.json" in call)
    assert 1 <= looks <= 4, calls  # asked for, and one a minute of the two
    assert sum(count for call, count in calls.items() if "/Shop.json" in call) == 1, calls  # asked for
