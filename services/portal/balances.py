"""Balances in the books against the till, each difference with where it comes from. Pure.

What the till holds now is what it held at the start and what was sold since; the ledger holds what others
booked on it, the opening balance among it, and what we booked. So whatever isn't explained by what waits to
be booked lies between the till's balance at the start and the entries of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.sale import ZERO


class BalanceKind(StrEnum):
    GIFT_CARDS = "gift-cards"
    STORE_CREDIT = "store-credit"
    DEPOSITS = "deposits"
    CUSTOMER_ACCOUNTS = "customer-accounts"
    CLEARING = "clearing"


class Explanation(StrEnum):
    """Why the two sides stand as they do."""

    EQUAL = "equal"
    NO_OPENING_BALANCE = "no-opening-balance"
    OTHERS = "others"
    ON_ITS_WAY = "on-its-way"
    NOT_RECEIVED = "not-received"
    MORE_RECEIVED = "more-received"
    NOT_COMPARED = "not-compared"


@dataclass(frozen=True, slots=True)
class Balance:
    """Of gift cards, store credit and deposits what is owed to customers, of customers' accounts what they
    owe, of clearing what is to come in.

    `till` is None where the till knows nothing of it; `others` is what others booked, in the same sense.
    """

    kind: BalanceKind
    ledger: str
    name: str
    books: Decimal
    waiting: Decimal
    others: Decimal
    till: Decimal | None
    explanation: Explanation
    open_since: date | None = None
    beside: tuple[str, ...] = ()
    """Other ledgers that are counted with it."""

    @property
    def ledgers(self) -> tuple[str, ...]:
        return (self.ledger, *self.beside)

    @property
    def difference(self) -> Decimal:
        return ZERO if self.till is None else self.till - self.books - self.waiting


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands on ledgers, debit positive: of us, and of others."""

    ours: Decimal = ZERO
    others: Decimal = ZERO

    def __add__(self, other: Stand) -> Stand:
        return Stand(self.ours + other.ours, self.others + other.others)

    @property
    def all(self) -> Decimal:
        return self.ours + self.others


def owed_balance(
    kind: BalanceKind,
    ledgers: Sequence[str],
    stand: Stand,
    waiting: Decimal,
    till: Decimal | None,
) -> Balance:
    """What is owed to customers, which stands credit in the books."""
    books, others = ZERO - stand.all, ZERO - stand.others
    why = _explained(till, books + waiting, others)
    ledger, *beside = ledgers
    return Balance(kind, ledger, "", books, waiting, others, till, why, beside=tuple(beside))


def customer_balance(ledgers: Sequence[str], stand: Stand, waiting: Decimal, till: Decimal | None) -> Balance:
    why = _explained(till, stand.all + waiting, stand.others)
    ledger, *beside = ledgers
    return Balance(
        BalanceKind.CUSTOMER_ACCOUNTS,
        ledger,
        "",
        stand.all,
        waiting,
        stand.others,
        till,
        why,
        beside=tuple(beside),
    )


def _explained(till: Decimal | None, known: Decimal, others: Decimal) -> Explanation:
    if till is None:
        return Explanation.NOT_COMPARED
    if till == known:
        return Explanation.EQUAL
    return Explanation.OTHERS if others else Explanation.NO_OPENING_BALANCE


@dataclass(frozen=True, slots=True)
class Clearing:
    """Takings on their way to the bank, under one ledger; `by_day` is what each day lately brought on it."""

    ledger: str
    name: str
    stand: Stand
    waiting: Decimal
    by_day: Mapping[date, Decimal]


def clearing_balance(clearing: Clearing, today: date, patience: timedelta) -> Balance:
    """What came in is taken for the oldest takings; the rest is open since the day of the next."""
    books = clearing.stand.all
    since = _open_since(books, clearing.by_day)
    if books < ZERO and books + clearing.waiting < ZERO:
        why = Explanation.MORE_RECEIVED
    elif not books:
        why = Explanation.EQUAL
    elif books > ZERO and (since is None or since < today - patience):
        why = Explanation.NOT_RECEIVED
    else:
        why = Explanation.ON_ITS_WAY
    return Balance(
        BalanceKind.CLEARING,
        clearing.ledger,
        clearing.name,
        books,
        clearing.waiting,
        clearing.stand.others,
        None,
        why,
        since,
    )


def _open_since(balance: Decimal, by_day: Mapping[date, Decimal]) -> date | None:
    """None where nothing is open, or where the takings of these days don't account for it."""
    left = balance
    for day in sorted(by_day, reverse=True):
        if left <= ZERO:
            break
        left -= by_day[day]
        if left <= ZERO:
            return day
    return None
