"""Rings up an order: lines with their group and VAT, payments that balance, and the record of the account."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.sandbox.restaurant.back_office import Device, RevenueCentre
from services.sandbox.restaurant.business import Business, Item, Location
from services.sandbox.restaurant.orders import Order, OrderLine, as_order, as_order_line
from services.sandbox.restaurant.paying import Till, pay
from services.sandbox.restaurant.pricing import priced
from services.sandbox.restaurant.records import Line, Record, bill_of
from services.sandbox.restaurant.values import ZERO, reference
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket, TicketError

SITTING = timedelta(minutes=45)


@dataclass(frozen=True)
class Shop:
    """Where an order is rung up, by what switches, and when that is now."""

    business: Business
    location: Location
    switches: Switches
    now: datetime

    @property
    def rounding(self) -> str:
        return "ROUND_HALF_UP" if self.switches["bill_rounding"] == "half up" else "ROUND_HALF_EVEN"


def shop_of(business: Business, wanted: str | None, switches: Switches, now: datetime) -> Shop:
    return Shop(business, business.location_of(wanted), switches, now)


def sell(business: Business, ticket: Ticket, switches: Switches, now: datetime) -> Record:
    """The record of a closed account; gift cards sold on it are no lines, only payments (9.4)."""
    order = as_order(ticket)
    if not order.completed:
        raise TicketError("this vendor's API knows closed accounts only: an open one can't be sold")
    shop = shop_of(business, order.shop, switches, now)
    record = open_account(shop, order, "SALE")
    sold = [as_order_line(line) for line in order.lines]
    add_lines(shop, record, order, [line for line in sold if not line.gift_card])
    record.total = bill_of(record.lines, shop.rounding)
    settle(shop, record, order, [line for line in sold if line.gift_card])
    return business.keep(shop.location, record)


def settle(shop: Shop, record: Record, order: Order, cards: list[OrderLine]) -> None:
    till = Till(shop.business, shop.location, record, order.cash_rounding or shop.location.cash_rounding)
    record.payments += pay(till, order, cards)


def open_account(shop: Shop, order: Order, kind: str) -> Record:
    """Times and ids; where it is typed in at the Back Office, V1 has it on its own date (5)."""
    at = order.at.astimezone(UTC) if order.at else shop.now
    closed = shop.now if order.back_office else at
    if closed > shop.now or at > shop.now:
        raise TicketError(f"an account can't be closed in the future ({at.isoformat()})")
    device = device_of(shop.location, order.register)
    profile = shop.business.profile_of(order.profile) if order.profile else None
    record = new_record(shop, device, kind, closed)
    record.opened_at = order.opened_at or at - SITTING
    record.arrives_at = order.arrives_at or closed
    record.v1_at = at if order.back_office else None
    record.back_office = order.back_office
    record.table, record.covers = order.table, order.covers
    record.profile = order.profile
    record.dine_in = profile.dine_in if profile else True
    if order.platform:
        record.external = (f"TASK:OO-{shop.location.bl_id}-{order.platform}",)
    elif order.reference:
        record.external = (order.reference,)
    return record


def new_record(shop: Shop, device: Device, kind: str, at: datetime) -> Record:
    number = device.next_id("A")
    return Record(
        reference=reference(shop.business.dice),
        fisc_id=number,
        receipt_id=device.next_id("R"),
        kind=kind,
        device=device,
        opened_at=at,
        closed_at=at,
        arrives_at=at,
        initial_id=number,
        staff=shop.location.staff[len(shop.location.records) % len(shop.location.staff)],
    )


def device_of(location: Location, wanted: str | None) -> Device:
    """By its place from 1, its id or its name."""
    if not wanted:
        return location.devices[0]
    for place, device in enumerate(location.devices, start=1):
        if wanted in {str(place), str(device.device_id), str(device.pos_id), device.name}:
            return device
    raise TicketError(f"{location.name} has no device {wanted}")


def add_lines(shop: Shop, record: Record, order: Order, sold: list[OrderLine]) -> None:
    for line in sold:
        record.lines.append(_line(shop, record, order, line))


def _line(shop: Shop, record: Record, order: Order, sold: OrderLine) -> Line:
    profile = sold.profile or order.profile
    item = item_of(shop.business, sold)
    group = shop.business.group_of(sold.group) if sold.group else item.group
    code = group.tax_code(profile)
    rate = shop.business.tax_of(code) if sold.vat_rate is None else shop.business.tax_at(sold.vat_rate)
    amounts = priced(sold, order, rate.percent)
    return Line(
        line_id=record.device.next_id("S"),
        parent_id=_parent(record, sold),
        sku=item.sku,
        name=item.name,
        quantity=sold.quantity,
        list_price=amounts.list_price,
        gross=amounts.gross,
        net=amounts.net,
        rate=rate,
        group=group,
        at=record.opened_at,
        discount=amounts.discount,
        discount_name=_discount_name(order, sold),
        account_discount=amounts.account_discount,
        charge=amounts.charge,
        charge_type=order.service_charge_type if order.service_charge else "NO_SERVICE_CHARGE",
        charge_percent=order.service_charge,
        cost=sold.cost if sold.cost is not None else item.cost or ZERO,
        void_reason=sold.void_reason,
        profile=profile,
        centre=centre_of(shop.location, sold.revenue_centre or order.revenue_centre),
        name_override=sold.name_override,
    )


def _parent(record: Record, sold: OrderLine) -> str:
    if sold.under is None:
        return ""
    if not 0 <= sold.under < len(record.lines):
        raise TicketError(f"a line is under line {sold.under}, and there is no such line before it")
    return record.lines[sold.under].line_id


def _discount_name(order: Order, sold: OrderLine) -> str:
    return (order.discount_name or "Korting") if sold.line_discount or sold.line_discount_percent else ""


def centre_of(location: Location, wanted: str) -> RevenueCentre | None:
    if not wanted:
        return location.centres[0] if location.centres else None
    for centre in location.centres:
        if wanted in {centre.name, str(centre.centre_id)}:
            return centre
    raise TicketError(f"{location.name} has no revenue centre {wanted}")


def item_of(business: Business, sold: OrderLine) -> Item:
    """An article that isn't known yet is made, in the group whose rate it was sold at."""
    sku = (sold.item or sold.description or "OPEN")[:32]
    known = business.by_sku.get(sku)
    if known is not None:
        return known
    rate = business.tax_at(sold.vat_rate) if sold.vat_rate is not None else business.taxes[0]
    group = business.group_of(sold.group) if sold.group else business.group_at(rate)
    name = (sold.description or sku)[:180]
    return business.add_item(Item(business.next_id(), name, sku, group, abs(sold.unit_price)))
