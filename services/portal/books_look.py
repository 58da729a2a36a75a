"""One look into a connection's books, beside the till's own balances.

At Exact it takes a call for each thousand lines of two months on the ledgers of turnover, money and what is
owed, one for forty entries of others that bring turnover, one for forty customers on account, and two for the
names of ledgers and journals, in mode orders two for those that nobody invoiced; at the till two lists of
balances. The first look, and one in four weeks, reads the lines from the first on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from libs.common.budget import Lane
from libs.common.database.registry import Connection
from libs.common.domain.rules import Mode, PaymentKind, Rules
from libs.common.domain.sale import ZERO
from libs.common.domain.till_control import TillBalances
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from libs.common.lightspeed.errors import NoRight
from libs.common.lightspeed.sources import SOURCES
from services.portal import notices
from services.portal.balance_notices import notices_of_balances, notices_of_doubles
from services.portal.balances import (
    Balance,
    BalanceKind,
    Clearing,
    Stand,
    clearing_balance,
)
from services.portal.beside_us import find_doubles
from services.portal.book_entries import (
    BookEntry,
    Ledgers,
    Ours,
    owed_by_neighbours,
    read_entries,
    whose,
)
from services.portal.context import Portal
from services.portal.customer_accounts import Debtors, compare_customers
from services.portal.day_differences import notices_of_days
from services.portal.kept_balances import counted_before
from services.portal.liabilities import owed_to_customers
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice, Watch
from services.portal.open_orders import find_open_orders
from services.portal.overviews import reconcile_days
from services.portal.stands import Counted, counted_by, stands_of
from services.portal.waiting import Waiting, waiting_of

ZONE = ZoneInfo("Europe/Amsterdam")
BACK = timedelta(days=31)
PATIENCE = timedelta(days=31)
"""How long takings may be under way to the bank before a person is asked where they are."""
COMES_FROM_THE_BANK = (PaymentKind.CARD, PaymentKind.ONLINE, PaymentKind.CLEARING)
SALES_JOURNAL = 20


@dataclass(frozen=True, slots=True)
class Look:
    notices: tuple[Notice, ...]
    balances: tuple[Balance, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class _Books:
    """What one look read, and when."""

    division: ExactDivision
    rules: Rules
    ledgers: Ledgers
    today: date
    entries: Sequence[BookEntry]
    ours: Ours
    stands: Mapping[str, Stand]
    waiting: Waiting


async def look(portal: Portal, connection: Connection) -> Look:
    rules, today = connection.rules, portal.now().astimezone(ZONE).date()
    division, ledgers = portal.division_of(connection), Ledgers.of(rules)
    async with portal.database.reading() as transaction:
        earlier = await notices.found_by(transaction, connection.id, Watch.BOOKS)
        kept = await counted_before(transaction, connection.id)
        of_others = await owed_by_neighbours(transaction, connection.id, division.key)
        waiting = await waiting_of(transaction, connection.id, rules, today)
    kept = kept if kept is not None and kept.serves(ledgers, today) else None
    since = _since(rules, today, earlier)
    till = await _till_balances(portal, connection)
    first = None if kept is None else min(kept.before, since)
    entries = await read_entries(division, ledgers.all, first, gross=ledgers.deposits)
    async with portal.database.reading() as transaction:
        ours = await whose(transaction, division.key, entries)
    stands = stands_of(entries, ours, kept)
    books = _Books(division, rules, ledgers, today, entries, ours, stands, waiting)
    known, has_orders = None if kept is None else kept.accounts, _has_orders(rules, earlier)
    from_here = since if known is not None else rules.start_date or since
    customers = await compare_customers(
        Debtors(connection.id, portal.database, division, rules, stands, of_others, has_orders, from_here),
        till.customers,
        waiting.owed_by_customers(),
        known,
    )
    balances = [*_owed(books, till, of_others), *customers.balances, *_clearing(books)]
    doubles = await find_doubles(portal, connection, division, rules, since, entries)
    orders = await find_open_orders(portal, connection, today) if has_orders else []
    names = await _ledger_names(division, [ledger for balance in balances for ledger in balance.ledgers])
    async with portal.database.reading() as transaction:
        sold = await reconcile_days(transaction, connection, today - BACK, today)
    days = notices_of_days(sold.days, sold.payment_names, today)
    return Look(
        notices=(*notices_of_doubles(doubles), *notices_of_balances(balances, names), *orders, *days),
        balances=tuple(balances),
        counted=counted_by(entries, ours, kept, ledgers, today, customers.accounts),
    )


def _has_orders(rules: Rules, earlier: Iterable[Notice]) -> bool:
    """After a change of mode, as long as some are open."""
    return rules.mode is Mode.ORDERS or any(
        notice.code is NoticeCode.ORDERS_NOT_INVOICED for notice in earlier
    )


def _since(rules: Rules, today: date, earlier: Iterable[Notice]) -> date:
    """A month, and as far back as something was found that may not be mended yet."""
    found = [date.fromisoformat(notice.facts["day"]) for notice in earlier if "day" in notice.facts]
    return max(min([today - BACK, *found]), rules.start_date or today)


async def _till_balances(portal: Portal, connection: Connection) -> TillBalances:
    """Nothing where the till has none, or they may not be read: the till's own watch tells that.

    Nor where an outlet is switched off: the till has one balance for all, other books' among them.
    """
    if connection.rules.closed_outlets:
        return TillBalances()
    read_balances = SOURCES[connection.source].control.balances
    if read_balances is None:
        return TillBalances()
    try:
        return await read_balances(portal.till_of(connection))
    except NoRight:
        return TillBalances()


def _owed(books: _Books, till: TillBalances, of_others: frozenset[str]) -> Iterator[Balance]:
    kinds = (BalanceKind.GIFT_CARDS, BalanceKind.STORE_CREDIT, BalanceKind.DEPOSITS)
    waiting = {kind: books.waiting.owed(kind) for kind in kinds}
    return owed_to_customers(books.rules, books.stands, waiting, till, of_others)


def _clearing(books: _Books) -> list[Balance]:
    """One a ledger: several payment types may share it."""
    names: dict[str, list[str]] = {}
    for type_id, rule in sorted(books.rules.payments.items()):
        if rule.kind in COMES_FROM_THE_BANK and rule.ledger:
            names.setdefault(rule.ledger.lower(), []).append(type_id)
    return [_clearing_of(books, ledger, types) for ledger, types in sorted(names.items())]


def _clearing_of(books: _Books, ledger: str, types: Collection[str]) -> Balance:
    by_day: dict[date, Decimal] = {}
    for entry in books.entries:
        amount = entry.amounts.get(ledger, ZERO)
        if amount > ZERO or books.ours.has(entry):
            by_day[entry.day] = by_day.get(entry.day, ZERO) + amount
    clearing = Clearing(
        ledger,
        ", ".join(types),
        books.stands.get(ledger, Stand()),
        books.waiting.on_clearing(ledger, *COMES_FROM_THE_BANK),
        by_day,
    )
    return clearing_balance(clearing, books.today, PATIENCE)


async def _ledger_names(division: ExactDivision, ledgers: Collection[str]) -> dict[str, str]:
    wanted = sorted(set(ledgers))[: odata.LARGEST_OR]
    if not wanted:
        return {}
    rows = await division.rows(
        "financial/GLAccounts",
        select=("ID", "Code", "Description"),
        filter=odata.any_of("ID", [UUID(ledger) for ledger in wanted]),
        lane=Lane.SETTLE,
    )
    return {str(row["ID"]).lower(): f"{str(row['Code']).strip()} {row['Description']}" for row in rows}
