"""Who calls, who goes first, and how much of a limit each may use."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Lane(StrEnum):
    SALES = "sales"
    """Today's sales."""
    BACKLOG = "backlog"
    PRODUCTS = "products"
    CATALOGUE = "catalogue"
    """Articles that nobody waits for: a first synchronisation, and looking all of them through again."""
    SETTLE = "settle"
    """Searching what became of a write, and reading back."""
    SET_UP = "set-up"
    """A person waits for the answer."""


class Postponed(Exception):
    """The budget has no room for this call before `until`; nothing was sent."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(f"{reason}, until {until.isoformat()}")
        self.until = until
        self.reason = reason


DAY_SHARE = {
    # A tenth of the day is kept for finding out and for people, a further tenth for today's sales; and of
    # the articles' part a piece for what changes, since a first synchronisation may take weeks.
    Lane.SALES: 0.90,
    Lane.BACKLOG: 0.80,
    Lane.PRODUCTS: 0.70,
    Lane.CATALOGUE: 0.60,
    Lane.SETTLE: 1.0,
    Lane.SET_UP: 1.0,
}
MINUTE_SHARE = {Lane.CATALOGUE: 0.90}
WHILE_SALES_WAIT = {Lane.BACKLOG: 0.70, Lane.PRODUCTS: 0.0, Lane.CATALOGUE: 0.0}
"""Articles have all the time there is: whoever of them asks first takes nothing from a sale that waits."""
WHILE_BACKLOG_WAITS = {Lane.PRODUCTS: 0.70, Lane.CATALOGUE: 0.60}
BUCKET_SHARE = {
    # Of a leaking bucket: below its brim it leaks as fast, so a backlog loses nothing by staying lower.
    Lane.SALES: 1.0,
    Lane.BACKLOG: 0.70,
    Lane.PRODUCTS: 0.50,
    Lane.CATALOGUE: 0.40,
    Lane.SETTLE: 1.0,
    Lane.SET_UP: 1.0,
}
WINDOW_SHARE = {
    # Of a window that the store's other add-ons share: a tenth is always left to them (X-Series 6).
    Lane.SALES: 0.90,
    Lane.BACKLOG: 0.70,
    Lane.PRODUCTS: 0.50,
    Lane.CATALOGUE: 0.40,
    Lane.SETTLE: 0.90,
    Lane.SET_UP: 0.95,
}
GOES_FIRST = (Lane.SALES, Lane.SETTLE, Lane.SET_UP)
OF_SALES = (Lane.SALES, Lane.SETTLE)
BEHIND_SALES = (Lane.PRODUCTS, Lane.CATALOGUE)


def minute_share(lane: Lane, *, sales_wait: bool, backlog_waits: bool) -> float:
    """How full the minute may be for this lane to add a call."""
    usual = MINUTE_SHARE.get(lane, 1.0)
    share = WHILE_SALES_WAIT.get(lane, usual) if sales_wait else usual
    return min(share, WHILE_BACKLOG_WAITS.get(lane, 1.0)) if backlog_waits else share
