"""How the vendor writes money, quantities, moments and ids (chapters 6 and 7)."""

import base64
import random
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
FIVE_CENTS = Decimal("0.05")


def micro(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, ROUND_HALF_EVEN)


def cents(amount: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Payments are rounded half to even, as 7.3 says."""
    return amount.quantize(CENT, rounding)


def to_five_cents(amount: Decimal) -> Decimal:
    return (amount / FIVE_CENTS).quantize(ONE, ROUND_HALF_UP) * FIVE_CENTS


def text(amount: Decimal, places: int) -> str:
    """A decimal string; nothing is ever -0."""
    return f"{amount + ZERO:.{places}f}" if amount else f"{ZERO:.{places}f}"


def moment_text(at: datetime) -> str:
    """UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reference(dice: random.Random) -> str:
    """A UUID in URL-safe base64: 22 characters and ==."""
    return base64.urlsafe_b64encode(dice.getrandbits(128).to_bytes(16, "big")).decode()
