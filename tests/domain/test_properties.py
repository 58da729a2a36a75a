"""What holds for every sale: the document is the receipt to the cent, and a return is its mirror."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.domain.day_total import day_settlement, ledgers_without_turnover, turnover_by_code
from libs.common.domain.document import Booking, JournalEntry, Nothing, SalesEntry, SalesInvoice, SalesOrder
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import cents_adding_up_to
from libs.common.domain.payments import PaymentPart, payments_together
from libs.common.domain.reconcile import payments_in, turnover_by_vat
from libs.common.domain.rules import ItemRules, Mode, RevenueRules, Rules, Settlement
from libs.common.domain.sale import LineKind, Payment, Sale, SaleLine, TenderKind
from libs.common.domain.settlement import payments_without_line
from libs.common.domain.till_events import turnover_of
from tests.builders import (
    CARD,
    CASH,
    GIFT_CARD,
    ON_ACCOUNT,
    D,
    a_customer,
    a_line,
    a_payment,
    a_sale,
    some_invoice_rules,
    some_rules,
)
from tests.domain.vectors import LEDGERS
from tests.domain.words import Posted, postings_of

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

    mirrored = cents_adding_up_to(-total, [-part for part in parts])
    assert mirrored == [-share for share in cents_adding_up_to(total, parts)]


@given(st.lists(amounts, min_size=1, max_size=12))
@SOME
def test_shares_of_nothing_mirror_too(parts: list[Decimal]) -> None:
    parts = [*parts, -_total(parts)]

    shares = cents_adding_up_to(D(0), parts)

    assert _total(shares) == 0
    assert cents_adding_up_to(D(0), [-part for part in parts]) == [-share for share in shares]


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


@given(sales(), st.sampled_from([Mode.TRANSACTIONS, Mode.INVOICES, Mode.ORDERS]))
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


@given(sales())
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

    entries = day_settlement("S1-20260314", a_sale().completed_at.date(), "Winkel", money, rules)

    lines = [line for entry in entries for line in entry.lines]
    for ledger in ("2000", "2001", None):
        assert _total(line.amount for line in lines if line.ledger == ledger) == _total(
            line.amount for line in money if line.ledger == ledger
        )
    assert all(line.amount for line in lines)


# Sales with every kind of event

MONEY = st.integers(-50_000, 50_000).map(lambda amount: D(amount) / 100)
STORE_CREDIT = "9"
EVERY_RULE = {
    "ledgers": LEDGERS,
    "items": ItemRules(fallback_item="DIVERSEN", rounding_item="AFRONDING", kinds={"411": "bottle-deposit"}),
}
CHOICES = (
    {},
    {"deposit_vat": "21"},
    {"gift_cards": "turnover-at-sale", "gift_card_vat": "9"},
    {"discounts_apart": True},
    {"open_payments": True},
    {"deposit_vat": "9", "gift_cards": "turnover-at-sale", "gift_card_vat": "21", "discounts_apart": True},
)
choices = st.sampled_from(CHOICES)
modes = st.sampled_from(list(Mode))
settlements = st.sampled_from(list(Settlement))


@st.composite
def event_lines(draw: st.DrawFn) -> SaleLine:
    kind = draw(st.sampled_from(["goods", "goods", "goods", "gift card", "bottle"]))
    if kind == "gift card":
        return a_line(draw(MONEY), "0", item="0", kind=LineKind.GIFT_CARD)
    if kind == "bottle":
        return a_line(draw(MONEY), "0", item="411")
    return replace(
        draw(sale_lines()),
        is_reservation=draw(st.booleans()),
        discount_incl_vat=draw(st.sampled_from([D(0), D("1.00"), D("12.105")])),
    )


@st.composite
def eventful_sales(draw: st.DrawFn) -> Sale:
    """Of several rates, paid and given back in every way, with tips and what cash rounds."""
    lines = [
        replace(line, id=str(number)) for number, line in enumerate(draw(st.lists(event_lines(), max_size=6)))
    ]
    sale = a_sale(lines, (), customer=draw(st.sampled_from([a_customer(), a_customer(company="BV")])))
    types = draw(st.lists(st.sampled_from([CARD, GIFT_CARD, STORE_CREDIT, ON_ACCOUNT, CASH]), max_size=4))
    payments = [_paid_by(type_id, draw(MONEY), number) for number, type_id in enumerate(types)]
    tip = draw(st.sampled_from([D(0), D("2.50")]))
    rounding = draw(st.sampled_from([D(0), D("0.02"), D("-0.01")]))
    rest = sale.total_incl_vat - _total(payment.amount for payment in payments) + tip + rounding
    if not rest:
        rounding = D(0)
        rest = sale.total_incl_vat - _total(payment.amount for payment in payments) + tip
    last = a_payment(rest, CASH if rounding else CARD, id="rest", tip=tip)
    moved = draw(st.sampled_from([last.paid_at, last.paid_at - timedelta(days=2)]))
    return replace(sale, payments=(*(replace(each, paid_at=moved) for each in payments), last))


def _paid_by(type_id: str, amount: Decimal, number: int) -> Payment:
    kind = TenderKind.STORE_CREDIT if type_id == STORE_CREDIT else None
    return a_payment(amount, type_id, id=str(number), kind=kind)


def _mirrored(sale: Sale) -> Sale:
    returned = _returned(sale)
    return replace(
        returned,
        lines=tuple(replace(line, discount_incl_vat=-line.discount_incl_vat) for line in returned.lines),
        payments=tuple(replace(payment, tip=-payment.tip) for payment in returned.payments),
    )


def _every_rule(mode: Mode, settlement: Settlement, chosen: dict[str, object]) -> Rules:
    rules = some_rules if mode in (Mode.TRANSACTIONS, Mode.DAILY_TOTALS) else some_invoice_rules
    return rules(mode=mode, settlement=settlement, business_receipts="as-mode", **EVERY_RULE, **chosen)


def _gross(posted: Posted) -> Decimal:
    return _total(net + vat for net, vat in posted.values())


def _negated(posted: Posted) -> Posted:
    return {key: (-net, -vat) for key, (net, vat) in posted.items()}


@given(eventful_sales(), modes, settlements, choices)
@SOME
def test_whatever_happened_the_turnover_is_the_receipts_to_the_cent(
    sale: Sale, mode: Mode, settlement: Settlement, chosen: dict[str, object]
) -> None:
    rules = _every_rule(mode, settlement, chosen)
    booking = _booked(sale, rules)

    parts = turnover_by_vat(booking.documents, ledgers_without_turnover(rules))
    of_day = turnover_by_code(booking.day_lines, rules).values()
    booked = _total(part.amount_incl_vat for part in parts) + _total(gross for gross, _ in of_day)
    assert booked == turnover_of(sale, rules)


@given(eventful_sales(), modes, settlements, choices)
@SOME
def test_whatever_happened_debit_is_credit(
    sale: Sale, mode: Mode, settlement: Settlement, chosen: dict[str, object]
) -> None:
    booking = _booked(sale, _every_rule(mode, settlement, chosen))

    assert _gross(postings_of((), booking.day_lines)) == 0
    for document in booking.documents:
        assert _gross(postings_of([document])) == 0


@given(eventful_sales(), modes, settlements, choices)
@SOME
def test_whatever_happened_each_payment_stands_on_a_line_or_on_none_for_a_reason(
    sale: Sale, mode: Mode, settlement: Settlement, chosen: dict[str, object]
) -> None:
    rules = _every_rule(mode, settlement, chosen)
    held = payments_in(_booked(sale, rules))

    together = payments_together((*held, *payments_without_line(sale, rules, held)))
    told = _by_type(together)
    assert told == _by_type([PaymentPart(each.type_id, each.amount) for each in sale.payments])


def _by_type(payments: Iterable[PaymentPart]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for part in payments:
        sums[part.payment_type] += part.amount
    return {type_id: amount for type_id, amount in sums.items() if amount}


@given(eventful_sales(), settlements, choices)
@SOME
def test_every_way_of_settling_posts_the_same_in_the_end(
    sale: Sale, settlement: Settlement, chosen: dict[str, object]
) -> None:
    """But for `none`, which leaves out the payments; what stays open is what is on account."""
    if settlement is Settlement.NONE:
        return
    one = _booked(sale, _every_rule(Mode.TRANSACTIONS, settlement, chosen))
    other = _booked(sale, _every_rule(Mode.TRANSACTIONS, Settlement.IN_ENTRY, chosen))

    assert postings_of(one.documents, one.day_lines) == postings_of(other.documents, other.day_lines)


@given(eventful_sales(), modes, settlements, choices)
@SOME
def test_a_sale_with_all_signs_turned_is_its_exact_mirror(
    sale: Sale, mode: Mode, settlement: Settlement, chosen: dict[str, object]
) -> None:
    rules = _every_rule(mode, settlement, chosen)
    sold, back = _booked(sale, rules), _booked(_mirrored(sale), rules)

    assert postings_of(back.documents, back.day_lines) == _negated(
        postings_of(sold.documents, sold.day_lines)
    )
    for one, other in zip(sold.documents, back.documents, strict=True):
        if isinstance(one, SalesInvoice | SalesOrder):
            amounts = [(line.item, line.vat_code, -line.amount_incl_vat) for line in one.lines]
            assert [(line.item, line.vat_code, line.amount_incl_vat) for line in other.lines] == amounts


@given(eventful_sales(), choices)
@SOME
def test_vat_is_within_a_cent_of_the_rates_on_what_is_booked(sale: Sale, chosen: dict[str, object]) -> None:
    booking = _booked(sale, _every_rule(Mode.DAILY_TOTALS, Settlement.IN_ENTRY, chosen))

    for code, rate in (("VH", 21), ("VL", 9)):
        lines = [line for line in booking.day_lines if line.vat_code == code]
        gross = _total(line.amount_incl_vat for line in lines)
        vat = _total(line.vat_amount for line in lines)
        assert abs(vat - gross * rate / (100 + rate)) <= CENT + CENT / 2 * (len(sale.lines) + 5)


@given(st.lists(eventful_sales(), max_size=5), choices)
@SOME
def test_a_day_is_the_sum_of_its_sales_booked_one_by_one(day: list[Sale], chosen: dict[str, object]) -> None:
    """But for the debtors of what was paid at once, which a day needs none of."""
    daily = _every_rule(Mode.DAILY_TOTALS, Settlement.IN_ENTRY, chosen)
    alone = _every_rule(Mode.TRANSACTIONS, Settlement.IN_ENTRY, chosen)
    in_day = [_booked(replace(sale, id=str(number)), daily) for number, sale in enumerate(day)]
    one_by_one = [_booked(replace(sale, id=str(number)), alone) for number, sale in enumerate(day)]

    lines = [line for booking in in_day for line in booking.day_lines]
    ahead = [document for booking in in_day for document in booking.documents]
    documents = [document for booking in one_by_one for document in booking.documents]

    assert postings_of(ahead, lines) == postings_of(documents)
