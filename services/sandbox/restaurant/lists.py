"""The lists that a link reads once: businesses, tax rates, payment methods, accounting groups (4 and 5.3)."""

import json
from typing import Any

from services.sandbox.restaurant.back_office import PaymentMethod
from services.sandbox.restaurant.business import Business, Location
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.ranges import read_number
from services.sandbox.restaurant.values import HUNDRED, ONE

Json = dict[str, Any]
MOST_BUSINESSES = 1000


def businesses(call: Call) -> Json:
    """Pages count from 0."""
    page, size = read_number(call.given, "page", 0), read_number(call.given, "size", MOST_BUSINESSES, least=1)
    found = list(call.businesses())[page * size : (page + 1) * size]
    key = str(call.world.switches["bl_id_key"])
    return _embedded(call, "businessList", [_business(business, key) for business in found])


def _business(business: Business, key: str) -> Json:
    return {
        "businessName": business.name,
        "businessId": business.business_id,
        "currencyCode": business.currency,
        "businessLocations": [_location(location, key) for location in business.locations],
    }


def _location(location: Location, key: str) -> Json:
    return {
        "blName": location.name,
        key: location.bl_id,
        "country": location.country,
        "timezone": str(location.zone),
    }


def tax_rates(call: Call) -> Json:
    """The rate is a number here, and a multiplier."""
    business, _ = call.location(call.named["bl"])
    shown = [
        {
            "code": rate.code,
            "description": rate.description,
            "rate": float(ONE + rate.percent / HUNDRED),
            "taxIncluded": True,
            "accountingReference": rate.accounting_reference,
        }
        for rate in business.taxes
    ]
    return _embedded(call, "taxRateList", shown)


def payment_methods(call: Call) -> Json:
    business, _ = call.location(call.named["bl"])
    return _embedded(call, "paymentMethodList", [_method(method) for method in business.methods])


def _method(method: PaymentMethod) -> Json:
    """The accounting reference is only there when it was filled in."""
    shown: Json = {"name": method.name, "code": method.code, "pmId": method.method_id}
    if method.accounting_reference:
        shown["accountingReference"] = method.accounting_reference
    return shown


def accounting_groups(call: Call) -> Json:
    """The statistic group is an array in a text here."""
    business, _ = call.location(call.named["bl"])
    shown = [
        {
            "accountingGroupId": group.group_id,
            "name": group.name,
            "code": group.code,
            "statisticGroup": json.dumps([{"category": "default", "value": group.statistic}]),
        }
        for group in business.groups
    ]
    return _embedded(call, "accountingGroupList", shown)


def _embedded(call: Call, name: str, found: list[Json]) -> Json:
    links = {"self": {"href": call.address + call.path}}
    if not found and call.world.switches["empty_embedded"] == "absent":
        return {"_links": links}
    return {"_embedded": {name: found}, "_links": links}
