"""articles kept in step"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "312dae799787"
down_revision: str | None = "2c1f6a0b7d53"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "products_item",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("other_gtin", sa.String(length=14), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("unreadable", sa.Text(), nullable=True),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("seen_in", sa.String(length=40), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "side", "key", name=op.f("pk_products_item")),
    )
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_products_item_code_key", ["connection_id", "side", "code_key"], unique=False
        )
        batch_op.create_index("ix_products_item_gtin", ["connection_id", "side", "gtin"], unique=False)
        batch_op.create_index(
            "ix_products_item_is_marked", ["connection_id", "is_marked", "side", "key"], unique=False
        )
        batch_op.create_index(
            "ix_products_item_other_gtin", ["connection_id", "side", "other_gtin"], unique=False
        )

    op.create_table(
        "products_link",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("master_key", sa.String(length=64), nullable=False),
        sa.Column("slave_key", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("synced", sa.Text(), nullable=False),
        sa.Column("synced_after", sa.Text(), nullable=False),
        sa.Column("conflicts", sa.Text(), nullable=False),
        sa.Column("overwritten", sa.Text(), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products_link")),
        sa.UniqueConstraint("connection_id", "master_key", name=op.f("uq_products_link_connection_id")),
        sa.UniqueConstraint("connection_id", "slave_key", name="uq_products_link_slave_key"),
    )
    with op.batch_alter_table("products_link", schema=None) as batch_op:
        batch_op.create_index("ix_products_link_is_told", ["connection_id", "is_told", "id"], unique=False)
        batch_op.create_index("ix_products_link_state", ["connection_id", "state", "due_at"], unique=False)

    op.create_table(
        "products_price",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("price_id", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "price_id", name=op.f("pk_products_price")),
    )
    with op.batch_alter_table("products_price", schema=None) as batch_op:
        batch_op.create_index("ix_products_price_item", ["connection_id", "item"], unique=False)

    op.create_table(
        "products_state",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("approved", sa.Text(), nullable=False),
        sa.Column("till_mark", sa.Text(), nullable=False),
        sa.Column("till_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("till_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("books_mark", sa.Text(), nullable=False),
        sa.Column("books_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("facts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("pace", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_products_state")),
    )
    with op.batch_alter_table("products_state", schema=None) as batch_op:
        batch_op.create_index("ix_products_state_due_at", ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("products_state", schema=None) as batch_op:
        batch_op.drop_index("ix_products_state_due_at")

    op.drop_table("products_state")
    with op.batch_alter_table("products_price", schema=None) as batch_op:
        batch_op.drop_index("ix_products_price_item")

    op.drop_table("products_price")
    with op.batch_alter_table("products_link", schema=None) as batch_op:
        batch_op.drop_index("ix_products_link_state")
        batch_op.drop_index("ix_products_link_is_told")

    op.drop_table("products_link")
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.drop_index("ix_products_item_other_gtin")
        batch_op.drop_index("ix_products_item_is_marked")
        batch_op.drop_index("ix_products_item_gtin")
        batch_op.drop_index("ix_products_item_code_key")

    op.drop_table("products_item")
