"""A record as the two financial APIs show it: members, decimal strings, and what is only there when asked."""

import base64
import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.records import Line, Payment, Record
from services.sandbox.restaurant.values import HUNDRED, ONE, ZERO, moment_text, text
from services.sandbox.switches import Switches
from services.sandbox.tills import Buyer

Json = dict[str, Any]
BACK_OFFICE = "BackOffice"


class Renderer:
    """`include` is what the caller asked for; V1 differs in names, times and what it knows (5)."""

    def __init__(
        self, business: Business, switches: Switches, include: Collection[str], *, v1: bool = False
    ) -> None:
        self._business = business
        self._switches = switches
        self._include = frozenset(include)
        self._v1 = v1
        self._at = str(switches["v1_times_key"]) if v1 else "timeOf"

    def sale(self, record: Record) -> Json:
        shown: Json = {
            "accountReference": self._reference(record.reference),
            "accountFiscId": record.fisc_id,
            "source": {"initialAccountId": record.initial_id},
            "salesLines": [self._line(record, line) for line in record.lines],
            f"{self._at}Opening": moment_text(record.opened_at),
            "cancelled": self._is_cancelled(record),
            "type": record.kind,
            "externalReferences": list(record.external),
            "nbCovers": float(record.covers),
            "dineIn": record.dine_in,
            "deviceId": record.device.device_id,
            "deviceName": BACK_OFFICE if record.back_office else record.device.name,
        }
        if self._v1:
            shown[f"{self._at}CloseAndPaid"] = moment_text(record.v1_at or record.closed_at)
        else:
            shown["timeClosed"] = moment_text(record.closed_at)
        if record.previous_id:
            shown["source"]["previousAccountId"] = record.previous_id
        if self._switches.is_on("receipt_id") and record.receipt_id:
            shown["receiptId"] = record.receipt_id
        if record.void_reason:
            shown["voidReason"] = record.void_reason
        return shown | self._asked_for(record)

    def _asked_for(self, record: Record) -> Json:
        shown: Json = {}
        if "payments" in self._include:
            shown["payments"] = [self._payment(record, payment) for payment in record.payments]
        if "staff" in self._include and record.staff:
            shown |= {"ownerId": record.staff.staff_id, "ownerName": record.staff.name}
        if "table" in self._include and record.table:
            shown |= {"tableNumber": record.table, "tableName": f"Tafel {record.table}"}
        if "account_profile" in self._include and record.profile:
            shown["accountProfileCode"] = record.profile
        return shown

    def _is_cancelled(self, record: Record) -> bool:
        """V1 rewrites the account that was cancelled, V2 adds a record that says so (9.1), or does both."""
        is_rewritten = self._v1 or self._switches.is_on("cancelled_original")
        return record.cancelled or (is_rewritten and record.cancelled_at is not None)

    def _reference(self, reference: str) -> str:
        if self._switches["account_reference"] == "base64url":
            return reference
        return str(uuid.UUID(bytes=base64.urlsafe_b64decode(reference)))

    def _sign(self, record: Record) -> Decimal:
        name = {"REFUND": "refund_amounts", "VOID": "void_amounts"}.get(record.kind)
        return -ONE if name and self._switches[name] == "positive" else ONE

    def _quantity_sign(self, record: Record) -> Decimal:
        is_reversal = record.kind in {"REFUND", "VOID"}
        return -ONE if is_reversal and self._switches["reversal_quantities"] == "positive" else ONE

    def _line(self, record: Record, line: Line) -> Json:
        sign = self._sign(record)
        if line.void_reason and self._switches["voided_line_amounts"] == "zero":
            sign = ZERO
        percent = line.rate.percent
        multiplier = ONE + percent / HUNDRED
        shown: Json = {
            "id": line.line_id,
            "totalNetAmountWithTax": text(line.gross * sign, 6),
            "totalNetAmountWithoutTax": text(line.net * sign, 6),
            "menuListPrice": text(line.list_price * sign, 2),
            "unitCostPrice": text(line.cost, 2),
            "serviceCharge": text(line.charge * sign, 2),
            "serviceChargeType": line.charge_type,
            "serviceChargeRate": text(line.charge_percent, 2),
            "discountAmount": text(line.discount * sign, 6),
            "accountDiscountAmount": text(line.account_discount * sign, 6),
            "totalDiscountAmount": text((line.discount + line.account_discount) * sign, 2),
            "taxCode": line.rate.code,
            "taxAmount": text(line.tax * sign, 4),
            "taxRatePercentage": text(
                multiplier if self._switches["tax_rate_percentage"] == "multiplier" else percent, 2
            ),
            "taxLines": [
                {
                    "taxId": str(line.rate.tax_id),
                    "taxCode": line.rate.code,
                    "taxRate": text(multiplier, 2),
                    "taxAmount": text(line.tax * sign, 6),
                    "taxIncluded": True,
                }
            ],
            "sku": line.sku,
            "name": line.name,
            "statisticGroup": line.group.statistic,
            "quantity": text(line.quantity * self._quantity_sign(record), 3),
            "accountingGroup": {
                "accountingGroupId": line.group.group_id,
                "name": line.group.name,
                "code": line.group.code,
                "statisticGroup": line.group.statistic,
            },
            "currency": self._business.currency,
            "tags": list(line.tags),
            "categories": [{"category": "default", "value": line.group.statistic}],
            f"{self._at}Sale": moment_text(line.at),
            "deviceId": record.device.device_id,
            "deviceName": record.device.name,
        }
        return shown | self._line_extras(record, line)

    def _line_extras(self, record: Record, line: Line) -> Json:
        extras: Json = {}
        if line.parent_id:
            extras["parentLineId"] = line.parent_id
        if line.discount:
            extras |= {
                "discountType": "AMOUNT",
                "discountCode": "KORTING",
                "discountName": line.discount_name,
            }
        if line.account_discount:
            extras |= {"accountDiscountType": "PERCENT", "accountDiscountCode": "KORTING"}
        if line.name_override:
            extras["nameOverride"] = line.name_override
        if line.void_reason:
            extras["voidReason"] = line.void_reason
        if line.profile and "account_profile" in self._include:
            extras["accountProfileCode"] = line.profile
        if line.centre and "revenue_center" in self._include:
            extras |= {"revenueCenter": line.centre.name, "revenueCenterId": line.centre.centre_id}
        if record.staff and "staff" in self._include:
            extras |= {"staffId": record.staff.staff_id, "staffName": record.staff.name}
        return extras

    def _payment(self, record: Record, payment: Payment) -> Json:
        sign = self._payment_sign(record, payment)
        amount = payment.amount
        if self._switches["surcharge"] == "inside":
            amount += payment.surcharge
        if self._switches["cash_rounding"] == "inside":
            amount += payment.rounding
        shown: Json = {
            "code": payment.method.code,
            "description": payment.method.name,
            "paymentMethodId": payment.method.method_id,
            "netAmountWithTax": text(amount * sign, 2),
            "currency": self._business.currency,
            "tip": text(payment.tip * sign, 2),
            "type": "ACCOUNTS_RECEIVABLE" if payment.method.kind == "receivable" else "NORMAL",
            "deviceId": str(record.device.device_id),
            "deviceName": BACK_OFFICE if record.back_office else record.device.name,
            "fiscId": payment.fisc_id,
            "uuid": payment.uuid,
            "fiscDate": moment_text(payment.at),
            "surcharge": text(payment.surcharge * sign, 2),
        }
        if self._switches.is_on("rounding_amount"):
            shown["roundingAmount"] = text(payment.rounding * sign, 2)
        if payment.reference:
            shown["externalReference"] = payment.reference
        return shown | self._payment_extras(record, payment)

    def _payment_sign(self, record: Record, payment: Payment) -> Decimal:
        is_issue = record.kind == "SALE" and payment.method.kind == "gift-card" and payment.amount < 0
        if is_issue and self._switches["gift_card_issue"] == "positive":
            return -ONE
        return self._sign(record)

    def _payment_extras(self, record: Record, payment: Payment) -> Json:
        extras: Json = {}
        if payment.consumer and "consumer" in self._include:
            extras["consumer"] = consumer(*payment.consumer)
        if payment.centre and "revenue_center" in self._include:
            extras |= {"revenueCenter": payment.centre.name, "revenueCenterId": payment.centre.centre_id}
        if record.staff and "staff" in self._include:
            extras |= {"staffId": record.staff.staff_id, "staffName": record.staff.name}
        if payment.authorization and "payment_authorization" in self._include:
            extras["authorization"] = payment.authorization
        return extras


def consumer(guest_id: str, buyer: Buyer) -> Json:
    """What the merchant filled in; empty members are left out."""
    shown = {
        "id": guest_id,
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "companyName": buyer.company,
        "taxIdentifier": buyer.vat_number,
        "email": buyer.email,
        "phoneNumber1": buyer.phone,
        "addressLine1": buyer.street,
        "zipCode": buyer.postcode,
        "city": buyer.city,
    }
    return {name: value for name, value in shown.items() if value}
