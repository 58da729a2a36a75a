"""`koppeling demo`: a till, the books and everything between them, on this machine.

It starts the sandbox and the product as a person would, connects a merchant the way a browser would,
sells, waits until everything is booked, and holds the till's turnover against the books.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from libs.common.domain.document import NothingCode
from libs.common.lightspeed.sources import SOURCES, USUAL
from services.demo.articles import Shelves, legs_of, say_what_is_shown
from services.demo.auditing import ZONE, audit
from services.demo.connecting import Shop, connect
from services.demo.faults import SWITCHES, faults, no_faults
from services.demo.killing import Killings
from services.demo.measuring import Result, booked_turnover
from services.demo.processes import DemoFailed, DemoStopped, Ports, demo_folder
from services.demo.product import Partner
from services.demo.selling import (
    MadeUp,
    Sold,
    Till,
    first_day_of,
    receipts_to_sell,
    sell_at,
    small_till_for,
    till_for,
)
from services.demo.starting import Started, start_product, start_sandbox
from services.demo.watching import until_booked

Say = Callable[[str], None]

A_NIGHT = timedelta(hours=6)
"""By then every till has ended the day before."""

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    receipts: Path | None = None
    source: str = USUAL
    mode: str = "transactions"
    rules: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1
    made_up: int = 60
    """Receipts to make up where no file is given."""
    faults: bool = False
    services: bool = False
    products: bool = False
    """Whether articles and stock are kept in step too."""

    @property
    def till(self) -> str:
        """The sandbox's word for the source's vendor, in its paths."""
        return self.source.removeprefix("lightspeed-")

    @property
    def books_days(self) -> bool:
        return self.mode == "daily-totals"


@dataclass(frozen=True, slots=True)
class Times:
    """When the shop was switched on; seconds of everything, and from the switch to the last booking."""

    switched_on: datetime
    whole: float
    booking: float


async def run_demo(options: DemoOptions, say: Say) -> Result:
    """The whole demo; raises `DemoFailed` with a sentence where it can't go on."""
    options = replace(options, receipts=receipts_to_sell(options.receipts, datetime.now(UTC), say))
    with demo_folder() as folder:
        ports = Ports()
        say(f"starting the sandbox: tills of {SOURCES[options.source].title}, books of Exact Online")
        async with start_sandbox(folder, ports) as sandbox_url:
            kind = "five services over RabbitMQ and PostgreSQL" if options.services else "one process"
            say(f"starting Kassakoppeling: {kind}")
            starting = start_product(folder, ports, sandbox_url, options.source, as_services=options.services)
            async with starting as started:
                return await _demonstrate(options, started, say)


async def _demonstrate(options: DemoOptions, started: Started, say: Say) -> Result:
    began = time.monotonic()
    partner = Partner(started.portal_url, started.api_key)
    async with httpx.AsyncClient(base_url=started.sandbox_url, timeout=300) as sandbox:
        try:
            show = await _open_shop(partner, sandbox, options, say)
            switched_on, since = time.monotonic(), show.since
            await _book(partner, sandbox, show.shop, started, options, show.sold, say)
            articles = None if show.shelves is None else await show.shelves.after_the_sales()
            times = Times(since, time.monotonic() - began, time.monotonic() - switched_on)
            result = await _measure(partner, sandbox, show.shop, options, times, say)
            return replace(result, articles=articles)
        finally:
            await partner.close()


@dataclass(frozen=True, slots=True)
class Show:
    """The shop, connected and switched on `since`; what it sold, and its articles where they are shown."""

    shop: Shop
    sold: Sold
    since: datetime
    shelves: Shelves | None = None


async def _open_shop(partner: Partner, sandbox: httpx.AsyncClient, options: DemoOptions, say: Say) -> Show:
    """A shop that has sold for some days is connected; one whose stock goes along sells when that agrees."""
    legs = legs_of(options.source, options.mode) if options.products else ()
    is_stocked = any(leg.with_stock for leg in legs)
    find = small_till_for if is_stocked else till_for
    till = await find(sandbox, options.till, options.receipts)
    sold = None if is_stocked else await _sell(sandbox, till, options, say)
    first_day = sold.first_day if sold else await first_day_of(sandbox, till, _made_up(options))
    mode = legs[0].mode if legs else options.mode
    shop = await _connect(partner, sandbox, options, till, first_day, mode)
    say("connected the shop and switched it on, under the suggested rules")
    since = datetime.now(UTC)
    await _switch_faults_on(sandbox, options, sold.count if sold else options.made_up, say)
    shelves = Shelves(partner, sandbox, shop, till, legs, say) if legs else None
    if shelves is not None:
        say_what_is_shown(options.source, say)
        shop = await shelves.go_each_way()
    return Show(shop, sold or await _sell(sandbox, till, options, say), since, shelves)


async def _sell(sandbox: httpx.AsyncClient, till: Till, options: DemoOptions, say: Say) -> Sold:
    sold = await sell_at(sandbox, till, _made_up(options), say)
    say(f"sold {sold.count} receipts, {sold.turnover} euro in all")
    return sold


def _made_up(options: DemoOptions) -> MadeUp:
    return MadeUp(options.made_up, options.seed, days_ago=_days_ago() if options.books_days else 0)


async def _connect(
    partner: Partner, sandbox: httpx.AsyncClient, options: DemoOptions, till: Till, first_day: date, mode: str
) -> Shop:
    if options.faults:
        await _put(sandbox, "/sandbox/exact/switches", SWITCHES)
    return await connect(
        partner,
        source=options.source,
        mode=mode,
        account=till.account,
        first_day=first_day,
        changes=_at_once(options) | dict(options.rules),
    )


async def _switch_faults_on(
    sandbox: httpx.AsyncClient, options: DemoOptions, receipts: int, say: Say
) -> None:
    if options.faults:
        await _put(sandbox, "/sandbox/faults", faults(options.till, receipts, options.seed))
        say("switched the sandbox's faults on")


def _at_once(options: DemoOptions) -> dict[str, Any]:
    """Nobody waits for the morning after a day that is over; days as totals are all over from the start."""
    now = datetime.now(ZoneInfo(ZONE))
    midnight = now.replace(hour=0, minute=0)
    post_at = {"post_at": f"{max(midnight, now - timedelta(minutes=1)):%H:%M}"}
    return post_at | {"day_close_wait_minutes": 0} if options.books_days else post_at


def _days_ago() -> int:
    """When the last receipts were made up, so that their day is over at the till."""
    now = datetime.now(ZoneInfo(ZONE))
    return 2 if now - A_NIGHT < now.replace(hour=0, minute=0, second=0) else 1


async def _book(
    partner: Partner,
    sandbox: httpx.AsyncClient,
    shop: Shop,
    started: Started,
    options: DemoOptions,
    sold: Sold,
    say: Say,
) -> None:
    killings = Killings(started.processes.values() if options.faults and options.services else ())
    await until_booked(partner, shop, sold.count, killings, say)
    if options.faults:
        met = (await sandbox.get("/sandbox/faults")).json()
        await _put(sandbox, "/sandbox/faults", no_faults(options.till, options.seed))
        say(f"faults met on the way: {met['happened']}")


async def _put(sandbox: httpx.AsyncClient, path: str, body: Any) -> None:
    answer = await sandbox.put(path, json=body)
    if answer.is_error:
        raise DemoFailed(f"the sandbox refused {path}: {answer.text}")


async def _measure(
    partner: Partner,
    sandbox: httpx.AsyncClient,
    shop: Shop,
    options: DemoOptions,
    times: Times,
    say: Say,
) -> Result:
    """The result, from the tills and the books; what was ignored is told with its reason."""
    calls = (await sandbox.get("/sandbox/calls")).json()
    listed = (await sandbox.get(f"/sandbox/tills/{options.till}/{shop.account}/sales?limit=1000000")).json()
    receipts = [sale for sale in listed if sale["completed"] or sale["voided"]]
    books = (await sandbox.get(f"/sandbox/exact/divisions/{shop.division}/books")).json()
    path = f"/v1/connections/{shop.connection}/sales"
    sales = [sale async for sale in partner.items(path) if sale["why"] != NothingCode.NOT_COMPLETED]
    states = Counter(sale["state"] for sale in sales)
    for why, count in Counter(sale["why"] for sale in sales if sale["state"] == "ignored").items():
        say(f"ignored {count}: {why}")
    for problem in (await partner.get(f"/v1/connections/{shop.connection}/problems"))["items"]:
        say(f"problem with {problem['count']}: {problem['message']} {problem['remedy']}")
    booked = {sale["number"] for sale in sales if sale["state"] == "booked"}
    of_booked = [sale for sale in receipts if sale["number"] in booked]
    days = await partner.reconciliation(shop.connection, _days_of(receipts))
    found = audit(books, days, shop.rules, receipts, sales, times.switched_on)
    for finding in found:
        say(f"wrong in the books: {finding}")
    return Result(
        source=options.source,
        mode=options.mode,
        sales=len(receipts),
        booked=len(booked),
        problems=len(sales) - states["booked"] - states["ignored"],
        ignored=states["ignored"],
        turnover=sum((Decimal(sale.get("turnover", sale["total"])) for sale in of_booked), Decimal(0)),
        booked_turnover=booked_turnover(books, shop.rules),
        lightspeed_calls=calls["lightspeed"]["total"],
        exact_calls=calls["exact"]["total"],
        seconds=times.whole,
        booking_seconds=times.booking,
        findings=found,
    )


def _days_of(receipts: Iterable[Mapping[str, Any]]) -> list[date]:
    return [datetime.fromisoformat(sale["completed_at"]).date() for sale in receipts if sale["completed_at"]]


def run(options: DemoOptions, say: Say) -> Result:
    """Raises `DemoStopped` where SIGTERM or Ctrl-C ended it."""
    try:
        return asyncio.run(_until_told_to_stop(options, say))
    except DemoStopped:
        for number in STOP_SIGNALS:  # said once more while the process ends, it changes nothing
            signal.signal(number, signal.SIG_IGN)
        raise


async def _until_told_to_stop(options: DemoOptions, say: Say) -> Result:
    """The first signal ends the demo; a second one doesn't keep it from stopping what it started."""
    demo, told = asyncio.create_task(run_demo(options, say)), asyncio.Queue[signal.Signals]()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told.put_nowait, number)
    stopped = asyncio.create_task(told.get())
    await asyncio.wait([demo, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not stopped.done():
        stopped.cancel()
        return await demo
    say("stopping")
    demo.cancel()
    await asyncio.gather(demo, return_exceptions=True)  # what fails now, fails because it is stopped
    raise DemoStopped(stopped.result())
