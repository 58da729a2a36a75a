"""Articles kept in step: the links between the two sides, their conflicts, and what a person says of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.envelope import Message
from libs.common.contracts.products import ProductDecided, ProductProgress, ProductsRequested, ProductTold
from libs.common.database.registry import Connection, ConnectionState
from libs.common.domain.product_conflict import describe_conflict
from libs.common.domain.product_trouble import Trouble, describe_trouble
from libs.common.messaging import outbox
from services.portal import products_store, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import Refusal, not_found, wrong_field
from services.portal.products_store import WantedProducts
from services.portal.shapes import Accepted, Answer, Ask, Cursor, Limit, Listing
from services.portal.tenants import Page

router = partner_router("products")
State = Literal["to-create", "to-change", "in-step", "conflict", "left"]


class ConflictAnswer(Answer):
    """`field` is the one that waits; null where it is the whole article."""

    code: str
    field: str | None
    message: str
    remedy: str


class ProductAnswer(Answer):
    """`wanted` are the fields that are to be written, or would be after a yes."""

    id: str
    code: str
    name: str
    till_id: str | None
    exact_id: str | None
    state: str
    wanted: dict[str, str]
    conflicts: list[ConflictAnswer]
    choice: str


class TroubleAnswer(Answer):
    """What a person must mend before all of it goes on."""

    code: str
    message: str
    remedy: str


class StockAnswer(Answer):
    """By articles of which both sides keep stock: each is `done`, `to_do`, or waits for a person."""

    done: int
    to_do: int
    conflicts: int
    ends_at: datetime | None


class ProductProgressAnswer(Answer):
    """While `waits_for_yes`, `to_create` and `to_change` are what a yes to `wish` would do."""

    direction: str
    is_read: bool
    waits_for_yes: bool
    wish: str
    to_create: int
    to_change: int
    done: int
    conflicts: int
    left: int
    in_till: int
    in_exact: int
    ends_at: datetime | None
    trouble: TroubleAnswer | None
    stock: StockAnswer | None
    """Null where stock isn't kept in step, and before the yes."""


class ProductListing(Listing[ProductAnswer]):
    progress: ProductProgressAnswer | None
    """Null while nothing was told of the direction that the rules choose, and where it is off."""


class SyncAsked(Ask):
    approve: Annotated[str, Field(max_length=40)] = ""
    """The `wish` that was shown, as the yes to it."""


class Decision(Ask):
    choice: Literal["leave", "follow", "link", "create", "overwrite", "retry"]
    other: Annotated[str, Field(max_length=64)] = ""
    """With `link`: the id on the side that follows."""


def _wanted(
    state: State | None = None, search: Annotated[str | None, Query(max_length=100)] = None
) -> WantedProducts:
    return WantedProducts(state, search)


@router.get("/connections/{connection_id}/products")
async def list_products(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    wanted: Annotated[WantedProducts, Depends(_wanted)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ProductListing:
    """By code. `state=conflict` lists all that have one, also those of which only a field waits."""
    scope = f"products {connection_id}"
    page = Page(portal.cursors.place(scope, cursor), limit)
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
        found = await products_store.list_products(transaction, connection.id, wanted, page)
        progress = await products_store.progress_of(transaction, connection)
    last = found[limit - 1] if len(found) > limit else None
    return ProductListing(
        items=[_shown(product, merchant.language) for product in found[:limit]],
        next=None if last is None else portal.cursors.after(scope, [last.code, last.id]),
        progress=None if progress is None else _progress(progress, merchant.language),
    )


def _shown(product: ProductTold, language: str) -> ProductAnswer:
    conflicts = []
    for conflict in product.conflicts:
        message, remedy = describe_conflict(conflict, language)
        field = None if conflict.field is None else conflict.field.value
        conflicts.append(
            ConflictAnswer(code=conflict.code.value, field=field, message=message, remedy=remedy)
        )
    fields: dict[str, Any] = {
        name: getattr(product, name)
        for name in ("id", "code", "name", "till_id", "exact_id", "state", "wanted", "choice")
    }
    return ProductAnswer(conflicts=conflicts, **fields)


def _progress(told: ProductProgress, language: str) -> ProductProgressAnswer:
    own = ProductProgressAnswer.model_fields.keys() - {"waits_for_yes", "stock", "trouble"}
    fields: dict[str, Any] = {name: getattr(told, name) for name in own}
    stock = None if told.stock is None else StockAnswer(**asdict(told.stock))
    return ProductProgressAnswer(
        waits_for_yes=told.is_read and not told.is_approved,
        trouble=None if told.lacks is None else _trouble(told.lacks, language),
        stock=stock,
        **fields,
    )


def _trouble(lacks: Trouble, language: str) -> TroubleAnswer:
    message, remedy = describe_trouble(lacks, language)
    return TroubleAnswer(code=lacks.code.value, message=message, remedy=remedy)


@router.post("/connections/{connection_id}/products/sync", status_code=202)
async def sync_products(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    at: Moment,
    body: SyncAsked | None = None,
) -> Accepted:
    """Reads both sides now. With `approve` it is the yes to the first synchronisation as it was shown."""
    wish = "" if body is None else body.approve

    async def ask(transaction: AsyncConnection) -> None:
        connection = await _switched_on(transaction, partner_id, connection_id)
        if wish:
            await _require_shown(transaction, connection, wish)
            await products_store.show_yes(transaction, connection.id)
            await _note(transaction, partner_id, connection, at, "products approved", wish=wish)
        await _send(transaction, connection, ProductsRequested(wish=wish), at)

    await portal.database.run(ask)
    return Accepted()


@router.post("/connections/{connection_id}/products/{product_id}/decide", status_code=202)
async def decide_product(
    connection_id: str,
    product_id: str,
    body: Decision,
    partner_id: PartnerId,
    portal: PortalHere,
    at: Moment,
) -> Accepted:
    """Leave one article alone, let it follow again, link it by hand, make a new one, overwrite, retry."""
    if (body.choice == "link") != bool(body.other):
        raise wrong_field("other", "The id on the side that follows, with `link` alone.")

    async def ask(transaction: AsyncConnection) -> None:
        connection = await _switched_on(transaction, partner_id, connection_id)
        if await products_store.product_of(transaction, connection.id, product_id) is None:
            raise not_found("product")
        decided = ProductDecided(product_id, body.choice, body.other)
        await _send(transaction, connection, decided, at)
        facts = {"product": product_id, "choice": body.choice}
        await _note(transaction, partner_id, connection, at, "product decided", **facts)

    await portal.database.run(ask)
    return Accepted()


async def _switched_on(transaction: AsyncConnection, partner_id: str, connection_id: str) -> Connection:
    connection = await tenants.owned_connection(transaction, partner_id, connection_id)
    if connection.state is not ConnectionState.ACTIVE:
        raise Refusal(422, f"It isn't switched on: its state is {connection.state.value}.")
    if connection.rules.products.direction == "off":
        raise Refusal(422, "Its rules keep no products in step: products.direction is off.")
    return connection


async def _require_shown(transaction: AsyncConnection, connection: Connection, wish: str) -> None:
    progress = await products_store.progress_of(transaction, connection)
    if progress is None or not progress.is_read or progress.wish != wish:
        raise wrong_field("approve", "The `wish` of the progress that is shown now.")


async def _send(transaction: AsyncConnection, connection: Connection, message: Message, at: datetime) -> None:
    await outbox.add(transaction, message, connection_id=connection.id, at=at)


async def _note(
    transaction: AsyncConnection,
    partner_id: str,
    connection: Connection,
    at: datetime,
    action: str,
    **facts: str,
) -> None:
    await tenants.note(
        transaction,
        at,
        action,
        actor=f"partner {partner_id}",
        partner_id=partner_id,
        connection_id=connection.id,
        **facts,
    )
