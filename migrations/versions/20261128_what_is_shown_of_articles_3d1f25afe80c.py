"""what is shown of articles"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3d1f25afe80c"
down_revision: str | None = "312dae799787"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "portal_product",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("till_id", sa.String(length=64), nullable=True),
        sa.Column("exact_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("has_conflicts", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("conflicts", sa.Text(), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "product_id", name=op.f("pk_portal_product")),
    )
    with op.batch_alter_table("portal_product", schema=None) as batch_op:
        batch_op.create_index("ix_portal_product_code", ["connection_id", "code", "product_id"], unique=False)
        batch_op.create_index("ix_portal_product_state", ["connection_id", "state"], unique=False)

    op.create_table(
        "portal_product_progress",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_portal_product_progress")),
    )


def downgrade() -> None:
    op.drop_table("portal_product_progress")
    with op.batch_alter_table("portal_product", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_product_state")
        batch_op.drop_index("ix_portal_product_code")

    op.drop_table("portal_product")
