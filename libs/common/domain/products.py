"""What is to be done so that two sides hold the same articles: `plan_changes` alone decides it.

One side leads. A field travels when the leading side changed it since both were last alike, or when they
never were; what was changed on the other side is reported and left. Nothing is deleted, and nothing is
archived at a till.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from libs.common.domain.product import CREATE, LEAVE, OVERWRITE, Product, ProductField, ProductLink, Values
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_facts import ProductTerms
from libs.common.domain.product_matching import Matching, Sides
from libs.common.domain.product_merges import heir_of, with_merges
from libs.common.domain.product_values import held_by, missing_for_creation, name_of, wanted_of

LONGEST_SHOWN = 80


class Step(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    LEAVE = "leave"
    """There is nothing to write."""
    CONFLICT = "conflict"
    """Nothing can be done before a person acts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`values` are to be written; `synced` is what holds on both sides when that is done."""

    master_key: str
    step: Step
    slave_key: str | None = None
    values: Values = field(default_factory=dict)
    synced: Values = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    overwritten: Values = field(default_factory=dict)
    """What stood there, where somebody had changed it and loses it now."""


def plan_changes(keys: Iterable[str], sides: Sides, terms: ProductTerms) -> list[Plan]:
    """One plan for each article of the leading side that is named."""
    keys = list(keys)
    sides = with_merges(keys, sides, terms.direction)
    matching = Matching(sides)
    plans: list[Plan] = []
    given: dict[str, str] = {}
    for key in keys:
        plan = _plan(key, sides, matching, terms)
        if plan.slave_key is not None and given.setdefault(plan.slave_key, key) != key:
            code = sides.masters[key].code
            plan = _conflict(key, Conflict(ConflictCode.CODE_TAKEN, None, (("code", code),)))
        plans.append(plan)
    return plans


def _plan(key: str, sides: Sides, matching: Matching, terms: ProductTerms) -> Plan:
    master, link = sides.masters.get(key), sides.links.get(key)
    choice = link.choice if link is not None else ""
    if link is not None and choice == LEAVE:
        return Plan(key, Step.LEAVE, link.slave_key, synced=link.synced)
    if master is None:
        return _without_master(key, sides)
    if link is not None and link.slave_key is not None:
        return _linked(master, link, sides, matching, terms)
    if not master.is_active:
        return Plan(key, Step.LEAVE)
    found = None if choice == CREATE and master.code_key else matching.find(master)
    if isinstance(found, Conflict):
        return _conflict(key, found)
    return _compare(master, found, {}, terms) if found is not None else _create(master, terms)


def _without_master(key: str, sides: Sides) -> Plan:
    """Deleting is never carried over (11.4)."""
    link = sides.links.get(key)
    slave = sides.slaves.get(link.slave_key or "") if link is not None else None
    if link is None or slave is None:
        return Plan(key, Step.LEAVE, link.slave_key if link else None)
    gone = _gone(key, slave, ConflictCode.MASTER_GONE, sides, sides.masters)
    return Plan(key, Step.CONFLICT, slave.key, synced=link.synced, conflicts=(gone,))


def _gone(
    key: str, other: Product, code: ConflictCode, sides: Sides, there: Mapping[str, Product]
) -> Conflict:
    """`other` is what it was linked to."""
    if key not in sides.merged:
        return Conflict(code, None, (("name", name_of(other)),))
    heir = heir_of(key, there, sides.merged)
    facts = (("name", name_of(other)), ("other", "?" if heir is None else name_of(heir)))
    return Conflict(ConflictCode.MERGED, None, facts)


def _linked(
    master: Product, link: ProductLink, sides: Sides, matching: Matching, terms: ProductTerms
) -> Plan:
    slave = sides.slaves.get(link.slave_key or "")
    if slave is None:
        gone = _gone(link.slave_key or "", master, ConflictCode.GONE, sides, sides.slaves)
        return Plan(master.key, Step.CONFLICT, link.slave_key, synced=link.synced, conflicts=(gone,))
    synced = {} if link.choice == OVERWRITE else link.synced
    plan = _compare(master, slave, synced, terms)
    double = matching.double_code(master) if ProductField.CODE in plan.values else None
    return _without(plan, ProductField.CODE, double) if double is not None else plan


def _without(plan: Plan, name: ProductField, conflict: Conflict) -> Plan:
    """The plan less one field, which waits."""
    values = {each: value for each, value in plan.values.items() if each is not name}
    synced = {each: value for each, value in plan.synced.items() if each is not name}
    step = Step.CHANGE if values else Step.LEAVE
    conflicts = (*plan.conflicts, conflict)
    return Plan(plan.master_key, step, plan.slave_key, values, synced, conflicts, plan.overwritten)


def _create(master: Product, terms: ProductTerms) -> Plan:
    wanted = wanted_of(master, None, terms)
    missing = tuple(missing_for_creation(wanted))
    if missing:
        return Plan(master.key, Step.CONFLICT, conflicts=missing)
    return Plan(
        master.key, Step.CREATE, values=wanted.values, synced=wanted.values, conflicts=wanted.conflicts
    )


def _compare(master: Product, slave: Product, synced: Values, terms: ProductTerms) -> Plan:
    wanted, held = wanted_of(master, slave, terms), held_by(slave)
    values: dict[ProductField, str] = {}
    alike: dict[ProductField, str] = {}
    overwritten: dict[ProductField, str] = {}
    conflicts = list(wanted.conflicts)
    for name, value in wanted.values.items():
        last, here = synced.get(name), held.get(name, "")
        if not value and not last:
            continue  # nothing was ever said here: what stands there stays
        if value == here:
            alike[name] = value
        elif value == last:
            alike[name] = last
            conflicts.append(_on_wrong_side(master, name, last, here))
        else:
            values[name] = alike[name] = value
            overwritten |= {name: here} if last not in (None, here) else {}
    kept = {name: last for name, last in synced.items() if name not in alike and name in terms.fields}
    step = Step.CHANGE if values else Step.LEAVE
    return Plan(master.key, step, slave.key, values, {**kept, **alike}, tuple(conflicts), overwritten)


def _on_wrong_side(master: Product, name: ProductField, was: str, now: str) -> Conflict:
    facts = (("name", name_of(master)), ("was", was[:LONGEST_SHOWN]), ("now", now[:LONGEST_SHOWN]))
    return Conflict(ConflictCode.CHANGED_ON_WRONG_SIDE, name, facts)


def _conflict(key: str, conflict: Conflict) -> Plan:
    return Plan(key, Step.CONFLICT, conflicts=(conflict,))
