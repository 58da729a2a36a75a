"""Sold against booked, a row a day."""

from __future__ import annotations

from datetime import date

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.reconcile import (
    DayRow,
    PaymentPart,
    SoldSale,
    Standing,
    VatPart,
    reconcile,
    turnover_by_vat,
)
from tests.builders import D, a_line, a_sale, some_invoice_rules, some_rules

FRIDAY, SATURDAY = date(2026, 3, 13), date(2026, 3, 14)


def test_a_day_is_what_is_booked_and_what_waits() -> None:
    booked = SoldSale(
        SATURDAY,
        D("29.65"),
        Standing.BOOKED,
        D("29.65"),
        vat=(VatPart("VH", D("24.20"), D("4.20")), VatPart("VL", D("5.45"), D("0.45"))),
        payments=(PaymentPart("6", D("29.65")),),
    )
    waiting = SoldSale(SATURDAY, D("12.10"), Standing.WAITING, payments=(PaymentPart("1", D("12.10")),))
    ignored = SoldSale(SATURDAY, D("7.00"), Standing.IGNORED, payments=(PaymentPart("1", D("7.00")),))

    assert reconcile([booked, waiting, ignored]) == [
        DayRow(
            day=SATURDAY,
            sold=D("41.75"),
            booked=D("29.65"),
            waiting=D("12.10"),
            ignored=D("7.00"),
            difference=D("0"),
            by_vat=(VatPart("VH", D("24.20"), D("4.20")), VatPart("VL", D("5.45"), D("0.45"))),
            by_payment=(PaymentPart("1", D("12.10")), PaymentPart("6", D("29.65"))),
        )
    ]


def test_what_is_booked_for_another_amount_shows_as_a_difference() -> None:
    row = reconcile([SoldSale(SATURDAY, D("29.65"), Standing.BOOKED, D("29.60"))])[0]

    assert (row.sold, row.booked, row.difference) == (D("29.65"), D("29.60"), D("0.05"))


def test_a_void_after_booking_counts_on_both_sides_on_the_day_it_is_booked() -> None:
    sales = [
        SoldSale(FRIDAY, D("10"), Standing.BOOKED, D("10")),
        SoldSale(SATURDAY, D("-10"), Standing.BOOKED, D("-10")),
    ]

    rows = reconcile(sales)

    assert [(row.day, row.sold, row.difference) for row in rows] == [
        (FRIDAY, D("10"), D("0")),
        (SATURDAY, D("-10"), D("0")),
    ]


def test_days_come_in_order_and_without_sales_there_are_none() -> None:
    sales = [SoldSale(day, D("1"), Standing.WAITING) for day in (SATURDAY, FRIDAY)]

    assert [row.day for row in reconcile(sales)] == [FRIDAY, SATURDAY]
    assert reconcile([]) == []


def test_an_entrys_turnover_leaves_out_the_lines_that_settle_it() -> None:
    booking = map_sale(a_sale([a_line("24.20"), a_line("5.45", "9")]), some_rules())

    assert isinstance(booking, Booking)
    assert turnover_by_vat(booking.documents) == (
        VatPart("VH", D("24.20"), D("4.20")),
        VatPart("VL", D("5.45"), D("0.45")),
    )


def test_an_invoices_vat_is_exacts_own() -> None:
    booking = map_sale(a_sale(), some_invoice_rules(settlement="per-receipt"))

    assert isinstance(booking, Booking)
    assert turnover_by_vat(booking.documents) == (VatPart("VHI", D("12.10"), None),)
