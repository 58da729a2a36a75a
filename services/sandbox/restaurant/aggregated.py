"""Totals of a day or a range by what the caller groups on (5.3): no payments in them, no VAT rates."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from services.sandbox.restaurant.business import Location
from services.sandbox.restaurant.business_day import is_complete, next_start_of
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.errors import bad
from services.sandbox.restaurant.financial_v1 import dated, is_of_day, known
from services.sandbox.restaurant.ranges import read_day, read_range
from services.sandbox.restaurant.records import WITHOUT_TURNOVER, Line, Record
from services.sandbox.restaurant.values import ZERO, text

Sold = tuple[Record, Line]
Json = dict[str, Any]
KEYS: dict[str, Callable[[Sold], str]] = {
    "staff": lambda sold: sold[0].staff.name if sold[0].staff else "",
    "device": lambda sold: sold[0].device.name,
    "deviceId": lambda sold: str(sold[0].device.device_id),
    "tag": lambda sold: sold[1].tags[0] if sold[1].tags else "",
    "accountingGroup": lambda sold: sold[1].group.name,
    "statisticGroup": lambda sold: sold[1].group.statistic,
}


def aggregated_sales(call: Call) -> Json:
    business, location = call.location(call.named["bl"])
    keys = call.all_of("groupBy")
    unknown = [key for key in keys if key not in KEYS]
    if not keys or unknown:
        raise bad(f"Parameter 'groupBy' is one or more of {', '.join(KEYS)}.")
    records = [record for record in _asked(call, location) if record.kind not in WITHOUT_TURNOVER]
    sold = [(record, line) for record in records for line in record.counted_lines]
    flattened = call.given.get("flattened") == "true"
    children = _flat(sold, keys) if flattened else _children(sold, keys)
    return _sums(sold) | {"children": children, "businessName": business.name} | _day(call, location)


def _asked(call: Call, location: Location) -> list[Record]:
    if call.given.get("date"):
        day = read_day(call.given["date"])
        return [record for record in known(call, location) if is_of_day(location, dated(record), day)]
    asked = read_range(call.given.get("from"), call.given.get("to"), call.now, call.world.switches)
    return [record for record in known(call, location) if asked.holds(dated(record))]


def _day(call: Call, location: Location) -> Json:
    if not call.given.get("date"):
        return {}
    day = read_day(call.given["date"])
    return {
        "nextStartOfDayAsIso8601": next_start_of(location, day).astimezone(location.zone).isoformat(),
        "dataComplete": is_complete(location, day, call.now, call.world.switches),
    }


def _children(sold: Sequence[Sold], keys: Sequence[str]) -> list[Json]:
    """Levels alternate: what is grouped on, then each of its values."""
    if not keys:
        return []
    key, deeper = keys[0], keys[1:]
    values = [
        {"groupByValue": value} | _sums(part) | {"children": _children(part, deeper)}
        for value, part in _parts(sold, KEYS[key])
    ]
    return [{"groupByKey": key} | _sums(sold) | {"children": values}]


def _flat(sold: Sequence[Sold], keys: Sequence[str]) -> list[Json]:
    def value(one: Sold) -> str:
        return ",".join(KEYS[key](one) for key in keys)

    return [
        {"groupByKey": ",".join(keys), "groupByValue": found} | _sums(part)
        for found, part in _parts(sold, value)
    ]


def _parts(sold: Sequence[Sold], key: Callable[[Sold], str]) -> list[tuple[str, list[Sold]]]:
    parts: dict[str, list[Sold]] = {}
    for one in sold:
        parts.setdefault(key(one), []).append(one)
    return sorted(parts.items())


def _sums(sold: Sequence[Sold]) -> Json:
    """`numberOfSales` counts lines, not receipts."""
    lines = [line for _, line in sold]
    return {
        "totalAmount": text(_sum(line.gross + line.untaxed_charge for line in lines), 2),
        "serviceCharge": text(_sum(line.charge for line in lines), 2),
        "totalDiscountedAmount": text(_sum(line.discount + line.account_discount for line in lines), 2),
        "totalTaxAmount": text(_sum(line.tax for line in lines), 2),
        "numberOfSales": len(lines),
    }


def _sum(amounts: Any) -> Decimal:
    return sum(amounts, ZERO)
