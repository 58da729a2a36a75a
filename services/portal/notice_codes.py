"""What a notice may be about."""

from __future__ import annotations

from enum import StrEnum


class NoticeCode(StrEnum):
    VAT_CODE_DIFFERS = "vat-code-differs"
    VAT_CODE_GONE = "vat-code-gone"
    ALCOHOL_AT_LOW_RATE = "alcohol-at-low-rate"
    SERVICE_CHARGE_WITHOUT_VAT = "service-charge-without-vat"
    BOOKED_BY_ANOTHER_LINK = "booked-by-another-link"
    MUCH_CASH = "much-cash"
    TILL_TURNOVER_DIFFERS = "till-turnover-differs"
    TILL_PAYMENTS_DIFFER = "till-payments-differ"
    TILL_REPORTS_UNREADABLE = "till-reports-unreadable"
    DAY_DIFFERS = "day-differs"
    NUMBERS_MISSING = "numbers-missing"
    RECEIPT_BOOKED_BY_ANOTHER = "receipt-booked-by-another"
    DAY_BOOKED_BY_ANOTHER = "day-booked-by-another"
    TAKINGS_BOOKED_BY_ANOTHER = "takings-booked-by-another"
    REFERENCE_TWICE = "reference-twice"
    GIFT_CARDS_WITHOUT_OPENING = "gift-cards-without-opening"
    GIFT_CARDS_DIFFER = "gift-cards-differ"
    STORE_CREDIT_WITHOUT_OPENING = "store-credit-without-opening"
    STORE_CREDIT_DIFFERS = "store-credit-differs"
    CUSTOMERS_WITHOUT_OPENING = "customers-without-opening"
    CUSTOMERS_DIFFER = "customers-differ"
    CLEARING_NOT_RECEIVED = "clearing-not-received"
    CLEARING_MORE_RECEIVED = "clearing-more-received"
    ORDERS_NOT_INVOICED = "orders-not-invoiced"
