"""How a question to Lightspeed Retail is written, and what it will cost (reference 2.2, 3.1 to 3.3). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

PAGE = 100
"""The largest page."""

BASE_COST = Decimal(1)
TO_ONE, TO_MANY = Decimal("0.1"), Decimal("0.2")
NESTED_WRITE = Decimal("0.5")
COSTLY_WRITES = {"Category": Decimal(10), "InventoryCountReconcile": Decimal(10)}
COLLECTIONS = frozenset(
    {
        "CustomFieldValues",
        "Images",
        "InventorySales",
        "ItemComponents",
        "ItemPrices",
        "ItemShops",
        "ItemVendorNums",
        "OrderLines",
        "ProcessingFees",
        "RegisterCountAmounts",
        "Registers",
        "Reps",
        "SaleAccounts",
        "SaleLines",
        "SaleNotes",
        "SalePayments",
        "ShelfLocations",
        "Signatures",
        "TagRelations",
        "Tags",
        "TaxCategoryClasses",
        "WithdrawalPayments",
    }
)
"""The relations that hold several records; the others hold one."""


def at_least(moment: datetime) -> str:
    return f">=,{_utc(moment)}"


def between(first: datetime, last: datetime) -> str:
    """Both ends are included."""
    return f"><,{_utc(first)},{_utc(last)}"


def above(number: int) -> str:
    """Greater than this id."""
    return f">,{number}"


def one_of(ids: Sequence[str]) -> str:
    """At most 100 ids (3.2)."""
    return f"IN,[{','.join(ids)}]"


def query_text(parameters: Mapping[str, str], relations: Sequence[str]) -> str:
    """Operators, commas and the plus of an offset percent-encoded, else they are ignored or misread (3.2)."""
    written = dict(parameters)
    if relations:
        written["load_relations"] = json.dumps(list(relations), separators=(",", ":"))
    return urlencode(written, quote_via=quote, safe="")


def cost_of(relations: Iterable[str], *, is_list: bool) -> Decimal:
    """In drips, as Lightspeed will charge; its own header corrects us afterwards."""
    return sum((_relation_cost(name, is_list=is_list) for name in relations), BASE_COST)


def write_cost_of(entity: str, body: Mapping[str, Any]) -> Decimal:
    """Each entity inside the body costs half a drip, changed or not (2.2)."""
    nested = sum(_entities_in(value) for value in body.values() if isinstance(value, Mapping))
    return COSTLY_WRITES.get(entity, BASE_COST) + NESTED_WRITE * nested


def _entities_in(value: Any) -> int:
    """The names around a collection are no entities."""
    if isinstance(value, Mapping):
        inner = [each for each in value.values() if isinstance(each, Mapping | list)]
        return sum(map(_entities_in, inner)) + (0 if inner and len(inner) == len(value) else 1)
    return sum(map(_entities_in, value)) if isinstance(value, list) else 0


def _relation_cost(name: str, *, is_list: bool) -> Decimal:
    *above, last = name.split(".")
    cost = TO_MANY if last in COLLECTIONS else TO_ONE
    is_doubled = is_list or any(part in COLLECTIONS for part in above)
    return 2 * cost if is_doubled else cost


def at_home(url: str, base: str) -> str | None:
    """The address at the base's own host, whatever host it names; None where its path isn't below."""
    try:
        there, here = urlsplit(url), urlsplit(base)
    except ValueError:
        return None
    path = unquote(there.path)
    if ".." in path or "\\" in url or not path.startswith(here.path):
        return None
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
