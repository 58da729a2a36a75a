"""Sells at the sandbox's tills over their HTTP API: real receipts, or made-up ones that look real."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from services.demo.processes import DemoFailed
from services.sandbox.receipts import read_receipts

MADE_UP_DAYS = 4
TICKETS_A_CALL = 200


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold, by the tills' own account."""

    account: str
    count: int
    turnover: Decimal
    first_day: date


@dataclass(frozen=True, slots=True)
class MadeUp:
    """How many receipts to make up where no file is given, and how many days ago the last of them was."""

    count: int
    seed: int
    days_ago: int = 0


async def sell(
    sandbox: httpx.AsyncClient,
    vendor: str,
    receipts: Path | None,
    made_up: MadeUp,
    say: Callable[[str], None],
) -> Sold:
    """Sells the file's receipts, or made-up ones where no file is given or it is missing.

    `vendor` is the sandbox's word for whose tills they are.
    """
    tills = f"/sandbox/tills/{vendor}"
    first, second, *_ = await _accounts(sandbox, tills)
    if receipts is not None and not receipts.exists():  # noqa: ASYNC240 - once, at the start
        say(f"{receipts} is missing: selling made-up receipts instead")
        receipts = None
    if receipts is None:
        account = first
        wish = {**asdict(made_up), "days": MADE_UP_DAYS, "profile": "plain"}
        await _post(sandbox, f"{tills}/{account}/made-up", json.dumps(wish))
    else:
        account = second
        await _sell_file(sandbox, f"{tills}/{account}/sales", receipts, say)
    totals = (await sandbox.get(f"{tills}/{account}/totals")).json()
    first_day = min(date.fromisoformat(day) for day in totals["by_day"])
    return Sold(account, totals["sales"], Decimal(totals["turnover"]), first_day)


async def _accounts(sandbox: httpx.AsyncClient, tills: str) -> list[str]:
    """The vendor's merchants, as the sandbox lists them: one to make receipts up at, one for real ones."""
    listed = (await sandbox.get("/sandbox/tills")).json()
    return [one["path"].rpartition("/")[2] for one in listed if one["path"].startswith(f"{tills}/")]


async def _sell_file(
    sandbox: httpx.AsyncClient, path: str, receipts: Path, say: Callable[[str], None]
) -> None:
    clock = (await sandbox.get("/sandbox/clock")).json()
    tickets = read_receipts(receipts, datetime.fromisoformat(clock["now"]))
    sold = 0
    while batch := list(islice(tickets, TICKETS_A_CALL)):
        body = json.dumps([asdict(ticket) for ticket in batch], default=str)
        await _post(sandbox, path, body)
        sold += len(batch)
        say(f"  {sold} receipts rung up")


async def _post(sandbox: httpx.AsyncClient, path: str, body: str) -> Any:
    answer = await sandbox.post(path, content=body, headers={"Content-Type": "application/json"})
    if answer.is_error:
        raise DemoFailed(f"the sandbox refused {path}: {answer.text[:1000]}")
    return answer.json()
