"""What happens to sales afterwards: debts paid, laybys and orders finished, returns begun, voids, notes."""

from services.sandbox.tills import TicketPayment
from services.sandbox.x_series import events
from services.sandbox.x_series.made_up_tickets import Counter, Maker, on_account, ordinary, waiting
from services.sandbox.x_series.paying import open_part
from services.sandbox.x_series.sale import ON_ACCOUNT, Sale, State
from services.sandbox.x_series.tickets import ShopTicket
from services.sandbox.x_series.values import ZERO, cents


def _one_of(counter: Counter, sales: list[Sale]) -> Sale | None:
    return counter.dice.choice(sales) if sales else None


def account_paid(counter: Counter, base: ShopTicket) -> Sale:
    """A later payment on the old sale, in full or in part (11.6)."""
    owed = [sale for sale in counter.sold if sale.state is State.PENDING and ON_ACCOUNT in sale.attributes]
    sale = _one_of(counter, owed)
    if sale is None:
        return on_account(counter, base)
    rest = open_part(counter.merchant, sale)
    amount = rest if counter.dice.random() < 0.6 else cents(rest / 2)
    payment = TicketPayment(type="PIN", amount=amount, at=base.at)
    return events.pay(counter.merchant, sale, [payment]) if amount else sale


def waiting_finished(counter: Counter, base: ShopTicket) -> Sale:
    """The rest is paid and the goods are handed over."""
    pending = [
        sale for sale in counter.sold if sale.state is State.PENDING and ON_ACCOUNT not in sale.attributes
    ]
    sale = _one_of(counter, pending)
    if sale is None:
        return waiting(counter, base)
    return events.complete(counter.merchant, sale, [TicketPayment(type="PIN", at=base.at)])


def _plain_ones(counter: Counter) -> list[Sale]:
    return [
        sale
        for sale in counter.sold
        if sale.status == "CLOSED"
        and not sale.return_ids
        and not sale.return_for
        and sale.deleted_at is None
        and all(line.quantity > 0 and not line.gift_card for line in sale.lines)
        and sale.header.gross > ZERO
    ]


def return_begun(counter: Counter, base: ShopTicket) -> Sale:
    """A parked return that is never finished."""
    sale = _one_of(counter, _plain_ones(counter))
    return events.return_sale(counter.merchant, sale) if sale else ordinary(counter, base)


def voided_later(counter: Counter, base: ShopTicket) -> Sale:
    sale = _one_of(counter, _plain_ones(counter))
    return events.void(counter.merchant, sale) if sale else ordinary(counter, base)


def noted_later(counter: Counter, base: ShopTicket) -> Sale:
    """A new version without any money in it."""
    sale = _one_of(counter, _plain_ones(counter))
    return events.touch(counter.merchant, sale, note="Bon gemaild") if sale else ordinary(counter, base)


EVENTS: list[tuple[Maker, int]] = [
    (account_paid, 5),
    (waiting_finished, 5),
    (return_begun, 2),
    (voided_later, 4),
    (noted_later, 4),
]
