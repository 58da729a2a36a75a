"""What holds for every sale: the document is the receipt to the cent, and a return is its mirror."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.domain.document import Booking, JournalEntry, Nothing, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import cents_adding_up_to
from libs.common.domain.rules import Mode, RevenueRules, Rules, Settlement
from libs.common.domain.sale import Sale, SaleLine
from libs.common.domain.settlement import close_settlement
from tests.builders import CARD, CASH, D, a_line, a_payment, a_sale, some_invoice_rules, some_rules

CENT = D("0.01")
SOME = settings(max_examples=150, deadline=None)

cents = st.integers(-5_000_000, 5_000_000).map(lambda amount: D(amount) / 100)
tiny = st.integers(-30, 30).map(lambda amount: D(amount) / 1000)
huge = st.integers(-(10**14), 10**14).map(lambda amount: D(amount) / 1000)
amounts = st.one_of(cents, tiny, huge, st.just(D(0)))
quantities = st.sampled_from(["1", "2", "3", "7", "0.755", "-1", "12", "0.001"])


@st.composite
def sale_lines(draw: st.DrawFn) -> SaleLine:
    return a_line(
        draw(amounts),
        draw(st.sampled_from(["21", "9", "0"])),
        quantity=draw(quantities),
        item=draw(st.sampled_from(["77", "81", "0"])),
        category=draw(st.sampled_from(["", "12"])),
    )


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    lines = draw(st.lists(sale_lines(), min_size=1, max_size=12))
    lines = [replace(line, id=str(number)) for number, line in enumerate(lines)]
    return _paid(a_sale(lines), draw(st.integers(0, 100)))


def _paid(sale: Sale, share: int) -> Sale:
    """Paid by card, with so many hundredths of it in cash."""
    in_cash = (sale.total_incl_vat * share / 100).quantize(CENT)
    rest = sale.total_incl_vat - in_cash
    return replace(sale, payments=(a_payment(in_cash, CASH), a_payment(rest, CARD)))


def _returned(sale: Sale) -> Sale:
    return replace(
        sale,
        total_incl_vat=-sale.total_incl_vat,
        vat_amount=-sale.vat_amount,
        lines=tuple(
            replace(
                line,
                quantity=-line.quantity,
                amount_incl_vat=-line.amount_incl_vat,
                vat_amount=-line.vat_amount,
            )
            for line in sale.lines
        ),
        payments=tuple(replace(payment, amount=-payment.amount) for payment in sale.payments),
    )


def _total(amounts: object) -> Decimal:
    return sum(amounts, D(0))


def _booked(sale: Sale, rules: Rules) -> Booking:
    booked = map_sale(sale, rules)
    assert isinstance(booked, Booking | Nothing), booked
    return booked if isinstance(booked, Booking) else Booking(())


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(-5, 5))
@SOME
def test_shares_add_up_and_are_less_than_a_cent_off(parts: list[Decimal], off: int) -> None:
    total = _total(parts).quantize(CENT)

    exact = cents_adding_up_to(total, parts)
    missed = cents_adding_up_to(total + off * CENT, parts)

    assert _total(exact) == total
    assert all(abs(share - part) < CENT for share, part in zip(exact, parts, strict=True))
    assert _total(missed) == total + off * CENT


@given(st.lists(amounts, min_size=1, max_size=30))
@SOME
def test_shares_of_a_negative_total_mirror_those_of_the_positive(parts: list[Decimal]) -> None:
    total = _total(parts).quantize(CENT)

    if total:
        mirrored = cents_adding_up_to(-total, [-part for part in parts])
        assert mirrored == [-share for share in cents_adding_up_to(total, parts)]


@given(sales(), st.sampled_from(list(Settlement)))
@SOME
def test_an_entry_is_the_receipt_to_the_cent(sale: Sale, settlement: Settlement) -> None:
    booking = _booked(sale, some_rules(settlement=settlement))

    entries = [document for document in booking.documents if isinstance(document, SalesEntry)]
    turnover = [line for entry in entries for line in entry.lines if line.sale_lines]
    assert _total(line.amount_incl_vat for line in turnover) == sale.total_incl_vat
    for entry in entries:
        assert entry.total_incl_vat == sale.total_incl_vat
        in_entry = settlement is Settlement.IN_ENTRY
        assert entry.open_amount == (D(0) if in_entry else sale.total_incl_vat)


@given(sales())
@SOME
def test_vat_is_the_tills_rounded_once_for_each_code(sale: Sale) -> None:
    revenue = RevenueRules(default_ledger="8000", by_category={"12": "8012"})
    booking = _booked(sale, some_rules(revenue=revenue))

    booked: dict[str, Decimal] = {}
    for document in booking.documents:
        for line in document.lines:
            booked[line.vat_code] = booked.get(line.vat_code, D(0)) + line.vat_amount
    for code, rate in (("VH", 21), ("VL", 9), ("V0", 0)):
        tills = _total(line.vat_amount for line in sale.lines if line.vat_rate == rate)
        assert abs(booked.get(code, D(0)) - tills) <= D("0.005")


@given(sales(), st.sampled_from([Mode.INVOICES, Mode.ORDERS]))
@SOME
def test_an_invoice_or_order_is_the_receipt_to_the_cent(sale: Sale, mode: Mode) -> None:
    booking = _booked(sale, some_invoice_rules(mode=mode))

    for document in booking.documents:
        assert _total(line.amount_incl_vat for line in document.lines) == sale.total_incl_vat
        for line in document.lines:
            exact = line.quantity * line.unit_price_incl_vat
            assert abs(line.amount_incl_vat - exact) <= D("0.005")


@given(sales(), st.sampled_from(list(Mode)[1:]))
@SOME
def test_every_journal_balances_and_holds_the_money(sale: Sale, mode: Mode) -> None:
    rules = some_rules if mode is Mode.TRANSACTIONS else some_invoice_rules
    booking = _booked(sale, rules(mode=mode, settlement=Settlement.PER_RECEIPT))

    journals = [document for document in booking.documents if isinstance(document, JournalEntry)]
    tenders = [line for journal in journals for line in journal.lines if line.ledger]
    assert _total(line.amount for line in tenders) == sale.total_incl_vat
    assert all(_total(line.amount for line in journal.lines) == 0 for journal in journals)


@given(sales(), st.sampled_from(list(Settlement)))
@SOME
def test_mapping_twice_gives_the_same(sale: Sale, settlement: Settlement) -> None:
    rules = some_rules(settlement=settlement)

    assert map_sale(sale, rules) == map_sale(sale, rules)


@given(sales().filter(lambda sale: sale.total_incl_vat != 0))
@SOME
def test_a_full_return_mirrors_the_sale_to_the_cent(sale: Sale) -> None:
    sold = _booked(sale, some_rules())
    returned = _booked(_returned(sale), some_rules())

    for one, other in zip(sold.documents, returned.documents, strict=True):
        assert [(line.ledger, line.vat_code) for line in one.lines] == [
            (line.ledger, line.vat_code) for line in other.lines
        ]
        assert [(-line.amount_excl_vat, -line.vat_amount) for line in one.lines] == [
            (line.amount_excl_vat, line.vat_amount) for line in other.lines
        ]


@given(st.lists(sales(), max_size=6))
@SOME
def test_a_days_settlement_is_the_money_of_its_sales(day: list[Sale]) -> None:
    rules = some_rules(settlement=Settlement.PER_DAY)
    bookings = [_booked(replace(sale, id=str(number)), rules) for number, sale in enumerate(day)]
    money = [line for booking in bookings for line in booking.day_lines]

    entry = close_settlement("S1-20260314", a_sale().completed_at.date(), "Winkel", money, rules)

    lines = entry.lines if entry else ()
    for ledger in ("2000", "2001", None):
        assert _total(line.amount for line in lines if line.ledger == ledger) == _total(
            line.amount for line in money if line.ledger == ledger
        )
    assert all(line.amount for line in lines)
