"""What stands in the books on the ledgers that a connection uses, entry by entry, and whose each entry is.

Ours are known by their references: the prefix of a connection of the division, and behind it a day's
document or the number of a sale that we know. All else was booked by others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.budget import Lane
from libs.common.database.registry import connection, connections
from libs.common.domain.rules import PaymentKind, Rules
from libs.common.domain.sale import ZERO
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from libs.common.exact.errors import BadRequest
from services.portal.store import prefixes_in_use, sales

BULK = "bulk/Financial/TransactionLines"
SINGLE = "financialtransaction/TransactionLines"
FIELDS = (
    *("EntryID", "EntryNumber", "JournalCode", "Date", "GLAccount", "Account", "AmountDC"),
    *("AmountVATFC", "YourRef", "Description"),
)
AT_ONCE = 500
OF_A_DAY = re.compile(r"[DST]\d[\d.]*-\d{8}([-/].*)?")
MONEY = (PaymentKind.CASH, PaymentKind.CARD, PaymentKind.ONLINE, PaymentKind.CLEARING)


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Of one connection, in lower case: where turnover, money and what is owed to customers go."""

    revenue: frozenset[str]
    money: frozenset[str]
    gift_cards: frozenset[str]
    store_credit: frozenset[str] = frozenset()
    deposits: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rules: Rules) -> Ledgers:
        revenue = rules.revenue
        turnover = [revenue.default_ledger, *revenue.by_vat_code.values(), *revenue.by_category.values()]
        cards, credit = _of_kind(rules, PaymentKind.GIFT_CARD), _of_kind(rules, PaymentKind.STORE_CREDIT)
        return cls(
            revenue=_lower([*turnover, *revenue.by_item.values()]) - cards - credit,
            money=_of_kind(rules, *MONEY),
            gift_cards=_lower([rules.ledgers.gift_cards]) | cards,
            store_credit=_lower([rules.ledgers.store_credit]) | credit,
            deposits=_lower([rules.ledgers.deposits]),
        )

    @property
    def owed(self) -> frozenset[str]:
        return self.gift_cards | self.store_credit | self.deposits

    @property
    def all(self) -> frozenset[str]:
        return self.revenue | self.money | self.owed


def _of_kind(rules: Rules, *kinds: PaymentKind) -> frozenset[str]:
    return _lower(rule.ledger for rule in rules.payments.values() if rule.kind in kinds)


def _lower(ledgers: Iterable[str | None]) -> frozenset[str]:
    return frozenset(ledger.lower() for ledger in ledgers if ledger)


@dataclass(slots=True)
class BookEntry:
    """One entry, as far as its lines were asked for; amounts by ledger, debit positive."""

    id: str
    number: str
    journal: str
    day: date
    texts: set[str] = field(default_factory=set)
    """What it is called: references and descriptions."""
    amounts: dict[str, Decimal] = field(default_factory=dict)
    by_account: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """By ledger and relation, where a line names one."""
    debits: Decimal = ZERO

    @property
    def references(self) -> set[str]:
        """A reference stands alone or at the head of a description."""
        return {text.split(" ", 1)[0] for text in self.texts if text}

    def sum_on(self, ledgers: Collection[str]) -> Decimal:
        return sum((amount for ledger, amount in self.amounts.items() if ledger in ledgers), ZERO)


def entries_of(rows: Iterable[Mapping[str, Any]], gross: Collection[str] = ()) -> list[BookEntry]:
    """On ledgers that are `gross` the VAT of a line is part of its amount."""
    entries: dict[str, BookEntry] = {}
    for row in rows:
        entry = entries.setdefault(str(row["EntryID"]), _entry(row))
        amount, ledger = Decimal(str(row["AmountDC"] or 0)), str(row["GLAccount"]).lower()
        if ledger in gross:
            amount += Decimal(str(row.get("AmountVATFC") or 0)).copy_sign(amount)
        entry.amounts[ledger] = entry.amounts.get(ledger, ZERO) + amount
        entry.debits += max(amount, ZERO)
        entry.texts |= {str(row.get(name) or "").strip() for name in ("YourRef", "Description")}
        if row.get("Account"):
            place = (ledger, str(row["Account"]).lower())
            entry.by_account[place] = entry.by_account.get(place, ZERO) + amount
    return list(entries.values())


def _entry(row: Mapping[str, Any]) -> BookEntry:
    return BookEntry(
        id=str(row["EntryID"]),
        number=str(row["EntryNumber"]),
        journal=str(row["JournalCode"]).strip(),
        day=odata.moment_of(str(row["Date"])).date(),
    )


async def read_entries(
    division: ExactDivision,
    ledgers: Collection[str],
    since: date | None = None,
    gross: Collection[str] = (),
) -> list[BookEntry]:
    """A thousand lines a call; where a site has no bulk pages, sixty."""
    rows: list[dict[str, Any]] = []
    wanted = sorted(ledgers)
    for start in range(0, len(wanted), odata.LARGEST_OR):
        where = _any_of("GLAccount", wanted[start : start + odata.LARGEST_OR])
        rows += await _rows(
            division, where if since is None else f"Date ge {odata.literal(since)} and {where}"
        )
    return entries_of(rows, gross)


async def read_whole(division: ExactDivision, entry_ids: Sequence[str]) -> list[BookEntry]:
    """All lines of these entries."""
    found: list[BookEntry] = []
    for start in range(0, len(entry_ids), odata.LARGEST_OR):
        found += entries_of(
            await _rows(division, _any_of("EntryID", entry_ids[start : start + odata.LARGEST_OR]))
        )
    return found


async def read_of_accounts(division: ExactDivision, ledger: str, accounts: Sequence[str]) -> list[BookEntry]:
    """All that ever stood on a ledger under these relations."""
    found: list[BookEntry] = []
    for start in range(0, len(accounts), odata.LARGEST_OR):
        some = _any_of("Account", accounts[start : start + odata.LARGEST_OR])
        found += entries_of(await _rows(division, f"{_any_of('GLAccount', [ledger])} and ({some})"))
    return found


def _any_of(name: str, ids: Iterable[str]) -> str:
    return odata.any_of(name, [UUID(each) for each in sorted(ids)])


async def _rows(division: ExactDivision, where: str) -> list[dict[str, Any]]:
    try:
        return await division.rows(BULK, select=FIELDS, filter=where, lane=Lane.SETTLE)
    except BadRequest:
        return await division.rows(SINGLE, select=FIELDS, filter=where, lane=Lane.SETTLE)


@dataclass(frozen=True, slots=True)
class Ours:
    """The references that connections of the division may have made."""

    numbers: Mapping[str, frozenset[str]]
    """By prefix, those numbers of its connection's sales that were asked for."""

    def has(self, entry: BookEntry) -> bool:
        return self.reference_of(entry) is not None

    def reference_of(self, entry: BookEntry) -> str | None:
        return next((each for each in sorted(entry.references) if self._is_ours(each)), None)

    def _is_ours(self, reference: str) -> bool:
        return any(
            OF_A_DAY.fullmatch(rest) is not None or not numbers.isdisjoint(possible_numbers(rest))
            for prefix, numbers in self.numbers.items()
            if (rest := _behind(prefix, reference)) is not None
        )


def _behind(prefix: str, reference: str) -> str | None:
    return reference[len(prefix) :] if reference.startswith(prefix) else None


def possible_numbers(rest: str) -> Iterator[str]:
    """ "5012-C2" may be a correction of "5012", or a sale's own number."""
    yield rest
    for place in range(len(rest) - 1, 0, -1):
        if rest[place] in "-/":
            yield rest[:place]


async def whose(
    transaction: AsyncConnection,
    division_key: str,
    entries: Iterable[BookEntry],
    but_for: str | None = None,
    of: str | None = None,
) -> Ours:
    """`but_for` is a connection that has booked nothing yet; one that has ended is another's.

    Those of one connection alone where it is asked `of`.
    """
    query = _prefixes(division_key)
    if of is not None:
        query = query.where(prefixes_in_use.c.connection_id == of)
    references = {reference for entry in entries for reference in entry.references}
    numbers: dict[str, frozenset[str]] = {}
    for prefix, connection_id in (await transaction.execute(query)).all():
        if connection_id == but_for:
            continue
        rests = [rest for reference in references if (rest := _behind(prefix, reference))]
        asked = {number for rest in rests for number in possible_numbers(rest)}
        numbers[prefix] = frozenset(await _known(transaction, connection_id, sorted(asked)))
    return Ours(numbers)


def _prefixes(division_key: str) -> Select[Any]:
    return (
        select(prefixes_in_use.c.prefix, prefixes_in_use.c.connection_id)
        .join(connections, connections.c.id == prefixes_in_use.c.connection_id)
        .where(prefixes_in_use.c.division == division_key, connections.c.ended_at.is_(None))
    )


async def owed_by_neighbours(
    transaction: AsyncConnection, connection_id: str, division_key: str
) -> frozenset[str]:
    """The ledgers on which other tills of the division book what they owe their customers."""
    rows = (await transaction.execute(_prefixes(division_key))).all()
    found: frozenset[str] = frozenset()
    for other in {row.connection_id for row in rows} - {connection_id}:
        neighbour = await connection(transaction, other)
        found |= frozenset() if neighbour is None else Ledgers.of(neighbour.rules).owed
    return found


async def _known(transaction: AsyncConnection, connection_id: str, numbers: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(numbers), AT_ONCE):
        query = select(sales.c.number).where(
            sales.c.connection_id == connection_id, sales.c.number.in_(numbers[start : start + AT_ONCE])
        )
        known |= set((await transaction.execute(query)).scalars())
    return known
