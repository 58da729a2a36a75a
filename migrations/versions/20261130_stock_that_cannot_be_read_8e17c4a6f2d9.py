"""stock that cannot be read"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8e17c4a6f2d9"
down_revision: str | None = "5d92b7e0c416"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("products_quantity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unreadable", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("products_quantity", schema=None) as batch_op:
        batch_op.drop_column("unreadable")
