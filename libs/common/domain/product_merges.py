"""What becomes of a link whose article the till merged into another: it goes on with the one that is left.

Linked from scratch, as by hand, and only where that one has no link of its own: two items of Exact are never
made one, and a person is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from libs.common.domain.product import CREATE, LEAVE, Direction, Product, ProductLink
from libs.common.domain.product_matching import Sides


def with_merges(keys: Collection[str], sides: Sides, direction: Direction) -> Sides:
    """The sides as they are to be decided about; `keys` are the articles about which it is decided."""
    if not sides.merged:
        return sides
    links = _of_heirs(frozenset(keys), sides) if direction is Direction.TO_EXACT else _to_heirs(sides)
    return Sides.of(sides.masters.values(), sides.slaves.values(), list(links.values()), sides.merged)


def _of_heirs(keys: frozenset[str], sides: Sides) -> dict[str, ProductLink]:
    """The till leads: the link of what is gone becomes that of what is left, if both are decided about."""
    links = dict(sides.links)
    for key, link in sorted(sides.links.items()):
        if key in sides.masters or key not in keys or link.slave_key not in sides.slaves or _stays(link):
            continue
        heir = heir_of(key, sides.masters, sides.merged)
        if heir is not None and heir.key in keys and _is_free(links.get(heir.key)):
            links[key] = replace(link, slave_key=None, synced={})
            links[heir.key] = replace(link, master_key=heir.key, synced={})
    return links


def _stays(link: ProductLink) -> bool:
    """A person wants no other."""
    return link.choice in (LEAVE, CREATE)


def _is_free(link: ProductLink | None) -> bool:
    return link is None or (link.slave_key is None and not _stays(link))


def _to_heirs(sides: Sides) -> dict[str, ProductLink]:
    """Exact leads: its item goes on with what is left at the till."""
    links, taken = dict(sides.links), set(sides.taken)
    for key, link in sorted(sides.links.items()):
        if link.slave_key is None or link.slave_key in sides.slaves or _stays(link):
            continue
        heir = heir_of(link.slave_key, sides.slaves, sides.merged)
        if heir is not None and heir.key not in taken:
            links[key] = replace(link, slave_key=heir.key, synced={})
            taken.add(heir.key)
    return links


def heir_of(key: str, there: Mapping[str, Product], merged: Mapping[str, str]) -> Product | None:
    """Which was perhaps merged itself since."""
    seen = {key}
    while (key := merged.get(key, "")) and key not in seen:
        if key in there:
            return there[key]
        seen.add(key)
    return None
