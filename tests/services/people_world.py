"""People at both sides of articles in step, at random: they keep articles, and sell and count them.

What they do says how much of it may be written to the other side.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from libs.common.domain.product import Direction
from tests.services.books_desk import BooksDesk
from tests.services.desks import CATEGORIES, RATES, Article, Desk, RetailDesk, Till
from tests.services.products_world import D, Scene
from tests.services.sales_world import Office, Sold
from tests.services.x_products_world import XScene


@dataclass
class People:
    scene: Scene
    dice: random.Random
    direction: Direction
    till: Till
    books: BooksDesk
    office: Office
    real: Counter[str] = field(default_factory=Counter)
    """Writes that what people did made necessary, by what they did."""
    made: int = 0
    strangers: set[str] = field(default_factory=set)
    """What somebody made on the side that follows."""
    by_hand: set[tuple[str, str]] = field(default_factory=set)
    """Articles that follow, and what somebody changed of them there."""

    @property
    def leads(self) -> Desk:
        return self.till if self.direction is Direction.TO_EXACT else self.books

    @property
    def follows(self) -> Desk:
        return self.books if self.direction is Direction.TO_EXACT else self.till

    @property
    def cost_of_count(self) -> int:
        """A document in Exact; a count, its article and its reconciling at R-Series; a level at X-Series."""
        if self.direction is Direction.TO_EXACT:
            return 1
        return 1 if isinstance(self.scene, XScene) else 3

    def act(self) -> None:
        number = self.dice.randrange(100)
        if number < 17:
            self.make()
            self.sell()
        elif number < 20:
            self.merge()
        elif number < 45:
            self.change(self.leads)
        elif number < 53:
            self.change(self.follows)
        elif number < 61:
            self.hand_on()
        elif number < 70:
            self.count(self.dice.choice((self.leads, self.leads, self.follows)))
        elif number < 96:
            self.sell()
        else:
            self.edit_sale()

    def make(self, code: str = "") -> None:
        """Now and then on the side that follows first, where nobody asked for it."""
        self.made += 1
        is_new, code = not code, code or f"A-{self.made}"
        if is_new and self.dice.random() < 0.2:
            before = set(self.follows.articles())
            self.follows.make(code, self._price(), self.dice.choice(RATES))
            self.strangers |= set(self.follows.articles()) - before
            if self.dice.random() < 0.5:
                return
        if isinstance(self.leads, RetailDesk) and self.dice.random() < 0.1:
            self.leads.make_bundle(code, self._price())
        else:
            self.leads.make(code, self._price(), self.dice.choice(RATES))
        self.real["make"] += 2 if self.direction is Direction.TO_EXACT else 1  # its price goes apart

    def merge(self) -> None:
        """At a till of R-Series, which keeps one of the two with the stock of both, and with its sales."""
        keys = self.till.articles()
        if isinstance(self.till, RetailDesk) and len(keys) > 2:
            gone, left = self.dice.sample(keys, 2)
            self.till.merge(gone, left)
            self.real["merge"] += 4 + 4 * self.cost_of_count
            for sold in self.office.sold:
                sold.key = left if sold.key == gone else sold.key

    def _price(self) -> Decimal:
        return D(self.dice.randrange(100, 9999)) / 100

    def _barcode(self) -> str:
        return f"87{self.dice.randrange(10**11):011}"

    def _any(self, desk: Desk) -> str | None:
        keys = desk.articles()
        return self.dice.choice(keys) if keys else None

    def change(self, desk: Desk) -> None:
        key, number = self._any(desk), self.dice.randrange(10**6)
        if key is None:
            return
        before = desk.article(key)
        match self.dice.randrange(9):
            case 0:
                desk.rename(key, f"Naam {number}")
            case 1:
                desk.price(key, self._price())
            case 2:
                desk.recode(key, f"B-{number}")
            case 3:
                desk.bar(key, self._barcode() if number % 4 else "")
            case 4:
                desk.cost(key, self._price())
            case 5:
                desk.tax(key, self.dice.choice(RATES))
            case 6:
                desk.sort(key, self.dice.choice(CATEGORIES))
            case 7:
                desk.archive(key)
            case _:
                desk.restore(key)
        self._note(desk, key, before)

    def _note(self, desk: Desk, key: str, before: Article) -> None:
        """How much it takes to carry this over: an item's price goes apart from the rest."""
        after = desk.article(key)
        named = [name for name in Article.__slots__ if name != "stock"]
        changed = {name for name in named if getattr(before, name) != getattr(after, name)}
        if desk is self.leads:
            self.real["change"] += 2 if changed & {"price", "rate"} else bool(changed)
        else:
            self.by_hand |= {(key, name) for name in changed}
        emptied = sum(was != now for was, now in zip(before.stock, after.stock, strict=True))
        self.real["count"] += emptied * self.cost_of_count  # as archiving does at R-Series (6.1)

    def hand_on(self) -> None:
        """A code goes to another article, a new one or one that is there; or two change their barcodes."""
        keys = self.leads.articles()
        if len(keys) < 2:
            return
        first, second = self.dice.sample(keys, 2)
        one, other = self.leads.article(first), self.leads.article(second)
        number = self.dice.randrange(3)
        if number == 2:
            self.leads.bar(first, "")
            self.leads.bar(second, one.barcodes[0] if one.barcodes else "")
            self.leads.bar(first, other.barcodes[0] if other.barcodes else "")
        else:
            self.leads.recode(first, f"C-{self.dice.randrange(10**6)}")
            if number:
                self.make(one.code)
            else:
                self.leads.recode(second, one.code)
        self._note(self.leads, first, one)
        self._note(self.leads, second, other)
        self.real["refused meanwhile"] += 4

    def count(self, desk: Desk) -> None:
        """Received, broken, counted by hand."""
        key = self._any(desk)
        if key is not None and desk.article(key).is_stocked:
            desk.move(key, self.dice.randrange(2), D(self.dice.randrange(-4, 12)))
            self.real["count"] += self.cost_of_count

    def sell(self) -> None:
        """Where Exact leads a sale becomes an order there, and moves nothing a second time."""
        keys = self.till.articles()
        some = keys[-2:] if self.dice.random() < 0.5 else keys  # what is new, before it is linked
        key, place = self.dice.choice(some) if some else None, self.dice.randrange(2)
        if key is None or not self.till.article(key).is_active:
            return
        quantity = D(self.dice.choice((1, 1, 2, 3, -1)))
        sale = str(9000 + len(self.office.sold))
        self.office.sold.append(Sold(sale, key, place, quantity, self.scene.clock.now()))
        self._hand_over(key, place, quantity)

    def edit_sale(self) -> None:
        """Of one that was read, or not yet: more or less of it."""
        if self.office.sold:
            sold = self.dice.choice(self.office.sold)
            quantity = sold.quantity + self.dice.choice((-1, 1)) or D(1)
            self._hand_over(sold.key, sold.place, quantity - sold.quantity)
            sold.quantity, sold.revision, sold.is_read = quantity, sold.revision + 1, False

    def _hand_over(self, key: str, place: int, quantity: Decimal) -> None:
        if self.till.article(key).is_stocked:
            self.till.move(key, place, -quantity)
            if self.direction is Direction.TO_EXACT:
                self.real["sell"] += self.cost_of_count
