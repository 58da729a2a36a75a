"""Customers' accounts in the books against the till: what they owe, less their deposits and their credit.

The till has one account for each customer. In the books debts and credit stand on their debtors, deposits
with VAT on a ledger of their own (V19), and in mode orders what nobody invoiced yet stands in orders alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from libs.common.budget import Lane
from libs.common.database.engine import Database
from libs.common.domain.rules import Rules, Settlement
from libs.common.domain.sale import ZERO
from libs.common.exact.client import ExactDivision
from services.portal.balances import Balance, Stand, customer_balance
from services.portal.book_entries import Ledgers, read_entries, read_of_accounts, whose
from services.portal.open_orders import OpenOrder, read_open_orders
from services.portal.stands import stands_of, together

SALES_JOURNAL = 20


@dataclass(frozen=True, slots=True)
class Debtors:
    """Where customers' accounts are found."""

    connection_id: str
    database: Database
    division: ExactDivision
    rules: Rules
    stands: Mapping[str, Stand]
    """Of all ledgers but the debtors'."""
    of_others: frozenset[str]
    """Ledgers that hold what other tills owe too."""
    has_orders: bool
    """Whether some may not be invoiced yet."""
    since: date
    """From here on our entries may name debtors that aren't known yet."""


@dataclass(frozen=True, slots=True)
class Customers:
    balances: tuple[Balance, ...] = ()
    accounts: frozenset[str] | None = None
    """The debtors on whose account our sales were; None where they were never looked for."""


async def compare_customers(
    debtors: Debtors, till: Decimal | None, waiting: Decimal, known: Iterable[str] | None
) -> Customers:
    """`known` are the debtors that were found before."""
    before = None if known is None else frozenset(known)
    ledger = await _receivables(debtors) if till is not None and _is_comparable(debtors) else None
    if till is None or ledger is None:
        return Customers(accounts=before)
    orders = await _orders_of_customers(debtors)
    accounts = (before or frozenset()) | await _named(debtors, ledger) | {order.account for order in orders}
    stand = await _stand(debtors, ledger, accounts)
    deposits = together(debtors.stands, Ledgers.of(debtors.rules).deposits)
    has_deposits = debtors.rules.deposit_vat is not None or bool(deposits.ours)
    if has_deposits:
        stand += deposits
    stand += Stand(ours=sum((order.amount for order in orders), ZERO))
    if not (accounts or till or stand.all):
        return Customers(accounts=accounts)
    is_told = not any(order.is_partial for order in orders)
    beside = sorted(Ledgers.of(debtors.rules).deposits) if has_deposits else ()
    balance = customer_balance([ledger, *beside], stand, waiting, till if is_told else None)
    return Customers((balance,), accounts)


def _is_comparable(debtors: Debtors) -> bool:
    """Not where debtors hold what banks will pay too, nor where deposits share their ledger."""
    ledgers = Ledgers.of(debtors.rules)
    shares = ledgers.deposits & (ledgers.gift_cards | ledgers.store_credit | debtors.of_others)
    return debtors.rules.settlement is not Settlement.NONE and not shares


async def _receivables(debtors: Debtors) -> str | None:
    """The debtors' ledger isn't chosen: it is the sales journal's own."""
    journal = debtors.rules.journals.sales
    if journal is None:
        return None
    rows = await debtors.division.rows(
        "financial/Journals",
        select=("Code", "GLAccount"),
        filter=f"Type eq {SALES_JOURNAL}",
        lane=Lane.SETTLE,
    )
    own = {str(row["Code"]).strip(): row.get("GLAccount") for row in rows}.get(journal)
    return None if own is None else str(own).lower()


async def _orders_of_customers(debtors: Debtors) -> list[OpenOrder]:
    if not debtors.has_orders:
        return []
    orders = await read_open_orders(debtors.division, debtors.rules)
    async with debtors.database.reading() as transaction:
        entries = [order.entry for order in orders]
        ours = await whose(transaction, debtors.division.key, entries, of=debtors.connection_id)
    return [order for order in orders if ours.has(order.entry)]


async def _named(debtors: Debtors, ledger: str) -> frozenset[str]:
    """The debtors that the connection's entries name lately, but for that of anonymous sales."""
    recent = await read_entries(debtors.division, [ledger], debtors.since)
    async with debtors.database.reading() as transaction:
        ours = await whose(transaction, debtors.division.key, recent, of=debtors.connection_id)
    default = (debtors.rules.debtor.default_account or "").lower()
    return frozenset(
        account
        for entry in recent
        if ours.has(entry)
        for of_ledger, account in entry.by_account
        if of_ledger == ledger and account != default
    )


async def _stand(debtors: Debtors, ledger: str, accounts: frozenset[str]) -> Stand:
    entries = await read_of_accounts(debtors.division, ledger, sorted(accounts))
    async with debtors.database.reading() as transaction:
        ours = await whose(transaction, debtors.division.key, entries)
    return together(stands_of(entries, ours, None), [ledger])
