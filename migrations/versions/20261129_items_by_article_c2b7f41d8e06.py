"""which item an article is, by the article and told anew"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "c2b7f41d8e06"
down_revision: str | None = "4be9d1a05c38"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """What was found by code alone is looked for again, and what products knows is told once more."""
    op.execute("DELETE FROM exporter_item_link")
    op.execute("UPDATE products_link SET is_told = false")


def downgrade() -> None:
    op.execute("DELETE FROM exporter_item_link")
