"""drafts of counts by their id"""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a7e05d3c9b14"
down_revision: str | None = "c2b7f41d8e06"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """An open count is of the warehouse that its outlet has; the id of a draft is learnt by its name."""
    with op.batch_alter_table("products_count", schema=None) as batch_op:
        batch_op.add_column(sa.Column("warehouse", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("exact_id", sa.String(length=40), nullable=True))
    database = op.get_bind()
    query = sa.text("""
        SELECT products_count.id, outlet, rules FROM products_count
        JOIN registry_connection ON registry_connection.id = connection_id
    """)
    for count, outlet, rules in database.execute(query).all():
        warehouse = json.loads(rules)["outlets"].get(outlet, {}).get("warehouse") or ""
        change = sa.text("UPDATE products_count SET warehouse = :warehouse WHERE id = :count")
        database.execute(change, {"warehouse": warehouse, "count": count})


def downgrade() -> None:
    with op.batch_alter_table("products_count", schema=None) as batch_op:
        batch_op.drop_column("exact_id")
        batch_op.drop_column("warehouse")
