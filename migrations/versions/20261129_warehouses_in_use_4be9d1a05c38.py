"""warehouses in use"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "4be9d1a05c38"
down_revision: str | None = "f3a86c1d7b42"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "portal_warehouse_in_use",
        sa.Column("division", sa.String(length=200), nullable=False),
        sa.Column("warehouse", sa.String(length=200), nullable=False),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("division", "warehouse", name=op.f("pk_portal_warehouse_in_use")),
    )
    with op.batch_alter_table("portal_warehouse_in_use", schema=None) as batch_op:
        batch_op.create_index("ix_portal_warehouse_in_use_connection", ["connection_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("portal_warehouse_in_use", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_warehouse_in_use_connection")
    op.drop_table("portal_warehouse_in_use")
