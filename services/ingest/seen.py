"""What this process read and kept lately, so that the overlap of two polls costs a look and not a parse.

Only a memory: whoever has forgotten, or has just started, parses again and finds nothing new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from services.ingest.content import payload_hash

MOST_ANSWERS = 50_000


class Seen:
    """The hash of each sale's last answer, the oldest forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], str] = OrderedDict()

    def unseen(self, connection_id: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if self._answers.get(_key(connection_id, row)) != payload_hash(row)]

    def remember(self, connection_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Call once the rows are kept."""
        for row in rows:
            key = _key(connection_id, row)
            self._answers[key] = payload_hash(row)
            self._answers.move_to_end(key)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)


def _key(connection_id: str, row: Mapping[str, Any]) -> tuple[str, str]:
    return connection_id, str(row.get("saleID"))
