"""Takes the people out of kept raw answers, and leaves the money facts as they came."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from libs.common.database.engine import Transaction
from libs.common.lightspeed.source import Parser
from services.ingest.content import packed, unpacked
from services.ingest.store import raw_sales, references

SALES_AT_ONCE = 500


async def erase_people(transaction: Transaction, connection_id: str, parser: Parser) -> None:
    """Of every sale of the connection; names of employees in the reference go too."""
    await transaction.execute(references.delete().where(references.c.connection_id == connection_id))
    while await _erase_some(transaction, connection_id, parser):
        pass


async def _erase_some(transaction: Transaction, connection_id: str, parser: Parser) -> bool:
    query = (
        select(raw_sales.c.sale_id, raw_sales.c.payload)
        .where(raw_sales.c.connection_id == connection_id, raw_sales.c.has_customer.is_(True))
        .limit(SALES_AT_ONCE)
    )
    rows = (await transaction.execute(query)).all()
    if rows:
        is_it = (raw_sales.c.connection_id == connection_id) & (raw_sales.c.sale_id == bindparam("of"))
        statement = update(raw_sales).where(is_it).values(payload=bindparam("left"), has_customer=False)
        await transaction.execute(
            statement,
            [
                {"of": row.sale_id, "left": packed(parser.without_people(unpacked(row.payload)))}
                for row in rows
            ],
        )
    return len(rows) == SALES_AT_ONCE
