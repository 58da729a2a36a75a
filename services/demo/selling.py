"""Sells at the sandbox's tills over their HTTP API: real receipts, or made-up ones that look real."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from services.demo.processes import DemoFailed
from services.sandbox.receipts import BAKERY, GIFTWARE, UnreadableReceipts, read_receipts
from services.sandbox.tills import TicketLine

MADE_UP_DAYS = 4
TICKETS_A_CALL = 200
PIECES = 100
"""That come in of each article, at each outlet, besides what a file will sell of it."""
SMALL = 50
"""About so many articles has a small shop."""


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


@dataclass(frozen=True, slots=True)
class Till:
    """An account of the sandbox, and the file whose receipts it sells; None where they are made up."""

    path: str
    receipts: Path | None
    like: str = ""
    """The path of the shop whose articles it takes some of, where it has none itself."""

    @property
    def account(self) -> str:
        return self.path.rpartition("/")[2]


async def sell(
    sandbox: httpx.AsyncClient,
    vendor: str,
    receipts: Path | None,
    made_up: MadeUp,
    say: Callable[[str], None],
) -> Sold:
    """`vendor` is the sandbox's word for whose tills they are."""
    return await sell_at(sandbox, await till_for(sandbox, vendor, receipts), made_up, say)


def receipts_to_sell(receipts: Path | None, now: datetime, say: Callable[[str], None]) -> Path | None:
    """None for made-up ones, also where the real ones don't lie beside the project; raises `DemoFailed`."""
    if receipts is None:
        return None
    if not receipts.exists():
        if receipts.name not in (GIFTWARE, BAKERY):
            raise DemoFailed(f"there is no file {receipts}")
        say(f"{receipts} is missing: selling made-up receipts instead")
        return None
    try:
        if next(read_receipts(receipts, now), None) is None:
            raise DemoFailed(f"{receipts} holds no receipts")
    except UnreadableReceipts as error:
        raise DemoFailed(str(error)) from None
    return receipts


async def till_for(sandbox: httpx.AsyncClient, vendor: str, receipts: Path | None) -> Till:
    """One that sells the file's receipts, or made-up ones where no file is given."""
    tills = f"/sandbox/tills/{vendor}"
    full, empty, *_ = await _accounts(sandbox, tills)
    return Till(f"{tills}/{full if receipts is None else empty}", receipts)


async def small_till_for(sandbox: httpx.AsyncClient, vendor: str, receipts: Path | None) -> Till:
    """One that has no articles yet; with the file's it sells receipts, else with some of another shop's."""
    till = await till_for(sandbox, vendor, receipts)
    tills, _, account = till.path.rpartition("/")
    _, empty, *_ = await _accounts(sandbox, tills)
    return till if account == empty else replace(till, path=f"{tills}/{empty}", like=till.path)


async def sell_at(
    sandbox: httpx.AsyncClient, till: Till, made_up: MadeUp, say: Callable[[str], None]
) -> Sold:
    if till.receipts is None:
        wish = {**asdict(made_up), "days": MADE_UP_DAYS, "profile": "plain"}
        await _post(sandbox, f"{till.path}/made-up", json.dumps(wish))
    else:
        await _sell_file(sandbox, f"{till.path}/sales", till.receipts, say)
    totals = (await sandbox.get(f"{till.path}/totals")).json()
    first_day = min(date.fromisoformat(day) for day in totals["by_day"])
    return Sold(till.account, totals["sales"], Decimal(totals["turnover"]), first_day)


async def first_day_of(sandbox: httpx.AsyncClient, till: Till, made_up: MadeUp) -> date:
    """On which, or after which, the till's first receipt will be."""
    now = await _now(sandbox)
    if till.receipts is None:
        return now.date() - timedelta(days=MADE_UP_DAYS + made_up.days_ago)
    return min(ticket.at.date() for ticket in read_receipts(till.receipts, now) if ticket.at is not None)


async def stock_up(sandbox: httpx.AsyncClient, till: Till, *, loose: bool, most: int | None) -> None:
    """Goods come in before they are sold: of a file's articles `most`, or all; else of a small shop's.

    `loose` is whether of what is weighed too: where not, it is first seen when it is sold.
    """
    lines = await (_lines_like(sandbox, till.like) if till.receipts is None else _lines_of(sandbox, till))
    wanted = [asdict(line) for line in lines[:most]]
    await _post(sandbox, f"{till.path}/goods", json.dumps({"articles": wanted}, default=str))
    if loose:
        await _post(sandbox, f"{till.path}/goods", json.dumps({"quantity": PIECES, "loose": True}))


async def _lines_like(sandbox: httpx.AsyncClient, path: str) -> list[TicketLine]:
    """Some of all that a shop has."""
    found = (await sandbox.get(f"{path}/articles")).json()
    return [
        TicketLine(
            item=article["code"],
            description=article["name"],
            unit_price=Decimal(article["price"]),
            vat_rate=Decimal(article["vat_rate"]),
            cost=Decimal(article["cost"]),
            quantity=Decimal(PIECES),
        )
        for article in found[:: max(1, len(found) // SMALL)]
        if article["is_stocked"]
    ]


async def _lines_of(sandbox: httpx.AsyncClient, till: Till) -> list[TicketLine]:
    """A file's articles, with some pieces more than it sells."""
    assert till.receipts is not None
    lines: dict[str, TicketLine] = {}
    for ticket in read_receipts(till.receipts, await _now(sandbox)):
        for line in ticket.lines:
            if line.item is not None:
                known = lines.get(line.item, replace(line, quantity=Decimal(PIECES)))
                sold, price = max(line.quantity, Decimal(0)), known.unit_price or line.unit_price
                lines[line.item] = replace(known, quantity=known.quantity + sold, unit_price=price)
    return list(lines.values())


async def _accounts(sandbox: httpx.AsyncClient, tills: str) -> list[str]:
    """The vendor's merchants, as the sandbox lists them: one to make receipts up at, one for real ones."""
    listed = (await sandbox.get("/sandbox/tills")).json()
    return [one["path"].rpartition("/")[2] for one in listed if one["path"].startswith(f"{tills}/")]


async def _sell_file(
    sandbox: httpx.AsyncClient, path: str, receipts: Path, say: Callable[[str], None]
) -> None:
    tickets = read_receipts(receipts, await _now(sandbox))
    sold = 0
    while batch := list(islice(tickets, TICKETS_A_CALL)):
        body = json.dumps([asdict(ticket) for ticket in batch], default=str)
        await _post(sandbox, path, body)
        sold += len(batch)
        say(f"  {sold} receipts rung up")


async def _now(sandbox: httpx.AsyncClient) -> datetime:
    return datetime.fromisoformat((await sandbox.get("/sandbox/clock")).json()["now"])


async def _post(sandbox: httpx.AsyncClient, path: str, body: str) -> Any:
    answer = await sandbox.post(path, content=body, headers={"Content-Type": "application/json"})
    if answer.is_error:
        raise DemoFailed(f"the sandbox refused {path}: {answer.text[:1000]}")
    return answer.json()
