"""Lists by version (5.1): ascending, `after` and `before`, an empty page at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.sandbox.x_series import flat, nested, shapes
from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.errors import bad, not_found
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.table import Stored, Table
from services.sandbox.x_series.values import iso

Shown = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """`show` says what a row looks like in 2.0 (False) and dated (True); deleted rows come when asked,
    unless `lists_deleted`."""

    name: str
    table: Callable[[Merchant], Table[Any]]
    show: Callable[[Merchant, Any, bool], Shown]
    lists_deleted: bool = False
    has_id: bool = True
    is_shown: Callable[[Merchant, Any], bool] = lambda merchant, row: True
    largest: str = "page_size"


def _show_sale(merchant: Merchant, row: Any, is_dated: bool) -> Shown:
    return nested.sale(merchant, row) if is_dated else flat.sale(merchant, row)


def _is_listed(merchant: Merchant, row: Any) -> bool:
    return not row.internal or merchant.switches["internal_payment_types"] == "listed"


RESOURCES = {
    resource.name: resource
    for resource in (
        Resource(
            name="sales",
            table=lambda merchant: merchant.sales,
            show=_show_sale,
            lists_deleted=True,
            largest="sales_page_size",
        ),
        Resource(name="outlets", table=lambda m: m.outlets, show=lambda m, row, _: shapes.outlet(m, row)),
        Resource(
            name="registers", table=lambda m: m.registers, show=lambda m, row, _: shapes.register(m, row)
        ),
        Resource(
            name="taxes",
            table=lambda m: m.taxes,
            show=lambda m, row, _: shapes.tax(m, row),
            lists_deleted=True,
        ),
        Resource(
            name="outlet_taxes",
            table=lambda m: m.outlet_taxes,
            show=lambda m, row, _: shapes.outlet_tax(m, row),
            has_id=False,
        ),
        Resource(
            name="payment_types",
            table=lambda m: m.payment_types,
            show=shapes.payment_type,
            is_shown=_is_listed,
        ),
        Resource(name="users", table=lambda m: m.users, show=lambda m, row, _: shapes.user(m, row)),
        Resource(
            name="customers", table=lambda m: m.customers, show=lambda m, row, _: shapes.customer(m, row)
        ),
        Resource(name="products", table=lambda m: m.products, show=shapes.product),
        Resource(
            name="product_types", table=lambda m: m.categories, show=lambda m, row, _: shapes.category(m, row)
        ),
        Resource(name="brands", table=lambda m: m.brands, show=lambda m, row, _: shapes.named(m, row)),
        Resource(name="suppliers", table=lambda m: m.suppliers, show=lambda m, row, _: shapes.named(m, row)),
        Resource(name="tags", table=lambda m: m.tags, show=lambda m, row, _: shapes.named(m, row)),
        Resource(name="inventory", table=lambda m: m.stock, show=shapes.stock),
    )
}


def shown(resource: Resource, call: Call, row: Stored) -> Shown:
    """With its id, `deleted_at` and version; 2.0 leaves out what is empty (chapter 4)."""
    body = resource.show(call.merchant, row, call.is_dated)
    if resource.name == "sales":
        return body
    whole: Shown = {"id": row.id} if resource.has_id else {}
    whole |= body | {"deleted_at": iso(row.deleted_at) if row.deleted_at else None, "version": row.version}
    if call.is_dated or resource.name == "taxes":
        return whole
    return {name: value for name, value in whole.items() if value is not None}


def listing(resource: Resource, call: Call, keep: Callable[[Any], bool] = lambda row: True) -> Answer:
    table = resource.table(call.merchant)
    after, before, size = call.whole("after"), call.whole("before"), _size(resource, call)
    wants_deleted = resource.lists_deleted or call.flag("deleted")

    def is_wanted(row: Stored) -> bool:
        is_alive = row.deleted_at is None or wants_deleted
        return is_alive and resource.is_shown(call.merchant, row) and keep(row)

    if before is not None and after is None:
        page = list(islice(filter(is_wanted, table.before(before)), size))[::-1]
    else:
        rows = (row for row in table.after(after or 0) if before is None or row.version < before)
        page = list(islice(filter(is_wanted, rows), size))
    body: Shown = {"data": [shown(resource, call, row) for row in page]}
    if resource.name != "taxes" or call.merchant.switches.is_on("taxes_have_version"):
        body |= _version(call, page)
    return Answer(body)


def _version(call: Call, page: list[Stored]) -> Shown:
    if page:
        return {"version": {"min": page[0].version, "max": page[-1].version}}
    if call.merchant.switches["end_of_list"] == "nulls":
        return {"version": {"min": None, "max": None}}
    return {}


def _size(resource: Resource, call: Call) -> int:
    """Never more than the most of this resource, and now and then less than asked (5.1)."""
    switches = call.merchant.switches
    asked = call.whole("page_size")
    size = int(switches.number("default_page_size")) if asked is None else asked
    if size < 1:
        raise bad("page_size is 1 or more")
    size = min(size, int(switches.number(resource.largest)))
    if size > 1 and call.merchant.dice.random() < switches.number("short_page_rate"):
        return call.merchant.dice.randint(1, size - 1)
    return size


def found(resource: Resource, call: Call, key: str) -> Stored:
    row: Stored | None = resource.table(call.merchant).get(key)
    if row is None or not resource.is_shown(call.merchant, row):
        raise not_found(resource.name.replace("_", " ").rstrip("s"))
    return row


def single(resource: Resource, call: Call, key: str) -> Answer:
    return Answer({"data": shown(resource, call, found(resource, call, key))})
