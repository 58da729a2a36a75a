"""How fast it goes of late, articles written and stock counted a second: by it an end is foretold."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum

from services.products.turn import Turn

SMOOTHING = 0.3


class Pace(StrEnum):
    ARTICLES = "rate"
    STOCK = "stock"


async def note(turn: Turn, kind: Pace, done: int, since: datetime) -> None:
    """The last turns count most."""
    kept: dict[str, float] = json.loads(turn.state.pace or "{}")
    fresh = done / max(1.0, (turn.now() - since).total_seconds())
    old = kept.get(kind, fresh)
    turn.paces[kind] = round(old + SMOOTHING * (fresh - old), 4)
    await turn.keep({"pace": json.dumps(kept | {kind: turn.paces[kind]})})


def ends_at(turn: Turn, kind: Pace, to_do: int) -> datetime | None:
    """At the pace of a turn that did some of it; to the minute, so that it isn't news all the time."""
    pace = turn.paces.get(kind)
    if not to_do or not pace:
        return None
    ends: datetime = turn.now() + timedelta(seconds=to_do / pace)
    return ends.replace(second=0, microsecond=0) + timedelta(minutes=1)
