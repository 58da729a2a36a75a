"""The portal's own tables: partners and their keys, consents under way, what was read for the options,
projections of sales and documents, and who changed what. Queries stand beside those who ask them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from libs.common.database.types import Key, UtcDateTime, metadata

partners = Table(
    "portal_partner",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "portal_api_key",
    metadata,
    Column("prefix", String(16), primary_key=True),
    Column("partner_id", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

authorizations = Table(
    "portal_authorization",
    metadata,
    Column("state_digest", String(64), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Column("partner_id", String(40), nullable=False),
    Column("system", String(40), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

outlets_in_use = Table(
    "portal_outlet_in_use",
    metadata,
    Column("division", String(200), primary_key=True),
    Column("outlet", String(200), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Index("ix_portal_outlet_in_use_connection", "connection_id"),
)
"""Which connection books an outlet into a division: two would book every sale twice."""

warehouses_in_use = Table(
    "portal_warehouse_in_use",
    metadata,
    Column("division", String(200), primary_key=True),
    Column("warehouse", String(200), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Index("ix_portal_warehouse_in_use_connection", "connection_id"),
)
"""Which connection keeps the stock of a warehouse in step: two would count against each other."""

prefixes_in_use = Table(
    "portal_prefix_in_use",
    metadata,
    Column("division", String(200), primary_key=True),
    Column("prefix", String(30), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Index("ix_portal_prefix_in_use_connection", "connection_id"),
)
"""Kept beyond the end of a connection that booked: its documents stay in the division."""

answers = Table(
    "portal_idempotent_answer",
    metadata,
    Column("partner_id", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_portal_idempotent_answer_created", "created_at"),
)

readings = Table(
    "portal_reading",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("rows", Text, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)
"""What was read at the two systems, with its age: what to choose from, and what a look has noticed."""
LASTING = ("watch", "watch-till", "watch-books", "watch-numbers", "sales-read", "balances")
"""The subjects that stay where what there is to choose from is read anew."""

templates = Table(
    "portal_template",
    metadata,
    Column("partner_id", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("rules", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

audit = Table(
    "portal_audit",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("partner_id", String(40)),
    Column("connection_id", String(40)),
    Column("merchant_id", String(40)),
    Column("actor", String(80), nullable=False),
    Column("action", String(80), nullable=False),
    Column("details", Text, nullable=False),
)

sales = Table(
    "portal_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(80), primary_key=True),
    Column("number", String(80), nullable=False, server_default=""),
    Column("ticket_number", String(120), nullable=False, server_default=""),
    Column("outlet", String(80), nullable=False, server_default=""),
    Column("completed_at", UtcDateTime),
    Column("business_day", Date),
    Column("total_cents", BigInteger),
    Column("state", String(12), nullable=False, server_default="recorded"),
    Column("cause", Text),
    Column("facts", Text, nullable=False, server_default="{}"),
    Index("ix_portal_sale_completed", "connection_id", "completed_at", "sale_id"),
    Index("ix_portal_sale_day", "connection_id", "business_day"),
    Index("ix_portal_sale_state", "connection_id", "state"),
)

sale_parts = Table(
    "portal_sale_part",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(80), primary_key=True),
    Column("document_id", String(40), primary_key=True),
    Column("day", Date, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("vat", Text, nullable=False, server_default="{}"),
    Column("paid", Text, nullable=False, server_default="{}"),
    Index("ix_portal_sale_part_day", "connection_id", "day"),
)
"""What each document has booked of a sale, on its day; what isn't booked stands without a document."""

contents = Table(
    "portal_sale_content",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(80), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sale", Text, nullable=False),
)
"""The newest revision of each sale as it was recorded: the one table with personal details."""

documents = Table(
    "portal_document",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("document_id", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("purpose", String(20), nullable=False, server_default=""),
    Column("content", Text, nullable=False),
)
"""The newest version of each document as the mapper made it."""

day_documents = Table(
    "portal_day_document",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("document_id", String(40), primary_key=True),
    Column("state", String(12), nullable=False, server_default="mapped"),
    Column("cause", Text),
    Column("facts", Text, nullable=False, server_default="{}"),
    Index("ix_portal_day_document_state", "connection_id", "state"),
)
"""Documents of a whole day: totals are part of their sales too, settlements change the state of none."""

day_document_sales = Table(
    "portal_day_document_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(80), primary_key=True),
    Column("document_id", String(40), primary_key=True),
)

timeline = Table(
    "portal_timeline",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("connection_id", String(40), nullable=False),
    Column("sale_id", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(40), nullable=False),
    Column("facts", Text, nullable=False, server_default="{}"),
    Index("ix_portal_timeline_sale", "connection_id", "sale_id", "at"),
)

causes = Table(
    "portal_problem",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("cause_digest", String(64), primary_key=True),
    Column("problem", Text, nullable=False),
)
"""One problem of each cause, to be told in words; which sales have it stands with the sales."""

OF_A_CONNECTION: tuple[Table, ...] = (
    authorizations,
    outlets_in_use,
    warehouses_in_use,
    readings,
    sales,
    sale_parts,
    contents,
    documents,
    day_documents,
    day_document_sales,
    timeline,
    causes,
)
