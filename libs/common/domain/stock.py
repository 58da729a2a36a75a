"""What a count must say so that the side that follows has what the other says (domain.md 11.5). Pure.

Counts are written as differences, so that what moves stock meanwhile is not undone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from libs.common.domain.product import Direction, number_text
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.rules import Rules

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """One article at one outlet and in its warehouse.

    `planned` is what orders in Exact will still take out: at the till that is sold, and gone, already.
    """

    name: str
    at_till: Decimal
    in_exact: Decimal
    planned: Decimal = NONE

    def led(self, direction: Direction) -> Decimal:
        return self.at_till if direction is Direction.TO_EXACT else self.in_exact - self.planned

    def held(self, direction: Direction) -> Decimal:
        return self.in_exact if direction is Direction.TO_EXACT else self.at_till


@dataclass(frozen=True, slots=True)
class Verdict:
    """`difference` is to be added where the article is held; none where both agree."""

    difference: Decimal = NONE
    conflict: Conflict | None = None


def judge(standing: Standing, direction: Direction) -> Verdict:
    """A count can't be negative: 0 is counted then, and told. What is as negative on both sides agrees."""
    led, held = standing.led(direction), standing.held(direction)
    if led == held:
        return Verdict()
    if led >= NONE:
        return Verdict(led - held)
    facts = (("name", standing.name), ("quantity", number_text(led)))
    return Verdict(NONE - held, Conflict(ConflictCode.STOCK_NEGATIVE, None, facts))


def places_of(rules: Rules) -> dict[str, str]:
    """The warehouse of each outlet; where two share one, a count of either would undo the other's."""
    chosen = {outlet: rule.warehouse for outlet, rule in rules.outlets.items() if rule.enabled}
    times = Counter(chosen.values())
    return {outlet: each for outlet, each in chosen.items() if each is not None and times[each] == 1}


def may_compare(moved_at: datetime, sold_until: datetime | None, *, is_under_way: bool) -> bool:
    """Whether Exact holds every sale that moved an article at the till.

    All sales up to `sold_until` were read, and none of this article is still on its way to the books.
    """
    return not is_under_way and sold_until is not None and moved_at <= sold_until
