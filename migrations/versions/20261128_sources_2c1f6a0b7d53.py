"""sources

Where a walk left off is a mark that its source alone understands. A walk that stands half done begins anew.
Tills may know business days of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2c1f6a0b7d53"
down_revision: str | None = "7be01c52d9aa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("ingest_cursor", schema=None) as batch_op:
        batch_op.drop_column("walk_url")
        batch_op.drop_column("filter_field")
        batch_op.add_column(sa.Column("mark", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("days", sa.Text(), nullable=True))
    op.execute("UPDATE ingest_cursor SET walk_since = NULL, walk_started_at = NULL")
    with op.batch_alter_table("mapper_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.Text(), nullable=True))
    with op.batch_alter_table("mapper_outlet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("day_end", sa.String(length=5), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("mapper_outlet", schema=None) as batch_op:
        batch_op.drop_column("day_end")
    with op.batch_alter_table("mapper_progress", schema=None) as batch_op:
        batch_op.drop_column("days")
    with op.batch_alter_table("ingest_cursor", schema=None) as batch_op:
        batch_op.drop_column("days")
        batch_op.drop_column("mark")
        batch_op.add_column(
            sa.Column("filter_field", sa.String(length=16), nullable=False, server_default="updatetime")
        )
        batch_op.add_column(sa.Column("walk_url", sa.Text(), nullable=True))
    op.execute("UPDATE ingest_cursor SET walk_since = NULL, walk_started_at = NULL")
