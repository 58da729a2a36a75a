"""The endpoints of every version, with the scopes that each needs (3.4, chapters 5, 8 to 14)."""

from collections.abc import Callable
from dataclasses import dataclass

from services.sandbox.x_series import hooks, lists, product_writes, reading, sale_writes, search
from services.sandbox.x_series.calls import FLAT, OLDEST, SUPPORTED, UPDATES, Answer, Call
from services.sandbox.x_series.errors import ApiError
from services.sandbox.x_series.lists import RESOURCES

MODERN = frozenset({FLAT, *SUPPORTED})
DATED = frozenset(SUPPORTED)


@dataclass(frozen=True)
class Endpoint:
    """`path` below the version; `{}` stands for an id."""

    method: str
    path: str
    scopes: tuple[str, ...]
    answer: Callable[..., Answer]
    versions: frozenset[str] = MODERN

    def ids_in(self, path: list[str]) -> list[str] | None:
        """The ids of a path that fits, None of one that doesn't."""
        parts = self.path.split("/")
        if len(parts) != len(path):
            return None
        pairs = list(zip(parts, path, strict=True))
        if any(part not in {"{}", given} for part, given in pairs):
            return None
        return [given for part, given in pairs if part == "{}"]


def _list_of(name: str) -> Callable[[Call], Answer]:
    return lambda call: lists.listing(RESOURCES[name], call)


def _one_of(name: str) -> Callable[[Call, str], Answer]:
    return lambda call, key: lists.single(RESOURCES[name], call, key)


READS = {
    "outlets": ("outlets:read",),
    "registers": ("registers:read",),
    "users": ("users:read",),
    "customers": ("customers:read",),
    "product_types": ("products:read",),
    "brands": ("products:read",),
    "suppliers": ("suppliers:read",),
    "tags": ("products:read",),
    "sales": ("sales:read",),
    "taxes": ("taxes:read",),
}
SINGLE = ("sales:read", "sales:write", "users:read")
ONLY_FLAT, ONLY_OLDEST, ONLY_UPDATES = frozenset({FLAT}), frozenset({OLDEST}), frozenset({UPDATES})
SINCE_2026_04 = frozenset(version for version in SUPPORTED if version >= "2026-04")
HOOK_VERSIONS = MODERN | ONLY_OLDEST
ENDPOINTS = (
    *(Endpoint("GET", name, scopes, _list_of(name)) for name, scopes in READS.items()),
    *(Endpoint("GET", f"{name}/{{}}", scopes, _one_of(name)) for name, scopes in READS.items()),
    Endpoint("GET", "retailer", ("retailer:read", "payment_types:read"), reading.retailer),
    Endpoint("GET", "payment_types", ("payment_types:read",), _list_of("payment_types")),
    Endpoint("GET", "outlet_taxes", ("taxes:read",), reading.outlet_taxes),
    Endpoint("POST", "taxes", ("taxes:write",), reading.create_tax),
    Endpoint("GET", "product_categories", ("products:read",), reading.categories),
    Endpoint("POST", "product_categories/bulk", ("products:write",), product_writes.make_categories),
    Endpoint("GET", "search", (), search.search),
    Endpoint("POST", "sales", ("sales:write",), sale_writes.post, DATED),
    Endpoint("PUT", "sales/{}", ("sales:write",), sale_writes.put, DATED),
    Endpoint("POST", "sales/{}/actions/return", SINGLE, sale_writes.give_back, DATED),
    Endpoint("PUT", "sales/{}/actions/return", SINGLE, sale_writes.give_back, ONLY_FLAT),
    Endpoint("PUT", "registers/{}/actions/open", ("register:open",), reading.open_register),
    Endpoint("PUT", "registers/{}/actions/close", ("register:close",), reading.close_register),
    Endpoint("GET", "registers/{}/payments_summary", ("payments:read",), reading.payments_summary),
    Endpoint("POST", "customers", ("customers:write",), product_writes.create_customer),
    Endpoint("PUT", "customers/{}", ("customers:write",), product_writes.update_customer),
    Endpoint("DELETE", "customers/{}", ("customers:write",), product_writes.delete_customer),
    Endpoint("GET", "products", ("products:read",), reading.products),
    Endpoint("GET", "products/{}", ("products:read",), _one_of("products")),
    Endpoint("POST", "products", ("products:write",), product_writes.create),
    Endpoint("PUT", "products/{}", ("products:write",), product_writes.update, DATED | ONLY_UPDATES),
    Endpoint("DELETE", "products/{}", ("products:write",), product_writes.delete),
    Endpoint(
        "DELETE",
        "products/{}/all",
        ("products:write",),
        lambda call, key: product_writes.delete(call, key, whole_family=True),
        ONLY_FLAT,
    ),
    Endpoint("GET", "products/{}/inventory", ("inventory:read",), reading.product_inventory, ONLY_FLAT),
    Endpoint("GET", "inventory", ("inventory:read",), _list_of("inventory"), ONLY_FLAT),
    Endpoint("POST", "inventory", ("inventory:read",), reading.read_inventory, DATED),
    Endpoint("GET", "inventory/{}", ("inventory:read",), reading.inventory_of_product, DATED),
    Endpoint("GET", "gift_cards", ("gift_cards:read",), reading.gift_cards, SINCE_2026_04),
    Endpoint(
        "GET", "gift_cards/by_number/{}", ("gift_cards:read",), reading.gift_card_by_number, SINCE_2026_04
    ),
    Endpoint("GET", "gift_cards/by_id/{}", ("gift_cards:read",), reading.gift_card_by_id, SINCE_2026_04),
    Endpoint(
        "GET",
        "gift_cards/{}/transactions",
        ("gift_cards:read",),
        reading.gift_card_transactions,
        SINCE_2026_04,
    ),
    Endpoint(
        "GET", "balances/gift_cards", ("gift_cards:read",), reading.old_gift_cards, MODERN - SINCE_2026_04
    ),
    Endpoint("GET", "store_credits", ("store_credits:read",), reading.store_credits),
    Endpoint("GET", "store_credits/{}", ("store_credits:read",), reading.store_credit),
    Endpoint(
        "GET", "store_credits/{}/transactions", ("store_credits:read",), reading.store_credit_transactions
    ),
    Endpoint("GET", "webhooks", ("webhooks",), hooks.listing, HOOK_VERSIONS),
    Endpoint("POST", "webhooks", ("webhooks",), hooks.subscribe, HOOK_VERSIONS),
    Endpoint("GET", "webhooks/{}", ("webhooks",), hooks.read, HOOK_VERSIONS),
    Endpoint("PUT", "webhooks/{}", ("webhooks",), hooks.change, HOOK_VERSIONS),
    Endpoint("DELETE", "webhooks/{}", ("webhooks",), hooks.unsubscribe, HOOK_VERSIONS),
    Endpoint("GET", "register_sales", ("sales:read",), reading.register_sales, ONLY_OLDEST),
    Endpoint("POST", "register_sales", ("sales:write",), sale_writes.post_oldest, ONLY_OLDEST),
)


def endpoint_of(version: str, method: str, path: list[str]) -> tuple[Endpoint, list[str]]:
    """404 of a path that no version like this has, 405 of one that has it with another method."""
    known = False
    for endpoint in ENDPOINTS:
        ids = endpoint.ids_in(path) if version in endpoint.versions else None
        if ids is None:
            continue
        if endpoint.method == method:
            return endpoint, ids
        known = True
    raise ApiError(405 if known else 404, "Method Not Allowed" if known else "Not Found")
