"""Search (5.4): an index that lags behind the lists, paged by offset."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.errors import ApiError, bad, forbidden
from services.sandbox.x_series.lists import RESOURCES, shown
from services.sandbox.x_series.sale import Sale
from services.sandbox.x_series.table import Stored
from services.sandbox.x_series.values import read_moment

LARGEST_PAGE = 1000
SORTS: dict[str, Callable[[Any], Any]] = {
    "date": lambda row: row.sold_at,
    "sale_date": lambda row: row.sold_at,
    "created_at": lambda row: row.created_at,
    "updated_at": lambda row: row.updated_at,
    "invoice_number": lambda row: row.number,
    "name": lambda row: row.name,
    "sku": lambda row: row.sku,
    "customer_code": lambda row: row.code,
}
SALE_FILTERS = {
    "invoice_number": "number",
    "customer_id": "customer_id",
    "user_id": "user_id",
    "outlet_id": "outlet_id",
}
PRODUCT_FILTERS = {
    "sku": "sku",
    "supplier_id": "supplier_id",
    "brand_id": "brand_id",
    "product_type_id": "category_id",
    "variant_parent_id": "parent_id",
}
CUSTOMER_FILTERS = ("first_name", "last_name", "company_name", "mobile", "phone", "email")
SCOPES = {"sales": "sales:read", "products": "products:read", "customers": "customers:read"}


def search(call: Call) -> Answer:
    if call.is_dated and not call.merchant.switches.is_on("dated_search"):
        raise ApiError(404, "Not Found")
    kind = call.first("type") or ""
    if kind not in SCOPES:
        raise bad("type is one of sales, products, customers")
    if not call.access.allows((SCOPES[kind],)):
        raise forbidden(f"{SCOPES[kind]} was not granted")
    resource = RESOURCES[kind]
    rows = [row for row in _indexed(call, resource.table(call.merchant)) if FITS[kind](call, row)]
    rows = _sorted(call, rows)
    size = min(call.whole("page_size") or LARGEST_PAGE, LARGEST_PAGE)
    offset = max(call.whole("offset") or 0, 0)
    return Answer({"data": [shown(resource, call, row) for row in rows[offset : offset + size]]})


def _indexed(call: Call, rows: Iterable[Any]) -> list[Any]:
    known_until = call.merchant.now() - timedelta(seconds=call.merchant.switches.number("search_lag_seconds"))
    wants_deleted = call.flag("deleted")
    return [row for row in rows if _is_known(row, known_until) and (row.deleted_at is None or wants_deleted)]


def _is_known(row: Stored, until: Any) -> bool:
    return row.stored_at is not None and row.stored_at <= until


def _sorted(call: Call, rows: list[Any]) -> list[Any]:
    order = call.first("order_by")
    is_descending = (call.first("order_direction") or "desc").lower() == "desc"
    key = SORTS.get(order or "created_at")
    if key is None:
        raise bad(f"order_by {order} is not known")
    try:
        return sorted(rows, key=key, reverse=is_descending)
    except AttributeError:
        raise bad(f"order_by {order} does not fit this type") from None


def _sale_fits(call: Call, row: Sale) -> bool:
    statuses = {status.upper() for status in call.all("status")}
    if statuses and row.status not in statuses:
        return False
    for name, attribute in SALE_FILTERS.items():
        wanted = call.first(name)
        if wanted is not None and getattr(row, attribute) != wanted:
            return False
    return _is_between(call, row)


def _is_between(call: Call, row: Sale) -> bool:
    try:
        begin, end = (
            read_moment(text) if (text := call.first(name)) else None for name in ("date_from", "date_to")
        )
    except ValueError:
        raise bad("date_from and date_to are moments such as 2026-03-01T00:00:00Z") from None
    return (begin is None or row.sold_at >= begin) and (end is None or row.sold_at <= end)


def _product_fits(call: Call, row: Any) -> bool:
    """A leading `-` negates."""
    for name, attribute in PRODUCT_FILTERS.items():
        if any(getattr(row, attribute) != wanted for wanted in call.all(name)):
            return False
        if any(getattr(row, attribute) == unwanted for unwanted in call.all(f"-{name}")):
            return False
    has_tags = all(tag in row.tag_ids for tag in call.all("tag_id"))
    return has_tags and not any(tag in row.tag_ids for tag in call.all("-tag_id"))


def _customer_fits(call: Call, row: Any) -> bool:
    code = call.first("customer_code")
    if code is not None and row.code != code:
        return False
    for name in CUSTOMER_FILTERS:
        wanted = call.first(name)
        if wanted is not None and str(row.fields.get(name) or "").casefold() != wanted.casefold():
            return False
    return True


FITS: dict[str, Callable[[Call, Any], bool]] = {
    "sales": _sale_fits,
    "products": _product_fits,
    "customers": _customer_fits,
}
