"""Writes what was decided, one article at a time, and never makes one twice.

Before an article is made its link says that it was sent. Where no definite answer came it is looked for
before it is made again (`settling.py`); a change is simply written again. What is refused waits as a
conflict, with the vendor's own words.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from libs.common.budget.lanes import Lane, Postponed
from libs.common.database.engine import Transaction
from libs.common.domain.product import Direction, Product, ProductField, Values
from libs.common.domain.product_conflict import ConflictCode
from libs.common.domain.product_values import NEW_CATEGORY, held_by
from libs.common.exact import errors as exact_errors
from libs.common.exact import items
from libs.common.exact.refusals import RefusalCategory
from libs.common.lightspeed import errors as lightspeed
from services.products import exchanging, item_prices, jobs, kept, linked, planning, reading, settling
from services.products.books import BooksMark
from services.products.jobs import WAITED_FOR, Job, refusal_of
from services.products.kept import Side, following, leading
from services.products.linked import LinkState
from services.products.troubles import LONGEST_ANSWER, answer_of
from services.products.turn import BLOCKED, LATER, REFUSALS, UNKNOWN, Turn

log = structlog.get_logger()

NOT_FOUND = 404
THERE_ALREADY = (RefusalCategory.ALREADY_EXISTS, RefusalCategory.IN_USE)


async def write_due(turn: Turn) -> int:
    """Until the turn ends or a side is to be read again; how many were written.

    Raises what only time or a person mends. Where the budget has no room for what nobody waits for, what
    changes goes on.
    """
    done = 0
    while not turn.is_over and reading.next_reading(turn) > turn.now():
        job = await jobs.next_job(turn)
        if job is None:
            break
        try:
            await _write(turn, job)
        except Postponed as postponed:
            if job.lane is not Lane.CATALOGUE:
                raise
            turn.rest_waits_until = postponed.until
            break
        done += 1
    return done


async def _write(turn: Turn, job: Job) -> None:
    if not turn.facts.books.prices_travel:
        job = job.without(ProductField.PRICE)
    try:
        if job.link.is_in_doubt:
            await settling.settle(turn, job)
        elif job.link.slave_key is None:
            await _create(turn, job)
        elif job.slave is None:
            await jobs.decide_again(turn, [job.link.master_key])
        else:
            await _change(turn, job, job.slave)
    except (*LATER, *BLOCKED):
        await _not_sent(turn, job)
        raise
    except UNKNOWN as unknown:
        log.info("the outcome of a write is unknown", product=job.link.id, why=type(unknown).__name__)
        await _put_off(turn, job)
    except REFUSALS as refused:
        rest = await _refused(turn, job, refused)
        if rest is not None:
            await _write(turn, rest)
        if turn.direction is Direction.TO_LIGHTSPEED:
            await exchanging.give_way(turn, job.link, job.lane)


async def _create(turn: Turn, job: Job) -> None:
    job = await _with_category(turn, job)
    values = job.link.wanted
    await _mark_sent(turn, job)
    if turn.direction is Direction.TO_LIGHTSPEED:
        made = await turn.writer.create(values, job.lane)
        await turn.step(partial(_keep_made, turn, job, made, values, {}))
        return
    made = await turn.books.create(values, job.lane, turn.facts.books)
    left: Values = {name: value for name, value in values.items() if name is ProductField.PRICE}
    await turn.step(partial(_keep_made, turn, job, made, values, left))
    if left:
        link = replace(job.link, slave_key=made.key, wanted=left, sent_at=None)
        await _write(turn, Job(link, job.master, made, job.lane, is_marked=True))


async def _keep_made(
    turn: Turn, job: Job, made: Product, values: Values, left: Values, transaction: Transaction
) -> None:
    """From here on it is linked, whatever becomes of what is left to write."""
    side = following(turn.direction)
    await kept.keep_written(transaction, turn.connection.id, side, made, None)
    changes = job.changes
    changes |= {"synced_after": linked.values_text({**job.link.synced_after, **_ids(values)})}
    if left:
        changes |= {
            "state": LinkState.TO_CHANGE.value,
            "wanted": linked.values_text(left),
            "synced": linked.values_text({}),
            "due_at": turn.now(),
            "sent_at": turn.now(),
        }
    else:
        changes["synced"] = changes["synced_after"]
    await linked.record(transaction, job.link, slave_key=made.key, **changes)


def _ids(values: Values) -> Values:
    """A category that was made has an id by now."""
    return {name: value for name, value in values.items() if name is ProductField.GROUP}


async def _mark_sent(turn: Turn, job: Job) -> None:
    work = partial(linked.record, link=job.link, sent_at=turn.now())
    await turn.step(work)


async def _change(turn: Turn, job: Job, slave: Product) -> None:
    job = await _with_category(turn, job)
    values = job.link.wanted
    if turn.direction is Direction.TO_LIGHTSPEED:
        changed = await turn.writer.change(slave.key, values, job.lane)
        await turn.step(partial(_keep_changed, turn, job, changed, values))
        return
    try:
        changed = await turn.books.change(slave, values, job.lane, turn.facts.books)
    except exact_errors.BadRequest as gone:
        if gone.status != NOT_FOUND:
            raise
        await turn.step(partial(_lost, turn, job, slave))
        return
    if ProductField.PRICE in values:
        try:
            changed = await _set_price(turn, job, changed, values[ProductField.PRICE])
        except exact_errors.NoRight:
            await _leave_prices(turn)
            job = job.without(ProductField.PRICE)
            values = job.link.wanted
    await turn.step(partial(_keep_changed, turn, job, changed, values))


async def _lost(turn: Turn, job: Job, item: Product, transaction: Transaction) -> None:
    """It was deleted in Exact, whose list of deletions is read seldom."""
    connection = turn.connection.id
    given_up = await kept.lose(transaction, connection, Side.BOOKS, [item.key])
    await planning.let_go(transaction, connection, Side.TILL, given_up)
    await jobs.decide(turn, [job.link.master_key], transaction)


async def _leave_prices(turn: Turn) -> None:
    """Until it is learnt anew what the login may: articles go on without (`terms_of`)."""
    await turn.learn(replace(turn.facts, books=replace(turn.facts.books, may_price=False)))


async def _set_price(turn: Turn, job: Job, item: Product, price: str) -> Product:
    """A first price is marked as sent: where its answer was lost Exact is asked, before another is made.

    One that somebody deleted since it was read is made anew.
    """
    connection, currency = turn.connection.id, turn.facts.books.currency
    if job.link.sent_at is not None or BooksMark.read(turn.state.books_mark).strange_prices:
        found = await turn.books.prices_of(item.key, currency)
        await turn.step(partial(item_prices.keep_prices, connection_id=connection, found=found))
    today = turn.books.today()
    async with turn.database.reading() as transaction:
        held = await item_prices.prices_of(transaction, connection, [item.key])
    if what := item_prices.unreadable_of(held.get(item.key, [])):
        await turn.step(
            partial(item_prices.price_again, connection_id=connection, keys=[item.key], today=today)
        )
        raise exact_errors.OutcomeUnknown(what)
    standing = items.standard_price(held.get(item.key, []), today)
    if standing is not None and standing.price == Decimal(price):
        return item_prices.priced(item, [standing], today)
    if standing is None and not job.is_marked:
        await _mark_sent(turn, job)
    try:
        written = await turn.books.set_price(item.key, price, standing, job.lane, currency)
    except exact_errors.BadRequest as gone:
        if standing is None or gone.status != NOT_FOUND:
            raise
        lost = partial(item_prices.lose_prices, connection_id=connection, price_ids=[standing.id])
        await turn.step(lost)
        return await _set_price(turn, job, item, price)
    await turn.step(partial(item_prices.keep_prices, connection_id=connection, found=[written]))
    return replace(item, price=written.price)


async def _keep_changed(
    turn: Turn, job: Job, changed: Product, values: Values, transaction: Transaction
) -> None:
    """What was changed there meanwhile, and shows in the answer, is news."""
    side = following(turn.direction)
    ends_on = turn.books.today() if side is Side.BOOKS and not changed.is_active else None
    before, now = held_by(job.slave or changed), held_by(changed)
    is_news = any(before.get(name) != value for name, value in now.items() if name not in values)
    await kept.keep_written(transaction, turn.connection.id, side, changed, ends_on, is_marked=is_news)
    after = linked.values_text({**job.link.synced_after, **_ids(values)})
    await linked.record(transaction, job.link, **(job.changes | {"synced": after, "synced_after": after}))
    if job.slave is not None and values.keys() & WAITED_FOR:
        given_up = {job.slave.code_key, *job.slave.gtins}
        lead = leading(turn.direction)
        await planning.let_go(transaction, turn.connection.id, lead, given_up)


async def _with_category(turn: Turn, job: Job) -> Job:
    """A category that isn't there yet is made, once for all articles of it.

    Where the till refuses it they go on without, and say so.
    """
    group = job.link.wanted.get(ProductField.GROUP, "")
    if not group.startswith(NEW_CATEGORY):
        return job
    name = group.removeprefix(NEW_CATEGORY)
    categories = turn.facts.till.categories
    known = next((key for key, each in categories.items() if each.casefold() == name.casefold()), None)
    key = known or await _new_category(turn, name)
    if key is None:
        answer = f"{name}: {turn.refused_categories[name]}"[:LONGEST_ANSWER]
        conflict = refusal_of(job, ProductField.GROUP, answer)
        return job.holding_back({ProductField.GROUP}, conflict, turn.now() + linked.REFUSED_FOR)
    return replace(job, link=replace(job.link, wanted={**job.link.wanted, ProductField.GROUP: key}))


async def _new_category(turn: Turn, name: str) -> str | None:
    """None where the till refuses it; asked once a turn."""
    if name in turn.refused_categories:
        return None
    try:
        key = await turn.writer.make_category(name)
    except (lightspeed.NoRight, lightspeed.BadRequest) as refused:
        turn.refused_categories[name] = str(refused) or "403"
        return None
    till = replace(turn.facts.till, categories={**turn.facts.till.categories, key: name})
    await turn.learn(replace(turn.facts, till=till))
    return key


async def _put_off(turn: Turn, job: Job) -> None:
    """Until the other side surely knows what became of it; a change may then go again."""
    changes: dict[str, Any] = {"due_at": turn.now() + turn.settle, "attempts": job.link.attempts + 1}
    await turn.step(partial(linked.record, link=job.link, **changes))


async def _not_sent(turn: Turn, job: Job) -> None:
    """Nothing was made: what was in doubt before stays so."""
    if job.link.sent_at is None:
        await turn.step(partial(linked.record, link=job.link, sent_at=None))


async def _refused(turn: Turn, job: Job, refused: Exception) -> Job | None:
    """That its code is there already is an answer: it is looked for, and taken as found.

    Of a change the rest may go without what another article may have; nothing else is tried.
    """
    is_there = isinstance(refused, exact_errors.Refused) and refused.category in THERE_ALREADY
    if is_there and job.link.slave_key is None:
        found = await settling.of_code(turn, job.link.wanted.get(ProductField.CODE, ""))
        if found:
            await turn.step(partial(settling.adopt, turn, job, found))
            return None
    conflict, until = refusal_of(job, None, answer_of(refused)), turn.now() + linked.REFUSED_FOR
    kinds = [each for each in job.link.conflicts if each.code is not ConflictCode.REFUSED]
    changes: dict[str, Any] = {
        "state": LinkState.CONFLICT.value,
        "conflicts": linked.conflicts_text((*kinds, conflict)),
        "choice": "" if job.link.choice == linked.RETRY else job.link.choice,
        "sent_at": None,
        "due_at": until,
    }
    await turn.step(partial(linked.record, link=job.link, **changes))
    return job.rest(conflict, until)
