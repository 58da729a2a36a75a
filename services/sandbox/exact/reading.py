"""GET: query options, the choice of rows, and pages with a `$skiptoken` that outlives new rows."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import quote

from services.sandbox.exact.division import Division
from services.sandbox.exact.filters import Filter, FilterParser, candidates
from services.sandbox.exact.ordering import in_order, mark_of, rows_after
from services.sandbox.exact.refusals import ApiError
from services.sandbox.exact.resources import Resource
from services.sandbox.exact.switches import Switches
from services.sandbox.exact.table import SEQUENCE, VERSION, Row

NO_SELECT = "Please add a $select or a $top=1 statement to the query string."
NO_FILTER = (
    "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter "
    "parameter with one of the following fields in the url:"
)
BAD_FILTER = "This $filter parameter is not supported for this resource"
KNOWN = (
    "$filter",
    "$select",
    "$top",
    "$skip",
    "$orderby",
    "$expand",
    "$inlinecount",
    "$skiptoken",
    "$format",
)
SAFE_IN_URL = "$,'()/:"


@dataclass(frozen=True)
class Query:
    """The options of one GET, checked against the resource; `page_rows` is how many rows a page holds."""

    page_rows: int
    filter: Filter | None = None
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    order: tuple[tuple[str, bool], ...] = ()  # property, descending
    wants_count: bool = False
    token: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    token: str = ""
    count: int | None = None


def read_query(options: Mapping[str, str], resource: Resource, switches: Switches) -> Query:
    unknown = [name for name in options if name.startswith("$") and name not in KNOWN]
    if unknown:
        raise ApiError(
            400,
            f"The query parameter '{unknown[0]}' begins with a system-reserved '$' character "
            "but is not recognized.",
        )
    query = Query(
        page_rows=min(resource.page_size, switches["page_rows"] or resource.page_size),
        filter=read_filter(options, resource),
        select=names_of(options.get("$select"), resource),
        expand=tuple(name for name in names_of(options.get("$expand"), resource) if name in resource.lines),
        top=whole(options, "$top"),
        skip=whole(options, "$skip") or 0,
        order=read_order(options.get("$orderby"), resource),
        wants_count=options.get("$inlinecount") == "allpages",
        token=read_token(options.get("$skiptoken")),
    )
    check_rules(query, resource, switches)
    return query


def read_filter(options: Mapping[str, str], resource: Resource) -> Filter | None:
    text = options.get("$filter")
    if text is None:
        return None
    if not text.strip():
        raise ApiError(400, BAD_FILTER)
    return FilterParser(text, resource).parse()


def names_of(text: str | None, resource: Resource) -> tuple[str, ...]:
    if text is None or text.strip() in ("", "*"):
        return ()
    names = []
    for part in text.split(","):
        wanted = part.strip().split("/")[0]
        known = resource.by_lower_name.get(wanted.lower())
        if known is None:
            raise ApiError(400, f"Could not find a property named '{wanted}' on type '{resource.model}'.")
        names.append(known.name)
    return tuple(names)


def whole(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not text.strip().isdigit():
        raise ApiError(400, f"Incorrect format for {name} argument '{text}'.")
    return int(text)


def read_order(text: str | None, resource: Resource) -> tuple[tuple[str, bool], ...]:
    if not text:
        return ()
    if resource.family == "sync":
        raise ApiError(400, "Bad Request - Error in query syntax.")
    order = []
    for part in text.split(","):
        words = part.split()
        name = names_of(words[0] if words else "?", resource)[0]
        if len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise ApiError(400, "Bad Request - Error in query syntax.")
        order.append((name, len(words) == 2 and words[1].lower() == "desc"))
    return tuple(order)


def check_rules(query: Query, resource: Resource, switches: Switches) -> None:
    if resource.needs_select and switches["mandatory_select"] and not query.select and query.top != 1:
        raise ApiError(400, NO_SELECT)
    used = query.filter.fields if query.filter else frozenset()
    must_filter = resource.needs_filter and resource.family == "single" and switches["mandatory_filter"]
    if must_filter and not used & set(resource.filter_fields):
        raise ApiError(400, NO_FILTER + ",".join(resource.filter_fields))
    if resource.family == "sync":
        refuse_fields(used - {"Timestamp"})
    if resource.family == "bulk" and resource.filter_fields:
        refuse_fields(used - set(resource.filter_fields))


def refuse_fields(names: frozenset[str]) -> None:
    if names:
        raise ApiError(400, f"Filtering on these fields is not supported: {', '.join(sorted(names))}")


def page_of_table(division: Division, resource: Resource, query: Query, switches: Switches) -> Page:
    """One page of a resource that has a table; rows are taken by index where the filter allows."""
    visible = visible_until(division, switches)
    rows = rows_of_table(division, resource, query)
    if visible is not None:
        rows = (row for row in rows if row["_created"] <= visible)
    return page_of(rows, query, sorted_already=True)


def visible_until(division: Division, switches: Switches) -> datetime | None:
    lag = switches["search_lag_seconds"]
    return division.now() - timedelta(seconds=lag) if lag else None


def rows_of_table(division: Division, resource: Resource, query: Query) -> Iterable[Row]:
    table = division.table(resource.table)
    start = -1
    if query.token is not None and not query.order:
        start = int(query.token[0])
    found = candidates(query.filter.condition, table) if query.filter else None
    if found is None or len(found) * 4 > len(table):
        return table.after(start)
    return (found[sequence] for sequence in sorted(found) if sequence > start)


def page_of(rows: Iterable[Row], query: Query, *, sorted_already: bool = False) -> Page:
    matching: Iterator[Row] = iter(rows)
    if query.filter is not None:
        test = query.filter.condition.test
        matching = (row for row in matching if test(row))
    count = None
    if query.wants_count:
        everything = list(matching)
        count, matching = len(everything), iter(everything)
    if query.order:
        return ordered_page(list(matching), query, count)
    if not sorted_already and query.token is not None:
        matching = islice(matching, int(query.token[0]) + 1, None)
    left = query.top
    size = query.page_rows if left is None else min(query.page_rows, left)
    if query.skip and query.token is None:
        matching = islice(matching, query.skip, None)
    chosen = list(islice(matching, size + 1))
    has_more = len(chosen) > size and (left is None or left > size)
    chosen = chosen[:size]
    if not has_more or not chosen:
        return Page(chosen, count=count)
    return Page(chosen, write_token([position_of(chosen, query, sorted_already)]), count)


def position_of(chosen: list[Row], query: Query, sorted_already: bool) -> int:
    if sorted_already:
        return int(chosen[-1][SEQUENCE])
    start = int(query.token[0]) + 1 if query.token is not None else query.skip
    return start + len(chosen) - 1


def ordered_page(rows: list[Row], query: Query, count: int | None) -> Page:
    rows = in_order(rows, query.order)
    rows = rows[query.skip :] if query.token is None else rows_after(rows, query.order, query.token)
    left = query.top
    size = query.page_rows if left is None else min(query.page_rows, left)
    has_more = len(rows) > size and (left is None or left > size)
    token = write_token(mark_of(rows[size - 1], query.order)) if has_more else ""
    return Page(rows[:size], token, count)


def sync_page(rows: Iterable[Row], query: Query) -> Page:
    """On sync feeds `$top` only sizes the page; the next page starts at the last Timestamp."""
    size = min(query.page_rows, query.top or query.page_rows)
    test = query.filter.condition.test if query.filter else None
    chosen = list(islice((row for row in rows if test is None or test(row)), size + 1))
    if len(chosen) <= size:
        return Page(chosen)
    return Page(chosen[:size], write_token([chosen[size - 1][VERSION]]))


def lowest_timestamp(query: Query) -> int:
    """Where a sync feed starts: after its token, else after the `Timestamp gt` of its filter."""
    if query.token is not None:
        return int(query.token[0])
    condition = query.filter.condition if query.filter else None
    if condition is None or condition.field != "Timestamp" or not isinstance(condition.literal, Decimal):
        return 0
    step = {"gt": 0, "ge": -1}.get(condition.compare)
    return 0 if step is None else int(condition.literal) + step


def write_token(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_token(text: str | None) -> tuple[Any, ...] | None:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        return tuple(json.loads(base64.urlsafe_b64decode(padded.encode())))
    except (ValueError, TypeError) as error:
        raise ApiError(400, "Bad Request - Error in query syntax.") from error


def next_url(url: str, options: Mapping[str, str], page: Page, *, is_sync: bool) -> str:
    """The same call with the token; what `$top` has left over is carried on."""
    kept = {name: value for name, value in options.items() if name not in ("$skiptoken", "$skip")}
    if "$top" in kept and not is_sync:
        kept["$top"] = str(int(kept["$top"]) - len(page.rows))
    kept["$skiptoken"] = page.token
    return url + "?" + "&".join(f"{name}={quote(value, safe=SAFE_IN_URL)}" for name, value in kept.items())
