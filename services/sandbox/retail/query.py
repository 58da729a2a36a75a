"""Filters of a list: operators, `or`, relations one level deep, archived (3.2 and 3.3)."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote

from services.sandbox.retail.account import Account
from services.sandbox.retail.errors import bad
from services.sandbox.retail.relations import Tree
from services.sandbox.retail.rows import Row
from services.sandbox.retail.schema import ENTITIES, Entity
from services.sandbox.retail.values import Kind, Value, read_value
from services.sandbox.switches import Switches

OPERATORS = frozenset({"", "=", ">", ">=", "<", "<=", "><", "!=", "~", "!~", "IN"})
RANGES = frozenset({">", ">=", "<", "<=", "><"})
NOT_FILTERS = frozenset(
    {
        "limit",
        "sort",
        "after",
        "before",
        "load_relations",
        "archived",
        "or",
        "count",
        "giftCard",
        "offset",
        "orderby",
    }
)
IN_LIMIT = 100

Predicate = Callable[[Row], bool]


@dataclass(frozen=True)
class Condition:
    """`relation` is "" for a column of the entity itself."""

    relation: str
    column: str
    kind: Kind
    operator: str
    values: tuple[Value, ...]
    pattern: re.Pattern[str] | None = None


def predicates(
    account: Account, entity: Entity, parameters: Sequence[tuple[str, str]], tree: Tree, switches: Switches
) -> list[Predicate]:
    """All of them hold for a row that is listed."""
    given = dict(parameters)
    found = [_archived(given.get("archived", "false"))] if entity.archives else []
    if entity.name == "CreditAccount" and not switches.is_on("gift_cards_listed"):
        wanted = given.get("giftCard", "false") == "true"
        found.append(lambda row: row.flag("giftCard") == wanted)
    for name, text in parameters:
        if name == "or":
            found.append(_any_of(account, entity, text, tree, switches))
        elif name not in NOT_FILTERS:
            found.append(_one(account, entity, name, text, tree, switches))
    return found


def or_operands(text: str) -> list[tuple[str, str]]:
    """Operands are split on a pipe; what is inside them was encoded once more."""
    operands = []
    for part in text.split("|"):
        name, equals, value = part.partition("=")
        if not equals:
            raise bad("Invalid 'or' parameter.")
        operands.append((unquote(name), unquote(value)))
    return operands


def operator_of(text: str) -> tuple[str, str]:
    operator, comma, rest = text.partition(",")
    if comma and operator.upper() in OPERATORS:
        return operator.upper(), rest
    return "=", text


def _archived(wanted: str) -> Predicate:
    if wanted == "true":
        return lambda row: True
    only = wanted == "only"
    return lambda row: row.flag("archived") == only


def _any_of(account: Account, entity: Entity, text: str, tree: Tree, switches: Switches) -> Predicate:
    tests = [_one(account, entity, name, value, tree, switches) for name, value in or_operands(text)]
    return lambda row: any(test(row) for test in tests)


def _one(account: Account, entity: Entity, name: str, text: str, tree: Tree, switches: Switches) -> Predicate:
    if name == "itemCode" and entity.name == "Item":
        return _item_code(text)
    if "." in name:
        return _related(account, entity, name, text, tree)
    if name.lower() == "updatetime" and entity.name == "Sale":
        if switches["updatetime_filter"] == "ignored":
            return lambda row: True
        name = "updatetime" if switches["updatetime_filter"] == "supported" else "?updatetime"
    kind = entity.columns.get(name)
    if kind is None or kind is Kind.NESTED:
        if switches["unknown_filter"] == "ignored":
            return lambda row: True
        raise bad(f"{entity.name} can not be filtered by {name.lstrip('?')}.")
    condition = read_condition("", name, kind, text)
    return lambda row: holds(condition, row.get(name))


def _item_code(text: str) -> Predicate:
    operator, rest = operator_of(text)
    if operator not in {"=", "IN"}:
        raise bad("itemCode only supports equality, or, and IN.")
    codes = frozenset(_list(rest)) if operator == "IN" else frozenset({rest})
    return lambda row: (
        not codes.isdisjoint({str(row.key), row.text("upc"), row.text("ean"), row.text("systemSku")} - {""})
    )


def _related(account: Account, entity: Entity, name: str, text: str, tree: Tree) -> Predicate:
    relation_name, _, column = name.partition(".")
    loaded = tree.get(relation_name)
    if loaded is None:
        raise bad(f"Relation {relation_name} must be loaded to filter by {name}.")
    relation = loaded.relation
    table = account[relation.target]
    if relation.target == "Contact" and column not in ENTITIES["Contact"].columns:
        return _contact(account, column, text)
    kind = ENTITIES[relation.target].columns.get(column)
    if kind is None:
        raise bad(f"{relation.target} can not be filtered by {column}.")
    condition = read_condition(relation_name, column, kind, text)
    return lambda row: any(
        holds(condition, child.get(column)) for child in table.find(relation.remote, row.get(relation.local))
    )


def _contact(account: Account, column: str, text: str) -> Predicate:
    """`Contact.email` and the phones look inside the contact's collections."""
    uses = {
        "phoneHome": "Home",
        "phoneWork": "Work",
        "mobile": "Mobile",
        "pager": "Pager",
        "fax": "Fax",
        "email": "",
    }
    if column not in uses:
        raise bad(f"Contact can not be filtered by {column}.")
    condition = read_condition("Contact", column, Kind.TEXT, text)
    place = "Emails" if column == "email" else "Phones"
    inside = "address" if column == "email" else "number"

    def test(row: Row) -> bool:
        contact = account["Contact"].get(row.id("contactID"))
        found = next(iter(contact.nested(place).values()), []) if contact else []
        entries = found if isinstance(found, list) else [found]
        return any(
            isinstance(entry, dict)
            and uses[column] in ("", entry.get("useType"))
            and holds(condition, str(entry.get(inside, "")))
            for entry in entries
        )

    return test


def read_condition(relation: str, column: str, kind: Kind, text: str) -> Condition:
    operator, rest = operator_of(text)
    if operator == "IN":
        texts = _list(rest)
    elif operator == "><":
        texts = rest.split(",")
        if len(texts) != 2:
            raise bad(f"Between on {column} needs two values.")
    else:
        texts = [rest]
    if operator in {"~", "!~"}:
        like = "".join(".*" if part == "%" else re.escape(part) for part in re.split("(%)", rest))
        return Condition(relation, column, kind, operator, (), re.compile(like, re.IGNORECASE | re.DOTALL))
    try:
        values = tuple(_folded(read_value(value, kind)) for value in texts)
    except ValueError:
        raise bad(f"Invalid value '{rest}' for {column}.") from None
    return Condition(relation, column, kind, operator or "=", values)


def _list(text: str) -> list[str]:
    try:
        read = json.loads(text) if text.startswith("[") else text.split(",")
    except ValueError:
        raise bad("IN needs a JSON array or values with commas.") from None
    if len(read) > IN_LIMIT:
        raise bad(f"IN supports at most {IN_LIMIT} values.")
    return [str(value) for value in read]


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def holds(condition: Condition, value: Value) -> bool:
    if condition.pattern is not None:
        matches = condition.pattern.fullmatch("" if value is None else str(value)) is not None
        return matches is (condition.operator == "~")
    value = _folded(value)
    if condition.operator in {"=", "IN"}:
        return value in condition.values
    if condition.operator == "!=":
        return value not in condition.values
    if value is None:
        return False
    return _compares(condition.operator, value, condition.values)


def _compares(operator: str, value: Value, wanted: tuple[Value, ...]) -> bool:
    order = [_order(value, limit) for limit in wanted]
    if operator == "><":
        return order[0] >= 0 >= order[1]
    if operator == ">":
        return order[0] > 0
    if operator == ">=":
        return order[0] >= 0
    return order[0] < 0 if operator == "<" else order[0] <= 0


def _order(value: Value, other: Value) -> int:
    """Minus one, zero or one; both are of the column's kind."""
    comparable: tuple[type, ...] = (int, Decimal, str)
    if isinstance(value, comparable) and isinstance(other, comparable):
        return (value > other) - (value < other)  # type: ignore[operator]
    return (value > other) - (value < other)  # type: ignore[operator]
