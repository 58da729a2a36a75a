"""What sales were booked with though somebody should look at it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from libs.common.domain.sale import ZERO, Sale, SaleState, SaleWarning, TenderKind
from services.portal import notices
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice
from services.portal.tellings import ProblemTold

CODES = {
    SaleWarning.SERVICE_CHARGE_WITHOUT_VAT: NoticeCode.SERVICE_CHARGE_WITHOUT_VAT,
    SaleWarning.BOOKED_BY_ANOTHER_LINK: NoticeCode.BOOKED_BY_ANOTHER_LINK,
}


MUCH_CASH = Decimal(3000)
FORBIDDEN_SINCE = datetime(2025, 12, 31, 23, tzinfo=UTC)
"""A trader in the Netherlands may not take so much for goods from 2026 on (domain.md 10.2)."""


def warned(sales: Iterable[Sale]) -> Iterator[Notice]:
    """One of each kind and outlet, with how many sales it is about."""
    counted = Counter((code, sale.outlet, sale.outlet_name) for sale in sales for code in _codes_of(sale))
    for (code, outlet, name), count in sorted(counted.items()):
        yield Notice(code, outlet, {"outlet": name or outlet, "sales": str(count)})


def warnings_of(sale: Sale, language: str) -> list[ProblemTold]:
    facts = {"outlet": sale.outlet_name or sale.outlet, "sales": "1"}
    return [notices.told(Notice(code, sale.outlet, facts), language) for code in _codes_of(sale)]


def _codes_of(sale: Sale) -> list[NoticeCode]:
    told = [CODES[warning] for warning in sale.warnings]
    return [*told, NoticeCode.MUCH_CASH] if _takes_much_cash(sale) else told


def _takes_much_cash(sale: Sale) -> bool:
    """In parts too, and less what went back as change."""
    if sale.state is not SaleState.COMPLETED or sale.completed_at is None:
        return False
    in_cash = sum((one.amount for one in sale.payments if one.kind is TenderKind.CASH), ZERO)
    return in_cash >= MUCH_CASH and sale.completed_at >= FORBIDDEN_SINCE
