"""Corrections of what stands: V38 to V40 by hand, and whatever happens, the books hold what is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.domain.correct import correct
from libs.common.domain.document import Booking, Document, JournalEntry, SalesEntry
from libs.common.domain.family import Correcting, Family
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from tests.builders import CARD, CREDIT_CARD, a_line, a_payment, a_sale, some_rules

THE_DAY_AFTER = date(2026, 3, 15)
D = Decimal

TWO_LINES = (
    a_line("24.20", "21", id="1", quantity=2, vat_amount="4.20"),
    a_line("5.45", "9", id="2", item="81", vat_amount="0.45"),
)


def v01(**more: object) -> Sale:
    return a_sale(lines=TWO_LINES, number="5012", **more)


def documents_of(sale: Sale, rules: Rules) -> tuple[Document, ...]:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking)
    return booking.documents


def corrected(
    standing: tuple[Document, ...], wanted: tuple[Document, ...], rules: Rules, **how: object
) -> tuple[Document, ...]:
    used = {(document.kind.value, document.reference) for document in standing}
    correcting = Correcting("5012", THE_DAY_AFTER, used, **how)  # type: ignore[arg-type]
    found = correct(Family(standing, wanted), correcting, rules)
    assert isinstance(found, tuple)
    return found


def postings(documents: tuple[Document, ...]) -> dict[str, Decimal]:
    """Credit positive by ledger and VAT code, debtors under "debtor"."""
    sums: dict[str, Decimal] = {}
    for document in documents:
        if isinstance(document, SalesEntry):
            parts = [(f"{line.ledger} {line.vat_code}", line.amount_excl_vat) for line in document.lines]
            parts += [("VAT", line.vat_amount) for line in document.lines]
            parts.append(("debtor", -document.open_amount))
        elif isinstance(document, JournalEntry):
            parts = [
                (
                    "debtor" if line.ledger is None else f"{line.ledger} {line.vat_code or 'NONE'}",
                    -line.amount,
                )
                for line in document.lines
            ]
        else:
            raise AssertionError(document)
        for place, amount in parts:
            sums[place] = sums.get(place, D(0)) + amount
    return {place: amount for place, amount in sums.items() if amount}


def test_v38_a_void_is_the_mirror_on_the_day_of_the_void():
    rules = some_rules(settlement="in-entry")
    (entry,) = documents_of(v01(), rules)
    (void,) = corrected((entry,), (), rules, is_void=True)
    assert isinstance(void, SalesEntry)
    assert (void.reference, void.description) == ("5012-V", f"{entry.description}-V")
    assert (void.day, void.is_credit) == (THE_DAY_AFTER, True)
    assert (void.total_incl_vat, void.open_amount) == (D("-29.65"), D(0))
    amounts = [(line.ledger, line.amount_excl_vat, line.vat_amount) for line in void.lines]
    mirrored = [(line.ledger, -line.amount_excl_vat, -line.vat_amount) for line in entry.lines]
    assert sorted(amounts) == sorted(mirrored)


def test_v38_settled_per_receipt_voids_both_documents():
    rules = some_rules(settlement="per-receipt")
    entry, journal = documents_of(v01(), rules)
    (void,) = corrected((entry,), (), rules, is_void=True)
    (back,) = corrected((journal,), (), rules, is_void=True)
    assert (void.reference, back.reference) == ("5012-V", "5012-V")
    assert isinstance(back, JournalEntry)
    assert [line.amount for line in back.lines] == [-line.amount for line in journal.lines]
    assert all(line.description.startswith("5012-V") for line in back.lines)


def test_v39_another_payment_type_moves_money_in_a_journal():
    rules = some_rules(settlement="in-entry")
    standing = documents_of(v01(), rules)
    wanted = documents_of(v01(payments=(a_payment("29.65", CREDIT_CARD),)), rules)
    (moved,) = corrected(standing, wanted, rules)
    assert isinstance(moved, JournalEntry)
    card, credit = rules.payments[CARD].ledger, rules.payments[CREDIT_CARD].ledger
    assert {line.ledger: line.amount for line in moved.lines} == {card: D("-29.65"), credit: D("29.65")}
    assert moved.reference == "5012-C"


def test_v40_an_edit_is_new_minus_old():
    rules = some_rules(settlement="per-receipt")
    standing = documents_of(v01(), rules)
    wanted = documents_of(a_sale(lines=TWO_LINES[:1], number="5012"), rules)
    (entry,) = corrected(standing[:1], wanted[:1], rules)
    (journal,) = corrected(standing[1:], wanted[1:], rules)
    assert isinstance(entry, SalesEntry)
    assert [(line.amount_excl_vat, line.vat_amount) for line in entry.lines] == [(D("-5.00"), D("-0.45"))]
    assert (entry.reference, entry.is_credit, entry.open_amount) == ("5012-C", True, D("-5.45"))
    assert isinstance(journal, JournalEntry)
    assert sorted(line.amount for line in journal.lines) == [D("-5.45"), D("5.45")]


@pytest.mark.parametrize("mode", ["invoices", "orders"])
def test_v40_as_an_invoice_or_order_takes_back_the_pieces(mode):
    rules = some_rules(mode=mode)
    standing = documents_of(v01(), rules)
    wanted = documents_of(a_sale(lines=TWO_LINES[:1], number="5012"), rules)
    (back,) = corrected(standing, wanted, rules)
    (line,) = back.lines
    assert (line.quantity, line.unit_price_incl_vat, line.amount_incl_vat) == (D(-1), D("5.45"), D("-5.45"))
    assert (back.reference, back.total_incl_vat) == ("5012-C", D("-5.45"))


def test_what_is_wanted_and_stands_needs_nothing():
    for mode in ("transactions", "invoices", "orders"):
        rules = some_rules(mode=mode)
        assert corrected(documents_of(v01(), rules), documents_of(v01(), rules), rules) == ()


def test_reversed_and_repeated_when_asked():
    rules = some_rules(settlement="in-entry")
    standing = documents_of(v01(), rules)
    wanted = documents_of(a_sale(lines=TWO_LINES[:1], number="5012"), rules)
    reversal, repeated = corrected(standing, wanted, rules, is_repeated=True)
    assert (reversal.reference, repeated.reference) == ("5012-C", "5012-C2")
    assert (reversal.total_incl_vat, repeated.total_incl_vat) == (D("-29.65"), D("24.20"))


def test_another_form_is_reversed_and_booked_anew():
    standing = documents_of(v01(), some_rules())
    wanted = documents_of(v01(), some_rules(mode="invoices"))
    reversal, invoice = corrected(standing, wanted, some_rules(mode="invoices"))
    assert (reversal.kind, reversal.reference) == ("sales-entry", "5012-C")
    assert (invoice.kind, invoice.reference) == ("sales-invoice", "5012-C2")


AMOUNTS = st.decimals("-50", "50", places=2)


@st.composite
def revisions(draw: st.DrawFn) -> list[Sale]:
    def one() -> Sale:
        parts = draw(st.lists(st.tuples(AMOUNTS, st.sampled_from(["21", "9"])), min_size=1, max_size=4))
        lines = tuple(
            a_line(amount, rate, id=str(number), item=str(number))
            for number, (amount, rate) in enumerate(parts)
        )
        sale = a_sale(lines=lines, number="5012")
        return replace(
            sale,
            payments=(a_payment(sale.total_incl_vat, draw(st.sampled_from([CARD, CREDIT_CARD]))),),
        )

    return [one() for _ in range(draw(st.integers(2, 4)))]


@given(revisions(), st.sampled_from(["in-entry", "per-receipt"]), st.booleans())
def test_after_any_edits_the_books_hold_the_last_revision(sales, settlement, is_repeated):
    rules = some_rules(settlement=settlement)
    standing: dict[int, tuple[Document, ...]] = {0: (), 1: ()}
    for sale in sales:
        booking = map_sale(sale, rules)
        documents = booking.documents if isinstance(booking, Booking) else ()
        wanted = {0: documents[:1], 1: documents[1:]}
        for part in (0, 1):
            if standing[part]:
                more = corrected(standing[part], wanted[part], rules, is_repeated=is_repeated)
            else:
                more = wanted[part]
            standing[part] += more
    assert postings(standing[0] + standing[1]) == postings(wanted[0] + wanted[1])
    references = [(one.kind, one.reference) for one in standing[0]]
    assert len(references) == len(set(references))
