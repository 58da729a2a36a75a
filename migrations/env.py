"""Alembic's way in: `libs.common.database.migrate` hands it a connection that holds the migration lock."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from libs.common.database.types import ExactDecimal, UtcDateTime
from migrations.tables import all_tables

_AS_STORED: dict[type[TypeDecorator[Any]], str] = {
    UtcDateTime: "sa.DateTime(timezone=True)",
    ExactDecimal: "sa.Text()",
}


def as_stored(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision names what the database stores, so that it outlives our types."""
    return _AS_STORED.get(type(item), False) if kind == "type" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    render_as_batch=True,  # SQLite changes a table by making it anew
    transactional_ddl=True,  # also on SQLite, where the driver no longer commits behind our back
    compare_type=True,
    render_item=as_stored,
)
with context.begin_transaction():
    context.run_migrations()
