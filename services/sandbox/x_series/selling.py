"""Sells a ticket: lines, header, payments, and what the goods and the customer's account do."""

from datetime import UTC, datetime
from decimal import Decimal

from services.sandbox.tills import Ticket, TicketError, TicketLine
from services.sandbox.x_series import cards, catalogue, paying, registers
from services.sandbox.x_series.amounts import (
    LineAmounts,
    header_of,
    line_amounts,
    share_of_discount,
    show_parts,
)
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Product, Tax
from services.sandbox.x_series.sale import (
    DELIVERY,
    EXCLUDING,
    LAYBY,
    ON_ACCOUNT,
    PICKUP,
    SERVICE,
    Line,
    Sale,
    State,
)
from services.sandbox.x_series.tickets import ShopTicket, as_shop_ticket, promotion_of
from services.sandbox.x_series.values import HUNDRED, ONE, ZERO, cents, five

ATTRIBUTES = (ON_ACCOUNT, LAYBY, DELIVERY, PICKUP, SERVICE)
KNOWN_KINDS = frozenset({"", "service", "item_fee"})


def sell(merchant: Merchant, wanted: Ticket) -> Sale:
    ticket = as_shop_ticket(wanted)
    at = (ticket.at or merchant.now()).astimezone(UTC).replace(microsecond=0)
    if at > merchant.now():
        raise TicketError(f"a sale can't be made in the future ({at.isoformat()})")
    attributes = _attributes(ticket)
    sale = open_sale(merchant, ticket, at)
    for line in ticket.lines:
        add_line(merchant, sale, line)
    _discount_all(merchant, sale, ticket.receipt_discount_percent)
    sale.charges = [
        paying.extra_of(merchant, "ECOM_CUSTOM_CHARGE", charge.name, charge.amount, charge.vat_rate)
        for charge in ticket.charges
    ]
    rounding = ticket.cash_rounding or merchant.cash_rounding
    for payment in ticket.payments:
        paying.add_payment(merchant, sale, payment, payment.at or at, rounding=rounding)
    refresh(merchant, sale)
    _decide(merchant, sale, ticket, attributes)
    paying.settle_balances(merchant, sale)
    return merchant.put_sale(sale)


def _attributes(ticket: ShopTicket) -> list[str]:
    named = ticket.state.split()
    unknown = [name for name in named if name not in (*ATTRIBUTES, "open", "parked")]
    if unknown:
        raise TicketError(f"a sale is open, parked or {', '.join(ATTRIBUTES)}, not {' '.join(unknown)}")
    for pair in EXCLUDING:
        if set(pair) <= set(named):
            raise TicketError(f"a sale can't be {' and '.join(pair)}")
    return [name for name in ATTRIBUTES if name in named]


def _decide(merchant: Merchant, sale: Sale, ticket: ShopTicket, attributes: list[str]) -> None:
    """What the sale is: cancelled, parked, waiting, on account, or closed."""
    sale.attributes = attributes
    if ticket.archived:
        sale.state = State.VOIDED
    elif not ticket.completed or ticket.state == "parked":
        sale.state = State.PARKED
    elif ticket.state == "open" or attributes:
        sale.state = State.PENDING
        if ON_ACCOUNT in attributes:
            put_on_account(merchant, sale)
    else:
        paying.give_change(merchant, sale)
        complete(merchant, sale, _wants_account(merchant, ticket))


def _wants_account(merchant: Merchant, ticket: ShopTicket) -> bool:
    kinds = (catalogue.payment_type_of(merchant, payment.type).kind for payment in ticket.payments)
    return "on account" in kinds


def open_sale(merchant: Merchant, ticket: ShopTicket, at: datetime) -> Sale:
    """The ticket's `opened_at` is when the record was made: earlier of a parked sale, later of a late one."""
    outlet = catalogue.outlet_of(merchant, ticket.shop)
    register = catalogue.register_of(merchant, ticket.register, outlet)
    registers.begin_day(merchant, register, at)
    number = register.sequence
    register.sequence += 1
    return Sale(
        id=merchant.new_id(),
        sequence=number,
        number=f"{register.prefix}{number}",
        outlet_id=outlet.id,
        register_id=register.id,
        user_id=catalogue.user_of(merchant, ticket.employee),
        customer_id=catalogue.customer_of(merchant, ticket.customer).id,
        state=State.PARKED,
        sold_at=at,
        created_at=(ticket.opened_at or at).astimezone(UTC).replace(microsecond=0),
        updated_at=merchant.now(),
        note=ticket.note,
        source="ECOMMERCE" if ticket.charges else "USER",
        source_id=ticket.reference,
        short_code=merchant.short_code(),
        open_sequence_id=register.open_sequence_id,
    )


def add_line(merchant: Merchant, sale: Sale, line: TicketLine) -> Line:
    if line.kind not in KNOWN_KINDS:
        raise TicketError(f"this till has no line of kind {line.kind}; give the ticket a state instead")
    if not line.quantity:
        raise TicketError("a line has a quantity")
    product = catalogue.product_of(merchant, line)
    outlet = merchant.outlets[sale.outlet_id]
    tax = catalogue.tax_of_line(merchant, line, product, outlet)
    off = _discount(line)
    by_unit = merchant.switches["line_totals"] == "unit"
    amounts = line_amounts(line.unit_price, line.quantity, tax.rate, off, by_unit=by_unit)
    sold = _line(merchant, line, product, tax, amounts)
    if sale.customer_id != merchant.walk_in_id and merchant.loyalty_ratio:
        sold.loyalty = five((amounts.price + amounts.tax) * merchant.loyalty_ratio)
    sale.lines.append(sold)
    return sold


def _discount(line: TicketLine) -> Decimal:
    """Money off the line, with the sign of the line."""
    if line.line_discount is not None:
        return line.line_discount if line.quantity >= 0 else -line.line_discount
    if line.line_discount_percent is not None:
        return line.quantity * line.unit_price * line.line_discount_percent / HUNDRED
    return ZERO


def _line(merchant: Merchant, line: TicketLine, product: Product, tax: Tax, amounts: LineAmounts) -> Line:
    return Line(
        id=merchant.new_id(),
        product_id=product.id,
        quantity=line.quantity,
        price=amounts.price,
        tax=amounts.tax,
        price_total=amounts.price_total,
        tax_total=amounts.tax_total,
        tax_id=tax.id,
        parts=((tax.rate_id, amounts.tax_total),),
        discount=amounts.discount,
        discount_total=amounts.discount_total,
        cost=line.cost if line.cost is not None else product.cost,
        price_set=not line.item or line.unit_price != product.price_incl,
        note=line.note or (line.description if not line.item else ""),
        is_return=line.quantity < 0,
        gift_card=line.gift_card or "",
        promotion=promotion_of(line),
    )


def _discount_all(merchant: Merchant, sale: Sale, percent: Decimal) -> None:
    """A line of its own, quantity -1, under one tax though it may take off more than one (11.2)."""
    taxed = [line for line in sale.lines if not line.gift_card]
    off = cents(sum((line.gross for line in taxed), ZERO) * percent / HUNDRED)
    if not off:
        return
    shares = share_of_discount(taxed, off)
    tax_off = sum((tax for _, _, tax in shares), ZERO)
    first = max(shares, key=lambda share: abs(share[1]))[0]
    tax = next(tax for tax in merchant.taxes if tax.rate_id == first)
    sale.lines.append(
        Line(
            id=merchant.new_id(),
            product_id=merchant.system.discount,
            quantity=-ONE,
            price=off - tax_off,
            tax=tax_off,
            price_total=tax_off - off,
            tax_total=-tax_off,
            tax_id=tax.id,
            parts=tuple((rate, -part) for rate, _, part in shares),
            gross_by_rate=tuple((rate, -part) for rate, part, _ in shares),
            price_set=True,
        )
    )


def refresh(merchant: Merchant, sale: Sale) -> None:
    """The header again; whether it holds tips, surcharges and web charges is not known (8.4)."""
    switches = merchant.switches
    inside = [
        extra
        for extra in [*sale.adjustments, *sale.charges]
        if (extra.kind == "TIP" and switches.is_on("tip_in_total"))
        or (extra.kind == "SURCHARGE" and switches.is_on("surcharge_in_total"))
        or (extra.kind == "ECOM_CUSTOM_CHARGE" and switches.is_on("web_charge_in_total"))
    ]
    sale.header = header_of(sale.lines, inside)
    show_parts(sale.lines, header_of(sale.lines))


def complete(merchant: Merchant, sale: Sale, on_account: bool = False) -> None:
    """Closed when paid in full; with a rest only on account."""
    rest = paying.open_part(merchant, sale)
    if rest > 0 and on_account:
        sale.attributes = [ON_ACCOUNT, *(name for name in sale.attributes if name != ON_ACCOUNT)]
        sale.state = State.PENDING
        put_on_account(merchant, sale)
        return
    if rest:
        raise TicketError(f"{paying.due(sale):.2f} is due, and {rest:.2f} of it is not paid")
    sale.state = State.CLOSED
    hand_over(merchant, sale)


def put_on_account(merchant: Merchant, sale: Sale) -> None:
    if sale.customer_id == merchant.walk_in_id:
        raise TicketError("a sale on account needs a customer")
    hand_over(merchant, sale)
    paying.owe(merchant, sale, paying.open_part(merchant, sale))


def hand_over(merchant: Merchant, sale: Sale) -> None:
    """The goods leave the shop, once: stock, gift cards that were sold, loyalty that was earned."""
    if sale.is_handed_over:
        return
    for line in sale.lines:
        if line.gift_card:
            cards.check_issue(merchant, line.gift_card, cents(line.gross))
    sale.is_handed_over = True
    for line in sale.lines:
        catalogue.move_stock(merchant, line.product_id, sale.outlet_id, -line.quantity)
        if line.gift_card:
            cards.issue(merchant, sale, line.gift_card, cents(line.gross))
    _count_customer(merchant, sale, 1)


def take_back_goods(merchant: Merchant, sale: Sale) -> None:
    if not sale.is_handed_over:
        return
    sale.is_handed_over = False
    for line in sale.lines:
        catalogue.move_stock(merchant, line.product_id, sale.outlet_id, line.quantity)
        if line.gift_card:
            cards.change_without_sale(merchant, line.gift_card, "VOIDING", ZERO)
    _count_customer(merchant, sale, -1)


def _count_customer(merchant: Merchant, sale: Sale, sign: int) -> None:
    if sale.customer_id == merchant.walk_in_id:
        return
    customer = merchant.customers[sale.customer_id]
    customer.spent += sign * header_of(sale.lines).gross
    customer.loyalty += sign * sale.loyalty
    customer.updated_at = merchant.now()
    merchant.put(merchant.customers, customer, "customer.update")
