"""Keeps stock in step: both sides' quantities read, compared, and what differs counted where they are held.

What moves stock is compared in one turn with both sides read in it. Where Exact leads, an article of which a
sale may not stand there yet waits: else the count would bring back what was sold (domain.md 11.5).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from libs.common.database.engine import Transaction
from libs.common.domain.product import Direction, Product, ProductKind
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_trouble import Trouble, TroubleCode
from libs.common.domain.product_values import name_of
from libs.common.domain.stock import Standing, Verdict, judge, may_compare, places_of
from services.products import counting, counts, kept, linked, quantities, stock_conflicts, under_way
from services.products.counts import Count, CountState, Difference
from services.products.kept import Side, following, leading
from services.products.quantities import NONE, Pair, Quantity
from services.products.stock_reading import UNTIMED, StockMark, StockOfNoItem, read_books, read_till
from services.products.terms import wish_of
from services.products.troubles import EXACT, LIGHTSPEED, trouble_of, trouble_text
from services.products.turn import BLOCKED, BLOCKED_FOR, Turn

PAGE = 2_000
"""Of what moved: so much is compared in one transaction, and nothing more while so much is to be counted."""
DRAFTS_EVERY = timedelta(hours=1)
"""What a person has to process is gathered for a while."""


async def keep_stock(turn: Turn) -> bool:
    """Whether more of it is to be done at once.

    What a person must mend for stock alone, such as a right to count, makes stock wait and no article.
    """
    mark = StockMark.read(turn.state.stock_mark)
    if turn.now() < mark.waits_until_at and turn.state.requested_at is None:
        return False
    try:
        is_more = await _keep_stock(turn)
    except (*BLOCKED, StockOfNoItem) as blocked:
        lacks = trouble_text(_trouble_of(blocked, turn))
        await _wait(turn, lacks, (turn.now() + BLOCKED_FOR).isoformat())
        return False
    if mark.lacks and not is_more:
        await _wait(turn, "", "")
    return is_more


def _trouble_of(blocked: Exception, turn: Turn) -> Trouble:
    if isinstance(blocked, StockOfNoItem):
        return Trouble(TroubleCode.STOCK_OF_NO_ITEM, (("system", blocked.system),))
    return trouble_of(blocked, turn.connection)


async def _wait(turn: Turn, lacks: str, until: str) -> None:
    mark = replace(StockMark.read(turn.state.stock_mark), lacks=lacks, waits_until=until)
    await turn.keep({"stock_mark": mark.kept()})


async def _keep_stock(turn: Turn) -> bool:
    """Nothing before the yes to a first synchronisation."""
    places = _places(turn)
    if places and turn.state.approved != wish_of(turn.connection):
        return False
    await _begin(turn, places)
    if not places:
        return False
    sold = await _sold(turn)
    if not await _read(turn, places, sold):
        return True
    async for pairs in _free_pairs(turn, places, sold):
        if await _are_many_planned(turn):
            break
        await turn.step(partial(_compare, turn, places, pairs))
        if turn.is_over:
            return True
    async with turn.database.reading() as transaction:
        found = await counts.open_counts(transaction, turn.connection.id)
    return await counting.write_due(turn, found, partial(read_till, turn, places)) > 0


async def _are_many_planned(turn: Turn) -> bool:
    """The rest is compared when these are written: what differs by then is what counts."""
    async with turn.database.reading() as transaction:
        found = await counts.open_counts(transaction, turn.connection.id)
    return sum(len(count.lines) for count in found if count.state is not CountState.DRAFT) >= PAGE


async def next_due(turn: Turn) -> datetime | None:
    """None where nothing is kept in stock."""
    if not _places(turn) or turn.state.approved != wish_of(turn.connection):
        return None
    mark = StockMark.read(turn.state.stock_mark)
    async with turn.database.reading() as transaction:
        due = await counts.next_due(transaction, turn.connection.id)
    soonest = min(filter(None, (mark.due_at(Side.TILL), mark.due_at(Side.BOOKS), due)))
    return max(soonest, mark.waits_until_at)


def _places(turn: Turn) -> dict[str, str]:
    rules = turn.connection.rules
    return places_of(rules) if rules.products.stock else {}


async def _begin(turn: Turn, places: Mapping[str, str]) -> None:
    """With other warehouses, another direction or a moved division everything is read and compared anew.

    What may stand in Exact is still followed, whatever becomes of its outlet.
    """
    direction = turn.direction
    before = StockMark.read(turn.state.stock_mark).meaning
    meaning = json.dumps([direction, sorted(places.items()), turn.facts.books.moved_at])
    if before == meaning:
        return
    is_turned = not before.startswith(json.dumps([direction])[:-1])

    def holds(count: Count) -> bool:
        stands = count.may_stand and direction is Direction.TO_EXACT
        return not is_turned and (stands or count.is_of(places))

    async def anew(transaction: Transaction) -> None:
        await quantities.forget(transaction, turn.connection.id)
        for count in await counts.open_counts(transaction, turn.connection.id):
            if not holds(count):
                await counts.end(transaction, count)
        await stock_conflicts.tell_of(transaction, turn.connection.id, places)

    await turn.step(anew, {"stock_mark": StockMark(meaning=meaning).kept()})


@dataclass(frozen=True, slots=True)
class SoldUntil:
    """All sales up to `until` were read here; of `articles` some are still on their way to Exact."""

    until: datetime | None
    articles: frozenset[str]

    def lets(self, till: Quantity | None, article: str) -> bool:
        moved_at = UNTIMED if till is None else till.moved_at
        return may_compare(moved_at, self.until, is_under_way=article in self.articles)


async def _sold(turn: Turn) -> SoldUntil | None:
    """Taken before Exact is read, so that Exact holds all that isn't named. None: it doesn't matter."""
    if turn.direction is Direction.TO_EXACT:
        return None

    connection = turn.connection

    async def look(transaction: Transaction) -> SoldUntil:
        until = await under_way.sold_until(transaction, connection.id)
        start = connection.rules.start_date
        return SoldUntil(until, await under_way.articles_under_way(transaction, connection.id, start))

    return await turn.step(look)


async def _read(turn: Turn, places: Mapping[str, str], sold: SoldUntil | None) -> bool:
    """What is due, and both sides where something is to be compared or counted; whether to their ends.

    Where Exact leads it is read before the till, and always with it: what is compared is of this turn.
    """
    mark, now = StockMark.read(turn.state.stock_mark), turn.now()
    is_asked = turn.state.requested_at is not None
    till_is_due, books_are_due = (is_asked or mark.due_at(side) <= now for side in (Side.TILL, Side.BOOKS))
    if sold is None:
        if till_is_due and not await read_till(turn, places):
            return False
        needs_books = books_are_due or await _has_work(turn, places, sold)
        return not needs_books or await read_books(turn, places)
    if not (till_is_due or books_are_due or await _has_work(turn, places, sold)):
        return True
    if not await read_books(turn, places):
        return False
    needs_till = till_is_due or await _has_work(turn, places, sold)
    return not needs_till or await read_till(turn, places)


async def _has_work(turn: Turn, places: Mapping[str, str], sold: SoldUntil | None) -> bool:
    async with turn.database.reading() as transaction:
        found = await counts.open_counts(transaction, turn.connection.id)
    if any(count.due_at <= turn.now() and count.state is not CountState.DRAFT for count in found):
        return True
    async for _ in _free_pairs(turn, places, sold):
        return True
    return False


async def _free_pairs(
    turn: Turn, places: Mapping[str, str], sold: SoldUntil | None
) -> AsyncIterator[list[Pair]]:
    """What moved and may be compared now, page by page: what has to wait holds up nothing behind it."""
    lead = leading(turn.direction)
    outlets = {Side.TILL: {each: each for each in places}, Side.BOOKS: {w: o for o, w in places.items()}}
    async with turn.database.reading() as transaction:
        found = await counts.open_counts(transaction, turn.connection.id)
    for side in (lead, following(turn.direction)):
        after = ("", "")
        while True:
            async with turn.database.reading() as transaction:
                page = await quantities.marked(
                    transaction, turn.connection.id, side, leads=side is lead, after=after, most=PAGE
                )
                here = [
                    Pair(outlets[side][row.place], row.master_key, row.slave_key)
                    for row in page
                    if row.place in outlets[side]
                ]
                pairs = _free(turn, places, here, found)
                if sold is not None:
                    pairs = await _let(turn, transaction, pairs, sold)
            if pairs:
                yield pairs
            if len(page) < PAGE:
                break
            after = (page[-1].key, page[-1].place)


async def _let(turn: Turn, transaction: Transaction, pairs: Sequence[Pair], sold: SoldUntil) -> list[Pair]:
    keys = [pair.slave_key for pair in pairs]
    held = await quantities.of_keys(transaction, turn.connection.id, Side.TILL, keys)
    return [pair for pair in pairs if sold.lets(held.get((pair.slave_key, pair.outlet)), pair.slave_key)]


async def _compare(
    turn: Turn, places: Mapping[str, str], pairs: Sequence[Pair], transaction: Transaction
) -> None:
    by_outlet: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_outlet[pair.outlet].append(pair)
    most = counting.most_lines(turn)
    for outlet, some in by_outlet.items():
        differing = await _differing(turn, transaction, outlet, places[outlet], some)
        for start in range(0, len(differing), most):
            part = differing[start : start + most]
            await counts.plan(transaction, turn.connection.id, outlet, places[outlet], part, turn.now())


def _free(turn: Turn, places: Mapping[str, str], pairs: Iterable[Pair], found: Sequence[Count]) -> list[Pair]:
    """What stands in no count that is open; and of a warehouse with a new draft nothing for a while."""
    waiting = counts.waiting_in(found)
    lately = turn.now() - DRAFTS_EVERY
    gathering = {each.warehouse for each in found if each.state is CountState.DRAFT and each.made_at > lately}
    return [
        pair
        for pair in pairs
        if (place := places[pair.outlet]) not in gathering and (place, pair.slave_key) not in waiting
    ]


async def _differing(
    turn: Turn, transaction: Transaction, outlet: str, warehouse: str, pairs: Sequence[Pair]
) -> list[Difference]:
    """A side that says nothing of an article there has none of it (5.17; R-Series 4.7)."""
    connection, direction = turn.connection.id, turn.direction
    lead, follow = leading(direction), following(direction)
    masters = [pair.master_key for pair in pairs]
    slaves = [pair.slave_key for pair in pairs]
    leads = await kept.with_keys(transaction, connection, lead, masters)
    follows = await kept.with_keys(transaction, connection, follow, slaves)
    held = {
        lead: await quantities.of_keys(transaction, connection, lead, masters),
        follow: await quantities.of_keys(transaction, connection, follow, slaves),
    }
    place = {Side.TILL: outlet, Side.BOOKS: warehouse}
    rows = await linked.of_masters(transaction, connection, masters)
    differing = []
    for pair in pairs:
        first = held[lead].get((pair.master_key, place[lead]))
        second = held[follow].get((pair.slave_key, place[follow]))
        if not _are_stocked(leads.get(pair.master_key), follows.get(pair.slave_key)):
            continue
        verdict = _judged(direction, name_of(leads[pair.master_key]), first, second)
        told = [] if verdict.conflict is None else [verdict.conflict]
        await stock_conflicts.tell(transaction, rows[pair.master_key], outlet, told)
        if verdict.difference:
            differing.append(Difference(pair.master_key, pair.slave_key, verdict.difference))
    await quantities.unmark_at(transaction, connection, lead, place[lead], masters)
    await quantities.unmark_at(transaction, connection, follow, place[follow], slaves)
    return differing


def _are_stocked(*products: Product | None) -> bool:
    return all(each is not None and each.kind is ProductKind.GOODS for each in products)


def _judged(direction: Direction, name: str, first: Quantity | None, second: Quantity | None) -> Verdict:
    """What can't be read is not nothing: its article waits, for a count would bring what is there already."""
    till, books = (first, second) if direction is Direction.TO_EXACT else (second, first)
    for system, each in ((LIGHTSPEED, till), (EXACT, books)):
        if each is not None and each.unreadable is not None:
            facts = (("name", name), ("system", system), ("what", each.unreadable))
            return Verdict(conflict=Conflict(ConflictCode.STOCK_UNREADABLE, None, facts))
    standing = Standing(
        name,
        at_till=NONE if till is None else till.quantity,
        in_exact=NONE if books is None else books.quantity,
        planned=NONE if books is None else books.planned,
    )
    return judge(standing, direction)
