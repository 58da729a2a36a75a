"""calls that sales took by day"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5e0b7c2d91fa"
down_revision: str | None = "c41f7a86b2d0"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("budget_division", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sales_days", sa.Text(), server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("budget_division", schema=None) as batch_op:
        batch_op.drop_column("sales_days")
