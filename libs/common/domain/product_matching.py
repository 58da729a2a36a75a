"""Which article of the other side an article is: by its link, else by code, else by barcode (domain.md 11.2).

Several that match are never chosen from, and no article is linked twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from libs.common.domain.product import Product, ProductLink
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_values import name_of

SHOWN = 5

Found = Product | Conflict | None
"""The one, why none can be told, or that there is none."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What a decision may look at: all that share a code or a barcode with one to decide about."""

    masters: Mapping[str, Product]
    slaves: Mapping[str, Product]
    links: Mapping[str, ProductLink]
    """By the leading side's key."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """The leading side's key by the other's, of everything that is linked."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """What the till merged each of its keys into; "" where that isn't known."""

    @classmethod
    def of(
        cls,
        masters: Iterable[Product],
        slaves: Iterable[Product],
        links: Collection[ProductLink],
        merged: Mapping[str, str] | None = None,
    ) -> Sides:
        return cls(
            masters={each.key: each for each in masters},
            slaves={each.key: each for each in slaves},
            links={each.master_key: each for each in links},
            taken={each.slave_key: each.master_key for each in links if each.slave_key is not None},
            merged=merged or {},
        )


class Matching:
    """Reads the sides once, and answers for each article."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._masters_by_code = _by(sides.masters.values(), lambda each: [each.code_key])
        self._slaves_by_code = _by(sides.slaves.values(), lambda each: [each.code_key])
        self._masters_by_gtin = _by(sides.masters.values(), lambda each: each.gtins)
        self._slaves_by_gtin = _by(sides.slaves.values(), lambda each: each.gtins)

    def find(self, master: Product) -> Found:
        if not master.code_key:
            return Conflict(ConflictCode.CODE_MISSING, None, (("name", name_of(master)),))
        namesakes = self._namesakes(master)
        if namesakes:
            names = ", ".join(sorted(map(name_of, [master, *namesakes]))[:SHOWN])
            return Conflict(ConflictCode.CODE_DOUBLE, None, (("code", master.code), ("names", names)))
        return self._by_code(master) or self._by_barcode(master)

    def double_code(self, master: Product) -> Conflict | None:
        found = self.find(master)
        return found if isinstance(found, Conflict) and found.code is ConflictCode.CODE_DOUBLE else None

    def _namesakes(self, master: Product) -> list[Product]:
        """Others of its side with its code; one that was archived before it was ever linked doesn't count."""
        return [
            each
            for each in self._masters_by_code[master.code_key]
            if each.key != master.key and (each.is_active or self._is_linked(each))
        ]

    def _is_linked(self, master: Product) -> bool:
        link = self._sides.links.get(master.key)
        return link is not None and link.slave_key is not None

    def _by_code(self, master: Product) -> Found:
        same = self._slaves_by_code[master.code_key]
        free = [each for each in same if each.key not in self._sides.taken]
        if not free and same:
            return Conflict(ConflictCode.CODE_TAKEN, None, (("code", master.code),))
        return _only(master, free)

    def _by_barcode(self, master: Product) -> Found:
        """Unique on both sides; an article whose code is another's is that one's."""
        fit: dict[str, Product] = {}
        for number in sorted(master.gtins):
            same = self._slaves_by_gtin[number]
            free = [each for each in same if self._is_free(each)]
            others = [each for each in self._masters_by_gtin[number] if each.key != master.key]
            others += [each for each in same if each not in free]
            if free and any(each.is_active for each in others):
                return Conflict(ConflictCode.BARCODE_DOUBLE, None, (("barcode", number.lstrip("0")),))
            fit |= {each.key: each for each in free}
        return _only(master, list(fit.values()))

    def _is_free(self, slave: Product) -> bool:
        return slave.key not in self._sides.taken and not self._masters_by_code[slave.code_key]


def _only(master: Product, fit: list[Product]) -> Found:
    fit = [each for each in fit if each.is_active] or fit
    if len(fit) <= 1:
        return next(iter(fit), None)
    names = ", ".join(sorted(map(name_of, fit))[:SHOWN])
    return Conflict(ConflictCode.SEVERAL_MATCHES, None, (("name", name_of(master)), ("matches", names)))


def _by(
    products: Iterable[Product], keys: Callable[[Product], Iterable[str]]
) -> defaultdict[str, list[Product]]:
    found: defaultdict[str, list[Product]] = defaultdict(list)
    for product in products:
        for key in keys(product):
            if key:
                found[key].append(product)
    return found
