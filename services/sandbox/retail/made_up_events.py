"""What happens around sales: debts paid, cards and credit, parts paid, sales voided or edited afterwards."""

from dataclasses import replace
from decimal import Decimal

from services.sandbox.names import made_up_buyer
from services.sandbox.retail import events
from services.sandbox.retail.made_up_tickets import (
    Counter,
    Maker,
    a_line,
    edited,
    gift_card_sold,
    ring_up,
    some_lines,
    voided,
)
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of
from services.sandbox.tills import Ticket, TicketLine, TicketPayment


def account_paid(counter: Counter, base: Ticket) -> Row:
    """A business pays what it bought on account: no lines, money in, the debt down."""
    number = counter.dice.randrange(15) * 4
    buyer = made_up_buyer(f"klant-{number}", number, company=True)
    amount = counter.money(1000, 20000)
    payments = (
        TicketPayment(type="PIN", amount=amount),
        TicketPayment(type="credit account", amount=-amount),
    )
    return ring_up(counter, replace(base, payments=payments, customer=buyer))


def layaway_picked_up(counter: Counter, base: Ticket) -> Row:
    """A deposit, and right after it the goods, paid from the deposit and for the rest by PIN."""
    number = counter.dice.randrange(60)
    buyer = made_up_buyer(f"klant-{number}", number, company=number % 4 == 0)
    paid = (
        TicketPayment(type="PIN", amount=Decimal(20)),
        TicketPayment(type="credit account", amount=Decimal(-20)),
    )
    deposited = ring_up(counter, replace(base, payments=paid, customer=buyer))
    counter.sold.append(deposited)
    line = TicketLine(description="Fiets", unit_price=Decimal(349), vat_rate=Decimal(21), kind="layaway")
    payments = (TicketPayment(type="credit account", amount=Decimal(20)), TicketPayment(type="PIN"))
    return ring_up(counter, replace(base, lines=(line,), payments=payments, customer=buyer))


def store_credit(counter: Counter, base: Ticket) -> Row:
    """Goods come back, and their price goes to the customer's account."""
    number = counter.dice.randrange(60)
    buyer = made_up_buyer(f"klant-{number}", number, company=number % 4 == 0)
    lines = tuple(replace(line, quantity=-line.quantity) for line in some_lines(counter)[:2])
    payments = (TicketPayment(type="credit account"),)
    return ring_up(counter, replace(base, lines=lines, payments=payments, customer=buyer))


def gift_card_cashed_out(counter: Counter, base: Ticket) -> Row:
    worth = {code: _worth(counter, code) for code in counter.cards}
    full = [code for code in counter.cards if worth[code] > 0]
    if not full:
        return gift_card_sold(counter, base)
    code = counter.dice.choice(full)
    card = TicketPayment(type="gift card", amount=worth[code], gift_card=code)
    return ring_up(counter, replace(base, payments=(card, TicketPayment(type="cash", amount=-worth[code]))))


def _worth(counter: Counter, code: str) -> Decimal:
    return -counter.account["CreditAccount"].rows[counter.account.cards[code]].number("balance")


def returned_to_gift_card(counter: Counter, base: Ticket) -> Row:
    if not counter.cards:
        return gift_card_sold(counter, base)
    lines = (replace(a_line(counter), quantity=Decimal(-1)),)
    card = TicketPayment(type="gift card", gift_card=counter.dice.choice(counter.cards))
    return ring_up(counter, replace(base, lines=lines, payments=(card,)))


def paid_in_parts(counter: Counter, base: Ticket) -> Row:
    """An open ticket, a first part paid; the rest and its completion come later."""
    line = TicketLine(description="Maatwerk", unit_price=Decimal(120), vat_rate=Decimal(21))
    part = TicketPayment(type="PIN", amount=Decimal(50))
    sale = ring_up(counter, replace(base, lines=(line,), payments=(part,), completed=False))
    events.add_to(counter.account, sale, (), (TicketPayment(type="cash"),), counter.switches)
    events.complete_again(counter.account, sale, counter.switches)
    return sale


def voided_later(counter: Counter, base: Ticket) -> Row:
    sale = _untouched(counter)
    if sale is None:
        return voided(counter, base)
    events.void(counter.account, sale, counter.switches, "toch niet")
    return sale


def edited_later(counter: Counter, base: Ticket) -> Row:
    """Other lines on a sale of before; one time in three no stamp tells of it."""
    sale = _untouched(counter)
    if sale is None:
        return edited(counter, base)
    line = {"description": "Vervangen", "unit_price": str(counter.money(500, 9000)), "vat_rate": "21"}

    def edit() -> None:
        events.edit(counter.account, sale, {"lines": [line]}, counter.switches)

    if counter.dice.random() < 0.33:
        events.silently(counter.account, sale, edit)
    else:
        edit()
    return sale


def _untouched(counter: Counter) -> Row | None:
    """An ordinary sale of before: paid by one tender, with nothing of it back yet."""
    ordinary_ones = [sale for sale in counter.sold if _is_ordinary(counter, sale)]
    return counter.dice.choice(ordinary_ones) if ordinary_ones else None


def _is_ordinary(counter: Counter, sale: Row) -> bool:
    if not sale.flag("completed") or sale.flag("voided") or sale.number("total") <= 0:
        return False
    payments = payments_of(counter.account, sale)
    if len(payments) != 1 or payments[0].id("creditAccountID") or payments[0].number("tipAmount"):
        return False
    lines = lines_of(counter.account, sale)
    return "cashRoundingDelta" not in sale.fields and all(
        line.number("unitQuantity") > 0
        and not line.id("parentSaleLineID")
        and not counter.account["SaleLine"].find("parentSaleLineID", line.key)
        for line in lines
    )


EVENTS: list[tuple[Maker, int]] = [
    (account_paid, 4),
    (layaway_picked_up, 3),
    (store_credit, 3),
    (gift_card_cashed_out, 2),
    (returned_to_gift_card, 2),
    (paid_in_parts, 3),
    (voided_later, 4),
    (edited_later, 5),
]
