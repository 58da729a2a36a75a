"""articles kept in stock"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c41f7a86b2d0"
down_revision: str | None = "5b7c20e94f1d"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_stocked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("""UPDATE products_item SET is_stocked = (body LIKE '%"kind":"goods"%')""")


def downgrade() -> None:
    with op.batch_alter_table("products_item", schema=None) as batch_op:
        batch_op.drop_column("is_stocked")
