"""What people say through the portal, and what changes about a connection."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from libs.common.contracts.commands import ConnectionEnded, RulesChanged, SyncRequested
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.products import ProductDecided, ProductsRequested
from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.signals import announce
from libs.common.domain.product import Direction
from libs.common.service import Handler, House
from services.products import kept, lease, linked, quantities, under_way
from services.products.schedule import SIGNAL
from services.products.store import links
from services.products.terms import wish_of

LINK, FOLLOW = "link", "follow"


def handlers(house: House) -> dict[str, Handler]:
    own: dict[str, Handler] = {
        ProductsRequested.type: partial(go_on, house),
        ProductDecided.type: partial(decide, house),
        RulesChanged.type: partial(wake, house),
        SyncRequested.type: partial(wake, house),
        ConnectionEnded.type: forget,
    }
    return own | under_way.handlers(house)


async def wake(house: House, transaction: Transaction, envelope: Envelope) -> None:
    await lease.make_due(transaction, envelope.connection_id, house.now())
    announce(transaction, SIGNAL)


async def go_on(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """A yes holds for what it was shown of, not for rules that came after it."""
    message = message_in(envelope, ProductsRequested)
    connection = await registry.connection(transaction, envelope.connection_id)
    if connection is None:
        return
    values = {"approved": message.wish} if message.wish == wish_of(connection) else {}
    await lease.make_due(transaction, connection.id, house.now(), **values)
    announce(transaction, SIGNAL)


async def decide(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """One after the other with a turn's own steps: both lock the state before the links."""
    message = message_in(envelope, ProductDecided)
    await lease.lock(transaction, envelope.connection_id)
    connection = await registry.connection(transaction, envelope.connection_id)
    if connection is None or not message.product_id.isdigit():
        return
    query = select(links.c.master_key).where(
        links.c.id == int(message.product_id), links.c.connection_id == connection.id
    )
    master = (await transaction.execute(query)).scalar_one_or_none()
    direction = Direction(connection.rules.products.direction)
    if master is None or direction is Direction.OFF:
        return
    other = message.other if message.choice == LINK else None
    if other is not None:
        known = await kept.with_keys(transaction, connection.id, kept.following(direction), [other])
        if other not in known:  # gone since the choice was made: what is told next shows it
            return
    choice = "" if message.choice in (LINK, FOLLOW) else message.choice
    ousted = await linked.choose(transaction, connection.id, master, choice, other)
    await kept.mark(transaction, connection.id, kept.leading(direction), [master, *ousted])
    await quantities.mark_linked(transaction, connection.id, [master])
    await lease.make_due(transaction, connection.id, house.now())
    announce(transaction, SIGNAL)


async def forget(transaction: Transaction, envelope: Envelope) -> None:
    await lease.forget(transaction, envelope.connection_id, whole=True)
