"""Who may touch which table: each service its own, the registry for the portal alone to write.

Where the database has a login for each service (`koppeling_ingest` and so on), `migrate` grants it
exactly this; elsewhere nothing is granted and the one user owns all.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

ROLE_PREFIX = "koppeling_"
READ = "SELECT"
WRITE = "SELECT, INSERT, UPDATE, DELETE"
SHARED = ("outbox_", "inbox_")
WITH_VENDORS = ("vault_", "budget_")

WRITES: dict[str, tuple[str, ...]] = {
    "ingest": ("ingest_", *SHARED, *WITH_VENDORS),
    "mapper": ("mapper_", *SHARED),
    "exporter": ("exporter_", *SHARED, *WITH_VENDORS),
    "products": ("products_", *SHARED, *WITH_VENDORS),
    "portal": ("portal_", "registry_", *SHARED, *WITH_VENDORS),
}
READS = ("registry_", "alembic_version")


async def grant_roles(transaction: AsyncConnection) -> None:
    """Gives each service's login what is its own; does nothing for logins that don't exist."""
    roles = set((await transaction.execute(text("SELECT rolname FROM pg_roles"))).scalars())
    tables = list(
        (
            await transaction.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        ).scalars()
    )
    for service, own in WRITES.items():
        if ROLE_PREFIX + service in roles:
            for statement in grants(ROLE_PREFIX + service, own, tables):
                await transaction.execute(text(statement))


def grants(role: str, own: tuple[str, ...], tables: Iterable[str]) -> list[str]:
    """The statements that give the role its tables, and the sequences behind them."""
    statements = [f'GRANT USAGE ON SCHEMA public TO "{role}"']
    statements.append(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    for table in sorted(tables):
        if table.startswith(own):
            statements.append(f'GRANT {WRITE} ON "{table}" TO "{role}"')
        elif table.startswith(READS):
            statements.append(f'GRANT {READ} ON "{table}" TO "{role}"')
    return statements
