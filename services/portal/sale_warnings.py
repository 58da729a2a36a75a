"""What sales were booked with though somebody should look at how the till is set up, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from libs.common.domain.sale import Sale, SaleWarning
from services.portal import notices
from services.portal.notice_texts import NoticeCode
from services.portal.notices import Notice
from services.portal.tellings import ProblemTold

CODES = {
    SaleWarning.SERVICE_CHARGE_WITHOUT_VAT: NoticeCode.SERVICE_CHARGE_WITHOUT_VAT,
    SaleWarning.BOOKED_BY_ANOTHER_LINK: NoticeCode.BOOKED_BY_ANOTHER_LINK,
}


def warned(sales: Iterable[Sale]) -> Iterator[Notice]:
    """One of each kind and outlet, with how many sales it is about."""
    counted = Counter((warning, sale.outlet, sale.outlet_name) for sale in sales for warning in sale.warnings)
    for (warning, outlet, name), count in sorted(counted.items()):
        yield Notice(CODES[warning], outlet, {"outlet": name or outlet, "sales": str(count)})


def warnings_of(sale: Sale, language: str) -> list[ProblemTold]:
    facts = {"outlet": sale.outlet_name or sale.outlet, "sales": "1"}
    return [notices.told(Notice(CODES[warning], sale.outlet, facts), language) for warning in sale.warnings]
