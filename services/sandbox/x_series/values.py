"""Amounts, moments and ids as the vendor writes them (chapter 4)."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")
FIVE_PLACES = Decimal("0.00001")
FIVE_CENTS = Decimal("0.05")
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """Half up, away from zero, so that a return mirrors its sale."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def five(amount: Decimal) -> Decimal:
    return amount.quantize(FIVE_PLACES, ROUND_HALF_UP)


def to_five_cents(amount: Decimal) -> Decimal:
    return (amount / FIVE_CENTS).quantize(ONE, ROUND_HALF_UP) * FIVE_CENTS


def number(amount: Decimal) -> int | float:
    """A JSON number; a whole one without a point."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def plain(amount: Decimal) -> str:
    """Text without trailing zeros."""
    return format(amount.normalize(), "f") if amount else "0"


def iso(moment: datetime) -> str:
    """As 2.0 writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def zulu(moment: datetime) -> str:
    """As the date-based versions write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spaced(moment: datetime) -> str:
    """As 0.9 writes it: UTC without saying so."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def read_moment(text: str) -> datetime:
    """Any of the three; ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0)
