"""Rows in memory with indexes, a stable order and a row version for the sync feeds."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
SEQUENCE, VERSION = "_sequence", "_version"


class Table:
    """Rows by key. Order is that of insertion; `_version` rises with every insert and update."""

    def __init__(self, key: str, indexed: tuple[str, ...], next_version: Callable[[], int]) -> None:
        self.key = key
        self.rows: dict[Any, Row] = {}
        self.indexes: dict[str, dict[Any, dict[int, Row]]] = {name: {} for name in indexed}
        self.order: list[Row | None] = []
        self.sequences: dict[Any, int] = {}
        self.versions: list[int] = []
        self.by_version: dict[int, Row] = {}
        self._next_version = next_version

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def get(self, key: Any) -> Row | None:
        return self.rows.get(key)

    def insert(self, row: Row) -> Row:
        sequence = len(self.order)
        row[SEQUENCE] = sequence
        self.rows[row[self.key]] = row
        self.order.append(row)
        self.sequences[row[self.key]] = sequence
        for name, index in self.indexes.items():
            index.setdefault(row.get(name), {})[sequence] = row
        self._touch(row)
        return row

    def update(self, row: Row, changes: Row) -> None:
        for name, index in self.indexes.items():
            if name in changes and changes[name] != row.get(name):
                del index[row.get(name)][row[SEQUENCE]]
                index.setdefault(changes[name], {})[row[SEQUENCE]] = row
        row.update(changes)
        self.by_version.pop(row[VERSION], None)
        self._touch(row)

    def delete(self, row: Row) -> None:
        del self.rows[row[self.key]]
        self.order[row[SEQUENCE]] = None
        self.by_version.pop(row[VERSION], None)
        for name, index in self.indexes.items():
            del index[row.get(name)][row[SEQUENCE]]

    def find(self, name: str, value: Any) -> list[Row]:
        """Rows whose indexed property has this value, in order of insertion."""
        return list(self.indexes[name].get(value, {}).values())

    def first(self, name: str, value: Any) -> Row | None:
        return next(iter(self.indexes[name].get(value, {}).values()), None)

    def after(self, sequence: int) -> Iterator[Row]:
        for row in self.order[sequence + 1 :] if sequence >= 0 else self.order:
            if row is not None:
                yield row

    def changed_after(self, version: int) -> Iterator[Row]:
        for stamp in self.versions[bisect_right(self.versions, version) :]:
            row = self.by_version.get(stamp)
            if row is not None:
                yield row

    def renumber(self) -> None:
        """Gives every row a new version, as a move of the division does."""
        self.versions.clear()
        self.by_version.clear()
        for row in self.rows.values():
            self._touch(row)

    def _touch(self, row: Row) -> None:
        version = self._next_version()
        row[VERSION] = version
        self.versions.append(version)
        self.by_version[version] = row
