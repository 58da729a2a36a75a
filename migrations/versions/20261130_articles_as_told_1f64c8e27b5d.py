"""articles as told"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1f64c8e27b5d"
down_revision: str | None = "a7e05d3c9b14"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """What products knows is told once more."""
    op.create_table(
        "exporter_told_article",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("division_key", sa.String(length=160), nullable=False),
        sa.Column("till_item", sa.String(length=64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("exact_id", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "connection_id", "division_key", "till_item", name=op.f("pk_exporter_told_article")
        ),
    )
    op.create_index(
        "ix_exporter_told_article_exact_id",
        "exporter_told_article",
        ["connection_id", "division_key", "exact_id"],
    )
    op.execute("UPDATE products_link SET is_told = false")


def downgrade() -> None:
    op.drop_table("exporter_told_article")
