"""The sales of the vectors from Restaurant, as its parser reads them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from libs.common.lightspeed.restaurant_reference import (
    Location,
    payment_methods_in,
    reference_of,
)
from libs.common.lightspeed.restaurant_sale import parse_sale
from tests.builders import D
from tests.domain.vectors import raw

MOMENT = "2026-03-14T13:22:41.000Z"
METHODS = [{"pmId": 6, "name": "PIN", "code": "PIN"}, {"pmId": 1, "name": "Contant", "code": "CASH"}]
"""With the ids that the default mapping knows them by."""
LOCATION = Location("1", "1", "Europe/Amsterdam", payment_methods=payment_methods_in(METHODS))
REFERENCE = reference_of([LOCATION])


def sale_of(told: dict[str, Any]) -> Sale:
    """With the location and the moment that the vectors leave out."""
    sale = parse_sale({**told, "businessLocationId": 1, "timeClosed": MOMENT}, REFERENCE)
    assert isinstance(sale, Sale), sale
    return sale


# V45: two nights on one bill, either side of the change of rate, each in its accounting group

NIGHTS = {"2025-12-31": (71, "1.09", "100.00"), "2026-01-01": (70, "1.21", "90.082645")}
"""Group, rate and net: 109.00 / 1.21 = 90.082645."""


def stay() -> Sale:
    lines = [_night(**night) for night in raw("V45")["input"]["lines"]]
    bill = {"code": "PIN", "netAmountWithTax": "218.00", "tip": "0.00", "type": "NORMAL"}
    return sale_of({"accountFiscId": "A1.45", "type": "SALE", "salesLines": lines, "payments": [bill]})


def _night(night: str, gross: str, rate: str) -> dict[str, Any]:
    group, multiplier, net = NIGHTS[night]
    assert D(multiplier) == 1 + D(rate) / 100
    return {
        "sku": "LOGIES",
        "name": f"Logies {night}",
        "quantity": "1.000",
        "totalNetAmountWithTax": gross,
        "totalNetAmountWithoutTax": net,
        "taxLines": [{"taxRate": multiplier, "taxAmount": str(Decimal(gross) - Decimal(net))}],
        "accountingGroup": {"accountingGroupId": group, "name": "Logies"},
    }


def with_lodging(rules: Rules) -> Rules:
    return replace(rules, revenue=replace(rules.revenue, by_category={"71": "8071", "70": "8070"}))
