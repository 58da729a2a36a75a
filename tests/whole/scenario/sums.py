"""Till and books as the same sums, each worked out here: credit positive, by day and place.

What is wanted is worked out from the till's rows as domain.md chapters 4 to 7 say, what stands from the
simulator's books; neither comes from the product's domain nor from its tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from libs.common.domain.rules import Mode, Rules, Settlement
from services.sandbox.exact.books import books_of
from services.sandbox.retail.account import Account
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of
from services.sandbox.totals import share

D = Decimal
ZERO, CENT = D(0), D("0.01")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OWN_OF_CASH, CASH = "1000", "2001"
"""A cash book's own ledger takes what a journal puts on the till's."""
DATED = re.compile(r"\((\d\d)-(\d\d)-(\d{4})\)$")

Place = tuple[str, ...]
"""("turnover", VAT code), ("vat", code), ("revenue", ledger, code), ("ledger", code) or ("debtor", name)."""
Sums = dict[Place, Decimal]
Days = dict[date, Sums]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def day_of(moment: datetime, day_end: str) -> date:
    """The clock on the wall says to which day a moment belongs."""
    local = moment.astimezone(AMSTERDAM)
    ends = time() if day_end == "till" else time.fromisoformat(day_end)
    return local.date() - timedelta(days=local.time() < ends)


def added(*many: Mapping[Place, Decimal]) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for one in many:
        for place, amount in one.items():
            sums[place] += amount
    return {place: amount for place, amount in sums.items() if amount}


def less(one: Mapping[Place, Decimal], other: Mapping[Place, Decimal]) -> Sums:
    return added(one, {place: -amount for place, amount in other.items()})


# What is wanted of a sale


@dataclass(frozen=True)
class Wish:
    """What a sale as it stands at the till should have in the books, under these rules."""

    account: Account
    rules: Rules
    ledgers: Mapping[str, str]
    """The codes of Exact's ledgers by their ids."""
    debtors: Mapping[str, str]
    """The names of Exact's debtors by their ids."""

    def is_parked(self, sale: Row) -> bool:
        """Rule 10: with a payment type that nobody has said anything about."""
        kinds = {str(row.id("paymentTypeID")) for row in payments_of(self.account, sale)}
        return sale.flag("completed") and not sale.flag("voided") and not kinds <= self.rules.payments.keys()

    def makes_a_document(self, sale: Row) -> bool:
        """V26: what is given away stands on an invoice or order, and nowhere else."""
        is_done = sale.flag("completed") and not sale.flag("voided")
        return bool(self.of(sale)) or (is_done and self._is_of_items and bool(lines_of(self.account, sale)))

    def of(self, sale: Row) -> Sums:
        if not sale.flag("completed") or sale.flag("voided"):
            return {}
        turnover = self._of_items(sale) if self._is_of_items else self._of_turnover(sale)
        return added(turnover, self._of_money(sale))

    @property
    def _is_of_items(self) -> bool:
        return self.rules.mode in (Mode.INVOICES, Mode.ORDERS)

    def _of_turnover(self, sale: Row) -> Sums:
        """4.2: cents of the header's total by largest remainder, VAT once for each code."""
        groups: dict[tuple[str, str], list[Decimal]] = {}
        for line in lines_of(self.account, sale):
            gross = line.number("calcTotal")
            vat = line.number("calcTax1") + line.number("calcTax2")
            if gross or vat:
                code = self._code(line)
                group = groups.setdefault((self._revenue(line, code), code), [ZERO, ZERO])
                group[0] += gross
                group[1] += vat
        found: Sums = defaultdict(Decimal)
        grosses = share(sale.number("total"), [gross for gross, _ in groups.values()])
        for (ledger, code), gross in zip(groups, grosses, strict=True):
            found["turnover", code] += gross
            found["revenue", ledger, code] += gross
        for code in {code for _, code in groups}:
            found["vat", code] += cents(
                sum((vat for (_, of), (_, vat) in groups.items() if of == code), ZERO)
            )
        return added(found)

    def _of_items(self, sale: Row) -> Sums:
        """4.3: each line at its price in six decimals; what the cents miss is a line without VAT."""
        found: Sums = defaultdict(Decimal)
        for line in lines_of(self.account, sale):
            gross, quantity = line.number("calcTotal"), line.number("unitQuantity") or D(1)
            price = (gross / quantity).quantize(D("0.000001"), ROUND_HALF_UP)
            found["turnover", self._code(line)] += cents(price * quantity)
        found["turnover", self.rules.vat["none"]] += sale.number("total") - sum(found.values(), ZERO)
        return added(found)

    def _code(self, line: Row) -> str:
        rate = line.number("tax1Rate")
        if not rate and line.number("calcTax1"):  # a reserved line hides its rate
            rate = self.account.rates_of(line.id("taxCategoryID"), line.id("taxClassID")).tax1
        return self.rules.vat[f"{(rate * 100).normalize():f}"]

    def _revenue(self, line: Row, code: str) -> str:
        item = self.account["Item"].get(line.id("itemID"))
        category = str(item.id("categoryID")) if item else ""
        revenue = self.rules.revenue
        chosen = revenue.by_category.get(category) or revenue.by_vat_code.get(code) or revenue.default_ledger
        return self.ledgers[chosen or ""]

    def _of_money(self, sale: Row) -> Sums:
        """Chapter 6: each payment on its ledger, tips and rounding apart, the rest on the debtor."""
        found: Sums = defaultdict(Decimal)
        received = ZERO
        for payment in payments_of(self.account, sale):
            kind = self.account["PaymentType"].rows[payment.id("paymentTypeID")]
            amount, tip = payment.number("amount"), payment.number("tipAmount")
            received += amount - tip
            if kind.text("type") == "credit account":
                found["debtor", self.name_of(sale)] -= amount
            else:
                rule = self.rules.payments[str(kind.key)]
                found["ledger", self.ledgers[rule.ledger or ""]] -= amount
            if tip:
                found["ledger", self.ledgers[self.rules.ledgers.tips or ""]] += tip
        rounding = received - sale.number("total")
        if rounding:
            found["ledger", self.ledgers[self.rules.ledgers.cash_rounding or ""]] += rounding
        if self.rules.settles is Settlement.NONE and self.rules.mode is not Mode.DAILY_TOTALS:
            return {("debtor", self._debtor(sale)): -sale.number("total")} if sale.number("total") else {}
        return added(found)

    def name_of(self, sale: Row) -> str:
        customer = self.account["Customer"].rows[sale.id("customerID")]
        name = f"{customer.text('firstName')} {customer.text('lastName')}".strip()
        return customer.text("company") or name

    def _debtor(self, sale: Row) -> str:
        """Chapter 8: a customer's own debtor where there is a reason."""
        customer = self.account["Customer"].get(sale.id("customerID"))
        own_when = self.rules.debtor.own_when
        if customer is not None and own_when != "never":
            is_business = customer.text("company") or customer.text("vatNumber")
            if is_business or own_when == "known" or self._is_of_items:
                return self.name_of(sale)
        return self.debtors[self.rules.debtor.default_account or ""]


# What the till wants of all days


@dataclass
class Told:
    """What the product made of a sale, as far as it can have heard of it."""

    stands: Sums
    content: object
    day: date
    """Its own, under the rules of its last decision."""
    booked_on: date | None
    """The first day on which the books hold anything of it."""


@dataclass
class TillBooks:
    """The books as they should be, kept up at each quiet point."""

    days: Days = field(default_factory=lambda: defaultdict(dict))
    told: dict[int, Told] = field(default_factory=dict)

    def observe(self, wish: Wish, sales: Iterable[Row]) -> None:
        """A sale counts on its own day first, and with each change on the day of that."""
        for sale in sales:
            told = self.told.get(sale.key)
            if wish.is_parked(sale) or (told is not None and told.content == content_of(wish.account, sale)):
                continue
            if is_open(sale):
                if told is not None:
                    told.content = content_of(wish.account, sale)
                continue
            self._decide(wish, sale)

    def rebook(self, wish: Wish, sales: Iterable[Row], first: date, last: date) -> None:
        """What stands is taken back where it stood first, and booked anew on its own day under today's rules.

        One that is being edited is left alone.
        """
        for sale in sales:
            told = self.told.get(sale.key)
            if (
                told is not None
                and first <= told.day <= last
                and not is_open(sale)
                and not wish.is_parked(sale)
            ):
                self._rebook(wish, sale, told)

    def _rebook(self, wish: Wish, sale: Row, told: Told) -> None:
        own, wanted = own_day(sale, wish.rules.day_end), wish.of(sale)
        stood = own if told.booked_on is None else told.booked_on
        self._book(stood, less({}, told.stands))
        self._book(own, wanted)
        booked_on = told.booked_on or (own if wish.makes_a_document(sale) else None)
        first = min(booked_on, own) if booked_on is not None and wanted else booked_on
        self.told[sale.key] = Told(wanted, content_of(wish.account, sale), own, first)

    def _decide(self, wish: Wish, sale: Row) -> None:
        wanted, told = wish.of(sale), self.told.get(sale.key)
        own = own_day(sale, wish.rules.day_end)
        day, before = own, {} if told is None else told.stands
        booked_on = None if told is None else told.booked_on
        if booked_on is not None:
            changed = sale.moment("updatetime")
            assert changed is not None
            day = max(own, booked_on, day_of(changed, wish.rules.day_end))
        self._book(day, less(wanted, before))
        if booked_on is None and wish.makes_a_document(sale):
            booked_on = day
        self.told[sale.key] = Told(wanted, content_of(wish.account, sale), own, booked_on)

    def _book(self, day: date, sums: Sums) -> None:
        self.days[day] = added(self.days[day], sums)


def is_open(sale: Row) -> bool:
    return not sale.flag("completed") and not sale.flag("voided") and not sale.flag("archived")


def own_day(sale: Row, day_end: str) -> date:
    completed = sale.moment("completeTime")
    assert completed is not None, sale.key
    return day_of(completed, day_end)


def content_of(account: Account, sale: Row) -> object:
    """What a till says of a sale that is money."""
    lines = [
        (line.key, line.number("calcTotal"), line.number("calcTax1"), line.number("unitQuantity"))
        for line in lines_of(account, sale)
    ]
    payments = [
        (row.id("paymentTypeID"), row.number("amount"), row.number("tipAmount"))
        for row in payments_of(account, sale)
    ]
    flags = (sale.flag("completed"), sale.flag("voided"), sale.flag("archived"))
    return flags, sale.number("total"), sale.id("customerID"), sorted(lines), sorted(payments)


# What stands in the books


def standing(division: Any) -> Days:
    books, days = books_of(division), defaultdict(lambda: defaultdict(Decimal))
    for day, place, amount in _postings(books):
        days[day][place] += amount
    return {day: added(sums) for day, sums in days.items()}


def _postings(books: Mapping[str, Any]) -> Iterator[tuple[date, Place, Decimal]]:
    for entry in books["sales_entries"]:
        if not entry["from_invoice"]:
            yield from _of_entry(entry)
    for document in (*books["sales_invoices"], *books["sales_orders"]):
        yield from _of_item_document(document)
    for entry in books["general_journal_entries"]:
        for line in entry["lines"]:
            yield from _of_line(line, _day(line["date"], line["description"]), -1)
    for entry in books["cash_entries"]:
        yield from _of_cash(entry)


def _day(day: str, text: str | None) -> date:
    """The document's own: where its period was closed, it stands at the end of the text."""
    dated = DATED.search(text or "")
    if dated is None:
        return date.fromisoformat(day)
    number, month, year = (int(part) for part in dated.groups())
    return date(year, month, number)


def _of_entry(entry: Mapping[str, Any]) -> Iterator[tuple[date, Place, Decimal]]:
    day, total = _day(entry["date"], entry["description"]), ZERO
    for line in entry["lines"]:
        gross, vat = D(line["gross"]), D(line["vat"])
        total += gross
        yield from _on_ledger(day, line["ledger_code"], line["vat_code"], gross, vat)
    yield day, ("debtor", entry["debtor"]["name"]), -total


def _on_ledger(
    day: date, ledger: str, code: str | None, gross: Decimal, vat: Decimal
) -> Iterator[tuple[date, Place, Decimal]]:
    if ledger.startswith("8"):
        yield day, ("turnover", code or ""), gross
        yield day, ("revenue", ledger, code or ""), gross
        yield day, ("vat", code or ""), vat
    else:
        yield day, ("ledger", CASH if ledger == OWN_OF_CASH else ledger), gross


def _of_item_document(document: Mapping[str, Any]) -> Iterator[tuple[date, Place, Decimal]]:
    """VAT and ledgers of these are Exact's own."""
    dated = document["date"] or document["order_date"]
    day, total = _day(dated, document["description"]), ZERO
    for line in document["lines"]:
        total += D(line["gross"])
        yield day, ("turnover", line["vat_code"] or ""), D(line["gross"])
    yield day, ("debtor", document["debtor"]["name"]), -total


def _of_line(line: Mapping[str, Any], day: date, sign: int) -> Iterator[tuple[date, Place, Decimal]]:
    gross, vat = sign * D(line["amount"]), sign * D(line["vat"])
    if line["debtor"]:
        yield day, ("debtor", line["debtor"]["name"]), gross
    else:
        yield from _on_ledger(day, line["ledger_code"], line["vat_code"], gross, vat)


def _of_cash(entry: Mapping[str, Any]) -> Iterator[tuple[date, Place, Decimal]]:
    total = ZERO
    for line in entry["lines"]:
        day = _day(line["date"], line["description"])
        total += D(line["amount"])
        yield from _of_line(line, day, 1)
    yield day, ("ledger", CASH), -total


def references(division: Any) -> dict[str, list[str]]:
    """By kind; a receipt's entry and its journal may share one."""
    books = books_of(division)
    found = {
        kind: [one["your_ref"] for one in books[kind] if not one.get("from_invoice")]
        for kind in ("sales_entries", "sales_invoices", "sales_orders")
    }
    for kind in ("general_journal_entries", "cash_entries"):
        found[kind] = [(one["lines"][0]["description"] or "").split(" ")[0] for one in books[kind]]
    return found
