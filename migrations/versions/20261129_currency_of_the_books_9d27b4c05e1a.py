"""currency of a division's books"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9d27b4c05e1a"
down_revision: str | None = "5e0b7c2d91fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("division_currency", sa.String(10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.drop_column("division_currency")
