"""What the tills of an account sold, as every till tells it: the figures against which books are held."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass
class RateTotal:
    gross: Decimal = ZERO
    vat: Decimal = ZERO


@dataclass
class Totals:
    """`turnover` is the receipts' totals: gift cards sold, deposits, tips and cash rounding are not in it."""

    sales: int = 0
    with_money: int = 0
    turnover: Decimal = ZERO
    tips: Decimal = ZERO
    cash_rounding: Decimal = ZERO
    by_payment_type: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_vat_rate: defaultdict[str, RateTotal] = field(default_factory=lambda: defaultdict(RateTotal))
    by_day: defaultdict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_outlet: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def shown(self) -> dict[str, object]:
        return {
            "sales": self.sales,
            "turnover": _money(self.turnover),
            "with_money": self.with_money,
            "without_money": self.sales - self.with_money,
            "tips": _money(self.tips),
            "cash_rounding": _money(self.cash_rounding),
            "by_payment_type": {
                name: _money(amount) for name, amount in sorted(self.by_payment_type.items())
            },
            "by_vat_rate": {
                rate: {"gross": _money(total.gross), "vat": _money(total.vat)}
                for rate, total in sorted(self.by_vat_rate.items())
            },
            "by_day": {day.isoformat(): _money(amount) for day, amount in sorted(self.by_day.items())},
            "by_outlet": {name: _money(amount) for name, amount in sorted(self.by_outlet.items())},
        }


def share(total: Decimal, parts: Iterable[Decimal]) -> list[Decimal]:
    """Cents of the parts that add up to the total: rounded down, the rest to the largest fractions."""
    exact = list(parts)
    if not exact:
        return []
    sign = -1 if total < 0 else 1
    exact = [part * sign for part in exact]
    shares = [part.quantize(CENT, ROUND_FLOOR) for part in exact]
    missing = int((total * sign - sum(shares)) / CENT)
    step = 1 if missing > 0 else -1
    order = sorted(range(len(exact)), key=lambda i: (-step * (exact[i] - shares[i]), -abs(exact[i]), i))
    for turn in range(abs(missing)):
        shares[order[turn % len(order)]] += CENT * step
    return [part * sign for part in shares]


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
