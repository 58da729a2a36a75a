"""What the demo reports: the tills' turnover against the turnover that stands in Exact, read there.

Neither figure comes from the product's own tables: one is the sandbox's tills', the other its books'.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.demo.stocktaking import Articles

CENT = Decimal("0.01")
MONEY_LEDGERS = (
    "gift_cards",
    "store_credit",
    "deposits",
    "tips",
    "cash_rounding",
    "open_payments",
    "cash_difference",
    "cash_drops",
    "petty_cash",
)


@dataclass(frozen=True, slots=True)
class Result:
    """The demo's last line."""

    source: str
    mode: str
    sales: int
    booked: int
    problems: int
    ignored: int
    turnover: Decimal
    booked_turnover: Decimal
    lightspeed_calls: int
    exact_calls: int
    seconds: float
    booking_seconds: float
    """From the switch to the last booking."""
    findings: tuple[str, ...] = ()
    """What else is wrong in the books, a sentence each."""
    articles: Articles | None = None
    """Where articles were kept in step."""

    @property
    def difference(self) -> Decimal:
        return self.turnover - self.booked_turnover

    @property
    def is_right(self) -> bool:
        all_decided = self.sales == self.booked + self.problems + self.ignored
        in_step = self.articles is None or self.articles.taken.agrees
        return all_decided and self.difference == 0 and self.problems == 0 and not self.findings and in_step

    def to_json(self) -> str:
        of_articles = {} if self.articles is None else self.articles.told()
        return json.dumps(
            {
                "source": self.source,
                "mode": self.mode,
                "sales": self.sales,
                "booked": self.booked,
                "problems": self.problems,
                "ignored": self.ignored,
                "turnover": str(self.turnover.quantize(CENT)),
                "booked_turnover": str(self.booked_turnover.quantize(CENT)),
                "difference": str(self.difference.quantize(CENT)),
                "lightspeed_calls": self.lightspeed_calls,
                "exact_calls": self.exact_calls,
                "seconds": round(self.seconds, 1),
                **of_articles,
            }
        )


def money_ledgers(rules: Mapping[str, Any]) -> set[str]:
    """The ledgers that hold money and debts, not turnover."""
    payments = {rule.get("ledger") for rule in rules["payments"].values()}
    special = {rules["ledgers"].get(name) for name in MONEY_LEDGERS}
    return {ledger for ledger in payments | special if ledger}


def booked_turnover(books: Mapping[str, Any], rules: Mapping[str, Any]) -> Decimal:
    """The gross of all document lines but those of debtors and of money; orders by their amounts."""
    money = money_ledgers(rules)
    total = sum(_amounts(books["sales_orders"]), Decimal(0))
    entries = [entry for entry in books["sales_entries"] if not entry.get("from_invoice")]
    for entry in [*entries, *books["sales_invoices"]]:
        total += sum((Decimal(line["gross"]) for line in _turnover(entry["lines"], money)), Decimal(0))
    return (
        total + _journaled(books["cash_entries"], money) - _journaled(books["general_journal_entries"], money)
    )


def _journaled(journals: Iterable[Mapping[str, Any]], money: set[str]) -> Decimal:
    """As the journals sign it: a general journal's debits are positive, a cash book's receipts."""
    lines = (line for journal in journals for line in _turnover(journal["lines"], money))
    return sum((Decimal(line["amount"]) for line in lines if not line.get("debtor")), Decimal(0))


def _amounts(documents: Iterable[Mapping[str, Any]]) -> Iterable[Decimal]:
    return (Decimal(document["amount"]) for document in documents)


def _turnover(lines: Iterable[Mapping[str, Any]], money: set[str]) -> list[Mapping[str, Any]]:
    return [line for line in lines if line.get("ledger_id") not in money]
