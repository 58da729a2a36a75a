"""What is owed to customers on gift cards, store credit and deposits: in the books, and at the till where it
says so. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO
from libs.common.domain.till_control import TillBalances
from services.portal.balances import Balance, BalanceKind, Stand, owed_balance
from services.portal.book_entries import Ledgers
from services.portal.stands import together


@dataclass(frozen=True, slots=True)
class Owed:
    """One or more ledgers that are counted together; `till` is None where the till doesn't say."""

    kind: BalanceKind
    ledgers: frozenset[str]
    waiting: Decimal
    till: Decimal | None

    def joined(self, other: Owed) -> Owed:
        """One ledger for both: only their sum can be compared."""
        till = None if self.till is None or other.till is None else self.till + other.till
        ledgers, waiting = self.ledgers | other.ledgers, self.waiting + other.waiting
        return replace(self, ledgers=ledgers, waiting=waiting, till=till)


def owed_to_customers(
    rules: Rules,
    stands: Mapping[str, Stand],
    waiting: Mapping[BalanceKind, Decimal],
    till: TillBalances,
    of_others: Collection[str],
) -> Iterator[Balance]:
    """None of what was never used; ledgers `of_others` hold what other tills owe too."""
    for owed in _apart(rules, waiting, till):
        if owed.till or any(ledger in stands for ledger in owed.ledgers):
            said = None if owed.ledgers.intersection(of_others) else owed.till
            stand = together(stands, owed.ledgers)
            yield owed_balance(owed.kind, sorted(owed.ledgers), stand, owed.waiting, said)


def _apart(rules: Rules, waiting: Mapping[BalanceKind, Decimal], till: TillBalances) -> list[Owed]:
    """Where a card is turnover when it is sold, nothing is owed on it."""
    ledgers = Ledgers.of(rules)
    wanted = [
        (BalanceKind.STORE_CREDIT, ledgers.store_credit, till.store_credit),
        (BalanceKind.DEPOSITS, ledgers.deposits, None),
    ]
    if rules.gift_cards == "liability":
        wanted.insert(0, (BalanceKind.GIFT_CARDS, ledgers.gift_cards, till.gift_cards))
    found: list[Owed] = []
    for kind, own, said in wanted:
        owed = Owed(kind, own, waiting.get(kind, ZERO), said)
        shares = [other for other in found if other.ledgers & own]
        found = [other for other in found if other not in shares]
        for other in shares:
            owed = other.joined(owed)
        found += [owed] if owed.ledgers else []
    return found
