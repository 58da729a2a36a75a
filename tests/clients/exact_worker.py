"""One process of ours, for tests of several: asks the vault for a token, then calls as often as it may."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from datetime import UTC, datetime, timedelta

from libs.common.budget import Budget, Lane, Postponed
from libs.common.database.engine import Database
from libs.common.exact.oauth import ExactTokens
from libs.common.http import http_client
from libs.common.vault import Keyring, Vault
from tests.clients.exact_world import CLIENT_ID, KEY, SECRET


async def work(url: str, grant_id: str, offset: float, start_at: float) -> None:
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=offset)

    database = Database.open(url, pool_size=2)
    http = http_client()
    vault = Vault(database, Keyring([KEY]), {"exact": ExactTokens(http, CLIENT_ID, SECRET)}, now)
    budget = Budget(database, now)
    async with database.reading():
        pass  # connected, so that all begin at the same moment
    await asyncio.sleep(max(0.0, start_at - datetime.now(UTC).timestamp()))
    token = await vault.access_token(grant_id)
    reserved = 0
    try:
        while True:
            await budget.reserve_exact("shared", "salesentry/salesentries", Lane.SALES)
            reserved += 1
    except Postponed:
        pass
    digest = hashlib.sha256(token.value.encode()).hexdigest()
    sys.stdout.write(f"{token.generation} {digest} {reserved}\n")
    await vault.close()
    await http.aclose()
    await database.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
