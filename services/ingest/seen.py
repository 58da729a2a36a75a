"""What this process read and kept lately, so that the overlap of two polls costs a look and not a parse.

Only a memory: whoever has forgotten, or has just started, parses again and finds nothing new.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from libs.common.lightspeed.source import Parser, Row
from services.ingest.content import payload_hash

MOST_ANSWERS = 50_000


class Seen:
    """The hash of each sale's last answer, the oldest forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], str] = OrderedDict()

    def unseen(self, connection_id: str, rows: Sequence[Row], parser: Parser) -> list[Row]:
        return [
            row
            for row in rows
            if self._answers.get((connection_id, parser.sale_id(row))) != payload_hash(row)
        ]

    def remember(self, connection_id: str, rows: Sequence[Row], parser: Parser) -> None:
        """Call once the rows are kept."""
        for row in rows:
            key = connection_id, parser.sale_id(row)
            self._answers[key] = payload_hash(row)
            self._answers.move_to_end(key)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
