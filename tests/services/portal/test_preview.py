"""What would be booked of a period: documents of sales and of days, problems, and the sums of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from libs.common.database.registry import connections, rules_text
from libs.common.domain.books import Books
from libs.common.domain.document import Document, JournalEntry
from libs.common.domain.problem import Problem
from libs.common.domain.reconcile import DayRow, PaymentSums, Sums, VatSums
from libs.common.domain.rules import DailyTotalsRules, Rules
from libs.common.domain.sale import Sale
from services.portal.previewing import Preview, preview_of
from tests.builders import CASH, D, a_customer, a_line, a_payment, a_sale, some_rules
from tests.services.portal.messages import SATURDAY, recorded
from tests.services.portal.world import World

BELL, LAMP = a_sale(id="1"), a_sale([a_line("24.20", id="2")], [a_payment("24.20", CASH)], id="2")
UNMAPPED = a_sale([a_line("11.20", "12", id="3")], id="3")


def totals(**daily: Any) -> Rules:
    return some_rules(
        mode="daily-totals",
        business_receipts="as-mode",
        reference_prefix="K-",
        daily_totals=DailyTotalsRules(**daily),
    )


def made(preview: Preview) -> list[Document]:
    found: list[Document] = []
    for day in preview.days:
        assert not isinstance(day.documents, Problem)
        found += day.documents
    return found


def test_a_day_is_one_document_and_agrees_with_the_till() -> None:
    preview = preview_of([BELL, LAMP, UNMAPPED], totals())

    (document,) = made(preview)
    assert isinstance(document, JournalEntry)
    assert document.reference == "K-D1-20260314"
    assert {(line.ledger, line.vat_code): (line.amount, line.vat_amount) for line in document.lines} == {
        ("2000", None): (D("12.10"), D("0")),
        ("2001", None): (D("24.20"), D("0")),
        ("8000", "VH"): (D("-30.00"), D("-6.30")),
    }
    assert preview.sums == [
        DayRow(
            day=SATURDAY,
            sums=Sums(D("47.50"), D("36.30"), D("11.20"), D("0")),
            ignored=D("0"),
            by_vat=(
                VatSums("", Sums(D("11.20"), D("0"), D("11.20"), D("0")), D("0")),
                VatSums("VH", Sums(D("36.30"), D("36.30"), D("0"), D("0")), D("6.30")),
            ),
            by_payment=(
                PaymentSums("1", Sums(D("24.20"), D("24.20"), D("0"), D("0"))),
                PaymentSums("6", Sums(D("23.30"), D("12.10"), D("11.20"), D("0"))),
            ),
        )
    ]


def test_each_outlet_and_each_day_has_its_own() -> None:
    sunday = datetime(2026, 3, 15, 10, tzinfo=UTC)
    sales = [BELL, a_sale(id="4", outlet="2"), a_sale(id="5", completed_at=sunday)]

    references = [document.reference for document in made(preview_of(sales, totals()))]

    assert references == ["K-D1-20260314", "K-D2-20260314", "K-D1-20260315"]


def test_each_register_has_its_own_where_that_is_chosen() -> None:
    sales = [BELL, a_sale(id="4", register="2")]

    references = [document.reference for document in made(preview_of(sales, totals(per="register")))]

    assert references == ["K-D1.1-20260314", "K-D1.2-20260314"]


def test_each_revenue_center_has_its_own_under_its_name_where_that_is_chosen() -> None:
    inside = replace(a_payment("12.10"), revenue_center="41", revenue_center_name="Bar")
    outside = replace(a_payment("12.10"), revenue_center="42", revenue_center_name="Terras")
    sales = [BELL, a_sale(id="4", payments=[outside]), a_sale(id="5", payments=[inside])]

    preview = preview_of([*sales, a_sale(id="6", payments=[outside])], totals(per="revenue-center"))

    assert [document.description for document in made(preview)] == [
        "K-D1-20260314 Winkel 14-03-2026",
        "K-D1.1-20260314 Winkel Bar 14-03-2026",
        "K-D1.2-20260314 Winkel Terras 14-03-2026",
    ]
    assert [day.sales for day in preview.days] == [("1",), ("5",), ("4", "6")]


def test_recomputed_is_also_what_a_class_chose_the_code_of() -> None:
    """V42: three receipts of 0.99 bear 0.17 each, and 2.97 x 21 / 121 = 0.5155 together."""
    sales = [a_sale([a_line("0.99", tax_class="7", id=str(id_))], id=str(id_)) for id_ in range(3)]
    rules = replace(totals(vat="recompute"), vat={"class:7": "VH", "none": "NONE"})

    (document,) = made(preview_of(sales, rules, Books(vat_rates={"VH": D("21")})))

    (turnover,) = [line for line in document.lines if line.vat_code]
    assert (turnover.amount, turnover.vat_amount) == (D("-2.45"), D("-0.52"))


def test_a_business_receipt_is_booked_by_itself_beside_its_day() -> None:
    rules = some_rules(mode="daily-totals", reference_prefix="K-")
    business = a_sale(id="7", customer=a_customer(vat_number="NL123456789B01"))

    preview = preview_of([BELL, business], rules)

    assert [day.sales for day in preview.days] == [("1",)]
    (row,) = preview.sums
    assert row.sums == Sums(D("24.20"), D("24.20"), D("0"), D("0"))


def test_money_that_is_settled_a_day_has_its_document_too() -> None:
    (document,) = made(preview_of([BELL], some_rules(settlement="per-day", reference_prefix="K-")))

    assert document.reference == "K-S1-20260314"


@pytest.mark.parametrize(("books", "till"), [("USD", "USD"), ("USD", ""), ("", "USD")])
def test_a_day_is_in_the_currency_of_the_books_or_of_its_till(books: str, till: str) -> None:
    (document,) = made(preview_of([replace(BELL, currency=till)], totals(), Books(books)))

    assert document.currency == "USD"


async def seen(world: World, rules: Rules, *sales: Sale) -> str:
    connection = await world.connection(await world.merchant(language="en"))
    async with world.database.transaction() as transaction:
        values = {"rules": rules_text(rules)}
        await transaction.execute(update(connections).where(connections.c.id == connection).values(**values))
    await world.tell(connection, *(recorded(sale) for sale in sales))
    return connection


async def test_a_preview_shows_every_line_with_its_reasons_and_problems_with_remedies(world: World) -> None:
    connection = await seen(world, totals(), BELL, LAMP, UNMAPPED)

    body = {"from": "2026-03-14", "to": "2026-03-14"}
    answer = (await world.partner.post(f"/v1/connections/{connection}/preview", json=body)).json()

    (document,) = answer["documents"]
    assert (document["reference"], sorted(document["sales"])) == ("K-D1-20260314", ["1", "2"])
    (turnover,) = [line for line in document["lines"] if line["vat_code"]]
    assert turnover["amount_incl_vat"] == "-36.30"
    assert sorted(turnover["sale_lines"]) == ["2", "501201"]
    assert "vat[21]" in turnover["because"]
    (problem,) = [sale["problem"] for sale in answer["sales"] if sale["problem"]]
    assert problem["code"] == "vat-rate-unmapped"
    assert "Settings, VAT" in problem["remedy"]
    (day,) = answer["reconciliation"]
    assert (day["sold"], day["booked"], day["waiting"]) == ("47.50", "36.30", "11.20")
    assert answer["is_complete"]


async def test_a_sale_that_waits_for_its_day_is_explained(world: World) -> None:
    connection = await seen(world, totals(), BELL)

    sale = (await world.partner.get(f"/v1/connections/{connection}/sales/1")).json()

    explained = {
        (line["booked_on"], line["vat_code"]): (line["amount_incl_vat"], line["document"])
        for line in sale["explanation"]
    }
    assert explained == {("8000", "VH"): ("-12.10", None), ("2000", None): ("12.10", None)}


async def test_what_the_books_stand_in_the_way_of_is_not_explained_as_if_it_came_to_its_day(
    world: World,
) -> None:
    """As the mapper decides it: in another currency than the books it adds nothing to a day."""
    connection = await seen(world, totals(), BELL)
    async with world.database.transaction() as transaction:
        changing = update(connections).where(connections.c.id == connection)
        await transaction.execute(changing.values(division_currency="USD"))

    sale = (await world.partner.get(f"/v1/connections/{connection}/sales/1")).json()

    assert sale["explanation"] == []
