"""The second financial API (5.1, 5.2): closed accounts by timeClosed, append-only in time."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from services.sandbox.restaurant.business import Location
from services.sandbox.restaurant.business_day import is_complete, next_start_of, start_of
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.ranges import (
    check_existed,
    read_day,
    read_page_size,
    read_range,
    read_token,
    token_of,
)
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.render import Renderer

DEFAULT_SIZE, LARGEST_SIZE = 50, 100
Placed = tuple[Record, int]


def sales(call: Call) -> dict[str, Any] | Response:
    business, location = call.location(call.named["bl"])
    switches = call.world.switches
    asked = read_range(call.given.get("from"), call.given.get("to"), call.now, switches)
    check_existed(location, asked.begin, switches)
    size = read_page_size(call.given, DEFAULT_SIZE, LARGEST_SIZE, switches)
    closed = listed(call, location, asked.begin, asked.end)
    rows = [(record, place) for record, place in closed if asked.holds(record.closed_at)]
    token = call.given.get("nextPageToken", "")
    if token:
        rows = _behind(rows, token)
    if rows and _is_empty_page(call):
        before = (rows[0][0].closed_at, rows[0][1] - 1)
        return {"sales": [], "nextPageToken": token or token_of(*before)}
    page, more = rows[:size], rows[size:]
    renderer = Renderer(business, switches, call.all_of("include"))
    answer: dict[str, Any] = {"sales": [renderer.sale(record) for record, _ in page]}
    if more:
        answer["nextPageToken"] = token_of(page[-1][0].closed_at, page[-1][1])
    elif switches["last_page_token"] == "empty":
        answer["nextPageToken"] = ""
    return answer


def listed(call: Call, location: Location, begin: datetime, end: datetime) -> list[Placed]:
    """What V2 knows by now, by timeClosed; each with its place in the order in which they came."""
    closed = location.closed_between(begin, end)
    return [(record, place) for record, place in closed if record.in_v2 and record.is_seen(call.now)]


def _behind(rows: list[Placed], token: str) -> list[Placed]:
    """By the token's moment: what arrived meanwhile with an earlier one is not on any further page."""
    at, place = read_token(token)
    return [(record, own) for record, own in rows if _milliseconds(record, own) > (at, place)]


def _milliseconds(record: Record, place: int) -> tuple[Any, int]:
    closed = record.closed_at
    return closed.replace(microsecond=closed.microsecond // 1000 * 1000), place


def _is_empty_page(call: Call) -> bool:
    rate = call.world.switches.number("empty_page_rate")
    return call.told == "empty_page" or bool(rate and call.world.dice.random() < rate)


def sales_daily(call: Call) -> dict[str, Any]:
    """No paging, no cap; the day is the business day, in wall time."""
    business, location = call.location(call.named["bl"])
    day = read_day(call.given.get("date"))
    begin, end = start_of(location, day), next_start_of(location, day)
    check_existed(location, end, call.world.switches)
    renderer = Renderer(business, call.world.switches, call.all_of("include"))
    rows = [record for record, _ in listed(call, location, begin, end) if record.closed_at < end]
    return {
        "sales": [renderer.sale(record) for record in rows],
        "nextStartOfDayAsIso8601": end.astimezone(location.zone).isoformat(),
        "dataComplete": is_complete(location, day, call.now, call.world.switches),
    }
