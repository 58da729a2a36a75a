"""Asks the store to tell us of changed sales, where it can reach us (14). Without it polling does all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from libs.common.budget import Lane
from libs.common.lightspeed.errors import BadRequest, NoRight
from libs.common.lightspeed.source import Desk, Done, Row
from libs.common.lightspeed.x_hook import PATH, TYPE
from libs.common.lightspeed.x_reading import XTill
from libs.common.lightspeed.x_values import text

log = structlog.get_logger()

CHORE = "webhook"
AGAIN, MUCH_LATER = timedelta(days=1), timedelta(days=7)
"""Somebody may remove the subscription in the store's own screens."""
EXISTS = 409


async def subscribe(till: XTill, mark: str, desk: Desk, lacking: int) -> Done:
    """The mark is the address that was subscribed; another one of ours is dropped."""
    address = desk.hook_address
    if not address and not mark:
        return Done("", desk.now() + AGAIN)
    try:
        listed = (await till.account.get("webhooks", Lane.BACKLOG)).get("data")
        ours = [hook for hook in listed or () if _is_ours(hook, address, mark)]
        for hook in ours:
            if text(hook, "url") != address:
                await till.account.delete(f"webhooks/{text(hook, 'id')}", Lane.BACKLOG)
        if address and not any(text(hook, "url") == address and hook.get("active") for hook in ours):
            await _subscribe(till, address)
    except NoRight:
        log.info("the store lets nobody subscribe to its webhooks")
        return Done("", desk.now() + MUCH_LATER)
    return Done(address, desk.now() + AGAIN)


async def _subscribe(till: XTill, address: str) -> None:
    body: dict[str, Any] = {"type": TYPE, "url": address, "active": True}
    try:
        await till.account.post("webhooks", body, Lane.BACKLOG)
    except BadRequest as error:
        if error.status != EXISTS:
            raise


def _is_ours(hook: Row, address: str, mark: str) -> bool:
    """By the connection, whose id ends the address: our own host may have changed."""
    end = PATH + (address or mark).rpartition("/")[2]
    return text(hook, "type") == TYPE and text(hook, "url").endswith(end)
