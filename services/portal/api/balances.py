"""Balances of gift cards, customers' accounts and clearing accounts, beside what the till says of them."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from services.portal import kept_balances, tenants
from services.portal.balances import Balance, BalanceKind, Explanation
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.shapes import Answer, Money

router = partner_router("reconciliation")


class BalanceAnswer(Answer):
    """Gift cards, store credit, deposits: what is owed to customers; customers' accounts: what they owe, less
    what they are owed; clearing: what is to come in.

    `waiting` is sold and not booked yet; till = books + waiting + difference. `others` is what others than
    the connection booked of `books`, `counted_with` the other ledgers that `books` holds. `till` is null
    where the till keeps no such balance or doesn't tell it.
    """

    kind: BalanceKind
    ledger: str
    counted_with: list[str]
    payment_types: list[str]
    till: Money | None
    books: Money
    waiting: Money
    difference: Money
    others: Money
    explanation: Explanation
    open_since: date | None


class BalancesAnswer(Answer):
    looked_at: AwareDatetime | None
    items: list[BalanceAnswer]


@router.get("/connections/{connection_id}/balances")
async def get_balances(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> BalancesAnswer:
    """As the last look at night found them."""
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        kept = await kept_balances.balances_of(transaction, connection.id)
    if kept is None:
        return BalancesAnswer(looked_at=None, items=[])
    return BalancesAnswer(looked_at=kept.looked_at, items=[_shown(balance) for balance in kept.balances])


def _shown(balance: Balance) -> BalanceAnswer:
    return BalanceAnswer(
        kind=balance.kind,
        ledger=balance.ledger,
        counted_with=list(balance.beside),
        payment_types=balance.name.split(", ") if balance.name else [],
        till=balance.till,
        books=balance.books,
        waiting=balance.waiting,
        difference=balance.difference,
        others=balance.others,
        explanation=balance.explanation,
        open_since=balance.open_since,
    )
