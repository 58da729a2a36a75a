"""Guards the start date: what another system has booked of the till's takings must not be booked again.

Asked before the switch, and before a start date moves back. What an ended connection booked counts as
another's, so that connecting anew doesn't book everything twice (reliability.md F90, F93).
"""

from __future__ import annotations

from datetime import date
from functools import partial

from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO
from services.portal.beside_us import find_doubles
from services.portal.context import Portal
from services.portal.doubles import Double, DoubleKind
from services.portal.problems_http import wrong_field


async def guard_start(
    portal: Portal, connection: Connection, rules: Rules, language: str, before: date | None = None
) -> None:
    """A 422 on `start_date` where others booked takings from then on; up to `before`, where that is given."""
    if rules.start_date is None:
        return
    division = portal.division_of(connection)
    is_new = connection.activated_at is None
    find = partial(
        find_doubles, portal, connection, division, rules, rules.start_date, own_are_ours=not is_new
    )
    found = [
        double
        for double in await portal.options.asked(find)
        if double.kind is not DoubleKind.OURS and (before is None or double.day < before)
    ]
    if found:
        raise wrong_field("start_date", _told(found, language))


def _told(found: list[Double], language: str) -> str:
    first, last = min(found, key=_place), max(found, key=_place)
    amount = sum((double.amount for double in found), ZERO)
    if language == "nl":
        return (
            f"Van {first.day} tot en met {last.day} is in deze administratie al omzet van de kassa geboekt, "
            f"niet door deze koppeling: {len(found)} boekstukken, samen {amount:.2f}, het laatste nummer "
            f"{last.number} in dagboek {last.journal}. Kies een startdatum na {last.day}, of verwijder die "
            "boekstukken."
        )
    return (
        f"From {first.day} up to {last.day} takings of the till are booked in this division already, not by "
        f"this connection: {len(found)} entries, {amount:.2f} together, the last number {last.number} in "
        f"journal {last.journal}. Choose a start date after {last.day}, or remove those entries."
    )


def _place(double: Double) -> tuple[date, str]:
    return double.day, double.number
