"""Sold against booked, a row a day."""

from __future__ import annotations

from datetime import date

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.payments import PaymentPart
from libs.common.domain.reconcile import (
    DayRow,
    PaymentSums,
    SoldPart,
    Standing,
    Sums,
    VatPart,
    VatSums,
    payments_in,
    reconcile,
    turnover_by_vat,
)
from tests.builders import CARD, CASH, D, a_line, a_payment, a_sale, some_invoice_rules, some_rules

FRIDAY, SATURDAY = date(2026, 3, 13), date(2026, 3, 14)


def sums(sold: str, booked: str = "0", waiting: str = "0", difference: str = "0") -> Sums:
    return Sums(D(sold), D(booked), D(waiting), D(difference))


def test_a_day_is_what_is_booked_and_what_waits_also_by_vat_code_and_payment_type() -> None:
    booked = SoldPart(
        SATURDAY,
        Standing.BOOKED,
        D("29.65"),
        vat=(VatPart("VH", D("24.20"), D("4.20")), VatPart("VL", D("5.45"), D("0.45"))),
        payments=(PaymentPart("6", D("29.65")),),
    )
    waiting = SoldPart(
        SATURDAY,
        Standing.WAITING,
        D("12.10"),
        vat=(VatPart("VH", D("12.10"), None),),
        payments=(PaymentPart("1", D("2.10")), PaymentPart("6", D("10.00"))),
    )
    ignored = SoldPart(
        SATURDAY,
        Standing.IGNORED,
        D("7.00"),
        vat=(VatPart("VL", D("7.00"), None),),
        payments=(PaymentPart("1", D("7.00")),),
    )

    assert reconcile([booked, waiting, ignored]) == [
        DayRow(
            day=SATURDAY,
            sums=sums("41.75", "29.65", "12.10"),
            ignored=D("7.00"),
            by_vat=(
                VatSums("VH", sums("36.30", "24.20", "12.10"), D("4.20")),
                VatSums("VL", sums("5.45", "5.45"), D("0.45")),
            ),
            by_payment=(
                PaymentSums("1", sums("2.10", waiting="2.10")),
                PaymentSums("6", sums("39.65", "29.65", "10.00")),
            ),
        )
    ]


def test_what_changed_places_between_two_codes_is_a_difference_of_each_and_none_in_all() -> None:
    booked = SoldPart(SATURDAY, Standing.BOOKED, D("12.10"), (VatPart("VH", D("12.10"), D("2.10")),))
    moved = (VatPart("VH", D("-12.10"), None), VatPart("VL", D("12.10"), None))
    row = reconcile([booked, SoldPart(SATURDAY, Standing.DIFFERENCE, D("0"), moved)])[0]

    assert row.sums == sums("12.10", "12.10")
    assert row.by_vat == (
        VatSums("VH", sums("0", "12.10", difference="-12.10"), D("2.10")),
        VatSums("VL", sums("12.10", "0", difference="12.10"), D("0")),
    )
    assert row.has_difference


def test_a_day_without_any_difference_has_none() -> None:
    assert not reconcile([SoldPart(SATURDAY, Standing.WAITING, D("12.10"))])[0].has_difference


def test_what_is_booked_for_another_amount_shows_as_a_difference() -> None:
    parts = [
        SoldPart(SATURDAY, Standing.BOOKED, D("29.60")),
        SoldPart(SATURDAY, Standing.DIFFERENCE, D("0.05")),
    ]

    assert reconcile(parts)[0].sums == sums("29.65", "29.60", difference="0.05")


def test_a_void_after_booking_counts_on_both_sides_on_the_day_it_is_booked() -> None:
    parts = [
        SoldPart(FRIDAY, Standing.BOOKED, D("10")),
        SoldPart(SATURDAY, Standing.BOOKED, D("-10")),
    ]

    assert [(row.day, row.sums) for row in reconcile(parts)] == [
        (FRIDAY, sums("10", "10")),
        (SATURDAY, sums("-10", "-10")),
    ]


def test_days_come_in_order_and_without_sales_there_are_none() -> None:
    parts = [SoldPart(day, Standing.WAITING, D("1")) for day in (SATURDAY, FRIDAY)]

    assert [row.day for row in reconcile(parts)] == [FRIDAY, SATURDAY]
    assert reconcile([]) == []


def test_a_booking_holds_what_was_paid_by_each_type_and_on_which_ledger() -> None:
    sale = a_sale([a_line("12.10")], [a_payment("2.10", CASH), a_payment("10.00", CARD)])
    paid = (PaymentPart(CASH, D("2.10"), "2001"), PaymentPart(CARD, D("10.00"), "2000"))

    for settlement in ("in-entry", "per-receipt", "per-day"):
        booking = map_sale(sale, some_rules(settlement=settlement))

        assert isinstance(booking, Booking)
        assert payments_in(booking) == paid


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
