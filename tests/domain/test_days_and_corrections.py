"""What holds of every day and every correction: nothing is lost between receipts and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.domain.correct import day_difference
from libs.common.domain.day_total import added_up, taken_back
from libs.common.domain.document import (
    CashEntry,
    Document,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.money import to_cents
from libs.common.domain.rules import (
    CorrectionRules,
    DailyTotalsRules,
    Mode,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    Settlement,
)
from libs.common.domain.sale import Sale, SaleState
from tests.builders import CASH, D, a_payment, a_sale, some_invoice_rules, some_rules
from tests.domain.books import Booked, book, documents_of_day
from tests.domain.test_properties import CHOICES, EVERY_RULE, eventful_sales
from tests.domain.words import Posted, debtor_code, postings_of

DAY, LATER = date(2026, 3, 14), date(2026, 3, 20)
SOME = settings(max_examples=80, deadline=None)
CENTERS = ("", "41", "42")
PARTS = ("register", "revenue-center")
FORMS = ("general-journal", "cash-entry", "sales-entry")
BY_CATEGORY = RevenueRules(default_ledger="8000", by_category={"12": "8012"})
choices = st.sampled_from(CHOICES)
settlements = st.sampled_from(list(Settlement))


def _daily(form: str, per: str, settlement: Settlement, chosen: dict[str, object]) -> Rules:
    totals = DailyTotalsRules(document=form, per=per)  # type: ignore[arg-type]
    return some_rules(
        mode=Mode.DAILY_TOTALS,
        settlement=settlement,
        business_receipts="as-mode",
        daily_totals=totals,
        **EVERY_RULE,
        **chosen,
    )


@st.composite
def days(draw: st.DrawFn) -> list[Sale]:
    sold = draw(st.lists(eventful_sales(), max_size=5))
    return [
        replace(
            sale,
            id=str(number),
            number=f"50{number}",
            register=draw(st.sampled_from(["1", "2"])),
            payments=tuple(
                replace(payment, revenue_center=draw(st.sampled_from(CENTERS))) for payment in sale.payments
            ),
        )
        for number, sale in enumerate(sold)
    ]


def _as_of_one_debtor(posted: Posted) -> Posted:
    sums: Posted = {}
    for (ledger, debtor, code), (net, vat) in posted.items():
        key = (ledger, "" if ledger == "1300" else debtor, code)
        before = sums.get(key, (D(0), D(0)))
        sums[key] = (before[0] + net, before[1] + vat)
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


@given(days(), st.sampled_from(FORMS), st.sampled_from(["outlet", *PARTS]), settlements, choices)
@SOME
def test_a_days_documents_post_what_its_receipts_post_one_by_one(
    day: list[Sale], form: str, per: str, settlement: Settlement, chosen: dict[str, object]
) -> None:
    """Where payments aren't booked, a day leaves them open on the default debtor, a receipt on its own."""
    rules = _daily(form, per, settlement, chosen)
    alone = replace(rules, mode=Mode.TRANSACTIONS)
    if form != "sales-entry" and settlement is Settlement.NONE:
        alone = replace(alone, settlement=Settlement.IN_ENTRY)  # a journal can't balance without its money

    in_day = [book(sale, rules) for sale in day]
    documents = [
        *documents_of_day(in_day, rules, DAY),
        *(one for each in in_day for one in each.all_documents),
    ]
    one_by_one = [book(sale, alone) for sale in day]
    receipts = [
        *(one for each in one_by_one for one in each.all_documents),
        *documents_of_day(one_by_one, alone, DAY),
    ]

    if settlement is Settlement.NONE:
        assert _as_of_one_debtor(postings_of(documents)) == _as_of_one_debtor(postings_of(receipts))
    else:
        assert postings_of(documents) == postings_of(receipts)


@given(days(), st.sampled_from(FORMS), st.sampled_from(PARTS), settlements, choices)
@SOME
def test_the_documents_of_its_parts_post_together_what_the_outlets_one_does(
    day: list[Sale], form: str, per: str, settlement: Settlement, chosen: dict[str, object]
) -> None:
    of_outlet = _daily(form, "outlet", settlement, chosen)
    of_parts = _daily(form, per, settlement, chosen)

    whole = documents_of_day([book(sale, of_outlet) for sale in day], of_outlet, DAY)
    parts = documents_of_day([book(sale, of_parts) for sale in day], of_parts, DAY)

    assert postings_of(parts) == postings_of(whole)
    assert len({(one.kind, one.reference) for one in parts}) == len(parts)


@given(days(), st.sampled_from(FORMS), st.sampled_from(["sum-of-receipts", "recompute"]))
@SOME
def test_every_line_of_a_days_documents_says_something(day: list[Sale], form: str, vat: str) -> None:
    rules = _daily(form, "outlet", Settlement.IN_ENTRY, {})
    rules = replace(rules, daily_totals=replace(rules.daily_totals, vat=vat))  # type: ignore[arg-type]

    for document in documents_of_day([book(sale, rules) for sale in day], rules, DAY):
        assert document.lines
        assert all(line.amount_incl_vat or _amount(line) for line in document.lines)


@given(days(), st.sampled_from(FORMS))
@SOME
def test_recomputed_a_days_vat_is_that_of_its_gross_at_each_rate(day: list[Sale], form: str) -> None:
    rules = _daily(form, "outlet", Settlement.IN_ENTRY, {"revenue": BY_CATEGORY})
    summed = postings_of(documents_of_day([book(sale, rules) for sale in day], rules, DAY))
    rules = replace(rules, daily_totals=replace(rules.daily_totals, vat="recompute"))

    posted = postings_of(documents_of_day([book(sale, rules) for sale in day], rules, DAY))

    for code, rate in (("VH", 21), ("VL", 9)):
        gross, vat = _of_code(posted, code)
        assert gross == _of_code(summed, code)[0]
        assert vat == to_cents(gross * rate / (100 + rate))


def _of_code(posted: Posted, code: str) -> tuple[Decimal, Decimal]:
    amounts = [amounts for key, amounts in posted.items() if key[2] == code]
    return sum((net + vat for net, vat in amounts), D(0)), sum((vat for _, vat in amounts), D(0))


def _amount(line: object) -> Decimal:
    return getattr(line, "amount", None) or getattr(line, "amount_excl_vat", D(0))


@given(days(), st.sampled_from(FORMS), choices)
@SOME
def test_a_share_taken_back_and_added_again_is_nothing(
    day: list[Sale], form: str, chosen: dict[str, object]
) -> None:
    rules = _daily(form, "outlet", Settlement.IN_ENTRY, chosen)
    for sale in day:
        lines = book(sale, rules).lines
        settled = (*lines, *taken_back(lines), *lines)

        assert added_up([*lines, *taken_back(lines)]) == ()
        assert day_difference(lines, settled) == ()
        assert postings_of((), added_up(settled)) == postings_of((), lines)


# Changed rules and rebooking


def test_cash_of_a_cash_entry_is_given_back_where_it_stands_whatever_ledger_the_rules_name_since() -> None:
    """It is on the cash journal's own ledger, and never was on that of the rules."""
    sale = a_sale(payments=[a_payment("12.10", CASH)])
    before = _daily("cash-entry", "outlet", Settlement.IN_ENTRY, {})
    payments = {**before.payments, CASH: PaymentRule(PaymentKind.CASH, "2009")}
    after = replace(before, payments=payments)
    sold = book(sale, before)

    voided = documents_of_day([book(replace(sale, state=SaleState.VOIDED), after, sold)], after, LATER)
    rebooked = documents_of_day([book(sale, after, sold, is_rebooked=True)], after, DAY)

    (entry,) = voided
    assert isinstance(entry, CashEntry)
    assert entry.balance_change == D("-12.10")
    assert [line.ledger for line in entry.lines] == ["8000"]
    assert rebooked == ()


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    mode, chosen = draw(st.sampled_from(list(Mode))), draw(choices)
    make = some_invoice_rules if mode in (Mode.INVOICES, Mode.ORDERS) else some_rules
    totals = DailyTotalsRules(
        document=draw(st.sampled_from(FORMS)),
        per=draw(st.sampled_from(["outlet", *PARTS])),
    )
    rules = make(
        mode=mode,
        settlement=draw(st.sampled_from([Settlement.IN_ENTRY, Settlement.PER_RECEIPT, Settlement.PER_DAY])),
        business_receipts=draw(st.sampled_from(["as-mode", "individual"])),
        daily_totals=totals,
        **EVERY_RULE,
        **chosen,
    )
    other = {key: f"{ledger[:3]}9" for key, ledger in rules.revenue.by_vat_code.items()}
    return draw(st.sampled_from([rules, replace(rules, revenue=replace(rules.revenue, by_vat_code=other))]))


Piece = tuple[str, str, str, Decimal, str]
"""An article at a price: form, debtor, article, price, VAT code."""


def _pieces(documents: Sequence[Document]) -> dict[Piece, Decimal]:
    """What stands on invoices and orders, but for the lines that round."""
    sums: dict[Piece, Decimal] = {}
    for document in documents:
        if isinstance(document, SalesInvoice | SalesOrder):
            for line in document.lines:
                item = line.item.id or line.item.till_item
                if item != "AFRONDING":
                    key = (
                        document.kind.value,
                        debtor_code(document.debtor) or "",
                        item,
                        line.unit_price_incl_vat,
                        line.vat_code,
                    )
                    sums[key] = sums.get(key, D(0)) + line.quantity
    return {key: quantity for key, quantity in sums.items() if quantity}


def _totals(documents: Sequence[Document]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for document in documents:
        if isinstance(document, SalesInvoice | SalesOrder):
            key = (document.kind.value, debtor_code(document.debtor) or "")
            sums[key] = sums.get(key, D(0)) + document.total_incl_vat
    return {key: total for key, total in sums.items() if total}


def _net(booked: Booked) -> tuple[object, object, object]:
    documents = booked.all_documents
    return postings_of(documents, booked.lines), _pieces(documents), _totals(documents)


@given(eventful_sales(), st.lists(any_rules(), min_size=2, max_size=4))
@SOME
def test_rebooked_under_changed_rules_the_books_are_as_if_those_had_always_held(
    sale: Sale, changes: list[Rules]
) -> None:
    standing = Booked()
    for rules in changes:
        standing = standing.and_then(book(sale, rules, standing, is_rebooked=True))

    assert _net(standing) == _net(book(sale, changes[-1]))
    assert _each_once(standing.all_documents)


@given(
    st.lists(eventful_sales(), min_size=2, max_size=4),
    any_rules(),
    st.sampled_from(["difference", "reverse-and-repeat"]),
)
@SOME
def test_whatever_is_edited_the_books_hold_the_last_revision(
    revisions: list[Sale], rules: Rules, style: str
) -> None:
    rules = replace(rules, corrections=CorrectionRules(style=style))  # type: ignore[arg-type]
    standing = Booked()
    for sale in revisions:
        standing = standing.and_then(book(sale, rules, standing, on=LATER))

    assert _net(standing) == _net(book(revisions[-1], rules))
    assert _each_once(standing.all_documents)


def _each_once(documents: Sequence[Document]) -> bool:
    """Whether no two documents of a kind have one reference, by which Exact is searched."""
    return len({(one.kind, one.reference) for one in documents}) == len(documents)
