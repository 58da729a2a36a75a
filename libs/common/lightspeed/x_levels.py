"""How much of an article is at which outlet of an X-Series store: a list by version (reference 13.4).

It says no times: what is met for the first time moved by now. A version may show later than a higher one, so
that each stretch of the list is read once more some minutes later.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from libs.common.budget import Lane
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.errors import NotFound
from libs.common.lightspeed.product_source import OnHand, StockPart
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x import LONG_PAGE, OLDER_VERSION, XAccount, version_of
from libs.common.lightspeed.x_values import identity, number
from libs.common.service import Now

LEVELS, VERSION = "inventory", OLDER_VERSION
"""The one version that lists levels by its cursor; later ones answer all of them at once (13.4), and serve
where it has ended.
"""
AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Mark:
    """`after` is how far this reading is; all up to `read_to` was met before it, by `read_at`.

    What came after `again` is to be read once more, when `AGAIN` has passed since `again_at`.
    """

    after: int = 0
    read_to: int = 0
    read_at: str = ""
    again: int = 0
    again_at: str = ""
    is_under_way: bool = False

    @classmethod
    def read(cls, kept: str) -> Mark:
        """Everything is read anew where another release kept it otherwise."""
        fields = json.loads(kept or "{}")
        return cls(**fields) if isinstance(fields, dict) else cls()

    def kept(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def begun(self, now: datetime) -> Mark:
        if self.is_under_way:
            return self
        if self.again_at and now - datetime.fromisoformat(self.again_at) < AGAIN:
            return replace(self, is_under_way=True)
        return replace(
            self, is_under_way=True, after=self.again, again=self.read_to, again_at=now.isoformat()
        )

    def ended(self, now: datetime) -> Mark:
        read_to = max(self.read_to, self.after)
        return replace(self, is_under_way=False, after=read_to, read_to=read_to, read_at=now.isoformat())


async def read_levels(account: XAccount, newest: XAccount, kept: str, clock: Now, lane: Lane) -> StockPart:
    """One page."""
    mark = Mark.read(kept).begun(clock())
    try:
        page = await account.page(LEVELS, mark.after, lane, size=LONG_PAGE)
    except NotFound:
        page = await newest.newer(LEVELS, mark.after, lane)
    now = clock()  # whatever the page shows has moved by then
    rows = [_on_hand_of(row, mark, now) for row in page.rows]
    if page.version is None:
        return StockPart(rows, mark.ended(now).kept(), is_last=True)
    return StockPart(rows, replace(mark, after=page.version).kept(), is_last=False)


def _on_hand_of(row: Row, mark: Mark, now: datetime) -> OnHand:
    version = version_of(row)
    is_news = version is None or version > mark.read_to
    at = now if is_news else datetime.fromisoformat(mark.read_at)
    product, outlet = _readable(row, "product_id"), _readable(row, "outlet_id")
    try:
        level = number(row, "inventory_level", "current_inventory_level")
    except Unreadable as error:
        return OnHand(product, outlet, ZERO, None, unreadable=str(error))
    return OnHand(product, outlet, level, at, is_news)


def _readable(row: Row, field: str) -> str:
    """Empty where it can't be read."""
    try:
        return identity(row, field)
    except Unreadable:
        return ""
