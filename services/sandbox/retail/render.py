"""Rows as the vendor's JSON: strings only, one as an object, many as an array, none as "" (3.5)."""

from collections.abc import Mapping

from services.sandbox.retail.account import Account
from services.sandbox.retail.relations import Loaded, Tree
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import Nested, json_text
from services.sandbox.switches import Switches

NOTHING: frozenset[str] = frozenset()
COST_COLUMNS: Mapping[str, frozenset[str]] = {
    "Item": frozenset({"defaultCost", "avgCost"}),
    "ItemShop": frozenset(
        {"averageCost", "totalValueFifo", "totalValueAvgCost", "nextFifoLotCost", "lastReceivedCost"}
    ),
}
EMPTY_OBJECTS: dict[str, str] = {"SaleNotes": '""'}


class Renderer:
    """Shows rows of one account to a caller with or without the right to see costs."""

    def __init__(
        self, account: Account, switches: Switches, *, sees_costs: bool = True, sees_codes: bool = True
    ) -> None:
        self._account = account
        self._sees_costs = sees_costs
        self._sees_codes = sees_codes
        self._empty = switches["empty_collections"] == "text"
        self._spelling: dict[str, Mapping[str, str]] = {
            "Sale": {"updatetime": str(switches["updatetime_key"])},
            "ItemShop": {"onWorkorder": str(switches["on_workorder_key"])},
        }
        self._names = {"SaleAccounts": str(switches["sale_accounts_key"])}

    def row(self, row: Row, tree: Tree) -> str:
        if row.raw is not None:
            return json_text(row.raw)
        name = row.entity.name
        hidden = NOTHING if self._sees_costs else COST_COLUMNS.get(name, NOTHING)
        own = row.rendered(self._spelling.get(name, {}), hidden)
        if name == "CreditAccount" and not self._sees_codes and row.text("code"):
            own = own.replace(f'"{row.text("code")}"', f'"{masked(row.text("code"))}"', 1)
        if not tree:
            return f"{{{own}}}"
        parts = [own]
        for loaded in tree.values():
            text = self._relation(row, loaded)
            if text:
                parts.append(f'"{self._names.get(loaded.relation.name, loaded.relation.name)}":{text}')
        return f"{{{','.join(parts)}}}"

    def _relation(self, row: Row, loaded: Loaded) -> str:
        relation = loaded.relation
        found = self._account[relation.target].find(relation.remote, row.get(relation.local))
        if relation.many:
            if not found:
                return '""' if self._empty else ""
            return f'{{"{relation.target}":{self.collection(found, loaded.below)}}}'
        if not found:
            return ""
        return self.row(found[0], loaded.below)

    def collection(self, rows: list[Row], tree: Tree) -> str:
        if len(rows) == 1:
            return self.row(rows[0], tree)
        return f"[{','.join(self.row(row, tree) for row in rows)}]"


def masked(code: str) -> str:
    return "*" * (len(code) - 4) + code[-4:]


def listing(attributes: dict[str, Nested], name: str, rows: list[Row], renderer: Renderer, tree: Tree) -> str:
    """The envelope of a list; without rows the entity's key is missing."""
    head = f'"@attributes":{json_text(attributes)}'
    if not rows:
        return f"{{{head}}}"
    return f'{{{head},"{name}":{renderer.collection(rows, tree)}}}'
