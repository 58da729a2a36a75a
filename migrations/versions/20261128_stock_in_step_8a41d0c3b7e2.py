"""stock in step"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8a41d0c3b7e2"
down_revision: str | None = "3d1f25afe80c"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("products_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stock_mark", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("products_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stock_conflicts", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "products_quantity",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("planned", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "side", "key", "place", name=op.f("pk_products_quantity")),
    )
    op.create_index(
        "ix_products_quantity_is_marked", "products_quantity", ["connection_id", "is_marked", "side", "key"]
    )
    op.create_table(
        "products_count",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("outlet", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products_count")),
    )
    op.create_index("ix_products_count_connection_id", "products_count", ["connection_id", "due_at"])
    op.create_table(
        "products_sale",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("sale_id", sa.String(length=64), nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "sale_id", name=op.f("pk_products_sale")),
    )
    op.create_table(
        "products_sales_read",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("sold_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_products_sales_read")),
    )


def downgrade() -> None:
    op.drop_table("products_sales_read")
    op.drop_table("products_sale")
    op.drop_table("products_count")
    op.drop_table("products_quantity")
    with op.batch_alter_table("products_link", schema=None) as batch_op:
        batch_op.drop_column("stock_conflicts")
    with op.batch_alter_table("products_state", schema=None) as batch_op:
        batch_op.drop_column("stock_mark")
