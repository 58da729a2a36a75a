"""The tables of products: where each connection stands, both sides' articles as last seen, and the links.

An article that changed is marked, and stays so until it was decided about; what a decision wants written
stands in its link until it is. Stock is kept a row an article and place, what is to be counted in a count,
and of a sale which articles it moved, while Exact may not hold it yet.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint

from libs.common.database.types import ExactDecimal, Key, UtcDateTime, metadata

KEY_LENGTH = 64

states = Table(
    "products_state",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("requested_at", UtcDateTime),
    Column("lease_owner", String(40)),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text),
    Column("attention", Text),
    Column("terms", Text, nullable=False),
    Column("approved", Text, nullable=False),
    Column("till_mark", Text, nullable=False),
    Column("till_due_at", UtcDateTime, nullable=False),
    Column("till_read_at", UtcDateTime),
    Column("books_mark", Text, nullable=False),
    Column("books_due_at", UtcDateTime, nullable=False),
    Column("facts", Text, nullable=False),
    Column("facts_at", UtcDateTime),
    Column("meaning", Text, nullable=False),
    Column("day", Date),
    Column("pace", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("stock_mark", Text, nullable=False),
    Index("ix_products_state_due_at", "due_at"),
)

items = Table(
    "products_item",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("key", String(KEY_LENGTH), primary_key=True),
    Column("code_key", Text, nullable=False),
    Column("gtin", String(14), nullable=False),
    Column("other_gtin", String(14), nullable=False),
    Column("body", Text, nullable=False),
    Column("unreadable", Text),
    Column("is_gone", Boolean, nullable=False),
    Column("merged_into", String(KEY_LENGTH)),
    Column("is_stocked", Boolean, nullable=False),
    Column("ends_on", Date),
    Column("seen_in", String(40), nullable=False),
    Column("is_marked", Boolean, nullable=False),
    Index("ix_products_item_code_key", "connection_id", "side", "code_key"),
    Index("ix_products_item_gtin", "connection_id", "side", "gtin"),
    Index("ix_products_item_other_gtin", "connection_id", "side", "other_gtin"),
    Index("ix_products_item_is_marked", "connection_id", "is_marked", "side", "key"),
)

prices = Table(
    "products_price",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("price_id", String(KEY_LENGTH), primary_key=True),
    Column("item", String(KEY_LENGTH), nullable=False),
    Column("price", ExactDecimal, nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("unreadable", Text),
    Index("ix_products_price_item", "connection_id", "item"),
)

links = Table(
    "products_link",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("connection_id", String(40), nullable=False),
    Column("master_key", String(KEY_LENGTH), nullable=False),
    Column("slave_key", String(KEY_LENGTH)),
    Column("state", String(16), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("synced", Text, nullable=False),
    Column("synced_after", Text, nullable=False),
    Column("conflicts", Text, nullable=False),
    Column("stock_conflicts", Text, nullable=False),
    Column("overwritten", Text, nullable=False),
    Column("choice", String(16), nullable=False),
    Column("sent_at", UtcDateTime),
    Column("searches", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("is_told", Boolean, nullable=False),
    UniqueConstraint("connection_id", "master_key"),
    UniqueConstraint("connection_id", "slave_key", name="uq_products_link_slave_key"),
    Index("ix_products_link_state", "connection_id", "state", "due_at"),
    Index("ix_products_link_is_told", "connection_id", "is_told", "id"),
)

quantities = Table(
    "products_quantity",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("key", String(KEY_LENGTH), primary_key=True),
    Column("place", String(KEY_LENGTH), primary_key=True),
    Column("quantity", ExactDecimal, nullable=False),
    Column("planned", ExactDecimal, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("unreadable", Text),
    Column("is_marked", Boolean, nullable=False),
    Index("ix_products_quantity_is_marked", "connection_id", "is_marked", "side", "key"),
)

counts = Table(
    "products_count",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("connection_id", String(40), nullable=False),
    Column("name", String(40), nullable=False),
    Column("outlet", String(KEY_LENGTH), nullable=False),
    Column("warehouse", String(KEY_LENGTH), nullable=False),
    Column("exact_id", String(40)),
    Column("state", String(16), nullable=False),
    Column("lines", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("sent_on", Date),
    Column("searches", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Index("ix_products_count_connection_id", "connection_id", "due_at"),
)

sales = Table(
    "products_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(KEY_LENGTH), primary_key=True),
    Column("recorded", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("articles", Text, nullable=False),
    Column("sold_on", Date),
    Column("changed_at", UtcDateTime, nullable=False),
)

readings = Table(
    "products_sales_read",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("sold_until", UtcDateTime),
)
