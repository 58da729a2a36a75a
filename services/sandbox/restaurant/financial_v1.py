"""The first financial API (5): the same accounts, with Back Office work on the date it is about."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from services.sandbox.restaurant.business import Business, Location
from services.sandbox.restaurant.business_day import business_day, is_complete, next_start_of, start_of
from services.sandbox.restaurant.calls import Call
from services.sandbox.restaurant.errors import ApiError, bad
from services.sandbox.restaurant.ranges import read_day, read_page_size, read_range
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.render import Renderer

LARGEST_SIZE = 1000


def financials(call: Call) -> dict[str, Any]:
    """In no order that anybody promised; the token is an accountFiscId."""
    business, location = call.location(call.named["bl"])
    switches = call.world.switches
    asked = read_range(call.named["begin"], call.named["end"], call.now, switches)
    size = read_page_size(call.given, LARGEST_SIZE, LARGEST_SIZE, switches)
    rows = [record for record in known(call, location) if asked.holds(dated(record))]
    token = call.given.get("nextPageToken", "")
    if token:
        rows = _from_token(rows, token)
    page, more = rows[:size], rows[size:]
    answer = _answer(call, business, location, page)
    if more:
        answer["nextPageToken"] = more[0].fisc_id
        following = call.given | {"nextPageToken": more[0].fisc_id}
        answer["_links"]["nextPage"] = {"href": f"{_host(call)}{call.path}?{urlencode(following)}"}
    return answer


def daily_financials(call: Call) -> dict[str, Any]:
    """Without a date: the day that is running."""
    business, location = call.location(call.named["bl"])
    day = read_day(call.given["date"]) if call.given.get("date") else business_day(location, call.now)
    rows = [record for record in known(call, location) if is_of_day(location, dated(record), day)]
    end = next_start_of(location, day)
    return _answer(call, business, location, rows) | {
        "nextStartOfDayAsIso8601": end.astimezone(location.zone).isoformat(),
        "dataComplete": is_complete(location, day, call.now, call.world.switches),
    }


def sale_by_external_reference(call: Call) -> dict[str, Any]:
    business, location = call.location(call.named["bl"])
    wanted = call.given.get("externalReferenceId")
    if not wanted:
        raise bad("Required parameter 'externalReferenceId' is not present.")
    for record in known(call, location):
        if wanted in record.external:
            return _renderer(call, business).sale(record)
    raise ApiError(404, {"status": 404, "error": "Not Found", "message": f"No receipt for {wanted}"})


def known(call: Call, location: Location) -> list[Record]:
    return [record for record in location.records if record.in_v1 and record.is_seen(call.now)]


def dated(record: Record) -> datetime:
    return record.v1_at or record.closed_at


def is_of_day(location: Location, at: datetime, day: date) -> bool:
    return start_of(location, day) <= at.astimezone(UTC) < next_start_of(location, day)


def _from_token(rows: list[Record], token: str) -> list[Record]:
    for place, record in enumerate(rows):
        if record.fisc_id == token:
            return rows[place:]
    raise bad(f"Invalid nextPageToken '{token}'.")


def _renderer(call: Call, business: Business) -> Renderer:
    include = call.all_of("include")
    if call.given.get("includeConsumers") == "true":
        include.append("consumer")
    return Renderer(business, call.world.switches, include, v1=True)


def _answer(call: Call, business: Business, location: Location, rows: list[Record]) -> dict[str, Any]:
    renderer = _renderer(call, business)
    here = f"{_host(call)}{call.path}" + (f"?{urlencode(call.given)}" if call.given else "")
    return {
        "businessName": business.name,
        "businessLocationId": location.bl_id,
        "sales": [renderer.sale(record) for record in rows],
        "_links": {"self": {"href": here}},
    }


def _host(call: Call) -> str:
    """The vendor's own links still name its old host (1)."""
    host = str(call.world.switches["links_host"])
    return call.address if host == "own" else host
