"""the grant whose consent would end a connection's attention"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "93c4e7f02b5a"
down_revision: str | None = "6d0e93b1a7c4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OF_LIGHTSPEED = "state = 'attention' AND reason LIKE 'lightspeed-%'"
OF_EXACT = "state = 'attention' AND reason NOT LIKE 'lightspeed-%' AND reason <> 'booked-differently'"


def upgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attention_grant_id", sa.String(length=40), nullable=True))
    for side, where in (("lightspeed", OF_LIGHTSPEED), ("exact", OF_EXACT)):
        op.execute(f"UPDATE registry_connection SET attention_grant_id = {side}_grant_id WHERE {where}")


def downgrade() -> None:
    with op.batch_alter_table("registry_connection", schema=None) as batch_op:
        batch_op.drop_column("attention_grant_id")
