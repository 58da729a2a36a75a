"""Registers and their closures (12.3): a till opens with its first sale, and each later day anew."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.sandbox.x_series.errors import refused
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Closure, Register


def open_register(merchant: Merchant, register: Register, at: datetime) -> Register:
    if register.open_sequence_id:
        raise refused("Register is already open")
    register.open_sequence_id = merchant.new_id()
    register.opened_at, register.closed_at = at, None
    register.closures += 1
    return merchant.put(merchant.registers, register)


def close_register(
    merchant: Merchant, register: Register, at: datetime, counted: Mapping[str, Decimal]
) -> Register:
    if not register.open_sequence_id or register.opened_at is None:
        raise refused("Register is not open")
    closure = Closure(
        id=register.open_sequence_id,
        register_id=register.id,
        sequence=register.closures,
        opened_at=register.opened_at,
        closed_at=at,
        counted=dict(counted),
    )
    register.open_sequence_id, register.closed_at = "", at
    merchant.put(merchant.registers, register)
    merchant.put(merchant.closures, closure, "register_closure.create")
    return register


def begin_day(merchant: Merchant, register: Register, at: datetime) -> None:
    """What was left open on an earlier day is closed; a late sale goes into what is open now."""
    zone = ZoneInfo(merchant.outlets[register.outlet_id].time_zone)
    opened = register.opened_at
    if register.open_sequence_id and opened and opened.astimezone(zone).date() < at.astimezone(zone).date():
        close_register(merchant, register, at, {})
    if not register.open_sequence_id:
        open_register(merchant, register, at)


def summed_payments(merchant: Merchant, register: Register) -> dict[str, Decimal]:
    """What came in since the register was opened, by payment type."""
    by_type: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in merchant.sales:
        for payment in sale.live_payments():
            if payment.register_id == register.id and payment.open_sequence_id == register.open_sequence_id:
                by_type[payment.type_id] += payment.amount
    return dict(by_type)
