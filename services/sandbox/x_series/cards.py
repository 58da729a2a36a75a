"""Gift cards and store credit (11.3, 11.4): every movement is kept, and the balance is their sum."""

from decimal import Decimal

from services.sandbox.tills import TicketError
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import GiftCard, Movement, StoreCredit
from services.sandbox.x_series.sale import Payment, Sale
from services.sandbox.x_series.values import ZERO

USABLE = frozenset({"ACTIVE", "REDEEMED"})
ENDINGS = {"EXPIRING": "EXPIRED", "VOIDING": "VOIDED"}


def card_of(merchant: Merchant, number: str) -> GiftCard:
    key = merchant.card_numbers.get(number)
    if key is None:
        raise TicketError(f"{merchant.domain_prefix} has no gift card {number}")
    return merchant.gift_cards[key]


def check_issue(merchant: Merchant, number: str, amount: Decimal) -> None:
    known = merchant.card_numbers.get(number)
    card = merchant.gift_cards[known] if known else None
    if card and card.status not in USABLE:
        raise TicketError(f"gift card {number} is {card.status}")
    if (card.balance if card else ZERO) + amount < 0:
        raise TicketError(f"gift card {number} holds less than the {-amount:.2f} that are paid back")


def issue(merchant: Merchant, sale: Sale, number: str, amount: Decimal) -> GiftCard:
    """A card that is sold; one that is active already is loaded with more, or paid back when negative."""
    kind, known = "ACTIVATION", merchant.card_numbers.get(number)
    if known:
        card = merchant.gift_cards[known]
        kind = "RELOADING" if amount > 0 else "VOIDING"
    else:
        card = GiftCard(id=merchant.new_id(), number=number, sale_id=sale.id, created_at=merchant.now())
        merchant.card_numbers[number] = card.id
    return _move(merchant, card, kind, amount, sale.user_id)


def check_redeem(merchant: Merchant, number: str, amount: Decimal) -> None:
    card = card_of(merchant, number)
    if card.status not in USABLE and amount > 0:
        raise TicketError(f"gift card {number} is {card.status}")
    if card.balance < amount:
        raise TicketError(f"gift card {number} holds {card.balance:.2f}, not {amount:.2f}")


def redeem(merchant: Merchant, sale: Sale, number: str, payment: Payment) -> None:
    """A refund to a card loads it; the client's key is the payment's."""
    card = card_of(merchant, number)
    kind = "REDEEMING" if payment.amount > 0 else "RELOADING"
    _move(merchant, card, kind, -payment.amount, sale.user_id, payment.id)


def change_without_sale(merchant: Merchant, number: str, kind: str, amount: Decimal) -> GiftCard:
    """Expiry, voiding and import move the debt though nothing is sold (11.3)."""
    user = next(iter(merchant.users)).id
    if kind == "IMPORTING":
        if number in merchant.card_numbers:
            raise TicketError(f"gift card {number} is there already")
        card = GiftCard(id=merchant.new_id(), number=number, sale_id="", created_at=merchant.now())
        merchant.card_numbers[number] = card.id
        return _move(merchant, card, kind, amount, user)
    if kind not in ENDINGS:
        raise TicketError(f"a card changes by IMPORTING, {' or '.join(ENDINGS)}, not {kind}")
    card = card_of(merchant, number)
    card.status = ENDINGS[kind]
    return _move(merchant, card, kind, -card.balance, user)


def _move(
    merchant: Merchant, card: GiftCard, kind: str, amount: Decimal, user_id: str, client_id: str = ""
) -> GiftCard:
    card.movements.append(_movement(merchant, kind, amount, user_id, client_id))
    if card.status in USABLE:
        card.status = "ACTIVE" if card.balance > 0 else "REDEEMED"
    return merchant.put(merchant.gift_cards, card)


def _movement(merchant: Merchant, kind: str, amount: Decimal, user_id: str, client_id: str) -> Movement:
    return Movement(
        id=merchant.new_id(),
        kind=kind,
        amount=amount,
        user_id=user_id,
        client_id=client_id or merchant.new_id(),
        created_at=merchant.now(),
    )


def check_credit(merchant: Merchant, sale: Sale, amount: Decimal) -> None:
    if sale.customer_id == merchant.walk_in_id:
        raise TicketError("store credit needs a customer")
    credit = merchant.store_credits.get(sale.customer_id)
    balance = credit.balance if credit else ZERO
    if balance < amount:
        raise TicketError(f"the customer's store credit is {balance:.2f}, not {amount:.2f}")


def use_credit(merchant: Merchant, sale: Sale, payment: Payment) -> None:
    """A negative payment issues credit, a positive one uses it (11.4)."""
    credit = merchant.store_credits.get(sale.customer_id) or StoreCredit(id=sale.customer_id)
    kind = "REDEMPTION" if payment.amount > 0 else "ISSUE"
    credit.movements.append(_movement(merchant, kind, -payment.amount, sale.user_id, payment.id))
    merchant.put(merchant.store_credits, credit)


def reverse(merchant: Merchant, sale: Sale, payment: Payment) -> None:
    """A voided sale gives back what was redeemed with this payment."""
    for card in merchant.gift_cards:
        for movement in [movement for movement in card.movements if movement.client_id == payment.id]:
            _move(merchant, card, "REVERSING", -movement.amount, sale.user_id)
    credit = merchant.store_credits.get(sale.customer_id)
    used = [movement for movement in credit.movements if movement.client_id == payment.id] if credit else []
    if credit and used:
        back = -sum((movement.amount for movement in used), ZERO)
        credit.movements.append(_movement(merchant, "REVERSE", back, sale.user_id, ""))
        merchant.put(merchant.store_credits, credit)
