"""Processes of ours, for tests of several: each asks the vault for a token, then calls as often as it may.

They are forked from one that has imported everything, and let go together.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

from libs.common.budget import Budget, Lane, Postponed
from libs.common.database.engine import Database
from libs.common.exact.oauth import ExactTokens
from libs.common.http import http_client
from libs.common.vault import Keyring, Vault

KEY, CLIENT_ID, SECRET = bytes(range(32)), "kassakoppeling", "sandbox-secret"


async def work(url: str, grant_id: str, offset: float, together: Barrier) -> str:
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=offset)

    database = Database.open(url, pool_size=2)
    http = http_client()
    vault = Vault(database, Keyring([KEY]), {"exact": ExactTokens(http, CLIENT_ID, SECRET)}, now)
    budget = Budget(database, now)
    async with database.reading():
        pass  # connected, so that all begin at the same moment
    await asyncio.to_thread(together.wait)
    token = await vault.access_token(grant_id)
    reserved = 0
    try:
        while True:
            await budget.reserve_exact("shared", "salesentry/salesentries", Lane.SALES)
            reserved += 1
    except Postponed:
        pass
    digest = hashlib.sha256(token.value.encode()).hexdigest()
    await vault.close()
    await http.aclose()
    await database.close()
    return f"{token.generation} {digest} {reserved}\n"


def run(url: str, grant_id: str, offset: float, together: Barrier) -> None:
    sys.stdout.write(asyncio.run(work(url, grant_id, offset, together)))
    sys.stdout.flush()


if __name__ == "__main__":
    several = multiprocessing.get_context("fork")
    count = int(sys.argv[4])
    barrier = several.Barrier(count)
    arguments = (sys.argv[1], sys.argv[2], float(sys.argv[3]), barrier)
    workers = [several.Process(target=run, args=arguments) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
