"""What an X-Series store says of itself as a whole: what holders of gift cards and of store credit may spend.

It has no totals of days. Each list has a right of its own (3.4), and what may not be read isn't told.
"""

from __future__ import annotations

from collections.abc import Awaitable
from decimal import Decimal

from libs.common.budget import Lane
from libs.common.domain.sale import ZERO
from libs.common.domain.till_control import TillBalances
from libs.common.lightspeed.errors import BadRequest, NoRight, Unavailable
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x import XAccount
from libs.common.lightspeed.x_reading import XTill
from libs.common.lightspeed.x_values import number, text

ENDED = ("VOIDED", "EXPIRED")
"""Nobody may spend what such a card shows, whatever that is (11.3)."""


async def read_balances(till: XTill) -> TillBalances:
    """Not customers' own: they stand among all that is known of each, under an unconfirmed sign (11.6)."""
    return TillBalances(
        gift_cards=await _if_readable(_gift_cards(till.account)),
        store_credit=await _if_readable(_store_credit(till.account)),
    )


async def _if_readable(reading: Awaitable[Decimal]) -> Decimal | None:
    try:
        return await reading
    except (NoRight, BadRequest):
        return None


async def _gift_cards(account: XAccount) -> Decimal:
    rows = await account.rows_before("gift_cards", Lane.SETTLE)
    return sum((_balance(row) for row in rows if text(row, "status").upper() not in ENDED), ZERO)


async def _store_credit(account: XAccount) -> Decimal:
    """One answer holds them all (5.3)."""
    return sum((_balance(row) for row in await account.whole("store_credits", Lane.SETTLE)), ZERO)


def _balance(row: Row) -> Decimal:
    try:
        return number(row, "balance")
    except Unreadable as error:
        raise Unavailable(f"a balance can't be read: {error}") from error
