"""days and corrections

The mapper can not tell what documents that were booked before hold: a sale of theirs that is edited later
is a problem for a person.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d794a48119eb"
down_revision: str | None = "d3a61cd835fd"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "exporter_nightly_check",
        sa.Column("division_key", sa.String(length=160), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("division_key", name=op.f("pk_exporter_nightly_check")),
    )
    op.create_table(
        "ingest_errand",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "kind", name=op.f("pk_ingest_errand")),
    )
    op.create_table(
        "mapper_day_share",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("sale_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("outlet", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("day_share", sa.String(length=40), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection_id",
            "sale_id",
            "purpose",
            "business_day",
            "outlet",
            "part",
            "day_share",
            name=op.f("pk_mapper_day_share"),
        ),
    )
    with op.batch_alter_table("mapper_day_share", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mapper_day_share_day", ["connection_id", "day_share", "business_day"], unique=False
        )

    op.create_table(
        "mapper_till_close",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("close_id", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=True),
        sa.Column("till_close", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "close_id", name=op.f("pk_mapper_till_close")),
    )
    with op.batch_alter_table("mapper_till_close", schema=None) as batch_op:
        batch_op.create_index("ix_mapper_till_close_state", ["connection_id", "state"], unique=False)

    op.create_table(
        "portal_sale_part",
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("sale_id", sa.String(length=80), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), server_default="{}", nullable=False),
        sa.Column("paid", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "sale_id", "document_id", name=op.f("pk_portal_sale_part")),
    )
    with op.batch_alter_table("portal_sale_part", schema=None) as batch_op:
        batch_op.create_index("ix_portal_sale_part_day", ["connection_id", "day"], unique=False)

    _keep_day_money()
    with op.batch_alter_table("mapper_day_money", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mapper_day_money_open"))

    op.drop_table("mapper_day_money")
    with op.batch_alter_table("mapper_settled_money", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mapper_settled_money_sale"))

    op.drop_table("mapper_settled_money")
    with op.batch_alter_table("exporter_debtor_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.String(length=64), nullable=True))

    with op.batch_alter_table("exporter_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("newer_version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("newer", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("answered", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("posted_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("number_tries", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE exporter_job SET newer_version = version WHERE withdrawn IS NOT NULL")
    with op.batch_alter_table("exporter_job", schema=None) as batch_op:
        batch_op.drop_column("withdrawn")

    with op.batch_alter_table("ingest_cursor", schema=None) as batch_op:
        batch_op.drop_column("swept_at")

    with op.batch_alter_table("mapper_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("family", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("part", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("day_share", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("content", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("mapper_outlet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part", sa.String(length=64), server_default="", nullable=False))
        batch_op.drop_constraint("pk_mapper_outlet", type_="primary")
        batch_op.create_primary_key("pk_mapper_outlet", ["connection_id", "outlet", "part"])

    with op.batch_alter_table("mapper_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("read_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("today_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("today_until", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("mapper_sale", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_rebooked", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("reason", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("portal_sale", schema=None) as batch_op:
        batch_op.drop_column("payments")
        batch_op.drop_column("booked_vat")
        batch_op.drop_column("booked_cents")
        batch_op.drop_column("sold_cents")


def _keep_day_money() -> None:
    """What documents hold of sales' money, and what waits for its day, become shares of days."""
    op.execute(
        "INSERT INTO mapper_day_share (connection_id, sale_id, purpose, business_day, outlet, part,"
        " day_share, lines)"
        " SELECT s.connection_id, s.sale_id, 'day-settlement', d.business_day, d.outlet, '', d.id, s.lines"
        " FROM mapper_settled_money s JOIN mapper_document d ON d.id = s.document_id"
        " WHERE d.state IN ('ready', 'booked')"
    )
    op.execute(
        "INSERT INTO mapper_day_share (connection_id, sale_id, purpose, business_day, outlet, part,"
        " day_share, lines)"
        " SELECT m.connection_id, m.sale_id, 'day-settlement', m.business_day, m.outlet, '', '', m.lines"
        " FROM mapper_day_money m WHERE NOT m.is_settled AND m.lines <> '[]' AND NOT EXISTS"
        " (SELECT 1 FROM mapper_day_share s"
        " WHERE s.connection_id = m.connection_id AND s.sale_id = m.sale_id)"
    )
    op.execute(
        "UPDATE mapper_sale SET state = 'waiting' WHERE state = 'mapped' AND EXISTS"
        " (SELECT 1 FROM mapper_day_money m WHERE m.connection_id = mapper_sale.connection_id"
        " AND m.sale_id = mapper_sale.sale_id AND NOT m.is_settled)"
    )


def downgrade() -> None:
    with op.batch_alter_table("portal_sale", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("sold_cents", sa.BIGINT(), server_default=sa.text("'0'"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("booked_cents", sa.BIGINT(), server_default=sa.text("'0'"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("booked_vat", sa.TEXT(), server_default=sa.text("'{}'"), nullable=False)
        )
        batch_op.add_column(sa.Column("payments", sa.TEXT(), server_default=sa.text("'{}'"), nullable=False))

    with op.batch_alter_table("mapper_sale", schema=None) as batch_op:
        batch_op.drop_column("reason")
        batch_op.drop_column("is_rebooked")

    with op.batch_alter_table("mapper_progress", schema=None) as batch_op:
        batch_op.drop_column("today_until")
        batch_op.drop_column("today_since")
        batch_op.drop_column("read_since")

    with op.batch_alter_table("mapper_outlet", schema=None) as batch_op:
        batch_op.drop_column("part")

    with op.batch_alter_table("mapper_document", schema=None) as batch_op:
        batch_op.drop_column("content")
        batch_op.drop_column("day_share")
        batch_op.drop_column("part")
        batch_op.drop_column("family")

    with op.batch_alter_table("ingest_cursor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("exporter_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn", sa.TEXT(), nullable=True))
        batch_op.drop_column("number_tries")
        batch_op.drop_column("posted_on")
        batch_op.drop_column("answered")
        batch_op.drop_column("newer")
        batch_op.drop_column("newer_version")

    with op.batch_alter_table("exporter_debtor_link", schema=None) as batch_op:
        batch_op.drop_column("content")

    op.create_table(
        "mapper_settled_money",
        sa.Column("document_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("sale_id", sa.VARCHAR(length=64), nullable=False),
        sa.Column("connection_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("lines", sa.TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "sale_id", name=op.f("pk_mapper_settled_money")),
    )
    with op.batch_alter_table("mapper_settled_money", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mapper_settled_money_sale"), ["connection_id", "sale_id"], unique=False
        )

    op.create_table(
        "mapper_day_money",
        sa.Column("connection_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("sale_id", sa.VARCHAR(length=64), nullable=False),
        sa.Column("business_day", sa.DATE(), nullable=False),
        sa.Column("outlet", sa.VARCHAR(length=64), nullable=False),
        sa.Column("lines", sa.TEXT(), nullable=False),
        sa.Column("is_settled", sa.BOOLEAN(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "sale_id", name=op.f("pk_mapper_day_money")),
    )
    with op.batch_alter_table("mapper_day_money", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mapper_day_money_open"),
            ["connection_id", "is_settled", "business_day", "outlet"],
            unique=False,
        )

    with op.batch_alter_table("portal_sale_part", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_sale_part_day")

    op.drop_table("portal_sale_part")
    with op.batch_alter_table("mapper_till_close", schema=None) as batch_op:
        batch_op.drop_index("ix_mapper_till_close_state")

    op.drop_table("mapper_till_close")
    with op.batch_alter_table("mapper_day_share", schema=None) as batch_op:
        batch_op.drop_index("ix_mapper_day_share_day")

    op.drop_table("mapper_day_share")
    op.drop_table("ingest_errand")
    op.drop_table("exporter_nightly_check")
