"""Notices of what a look into the books has found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from services.portal.balances import Balance, BalanceKind, Explanation
from services.portal.doubles import Double, DoubleKind
from services.portal.notice_texts import NoticeCode
from services.portal.notices import Notice

OF_DOUBLES = {
    DoubleKind.RECEIPT: NoticeCode.RECEIPT_BOOKED_BY_ANOTHER,
    DoubleKind.DAY: NoticeCode.DAY_BOOKED_BY_ANOTHER,
    DoubleKind.TAKINGS: NoticeCode.TAKINGS_BOOKED_BY_ANOTHER,
    DoubleKind.OURS: NoticeCode.REFERENCE_TWICE,
}
OF_BALANCES = {
    (BalanceKind.GIFT_CARDS, Explanation.NO_OPENING_BALANCE): NoticeCode.GIFT_CARDS_WITHOUT_OPENING,
    (BalanceKind.GIFT_CARDS, Explanation.OTHERS): NoticeCode.GIFT_CARDS_DIFFER,
    (BalanceKind.CUSTOMER_ACCOUNTS, Explanation.NO_OPENING_BALANCE): NoticeCode.CUSTOMERS_WITHOUT_OPENING,
    (BalanceKind.CUSTOMER_ACCOUNTS, Explanation.OTHERS): NoticeCode.CUSTOMERS_DIFFER,
    (BalanceKind.CLEARING, Explanation.NOT_RECEIVED): NoticeCode.CLEARING_NOT_RECEIVED,
    (BalanceKind.CLEARING, Explanation.MORE_RECEIVED): NoticeCode.CLEARING_MORE_RECEIVED,
}


def notices_of_doubles(doubles: Iterable[Double]) -> list[Notice]:
    return [
        Notice(
            OF_DOUBLES[double.kind],
            f"{double.journal} {double.number}",
            {
                "day": double.day.isoformat(),
                "journal": double.journal,
                "number": double.number,
                "amount": _money(double.amount),
                "what": double.what,
            },
        )
        for double in doubles
    ]


def notices_of_balances(balances: Iterable[Balance], names: Mapping[str, str]) -> list[Notice]:
    return [
        Notice(
            code,
            f"{balance.kind} {balance.ledger}",
            {
                "ledger": names.get(balance.ledger, balance.ledger),
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
