"""merged articles"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5b7c20e94f1d"
down_revision: str | None = "8a41d0c3b7e2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.drop_column("merged_into")
