"""Payloads of Lightspeed Retail: the recorded page, the reference's own sample, and parts to vary."""

from __future__ import annotations

import json
from typing import Any

from libs.common.lightspeed.retail_reference import RetailReference, reference_of
from tests.shared import RETAIL_SAMPLES

RECORDED = RETAIL_SAMPLES / "sales-page.json"


def recorded_sales() -> list[dict[str, Any]]:
    """The 19 sales of a page that a real account gave in 2016, before V3."""
    sales: list[dict[str, Any]] = json.loads(RECORDED.read_text())["body"]["Sale"]
    return sales


def recorded_reference() -> RetailReference:
    return reference_of(
        shops=[{"shopID": "1", "name": "Kit Kraft Sandbox", "timeZone": "US/Pacific", "archived": "false"}],
        account={"defaultCurrency": {"code": "USD", "symbol": "$"}},
    )


PAYMENT_TYPES = [
    {"paymentTypeID": "1", "code": "Cash", "name": "Contant", "type": "cash", "archived": "false"},
    {"paymentTypeID": "2", "code": "Check", "name": "PIN", "type": "user defined", "archived": "true"},
    {"paymentTypeID": "3", "code": "CC", "name": "Contant", "type": "credit card", "archived": "false"},
    {"paymentTypeID": "4", "code": "SCA", "name": "Rekening", "type": "credit account", "archived": "false"},
    {"paymentTypeID": "5", "code": "SGC", "name": "Cadeaukaart", "type": "gift card", "archived": "false"},
    {"paymentTypeID": "6", "code": "Debit Card", "name": "PIN", "type": "user defined", "archived": "false"},
    {"paymentTypeID": "7", "code": "ECOM", "name": "Webwinkel", "type": "ecom", "archived": "false"},
]
TAX_CATEGORY = {
    "taxCategoryID": "1",
    "isTaxInclusive": "true",
    "tax1Name": "BTW",
    "tax2Name": "",
    "tax1Rate": "0.21",
    "tax2Rate": "0",
    "TaxCategoryClasses": {
        "TaxCategoryClass": [
            {"taxCategoryClassID": "2", "tax1Rate": "0.09", "tax2Rate": "0", "taxClassID": "3"},
            {"taxCategoryClassID": "3", "tax1Rate": "0", "tax2Rate": "0", "taxClassID": "4"},
        ]
    },
}


def dutch_reference() -> RetailReference:
    return reference_of(
        shops=[
            {"shopID": "1", "name": "Winkel", "timeZone": "Europe/Amsterdam", "archived": "false"},
            {"shopID": "2", "name": "Markt", "timeZone": "Europe/Amsterdam", "archived": "true"},
        ],
        registers=[{"registerID": "1", "name": "Kassa 1", "shopID": "1", "archived": "false"}],
        payment_types=PAYMENT_TYPES,
        tax_categories=[TAX_CATEGORY],
        tax_classes=[{"taxClassID": "1", "name": "Item"}, {"taxClassID": "3", "name": "Laag 9%"}],
        account={"defaultCurrency": {"code": "EUR"}},
    )


def a_line_row(**fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "saleLineID": "9101",
        "unitQuantity": "2",
        "unitPrice": "12.1",
        "tax": "true",
        "tax1Rate": "0.21",
        "tax2Rate": "0",
        "isLayaway": "false",
        "isSpecialOrder": "false",
        "lineType": "",
        "calcLineDiscount": "0",
        "calcTransactionDiscount": "0",
        "calcTotal": "24.2",
        "calcSubtotal": "20",
        "calcTax1": "4.2",
        "calcTax2": "0",
        "taxClassID": "1",
        "taxCategoryID": "1",
        "itemID": "77",
        "parentSaleLineID": "0",
        "shopID": "1",
        "itemFeeID": "0",
        "Item": {
            "itemID": "77",
            "systemSku": "210000000077",
            "customSku": "BEL-77",
            "description": "Fietsbel",
            "categoryID": "3",
        },
    }
    return row | fields


def a_payment_row(amount: str, type_id: str = "6", **fields: Any) -> dict[str, Any]:
    return {
        "salePaymentID": "6207",
        "amount": amount,
        "tipAmount": "0",
        "createTime": "2026-03-14T13:22:41+00:00",
        "archived": "false",
        "paymentTypeID": type_id,
        "creditAccountID": "0",
    } | fields


def a_sale_row(lines: Any = None, payments: Any = None, **fields: Any) -> dict[str, Any]:
    """The first line and the payment of sample 1 of the reference's 4.1, unless told otherwise."""
    lines = [a_line_row()] if lines is None else lines
    payments = [a_payment_row("24.2")] if payments is None else payments
    row: dict[str, Any] = {
        "saleID": "5012",
        "timeStamp": "2026-03-14T13:22:41+00:00",
        "completed": "true",
        "archived": "false",
        "voided": "false",
        "createTime": "2026-03-14T13:21:50+00:00",
        "updatetime": "2026-03-14T13:22:42+00:00",
        "completeTime": "2026-03-14T13:22:41+00:00",
        "ticketNumber": "220000005012",
        "calcTax1": "4.2",
        "calcTax2": "0",
        "calcTotal": "24.2",
        "total": "24.2",
        "calcPayments": "24.2",
        "customerID": "0",
        "registerID": "1",
        "shopID": "1",
        "taxCategoryID": "1",
        "referenceNumber": "",
        "SaleLines": {"SaleLine": lines if len(lines) != 1 else lines[0]} if lines else "",
        "SalePayments": {"SalePayment": payments if len(payments) != 1 else payments[0]} if payments else "",
    }
    return row | fields


CUSTOMER = {
    "customerID": "88",
    "firstName": "Anna",
    "lastName": "de Wit",
    "company": "De Wit BV",
    "companyRegistrationNumber": "12345678",
    "vatNumber": "NL001234567B01",
    "Contact": {
        "contactID": "190",
        "Addresses": {
            "ContactAddress": {
                "address1": "Dorpsstraat 1",
                "address2": "",
                "city": "Utrecht",
                "zip": "3511AA",
                "country": "Netherlands",
                "countryCode": "NL",
            }
        },
        "Phones": "",
        "Emails": {
            "ContactEmail": [
                {"address": "thuis@example.nl", "useType": "Secondary"},
                {"address": "anna@example.nl", "useType": "Primary"},
            ]
        },
    },
}
