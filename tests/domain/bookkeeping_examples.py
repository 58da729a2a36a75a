"""The examples of docs/bookkeeping.md: a vector and a mode, or one of those below by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from libs.common.domain.document import Booking, Document
from libs.common.domain.map_sale import sale_day
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import Sale
from libs.common.domain.till_close import map_till_close
from tests.domain import vector_events as events
from tests.domain import vectors_restaurant as restaurant
from tests.domain import vectors_x as x_series
from tests.domain.books import Booked, book, documents_of_day
from tests.domain.vectors import default_rules, edited_sales, raw, rules_of, sale_of, vector_of

DAY, THE_DAY_AFTER = date(2026, 3, 14), date(2026, 3, 15)
JOURNAL = "daily_general_journal"
READ: dict[str, Callable[[dict[str, Any]], Sale]] = {
    "retail-r": sale_of,
    "retail-x": x_series.sale_of,
    "restaurant-k": restaurant.sale_of,
}
"""How the sale of a vector is read, by its till."""


def vector_shown_by(example: str) -> str:
    return example.split()[0]


def documents_of(example: str) -> tuple[Document, ...]:
    if example in BY_NAME:
        return BY_NAME[example]()
    id_, mode = example.split()
    vector = vector_of(id_, mode)
    read = READ[raw(id_)["input"]["source"]]
    rules, sales = rules_of(vector), [read(payload) for payload in vector.payloads]
    return _all_of([book(sale, rules) for sale in sales], rules, sale_day(sales[0], rules))


def _all_of(booked: Sequence[Booked], rules: Rules, day: date) -> tuple[Document, ...]:
    alone = [document for one in booked for document in one.all_documents]
    return (*alone, *documents_of_day(booked, rules, day))


def _one(sale: Sale, rules: Rules) -> tuple[Document, ...]:
    return _all_of([book(sale, rules)], rules, sale_day(sale, rules))


def _settled(settlement: Settlement) -> tuple[Document, ...]:
    vector = vector_of("V01", "transactions")
    return _one(sale_of(vector.payload), replace(rules_of(vector), settlement=settlement))


def _corrected(
    id_: str, mode: str, style: Literal["difference", "reverse-and-repeat"] = "difference"
) -> tuple[Document, ...]:
    first, edited = edited_sales(id_)
    rules = rules_of(vector_of("V01", mode))
    rules = replace(rules, corrections=replace(rules.corrections, style=style))
    more = book(edited, rules, book(first, rules), on=THE_DAY_AFTER)
    return _all_of([more], rules, THE_DAY_AFTER)


def _rebooked() -> tuple[Document, ...]:
    """The turnover at 21 % should have stood on 8001."""
    vector = vector_of("V01", "transactions_settled_in_entry")
    sale, before = sale_of(vector.payload), rules_of(vector)
    ledgers = {**before.revenue.by_vat_code, "VH": "8001"}
    after = replace(before, revenue=replace(before.revenue, by_vat_code=ledgers))
    return book(sale, after, book(sale, before), is_rebooked=True).all_documents


def _late() -> tuple[Document, ...]:
    """The last of three receipts is read after the day's total was made."""
    vector = vector_of("V42", JOURNAL)
    rules = rules_of(vector)
    *_, late = [book(sale_of(payload), rules) for payload in vector.payloads]
    return documents_of_day([late], rules, DAY, supplement="-2")


def _recomputed() -> tuple[Document, ...]:
    vector = vector_of("V42", JOURNAL)
    rules = rules_of(vector)
    rules = replace(rules, daily_totals=replace(rules.daily_totals, vat="recompute"))
    return documents_of_day([book(sale_of(payload), rules) for payload in vector.payloads], rules, DAY)


def _deposit(sale: Sale) -> tuple[Document, ...]:
    return _one(sale, replace(default_rules(Mode.TRANSACTIONS), deposit_vat="21"))


def _open(sale: Sale) -> tuple[Document, ...]:
    rules = replace(default_rules(Mode.DAILY_TOTALS), open_payments=True)
    ahead = book(events.OPEN, rules).all_documents
    return tuple(one for one in _one(sale, rules) if sale is events.OPEN or one not in ahead)


def _closing(petty_cash_vat: str | None) -> tuple[Document, ...]:
    rules = replace(default_rules(Mode.DAILY_TOTALS), till_movements=True, petty_cash_vat=petty_cash_vat)
    booking = map_till_close(events.CLOSING, rules, reference="T1.1-20260314/1")
    assert isinstance(booking, Booking)
    return booking.documents


BY_NAME: dict[str, Callable[[], tuple[Document, ...]]] = {
    "V01 per-day": lambda: _settled(Settlement.PER_DAY),
    "V01 none": lambda: _settled(Settlement.NONE),
    "V19 deposit": lambda: _deposit(events.DEPOSIT),
    "V19 pick-up": lambda: _deposit(events.PICK_UP),
    "V29 day": lambda: _one(events.TAX_REFUND, events.with_tax_refund(default_rules(Mode.DAILY_TOTALS))),
    "V37 paid ahead": lambda: _open(events.OPEN),
    "V37 completed": lambda: _open(events.COMPLETED),
    "V38 void": lambda: _corrected("V38", "transactions_settled_in_entry"),
    "V38 day": lambda: _corrected("V38", JOURNAL),
    "V39 payment": lambda: _corrected("V39", "transactions_settled_in_entry"),
    "V40 edit": lambda: _corrected("V40", "transactions_settled_in_entry"),
    "V40 repeated": lambda: _corrected("V40", "transactions_settled_in_entry", "reverse-and-repeat"),
    "V40 day": lambda: _corrected("V40", JOURNAL),
    "V42 late": _late,
    "V42 recomputed": _recomputed,
    "V43 closing": lambda: _closing(None),
    "V43 with input VAT": lambda: _closing("purchase 21 %"),
    "V45 day": lambda: _one(restaurant.stay(), restaurant.with_lodging(default_rules(Mode.DAILY_TOTALS))),
    "V47 day": lambda: _one(events.STAFF_MEAL, events.with_staff_meals(default_rules(Mode.DAILY_TOTALS))),
    "V01 rebooked": _rebooked,
}
