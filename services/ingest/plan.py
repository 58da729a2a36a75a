"""What is read next, and what of it is behind today's sales. Pure.

A connection's reading is one stretch of changes, `read_since` to the watermark, and at most one backlog
inside it. The invariant, at every commit:

    Whatever changed in [read_since, watermark) and not in [backlog.read_to, backlog.until) is kept as it was
    at that change or later, and told.

A sale changes when it is completed or after, so a day that begins at or after `backlog.until` has all its
sales as soon as the watermark is past its end, whatever the backlog still holds. Every other day may lack
sales until there is no backlog: an old sale that was edited since lies anywhere in it. So `SalesRead` says
`read_until = backlog.since` until the last page of the backlog is kept.

The watermark moves with the last part of a walk, to its source's lag (two minutes, say) before that walk
began, by the vendor's clock where ours runs ahead of it. A new walk begins its source's overlap (five
minutes) before the watermark; where that is days ago, it begins a day ago, and what lies between becomes
backlog in the same transaction, as do an earlier start date and customers that are needed all of a sudden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from libs.common.domain.rules import Rules
from services.ingest.errand_store import BacklogWalk
from services.ingest.store import Cursor

SUGGESTIONS = timedelta(days=30)
"""What is read of a till whose rules aren't chosen yet."""
TODAY = timedelta(days=1)
"""How far back the walk of today's sales goes where there is a backlog behind it."""
AT_ONCE = timedelta(days=2)
"""What changed longer ago than this may not stand in the way of today's sales."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The next walk reads from `since` and leaves `backlog` behind it; `is_changed` where that is another."""

    since: datetime
    read_since: datetime
    has_customers: bool
    backlog: BacklogWalk | None
    is_changed: bool


def reads_customers(rules: Rules) -> bool:
    """Where all sales go to the default debtor, customers are none of our business."""
    return rules.debtor.own_when != "never"


def start_of_reading(rules: Rules, now: datetime) -> datetime:
    """Nothing older than the start date is needed; whatever the zone, its day hasn't begun a day before."""
    if rules.start_date is None:
        return now - SUGGESTIONS
    begins = datetime.combine(rules.start_date, time(), UTC) - timedelta(days=1)
    return min(begins, now)


def plan(
    cursor: Cursor, backlog: BacklogWalk | None, rules: Rules, now: datetime, overlap: timedelta
) -> Plan:
    start = start_of_reading(rules, now)
    needs_customers = reads_customers(rules)
    lacks_customers = needs_customers and not cursor.has_customers
    recent = start if cursor.watermark is None else cursor.watermark - overlap
    read_since = min(start, cursor.read_since or start)
    is_further = cursor.watermark is None or cursor.read_since is None or start < cursor.read_since
    unread = read_since if is_further or lacks_customers else recent
    since = max(recent, now - TODAY)
    has_customers = cursor.has_customers or needs_customers
    if backlog is None and now - unread <= AT_ONCE:
        return Plan(unread, read_since, has_customers, None, is_changed=False)
    if unread >= since:
        return Plan(since, read_since, has_customers, backlog, is_changed=False)
    behind = _merged(backlog, unread, since, now, is_anew=lacks_customers)
    return Plan(since, read_since, has_customers, behind, is_changed=behind != backlog)


def _merged(
    backlog: BacklogWalk | None, unread: datetime, until: datetime, now: datetime, *, is_anew: bool
) -> BacklogWalk:
    """One backlog over both; of what stood already only what was read since its beginning is done."""
    if backlog is None:
        return BacklogWalk(unread, until, unread, now)
    since, until = min(unread, backlog.since), max(until, backlog.until)
    if since == backlog.since and not is_anew:
        if until == backlog.until:
            return backlog
        return replace(backlog, until=until, mark="")
    return BacklogWalk(since, until, since, now)
