"""The rows behind a GET of a collection: a table, a sync feed, or a view made on the spot."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from services.sandbox.exact import views
from services.sandbox.exact.division import Division
from services.sandbox.exact.literals import BadGuid, read_date, read_guid
from services.sandbox.exact.reading import (
    Page,
    Query,
    lowest_timestamp,
    page_of,
    page_of_table,
    sync_page,
    visible_until,
)
from services.sandbox.exact.refusals import ApiError
from services.sandbox.exact.resources import RESOURCES, SYNC, Resource
from services.sandbox.exact.world import User, World


class Asked(Protocol):
    """What of a request a view needs."""

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def base_url(self) -> str: ...


def collection(
    world: World, division: Division, user: User, resource: Resource, query: Query, asked: Asked
) -> Page:
    if resource.family == "sync":
        return feed(world, division, resource, query)
    path = resource.path
    if path == "current/Me":
        return Page([views.me(world, user, asked.base_url)])
    if path in ("system/Divisions", "system/AllDivisions"):
        rows = (views.division_row(world.divisions[number], user) for number in sorted(user.divisions))
        return page_of(rows, query)
    if path == "read/financial/JournalStatusList":
        return page_of(views.journal_statuses(division), query)
    if path == "read/financial/ReceivablesList":
        return page_of(views.open_receivables(division), query)
    if path == "read/logistics/StockPosition":
        return page_of(views.stock_position(division, item_asked(asked)), query)
    if path == "read/sync/Sync/SyncTimestamp":
        return Page([timestamp_row(division, asked)])
    return page_of_table(division, resource, query, world.switches)


def feed(world: World, division: Division, resource: Resource, query: Query) -> Page:
    """A sync feed: rows after a Timestamp, in the order of their last change."""
    after = lowest_timestamp(query)
    rows = views.sync_rows(resource, division, after)
    visible = visible_until(division, world.switches)
    if visible is not None:
        rows = (row for row in rows if row["_created"] <= visible)
    return sync_page(rows, replace(query, skip=0))


def item_asked(asked: Asked) -> str:
    sent = {name.lower(): value for name, value in asked.options.items()}.get("itemid", "")
    try:
        return read_guid(sent.removeprefix("guid").strip("'"))
    except BadGuid as error:
        raise ApiError(400, "Bad Request - Error in query syntax.") from error


def timestamp_row(division: Division, asked: Asked) -> dict[str, object]:
    sent = {name.lower(): value for name, value in asked.options.items()}
    endpoint = sent.get("endpoint", "").strip("'").lower()
    table = next((t for path, t in SYNC.items() if path.lower().endswith("/" + endpoint)), None)
    if table is None or "modified" not in sent:
        raise ApiError(400, "Bad Request - Error in query syntax.")
    modified = read_date(sent["modified"].removeprefix("datetime").strip("'"))
    since = views.timestamp_since(division, RESOURCES[table.lower()].path, modified)
    return {"API": endpoint, "Modified": modified, "TimeStampAsBigInt": since}
