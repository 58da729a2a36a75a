"""V3 paging: a cursor of the sort value and the id, `next` and `previous` as whole addresses (3.1)."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlencode

from services.sandbox.retail.errors import bad
from services.sandbox.retail.rows import Row
from services.sandbox.retail.schema import Entity
from services.sandbox.retail.values import Kind, Value, read_value, value_text

LARGEST = 100
EARLIEST = datetime.min.replace(tzinfo=UTC)

SortKey = tuple[Value, int]


@dataclass(frozen=True)
class Order:
    column: str
    descending: bool = False

    @property
    def text(self) -> str:
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next: str
    previous: str


def read_order(entity: Entity, text: str) -> Order:
    column = text.removeprefix("-")
    if not text:
        return Order(entity.key)
    if column not in entity.sort:
        raise bad(
            f"{entity.name} can not be sorted by '{column}'. Supported fields: {', '.join(entity.sort)}."
        )
    return Order(column, text.startswith("-"))


def read_limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LARGEST:
        raise bad(f"limit must be between 1 and {LARGEST}.")
    return int(text)


def read_on_after(entity: Entity, parameters: Mapping[str, str]) -> int | None:
    """The id after which a list goes on that goes by id; None for one in another order."""
    order = read_order(entity, parameters.get("sort", ""))
    if order != Order(entity.key) or "before" in parameters:
        return None
    return read_cursor(parameters["after"], entity, order)[1] if "after" in parameters else 0


def page_of(
    rows: Iterable[Row], entity: Entity, parameters: Mapping[str, str], address: str, *, short_by: int = 0
) -> Page:
    """Of a list that goes by id the rows come in order from where it goes on; of any other all of them.

    `short_by` leaves rows of a full page for the next one: a short page is not the last.
    """
    order = read_order(entity, parameters.get("sort", ""))
    limit = read_limit(parameters.get("limit", str(LARGEST)))
    first = 0
    if read_on_after(entity, parameters) is not None:
        left, first = list(islice(rows, limit + 1)), int("after" in parameters)
    else:
        ordered = sorted(rows, key=lambda row: sort_key(row, order), reverse=order.descending)
        if "before" in parameters:
            return _page_before(ordered, entity, order, limit, parameters, address)
        if "after" in parameters:
            first = _first_after(ordered, order, read_cursor(parameters["after"], entity, order))
        left = ordered[first:]
    shown = left[:limit]
    if short_by and len(shown) > short_by and limit < len(left):
        shown = shown[:-short_by]
    more = len(shown) < len(left)
    following = _address(address, parameters, order, limit, "after", shown[-1]) if more and shown else ""
    preceding = _address(address, parameters, order, limit, "before", shown[0]) if first and shown else ""
    return Page(shown, following, preceding)


def _page_before(
    ordered: list[Row], entity: Entity, order: Order, limit: int, parameters: Mapping[str, str], address: str
) -> Page:
    cursor = read_cursor(parameters["before"], entity, order)
    end = next(
        (place for place, row in enumerate(ordered) if not _precedes(row, cursor, order)), len(ordered)
    )
    shown = ordered[max(end - limit, 0) : end]
    preceding = _address(address, parameters, order, limit, "before", shown[0]) if end > limit else ""
    following = (
        _address(address, parameters, order, limit, "after", shown[-1])
        if shown and end < len(ordered)
        else ""
    )
    return Page(shown, following, preceding)


def sort_key(row: Row, order: Order) -> SortKey:
    value = row.get(order.column)
    if value is None:
        value = EARLIEST
    return (value.casefold() if isinstance(value, str) else value, row.key)


def _first_after(ordered: list[Row], order: Order, cursor: SortKey) -> int:
    """By bisection: the rows are in order."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if _precedes(ordered[middle], cursor, order) or sort_key(ordered[middle], order) == cursor:
            low = middle + 1
        else:
            high = middle
    return low


def _precedes(row: Row, cursor: SortKey, order: Order) -> bool:
    key = sort_key(row, order)
    return key > cursor if order.descending else key < cursor


def write_cursor(row: Row, order: Order) -> str:
    if order.column == row.entity.key:
        content: list[object] = [row.key]
    else:
        value = row.get(order.column)
        content = ["" if value is None else value_text(value), row.key]
    return base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def read_cursor(text: str, entity: Entity, order: Order) -> SortKey:
    try:
        content = json.loads(base64.b64decode(text, validate=True))
        key = int(content[-1])
        if order.column == entity.key:
            return (key, key)
        value = _cursor_value(str(content[0]), entity.columns[order.column])
    except (ValueError, IndexError, TypeError):
        raise bad("Invalid cursor.") from None
    return (value, key)


def _cursor_value(text: str, kind: Kind) -> Value:
    if kind is Kind.TIME and not text:
        return EARLIEST
    return text.casefold() if kind is Kind.TEXT else read_value(text, kind)


def _address(base: str, parameters: Mapping[str, str], order: Order, limit: int, name: str, row: Row) -> str:
    kept = {key: value for key, value in parameters.items() if key not in {"after", "before"}}
    kept |= {"sort": order.text, "limit": str(limit), name: write_cursor(row, order)}
    return f"{base}?{urlencode(kept)}"
