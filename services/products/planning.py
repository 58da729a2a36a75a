"""Decides about what changed, part by part: the domain says what is to be done, here it is fetched and kept.

A part is one transaction, so that a decision that is cut short is taken again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.common.database.engine import Transaction
from libs.common.domain.product import Product
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_facts import ProductTerms
from libs.common.domain.product_matching import Sides
from libs.common.domain.products import Plan, Step, plan_changes
from services.products import kept, linked, quantities
from services.products.kept import Side, following, leading
from services.products.linked import LinkRow

PART = 400


@dataclass(frozen=True, slots=True)
class Reach:
    """All that decisions about some articles may look at."""

    masters: dict[str, Product]
    slaves: dict[str, Product]
    links: dict[str, LinkRow]
    merged: dict[str, str]

    @property
    def sides(self) -> Sides:
        links = [row.link for row in self.links.values()]
        return Sides.of(self.masters.values(), self.slaves.values(), links, self.merged)


async def plan_marked(
    transaction: Transaction, connection_id: str, terms: ProductTerms, now: datetime
) -> int:
    """Decides about up to a part of what is marked, and says how many marks it took away."""
    marked = await kept.marked(transaction, connection_id, PART)
    keys = await _subjects(transaction, connection_id, terms, marked)
    await plan(transaction, connection_id, keys, terms, now)
    for side in Side:
        mine = [key for of_side, key in marked if of_side is side]
        await kept.unmark(transaction, connection_id, side, mine)
    at_till = [key for side, key in marked if side is Side.TILL]
    await linked.tell_again(transaction, connection_id, at_till, leads=leading(terms.direction) is Side.TILL)
    return len(marked)


async def plan(
    transaction: Transaction, connection_id: str, keys: Sequence[str], terms: ProductTerms, now: datetime
) -> None:
    """Those whose making is in doubt are left until that is settled.

    What is left of a merge at the till is decided about together with what is gone.
    """
    if leading(terms.direction) is Side.TILL:
        heirs = (await kept.merged(transaction, connection_id, keys)).values()
        keys = list(dict.fromkeys([*keys, *filter(None, heirs)]))
    reach = await reach_of(transaction, connection_id, keys, terms)
    open_keys = [key for key in keys if not (key in reach.links and reach.links[key].is_in_doubt)]
    strange = await _strange(transaction, connection_id, open_keys, reach.links, terms)
    plans = [
        _unreadable(each, strange[each.master_key]) if each.master_key in strange else each
        for each in plan_changes(open_keys, reach.sides, terms)
    ]
    rows = [linked.decided(reach.links.get(each.master_key), each, now) for each in plans]
    await _keep(transaction, connection_id, [row for row in rows if row is not None], reach)


async def _strange(
    transaction: Transaction,
    connection_id: str,
    keys: Sequence[str],
    links: Mapping[str, LinkRow],
    terms: ProductTerms,
) -> dict[str, str]:
    """What can't be read of these articles, or of those they are linked to, which are there all the same."""
    other = {link.slave_key: key for key in keys if (link := links.get(key)) and link.slave_key}
    theirs = await kept.unreadable(transaction, connection_id, following(terms.direction), other)
    own = await kept.unreadable(transaction, connection_id, leading(terms.direction), keys)
    return {other[key]: what for key, what in theirs.items()} | own


async def decide_again(transaction: Transaction, connection_id: str, side: Side, keys: Sequence[str]) -> None:
    """In the next turn; what was refused of them is sent once more, for its cause may be gone."""
    await linked.put_back(transaction, connection_id, keys)
    await kept.mark(transaction, connection_id, side, keys)


async def let_go(transaction: Transaction, connection_id: str, side: Side, given_up: set[str]) -> None:
    """These codes and barcodes an article had until now, and another of this side may wait for them."""
    waiting = await kept.alike(transaction, connection_id, side, given_up, given_up)
    await decide_again(transaction, connection_id, side, list(waiting))


async def _keep(
    transaction: Transaction, connection_id: str, rows: Sequence[dict[str, Any]], reach: Reach
) -> None:
    """Those that give an article up go first: another may take it in the same part."""
    lost = [row for row in rows if _gives_up(row, reach.links.get(row["master_key"]))]
    await linked.keep(transaction, connection_id, lost)
    await linked.keep(transaction, connection_id, [row for row in rows if row not in lost])
    new = [row["master_key"] for row in rows if _is_new(row, reach.links.get(row["master_key"]))]
    await quantities.mark_linked(transaction, connection_id, new)


def _gives_up(row: dict[str, Any], old: LinkRow | None) -> bool:
    return old is not None and old.slave_key is not None and row["slave_key"] != old.slave_key


def _is_new(row: dict[str, Any], old: LinkRow | None) -> bool:
    """Linked to what it wasn't: their stock was never compared, however quiet it is."""
    return row["slave_key"] is not None and (old is None or row["slave_key"] != old.slave_key)


def _unreadable(plan: Plan, what: str) -> Plan:
    """What can't be read says nothing: what was last alike stays, and so does the other side."""
    facts = (("name", plan.master_key), ("what", what))
    conflict = Conflict(ConflictCode.UNREADABLE, None, facts)
    return replace(plan, step=Step.CONFLICT, values={}, conflicts=(conflict,))


async def _subjects(
    transaction: Transaction,
    connection_id: str,
    terms: ProductTerms,
    marked: Iterable[tuple[Side, str]],
) -> list[str]:
    """The articles of the leading side that changed, or of which the other side's did."""
    lead, follow = leading(terms.direction), following(terms.direction)
    keys = [key for side, key in marked if side is lead]
    changed = [key for side, key in marked if side is follow]
    keys += await linked.of_slaves(transaction, connection_id, changed)
    news = await kept.with_keys(transaction, connection_id, follow, changed)
    alike = await _alike(transaction, connection_id, lead, news.values())
    open_links = await linked.of_masters(transaction, connection_id, alike)
    keys += [key for key in alike if key not in open_links or open_links[key].slave_key is None]
    return list(dict.fromkeys(keys))


async def reach_of(
    transaction: Transaction, connection_id: str, keys: Sequence[str], terms: ProductTerms
) -> Reach:
    lead, follow = leading(terms.direction), following(terms.direction)
    subjects = await kept.with_keys(transaction, connection_id, lead, keys)
    own = await linked.of_masters(transaction, connection_id, keys)
    linked_to = [row.slave_key for row in own.values() if row.slave_key]
    merged = await kept.merged(transaction, connection_id, keys if lead is Side.TILL else linked_to)
    if follow is Side.TILL:
        linked_to += filter(None, merged.values())
    slaves = await kept.with_keys(transaction, connection_id, follow, linked_to)
    slaves |= await _alike(transaction, connection_id, follow, subjects.values())
    masters = await _alike(transaction, connection_id, lead, subjects.values())
    codes = {each.code_key for each in slaves.values()}
    masters |= await kept.alike(transaction, connection_id, lead, codes, ())
    masters |= subjects
    links = own | await linked.of_masters(transaction, connection_id, masters)
    links |= await linked.of_slaves(transaction, connection_id, slaves)
    return Reach(masters, slaves, links, merged)


async def _alike(
    transaction: Transaction, connection_id: str, side: Side, products: Iterable[Product]
) -> dict[str, Product]:
    codes: set[str] = set()
    gtins: set[str] = set()
    for each in products:
        codes.add(each.code_key)
        gtins |= each.gtins
    return await kept.alike(transaction, connection_id, side, codes, gtins)
