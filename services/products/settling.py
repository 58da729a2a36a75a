"""What may have been made is looked for by its code, twice with time in between, before it is made again."""

from __future__ import annotations

from functools import partial
from typing import Any

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.product import CREATE, Direction, ProductField
from services.products import item_prices, jobs, kept, linked
from services.products.jobs import Job
from services.products.kept import Seen, following, leading
from services.products.linked import DOUBT_SEARCHES
from services.products.turn import Turn, searching


async def settle(turn: Turn, job: Job) -> None:
    with searching():
        found = await of_code(turn, job.link.wanted.get(ProductField.CODE, ""))
    if found or job.link.searches + 1 >= DOUBT_SEARCHES:
        await turn.step(partial(adopt, turn, job, found))
        return
    changes: dict[str, Any] = {"searches": job.link.searches + 1, "due_at": turn.now() + turn.settle}
    await turn.step(partial(linked.record, link=job.link, **changes))


async def of_code(turn: Turn, code: str) -> list[Seen]:
    """On the side that follows, as it is now."""
    if turn.direction is Direction.TO_LIGHTSPEED:
        return [Seen(product) for product in await turn.writer.of_code(code, Lane.SETTLE)]
    today = turn.books.today()
    found = []
    has_prices = turn.terms is not None and ProductField.PRICE in turn.terms.fields
    currency = turn.facts.books.currency
    for item in await turn.books.of_code(code, Lane.SETTLE):
        prices = await turn.books.prices_of(item.product.key, currency) if has_prices else []
        await turn.step(partial(item_prices.keep_prices, connection_id=turn.connection.id, found=prices))
        found.append(item_prices.seen_with(item.on(today), item.ends_on, prices, today))
    return found


async def adopt(turn: Turn, job: Job, found: list[Seen], transaction: Transaction) -> None:
    """What has its code is what was to be made, whatever the article is called by now: it is linked."""
    side = following(turn.direction)
    await kept.keep_changed(transaction, turn.connection.id, side, found)
    changes: dict[str, Any] = {"sent_at": None, "searches": 0}
    if found and job.link.choice == CREATE:
        changes["choice"] = ""
    if (own := await _own(turn, job, found, transaction)) is not None:
        changes["slave_key"] = own
    await linked.record(transaction, job.link, **changes)
    await jobs.decide(turn, [job.link.master_key], transaction)


async def _own(turn: Turn, job: Job, found: list[Seen], transaction: Transaction) -> str | None:
    """The only one that is free, unless its code is another article's: then it is decided about as ever."""
    connection, keys = turn.connection.id, [each.product.key for each in found]
    taken = {row.slave_key for row in (await linked.of_slaves(transaction, connection, keys)).values()}
    free = [each.product for each in found if each.product.key not in taken]
    if len(free) != 1:
        return None
    lead = leading(turn.direction)
    others = await kept.alike(transaction, connection, lead, {free[0].code_key}, ())
    return free[0].key if not others.keys() - {job.link.master_key} else None
