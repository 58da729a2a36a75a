"""Days on which what was sold isn't what is booked, though nothing waits: a defect of ours, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from libs.common.domain.reconcile import DayRow
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice


def notices_of_days(days: Iterable[DayRow], payment_names: Mapping[str, str], today: date) -> list[Notice]:
    """Of days that are over, each with the VAT codes and payment types that differ, or the day as a whole."""
    return [
        Notice(
            NoticeCode.DAY_DIFFERS,
            row.day.isoformat(),
            {
                "day": row.day.isoformat(),
                "difference": f"{row.sums.difference:.2f}",
                "where": _where(row, payment_names),
            },
        )
        for row in days
        if row.has_difference and row.day < today
    ]


def _where(row: DayRow, payment_names: Mapping[str, str]) -> str:
    of_codes = [(f"btw/VAT {part.vat_code}".strip(), part.sums) for part in row.by_vat]
    of_types = [
        (payment_names.get(part.payment_type) or part.payment_type, part.sums) for part in row.by_payment
    ]
    found = [f"{name} {sums.difference:.2f}" for name, sums in (*of_codes, *of_types) if sums.difference]
    return ", ".join(found) or "-"
