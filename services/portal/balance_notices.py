"""Notices of what a look into the books has found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from libs.common.domain.sale import ZERO
from services.portal.balances import Balance, BalanceKind, Explanation
from services.portal.doubles import Double, DoubleKind
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice

SHOWN = 5
"""So many examples are named."""
OF_DOUBLES = {
    DoubleKind.RECEIPT: NoticeCode.RECEIPT_BOOKED_BY_ANOTHER,
    DoubleKind.DAY: NoticeCode.DAY_BOOKED_BY_ANOTHER,
    DoubleKind.TAKINGS: NoticeCode.TAKINGS_BOOKED_BY_ANOTHER,
    DoubleKind.OURS: NoticeCode.REFERENCE_TWICE,
}
OF_BALANCES = {
    (BalanceKind.GIFT_CARDS, Explanation.NO_OPENING_BALANCE): NoticeCode.GIFT_CARDS_WITHOUT_OPENING,
    (BalanceKind.GIFT_CARDS, Explanation.OTHERS): NoticeCode.GIFT_CARDS_DIFFER,
    (BalanceKind.STORE_CREDIT, Explanation.NO_OPENING_BALANCE): NoticeCode.STORE_CREDIT_WITHOUT_OPENING,
    (BalanceKind.STORE_CREDIT, Explanation.OTHERS): NoticeCode.STORE_CREDIT_DIFFERS,
    (BalanceKind.CUSTOMER_ACCOUNTS, Explanation.NO_OPENING_BALANCE): NoticeCode.CUSTOMERS_WITHOUT_OPENING,
    (BalanceKind.CUSTOMER_ACCOUNTS, Explanation.OTHERS): NoticeCode.CUSTOMERS_DIFFER,
    (BalanceKind.CLEARING, Explanation.NOT_RECEIVED): NoticeCode.CLEARING_NOT_RECEIVED,
    (BalanceKind.CLEARING, Explanation.MORE_RECEIVED): NoticeCode.CLEARING_MORE_RECEIVED,
}


def notices_of_doubles(doubles: Iterable[Double]) -> list[Notice]:
    """One for each journal and kind: another system that books beside us is one thing to mend."""
    together: dict[tuple[DoubleKind, str], list[Double]] = {}
    for double in doubles:
        together.setdefault((double.kind, double.journal), []).append(double)
    return [
        Notice(OF_DOUBLES[kind], f"{kind} {journal}", _facts_of(journal, found))
        for (kind, journal), found in sorted(together.items())
    ]


def _facts_of(journal: str, found: list[Double]) -> dict[str, str]:
    found = sorted(found, key=lambda double: (double.day, double.number))
    return {
        "journal": journal,
        "count": str(len(found)),
        "amount": _money(sum((double.amount for double in found), ZERO)),
        "day": found[0].day.isoformat(),
        "days": " - ".join(dict.fromkeys((found[0].day.isoformat(), found[-1].day.isoformat()))),
        "numbers": _some(double.number for double in found),
        "what": _some(double.what for double in found),
    }


def _some(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    return ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")


def notices_of_balances(balances: Iterable[Balance], names: Mapping[str, str]) -> list[Notice]:
    return [
        Notice(
            code,
            f"{balance.kind} {balance.ledger}",
            {
                "ledger": " + ".join(names.get(each, each) for each in balance.ledgers),
                "till": _money(balance.till or Decimal(0)),
                "books": _money(balance.books),
                "waiting": _money(balance.waiting),
                "others": _money(balance.others),
                "difference": _money(balance.difference),
                "since": "" if balance.open_since is None else balance.open_since.isoformat(),
            },
        )
        for balance in balances
        if (code := OF_BALANCES.get((balance.kind, balance.explanation))) is not None
    ]


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
