"""What a JSON body says: scalars by column, nested entities in any of the recorded forms (3.4)."""

from collections.abc import Mapping
from typing import Any

from services.sandbox.retail.errors import bad
from services.sandbox.retail.schema import Entity
from services.sandbox.retail.values import Kind, Value, read_value

Body = Mapping[str, Any]


def scalars(entity: Entity, body: Body, *, without: frozenset[str] = frozenset()) -> dict[str, Value]:
    """The columns that the body names; nested entities and what the vendor sets itself are left out."""
    fields: dict[str, Value] = {}
    for name, value in body.items():
        kind = entity.columns.get(name)
        if kind is None or kind is Kind.NESTED or name in without or name == entity.key:
            continue
        if isinstance(value, dict | list):
            raise bad(f"Invalid value for {name}.")
        try:
            fields[name] = read_value(plain_text(value), kind)
        except ValueError:
            raise bad(f"Invalid value '{value}' for {name}.") from None
    return fields


def plain_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def entities_in(body: Body, collection: str, name: str) -> list[Body]:
    """`{"Xs": {"X": [..] or {..}}}`, and the recorded `{"Xs": [{"X": {..}}]}`."""
    inside = body.get(collection)
    if isinstance(inside, list):
        return [entry.get(name, entry) for entry in inside if isinstance(entry, dict)]
    if not isinstance(inside, dict):
        return []
    found = inside.get(name, [])
    return [entry for entry in (found if isinstance(found, list) else [found]) if isinstance(entry, dict)]
