"""Payloads of Lightspeed Restaurant: the reference's own samples, and parts to vary."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from libs.common.lightspeed.restaurant_reference import (
    Location,
    RestaurantReference,
    accounting_groups_in,
    payment_methods_in,
    reference_of,
    tax_rates_in,
)

UTRECHT = "220000000000123"
PIN, CASH, GIFT_CARD, ON_ACCOUNT, ROOM = "310000000000031", "31", "32", "33", "34"
METHODS = [
    {"pmId": int(PIN), "name": "Pin", "code": "PIN"},
    {"pmId": int(CASH), "name": "Contant", "code": "CASH"},
    {"pmId": int(GIFT_CARD), "name": "Cadeaukaart", "code": "IKGIFT"},
    {"pmId": int(ON_ACCOUNT), "name": "Op rekening", "code": "REK"},
    {"pmId": int(ROOM), "name": "Kamer", "code": "IKPMS"},
]
RATES = [
    {"code": "NL21", "description": "Hoog", "rate": Decimal("1.21"), "taxIncluded": True},
    {"code": "NL9", "description": "Laag", "rate": Decimal("1.09"), "taxIncluded": True},
    {"code": "NL0", "description": "Nul", "rate": Decimal("1.00"), "taxIncluded": True},
]
GROUPS = [
    {"accountingGroupId": 310000000000021, "name": "Alcohol", "code": "8010"},
    {"accountingGroupId": 310000000000022, "name": "Keuken", "code": "8020"},
]
CONSUMER = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "firstName": "Eva",
    "lastName": "de Wit",
    "companyName": "De Wit BV",
    "addressLine1": "Oudegracht 1",
    "zipCode": "3511 AA",
    "city": "Utrecht",
    "email": "eva@dewit.example",
    "taxIdentifier": "NL123456789B01",
}


def a_reference() -> RestaurantReference:
    return reference_of(
        [
            Location(
                id=UTRECHT,
                name="De Keuken Utrecht",
                time_zone="Europe/Amsterdam",
                business="4711",
                business_name="De Keuken BV",
                country="NL",
                tax_rates=tax_rates_in(RATES),
                payment_methods=payment_methods_in(METHODS),
                accounting_groups=accounting_groups_in(GROUPS),
            )
        ]
    )


SAMPLE_LINES: list[dict[str, Any]] = [
    {
        "id": "S81234.101",
        "totalNetAmountWithTax": "10.000000",
        "totalNetAmountWithoutTax": "8.264463",
        "menuListPrice": "10.00",
        "unitCostPrice": "1.10",
        "serviceCharge": "0.00",
        "serviceChargeType": "NO_SERVICE_CHARGE",
        "serviceChargeRate": "0.00",
        "discountAmount": "0.000000",
        "taxCode": "NL21",
        "taxAmount": "1.7355",
        "taxRatePercentage": "21.00",
        "taxLines": [
            {
                "taxId": "310000000000007",
                "taxCode": "NL21",
                "taxRate": "1.21",
                "taxAmount": "1.735537",
                "taxIncluded": True,
            }
        ],
        "totalDiscountAmount": "0.00",
        "sku": "BIER25",
        "name": "Pils 25cl",
        "quantity": "2.000",
        "statisticGroup": "Dranken",
        "accountingGroup": {
            "accountingGroupId": 310000000000021,
            "name": "Alcohol",
            "code": "8010",
            "statisticGroup": "Dranken",
        },
        "currency": "EUR",
        "timeOfSale": "2026-11-03T18:12:09.120Z",
    },
    {
        "id": "S81234.102",
        "totalNetAmountWithTax": "15.000000",
        "totalNetAmountWithoutTax": "13.761468",
        "menuListPrice": "15.00",
        "serviceCharge": "0.00",
        "serviceChargeType": "NO_SERVICE_CHARGE",
        "taxCode": "NL9",
        "taxAmount": "1.2385",
        "taxRatePercentage": "9.00",
        "taxLines": [
            {
                "taxId": "310000000000008",
                "taxCode": "NL9",
                "taxRate": "1.09",
                "taxAmount": "1.238532",
                "taxIncluded": True,
            }
        ],
        "sku": "BURGER",
        "name": "Burger",
        "quantity": "1.000",
        "accountingGroup": {"accountingGroupId": 310000000000022, "name": "Keuken", "code": "8020"},
        "currency": "EUR",
    },
]
SAMPLE_PAYMENT: dict[str, Any] = {
    "code": "PIN",
    "description": "Pin",
    "paymentMethodId": 310000000000031,
    "netAmountWithTax": "25.00",
    "currency": "EUR",
    "tip": "2.50",
    "type": "NORMAL",
    "fiscId": "T81234.77",
    "uuid": "Zz0Yy1Xx2Ww3Vv4Uu5Tt6A==",
    "fiscDate": "2026-11-03T19:40:02.001Z",
    "surcharge": "0.00",
    "roundingAmount": "0.00",
}


def the_sample() -> dict[str, Any]:
    """Section 7.4, with the location that it was read at."""
    return {
        "businessLocationId": int(UTRECHT),
        "accountReference": "q1w2e3r4t5y6u7i8o9p0aA==",
        "accountFiscId": "A81234.41",
        "receiptId": "R81234.39",
        "source": {"initialAccountId": "A81234.41"},
        "salesLines": copy.deepcopy(SAMPLE_LINES),
        "payments": [dict(SAMPLE_PAYMENT)],
        "timeOfOpening": "2026-11-03T18:10:00.000Z",
        "timeClosed": "2026-11-03T19:40:02.310Z",
        "cancelled": False,
        "type": "SALE",
        "nbCovers": 2.0,
        "dineIn": True,
    }


def a_row(
    lines: list[dict[str, Any]] | None = None, payments: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """The sample with other lines, payments and members."""
    row = the_sample()
    if lines is not None:
        row["salesLines"] = lines
    if payments is not None:
        row["payments"] = payments
    return {**row, **more}


def a_line_row(gross: str = "12.10", net: str = "10.00", rate: str = "1.21", **more: Any) -> dict[str, Any]:
    """`gross` and `net` as they are told; the tax is their difference."""
    tax = str(Decimal(gross) - Decimal(net))
    code = {"1.21": "NL21", "1.09": "NL9"}.get(rate, "NL0")
    return {
        "id": "S81234.1",
        "totalNetAmountWithTax": gross,
        "totalNetAmountWithoutTax": net,
        "taxCode": code,
        "taxAmount": tax,
        "taxLines": [{"taxCode": code, "taxRate": rate, "taxAmount": tax}],
        "sku": "BIER25",
        "name": "Pils",
        "quantity": "1.000",
        **more,
    }


def a_payment_row(net: str = "12.10", method: str = PIN, **more: Any) -> dict[str, Any]:
    code = next(each["code"] for each in METHODS if str(each["pmId"]) == method)
    return {
        "code": code,
        "paymentMethodId": int(method),
        "netAmountWithTax": net,
        "tip": "0.00",
        "type": "NORMAL",
        "fiscId": f"T81234.{method[-2:]}",
        "surcharge": "0.00",
        "roundingAmount": "0.00",
        **more,
    }


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
