"""Rows and tables: what was set is kept, the rest is the entity's default; texts are rendered once."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from services.sandbox.retail.schema import Entity, indexed_columns
from services.sandbox.retail.values import ZERO, Kind, Nested, Value, json_text

_DEFAULTS: Mapping[Kind, Value] = {
    Kind.ID: 0,
    Kind.TEXT: "",
    Kind.NUMBER: ZERO,
    Kind.FLAG: False,
    Kind.TIME: None,
    Kind.NESTED: "",
}


class Row:
    """One record. Change it through its table, which keeps the indexes and forgets the text."""

    __slots__ = ("_text", "entity", "fields", "raw")

    def __init__(self, entity: Entity, fields: dict[str, Value]) -> None:
        self.entity = entity
        self.fields = fields
        self.raw: dict[str, Nested] | None = None
        self._text: str | None = None

    @property
    def key(self) -> int:
        return self.id(self.entity.key)

    def get(self, column: str) -> Value:
        if column in self.fields:
            return self.fields[column]
        return _DEFAULTS[self.entity.columns[column]]

    def id(self, column: str) -> int:
        value = self.fields.get(column)
        return value if isinstance(value, int) else 0

    def number(self, column: str) -> Decimal:
        value = self.fields.get(column)
        return value if isinstance(value, Decimal) else ZERO

    def flag(self, column: str) -> bool:
        return self.fields.get(column) is True

    def text(self, column: str) -> str:
        value = self.fields.get(column)
        return value if isinstance(value, str) else ""

    def moment(self, column: str) -> datetime | None:
        value = self.fields.get(column)
        return value if isinstance(value, datetime) else None

    def nested(self, column: str) -> dict[str, Nested]:
        value = self.fields.get(column)
        return value if isinstance(value, dict) else {}

    def forget_text(self) -> None:
        self._text = None

    def rendered(self, spelling: Mapping[str, str], hidden: frozenset[str]) -> str:
        """The members of the JSON object, without its braces; kept until the row changes."""
        if hidden:
            return self._render(spelling, hidden)
        if self._text is None:
            self._text = self._render(spelling, hidden)
        return self._text

    def _render(self, spelling: Mapping[str, str], hidden: frozenset[str]) -> str:
        entity, fields = self.entity, self.fields
        parts = []
        for column, kind in entity.columns.items():
            if column in hidden:
                continue
            value = fields.get(column)
            if value is None:
                if kind is Kind.TIME or column in entity.optional:
                    continue
                value = _DEFAULTS[kind]
            parts.append(f'"{spelling.get(column, column)}":{json_text(value)}')
        return ",".join(parts)


class Table:
    """The rows of one entity in one account, by id; ids ascend and are never used twice."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.rows: dict[int, Row] = {}
        self._keys: list[int] = []
        self._next_id = 1
        self._indexes: dict[str, dict[Value, dict[int, Row]]] = {
            column: {} for column in indexed_columns(entity.name)
        }

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, fields: dict[str, Value], *, key: int | None = None) -> Row:
        key = self._next_id if key is None else key
        self._next_id = max(self._next_id, key + 1)
        fields[self.entity.key] = key
        row = Row(self.entity, fields)
        if key not in self.rows:
            insort(self._keys, key)
        self.rows[key] = row
        for column, index in self._indexes.items():
            index.setdefault(row.get(column), {})[key] = row
        return row

    def change(self, row: Row, fields: Mapping[str, Value]) -> None:
        for column, index in self._indexes.items():
            if column in fields and fields[column] != row.get(column):
                index[row.get(column)].pop(row.key, None)
                index.setdefault(fields[column], {})[row.key] = row
        row.fields.update(fields)
        row.forget_text()

    def remove(self, row: Row) -> None:
        del self.rows[row.key]
        self._keys.remove(row.key)
        for column, index in self._indexes.items():
            index.get(row.get(column), {}).pop(row.key, None)

    def get(self, key: int) -> Row | None:
        return self.rows.get(key)

    def after(self, key: int) -> Iterator[Row]:
        """By id, from the first above it."""
        return map(self.rows.__getitem__, self._keys[bisect_right(self._keys, key) :])

    def find(self, column: str, value: Value) -> list[Row]:
        if column == self.entity.key:
            row = self.rows.get(value) if isinstance(value, int) else None
            return [row] if row else []
        if column in self._indexes:
            return list(self._indexes[column].get(value, {}).values())
        return [row for row in self.rows.values() if row.get(column) == value]
