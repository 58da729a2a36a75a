"""rates of a division's VAT codes"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "f3a86c1d7b42"
down_revision: str | None = "93c4e7f02b5a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("division_vat_rates", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.drop_column("division_vat_rates")
