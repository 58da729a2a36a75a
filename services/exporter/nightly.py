"""Every night the books of the last weeks are read back once more.

What was right when it was booked may have been edited or deleted in Exact since, and nothing tells us so;
what was wrong may have been mended there, however long ago it was booked.
The reading is that of verify.py, in pages of a thousand lines, behind everything else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert
from services.exporter.store import JobState, jobs, nightly_checks

FROM_HOUR = 1
"""UTC: night in the Netherlands and Belgium, winter and summer."""
DAYS_BACK = 31
NOT_AGAIN_WITHIN = timedelta(hours=12)


async def mark_due(transaction: Transaction, now: datetime) -> None:
    """Once a day and division: the documents of the last weeks, and those that stood wrong, are due again."""
    if now.hour < FROM_HOUR:
        return
    checked = select(nightly_checks.c.division_key).where(nightly_checks.c.checked_on >= now.date())
    long_ago = now - NOT_AGAIN_WITHIN
    is_recent = jobs.c.business_day >= now.date() - timedelta(days=DAYS_BACK)
    is_right = and_(jobs.c.problem.is_(None), is_recent, jobs.c.verified_at < long_ago)
    never = jobs.c.verified_at.is_(None)
    is_wrong = and_(jobs.c.problem.is_not(None), or_(never, jobs.c.verified_at < long_ago))
    of_late = and_(
        jobs.c.state == JobState.BOOKED.value,
        jobs.c.message != "",
        or_(is_right, is_wrong),
        jobs.c.verify_at.is_(None),
        jobs.c.division_key.not_in(checked),
    )
    due = list((await transaction.execute(select(jobs.c.division_key).where(of_late).distinct())).scalars())
    if not due:
        return
    again = and_(of_late, jobs.c.division_key.in_(due))
    await transaction.execute(update(jobs).where(again).values(verify_at=now, verify_tries=0))
    rows = [{"division_key": division_key, "checked_on": now.date()} for division_key in due]
    await transaction.execute(upsert(nightly_checks, rows, key=["division_key"], update=["checked_on"]))
