"""The shared ledger of calls: a row a division, an endpoint and a Lightspeed account."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from libs.common.database.types import ExactDecimal, UtcDateTime, metadata

divisions = Table(
    "budget_division",
    metadata,
    Column("division_key", String(200), primary_key=True),
    Column("minute_limit", Integer, nullable=False),
    Column("day_limit", Integer, nullable=False),
    Column("minute", Text, nullable=False),  # calls by second, in JSON
    Column("day", String(10), nullable=False),
    Column("day_used", Integer, nullable=False),
    Column("blocked_until", UtcDateTime),
    Column("blocked_reason", Text),
    Column("strikes", Integer, nullable=False),  # 429s that didn't say until when
    Column("struck_at", UtcDateTime),
    Column("sales_wait_until", UtcDateTime),
    Column("backlog_waits_until", UtcDateTime),
    Column("counts_refusals", Boolean, nullable=False),  # Exact was seen to count its 500s as errors
    Column("sales_days", Text, nullable=False),  # calls that sales took by day, in JSON
)

endpoints = Table(
    "budget_endpoint",
    metadata,
    Column("division_key", String(200), primary_key=True),
    Column("endpoint", String(200), primary_key=True),
    Column("errors", Text, nullable=False),  # seconds of 400, 401, 403 and 404, in JSON
    Column("refusals", Text, nullable=False),  # seconds of 500
    Column("blocked_until", UtcDateTime),
)

accounts = Table(
    "budget_account",
    metadata,
    Column("account_key", String(200), primary_key=True),
    Column("level", ExactDecimal, nullable=False),
    Column("level_at", UtcDateTime, nullable=False),
    Column("size", ExactDecimal, nullable=False),
    Column("drip", ExactDecimal, nullable=False),
    Column("pending", ExactDecimal, nullable=False),  # reserved, not answered yet
    Column("pending_calls", Integer, nullable=False),
    Column("second", Integer, nullable=False),
    Column("second_used", Integer, nullable=False),
    Column("second_limit", Integer, nullable=False),
    Column("blocked_until", UtcDateTime),
)

windows = Table(
    "budget_window",
    metadata,
    Column("account_key", String(200), primary_key=True),
    Column("call_limit", Integer, nullable=False),
    Column("marks", Text, nullable=False),  # our calls by second, in JSON
    Column("others", Integer, nullable=False),
    Column("others_until", UtcDateTime),
    Column("blocked_until", UtcDateTime),
)
