"""A shop with two outlets, at whose tills everything happens that may, by seeded dice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.retail import events
from services.sandbox.retail.account import Account
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of
from services.sandbox.retail.world import RetailWorld
from services.sandbox.tills import Buyer, Ticket, TicketLine, TicketPayment, ticket_json
from tests.whole.scenario.sums import day_of, own_day

D = Decimal
CASH, CARD, CREDIT_CARD, IDEAL = "1", "6", "3", "7"
CARDS = (CARD, CREDIT_CARD, IDEAL)
ON_ACCOUNT, GIFT_CARD = "4", "5"
TAX_CLASSES = {"1": 21, "2": 21, "3": 9, "4": 0}
PLAIN = ("cash", "user defined")
BUSINESSES, PERSONS = 4, 8

Event = Callable[[], str]


@dataclass
class Shop:
    """`known` are the sales whose days are quiet: only they, and today's own, may be touched."""

    world: RetailWorld
    account: Account
    dice: random.Random
    specials: bool = True
    day_end: str = "00:00"
    known: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    """Sales that were edited since the last quiet point."""
    left_open: set[int] = field(default_factory=set)
    cards: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    at_night: bool = False

    def happen(self) -> None:
        """One event, drawn from those that can happen now."""
        chances = self._chances()
        while True:
            event = self.dice.choices(list(chances), list(chances.values()))[0]
            said = event()
            if said:
                self.counted[event.__name__] += 1
                self.told.append(f"{self.account.stamp():%m-%d %H:%M} {event.__name__} {said}")
                return
            chances.pop(event)

    def _chances(self) -> dict[Event, int]:
        plain: dict[Event, int] = {
            self.sell: 40,
            self.sell_split: 6,
            self.exchange: 3,
            self.sell_on_account: 6,
            self.leave_ticket_open: 2,
            self.finish_ticket: 2,
            self.edit_lines: 10,
            self.edit_payment: 8,
            self.edit_customer: 4,
            self.void: 7,
            self.refund: 6,
            self.reopen: 3,
            self.give_away: 2,
        }
        if not self.at_night:
            plain |= {self.sell_late: 5, self.sell_by_new_type: 1}
        if self.specials:
            plain |= {
                self.sell_in_cash_rounded: 6,
                self.sell_with_tip: 4,
                self.sell_gift_card: 4,
                self.use_gift_card: 4,
                self.refund_to_gift_card: 1,
                self.deposit: 3,
                self.pick_up: 2,
                self.pay_later: 3,
                self.sell_fee: 2,
            }
        return plain

    def quiet(self) -> None:
        """Everything that happened is booked."""
        self.known = {sale.key for sale in self.account["Sale"]}
        self.changed.clear()

    # Selling

    def sell(self) -> str:
        return self._sold(self._ticket())

    def sell_late(self) -> str:
        """A till that was offline, or a sale entered afterwards under its own date."""
        back = timedelta(days=self.dice.choice((1, 1, 1, 2, 4, 9)), minutes=self.dice.randrange(600))
        return self._sold(self._ticket(at=self.account.stamp() - back))

    def sell_split(self) -> str:
        ticket = self._ticket()
        part = D(self.dice.randrange(100, 900)) / 100
        first, second = self.dice.sample((CASH, *CARDS), 2)
        payments = (TicketPayment(type=first, amount=part), TicketPayment(type=second))
        lines = (*ticket.lines, self._line(price=D("25.00")))
        return self._sold(replace(ticket, lines=lines, payments=payments))

    def sell_in_cash_rounded(self) -> str:
        return self._sold(self._ticket(payments=(TicketPayment(type=CASH),), cash_rounding=True))

    def sell_with_tip(self) -> str:
        tip = D(self.dice.randrange(50, 500)) / 100
        return self._sold(self._ticket(payments=(TicketPayment(type=CARD, tip=tip),)))

    def sell_by_new_type(self) -> str:
        """By a payment type that nobody has said anything about."""
        kind = self.account.add(
            "PaymentType", name=f"Bon {len(self.account['PaymentType'])}", type="user defined"
        )
        return self._sold(self._ticket(payments=(TicketPayment(type=str(kind.key)),)))

    def sell_on_account(self) -> str:
        part = self.dice.random() < 0.3
        line = self._line(price=D("60.00"))
        first = (TicketPayment(type=CARD, amount=D("15.00")),) if part else ()
        payments = (*first, TicketPayment(type=ON_ACCOUNT))
        return self._sold(self._ticket(customer=self._buyer(), extra=(line,), payments=payments))

    def sell_gift_card(self) -> str:
        """Alone, or together with goods."""
        code = f"KADO{len(self.cards):08d}"
        self.cards.append(code)
        card = TicketLine(gift_card=code, unit_price=D(self.dice.choice((25, 50, 75))))
        goods = self._lines() if self.dice.random() < 0.5 else ()
        payments = (TicketPayment(type=self._tender()),)
        return self._sold(Ticket(**self._where(), lines=(card, *goods), payments=payments))

    def use_gift_card(self) -> str:
        cards = [code for code in self.cards if self._worth(code) >= 10]
        if not cards:
            return ""
        pay = TicketPayment(type=GIFT_CARD, gift_card=self.dice.choice(cards), amount=D("10.00"))
        line = self._line(price=D("12.50"))
        return self._sold(self._ticket(extra=(line,), payments=(pay, TicketPayment(type=self._tender()))))

    def _worth(self, code: str) -> Decimal:
        return -self.account["CreditAccount"].rows[self.account.cards[code]].number("balance")

    def refund_to_gift_card(self) -> str:
        if not self.cards:
            return ""
        code = self.dice.choice(self.cards)
        line = replace(self._line(price=D("19.95")), quantity=D(-1))
        pay = TicketPayment(type=GIFT_CARD, gift_card=code)
        return self._sold(Ticket(**self._where(), lines=(line,), payments=(pay,)))

    def deposit(self) -> str:
        amount = D(self.dice.randrange(1000, 9000)) / 100
        payments = (
            TicketPayment(type=self._tender(), amount=amount),
            TicketPayment(type=ON_ACCOUNT, amount=-amount),
        )
        return self._sold(Ticket(**self._where(), customer=self._buyer(), payments=payments))

    pay_later = deposit

    def pick_up(self) -> str:
        """Goods that were set aside, paid from the customer's account and by card."""
        line = replace(self._line(price=D("89.00")), kind="layaway")
        payments = (TicketPayment(type=ON_ACCOUNT, amount=D("40.00")), TicketPayment(type=CARD))
        return self._sold(Ticket(**self._where(), customer=self._buyer(), lines=(line,), payments=payments))

    def sell_fee(self) -> str:
        fee = TicketLine(kind="item_fee", unit_price=D("0.50"), description="Verwijderingsbijdrage")
        return self._sold(self._ticket(extra=(fee,)))

    def exchange(self) -> str:
        back = replace(self._line(price=D("19.95")), quantity=D(-1))
        return self._sold(self._ticket(extra=(back, self._line(price=D("29.95")))))

    def give_away(self) -> str:
        return self._sold(self._ticket(payments=(), receipt_discount_percent=D(100)))

    # Afterwards

    def leave_ticket_open(self) -> str:
        said = self._sold(self._ticket(completed=False))
        self.left_open.add(max(self.account["Sale"].rows))
        return said

    def finish_ticket(self) -> str:
        """A ticket that was open, new or reopened, some time ago."""
        found = [
            sale for sale in self._rows(self.left_open) if sale.key in self.known and self._is_of_now(sale)
        ]
        if not found:
            return ""
        sale = self.dice.choice(found)
        events.complete_again(self.account, sale, self.world.switches)
        self.left_open.discard(sale.key)
        self.changed.add(sale.key)
        return str(sale.key)

    def _is_of_now(self, sale: Row) -> bool:
        return not self.at_night or sale.moment("completeTime") is None

    def reopen(self) -> str:
        sale = self._touchable()
        if sale is None or sale.key not in self.known:
            return ""
        events.reopen(self.account, sale)
        self.left_open.add(sale.key)
        self.changed.add(sale.key)
        return str(sale.key)

    def edit_lines(self) -> str:
        sale = self._touchable(is_plain=True)
        if sale is None:
            return ""
        ticket = Ticket(lines=self._lines())
        tender = self.dice.choice((CASH, *CARDS))
        changes = {"lines": ticket_json(ticket)["lines"], "payments": [{"type": tender}]}
        return self._edited(sale, changes)

    def edit_payment(self) -> str:
        sale = self._touchable(is_plain=True)
        if sale is None or not payments_of(self.account, sale):
            return ""
        now = {str(row.id("paymentTypeID")) for row in payments_of(self.account, sale)}
        other = [kind for kind in (CASH, *CARDS) if kind not in now]
        return self._edited(sale, {"payment_type": self.dice.choice(other)})

    def edit_customer(self) -> str:
        sale = self._touchable(is_plain=True)
        if sale is None:
            return ""
        keys = [row.key for row in self.account["Customer"] if row.key != sale.id("customerID")]
        return self._edited(sale, {"customer": self.dice.choice(keys)})

    def _edited(self, sale: Row, changes: dict[str, Any]) -> str:
        events.edit(self.account, sale, changes, self.world.switches)
        self.changed.add(sale.key)
        return f"{sale.key} {', '.join(changes)}"

    def void(self) -> str:
        sale = self._touchable()
        if sale is None:
            return ""
        events.void(self.account, sale, self.world.switches)
        return f"{sale.key} {sale.number('total')}"

    def refund(self) -> str:
        sold = [
            sale
            for sale in self._done()
            if self._is_plain(sale) and sale.number("total") > 0 and self._has_left(sale)
        ]
        if not sold:
            return ""
        sale = self.dice.choice(sold[-60:])
        back = events.refund(self.account, sale, events.Refund(payment=self._tender()), self.world.switches)
        return f"{back.key} of {sale.key}"

    # What there is to choose from

    def _rows(self, keys: set[int]) -> list[Row]:
        return [self.account["Sale"].rows[key] for key in sorted(keys)]

    def _done(self) -> list[Row]:
        return [sale for sale in self.account["Sale"] if sale.flag("completed") and not sale.flag("voided")]

    def _touchable(self, *, is_plain: bool = False) -> Row | None:
        """Sales of today, and of days that are quiet; each is edited once between quiet points."""
        today = day_of(self.account.stamp(), self.day_end)
        found = [
            sale
            for sale in self._done()
            if sale.key not in self.changed
            and (own_day(sale, self.day_end) == today or (sale.key in self.known and not self.at_night))
            and (not is_plain or self._is_plain(sale))
        ]
        if not found:
            return None
        return self.dice.choice(found[-25:] if self.dice.random() < 0.6 else found)

    def _is_plain(self, sale: Row) -> bool:
        """Goods paid with money, to the cent."""
        payments = payments_of(self.account, sale)
        kinds = (self.account["PaymentType"].rows[row.id("paymentTypeID")] for row in payments)
        return (
            bool(lines_of(self.account, sale))
            and all(kind.text("type") in PLAIN for kind in kinds)
            and not any(row.number("tipAmount") for row in payments)
            and "cashRoundingDelta" not in sale.fields
            and all(line.number("unitQuantity") > 0 for line in lines_of(self.account, sale))
        )

    def _has_left(self, sale: Row) -> bool:
        return not any(
            self.account["SaleLine"].find("parentSaleLineID", line.key)
            for line in lines_of(self.account, sale)
        )

    # Making

    def _sold(self, ticket: Ticket) -> str:
        sale = self.world.sell(self.account, ticket)
        return f"{sale.key} {sale.number('total')}"

    def _ticket(
        self,
        *,
        at: datetime | None = None,
        extra: tuple[TicketLine, ...] = (),
        payments: tuple[TicketPayment, ...] | None = None,
        customer: Buyer | None = None,
        **more: Any,
    ) -> Ticket:
        if customer is None and self.dice.random() < 0.25:
            customer = self._buyer()
        if payments is None:
            payments = (TicketPayment(type=self._tender()),)
        if self.dice.random() < 0.1:
            more.setdefault("receipt_discount_percent", D(self.dice.choice((5, 10, 15))))
        lines = (*self._lines(), *extra)
        return Ticket(**self._where(), at=at, customer=customer, lines=lines, payments=payments, **more)

    def _where(self) -> dict[str, str]:
        register = self.dice.choice(("1", "2", "3"))
        return {"register": register, "shop": "2" if register == "3" else "1"}

    def _tender(self) -> str:
        return self.dice.choice((CASH, CARD, CARD, CREDIT_CARD, IDEAL))

    def _lines(self) -> tuple[TicketLine, ...]:
        return tuple(self._line() for _ in range(self.dice.choice((1, 1, 2, 3))))

    def _line(self, *, price: Decimal | None = None) -> TicketLine:
        items = list(self.account["Item"])
        quantity = D(self.dice.choice(("1", "1", "1", "2", "3", "0.755")))
        asked = price or D(self.dice.randrange(95, 9995)) / 100
        if self.dice.random() < 0.2:
            tax_class = self.dice.choice(list(TAX_CLASSES))
            return TicketLine(description="Los artikel", unit_price=asked, tax_class=tax_class, quantity=D(1))
        item = self.dice.choice(items)
        discount = D(self.dice.choice((5, 10))) if self.dice.random() < 0.15 else None
        return TicketLine(
            item=item.text("customSku"),
            unit_price=asked,
            quantity=quantity if price is None else D(1),
            line_discount_percent=discount if price is None else None,
        )

    def _buyer(self) -> Buyer:
        return Buyer(ref=f"klant-{self.dice.randrange(12)}")
