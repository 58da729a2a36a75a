"""What one poll of a connection works with: its till, its rules, and how rows become sales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.lightspeed.source import Part, Row, Source, Till, Walk
from libs.common.lightspeed.sources import SOURCES, Tills
from libs.common.service import Now
from libs.common.vendor_clock import VendorClock
from services.ingest import errand_store, store
from services.ingest.content import unpacked
from services.ingest.plan import reads_customers, start_of_reading
from services.ingest.reference import ReferenceOfPoll
from services.ingest.revisions import ReadSale, read_sale
from services.ingest.seen import Seen
from services.ingest.store import KeptSale


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part's sales that this process hasn't read and kept lately, and the rows they came in."""

    part: Part
    rows: Sequence[Row]
    reads: list[ReadSale]


@dataclass(frozen=True, slots=True)
class Reading:
    """The source's `Desk`; to the source as `desk`, whose clock is the vendor's."""

    database: Database
    connection_id: str
    source: Source
    till: Till
    kept_reference: ReferenceOfPoll
    rules: Rules
    seen: Seen
    now: Now
    clock: VendorClock
    lag: timedelta
    """How long a sale may be under way to the lists: the watermark stays so far behind."""
    hook_address: str = ""

    @property
    def desk(self) -> Reading:
        return replace(self, now=self.clock.now)

    @property
    def starts_at(self) -> datetime:
        return start_of_reading(self.rules, self.now())

    async def reference(self, lacks: Callable[[Any], bool] | None = None) -> Any:
        return await self.kept_reference.get(lacks)

    async def states(self, sale_ids: Sequence[str]) -> dict[str, str]:
        return {sale_id: sale.state for sale_id, sale in (await self._kept(sale_ids)).items()}

    async def sold(self, sale_ids: Sequence[str]) -> set[str]:
        return {sale_id for sale_id, sale in (await self._kept(sale_ids)).items() if sale.may_be_booked}

    async def _kept(self, sale_ids: Sequence[str]) -> dict[str, KeptSale]:
        async with self.database.reading() as transaction:
            return await store.kept_sales(transaction, self.connection_id, sale_ids)

    async def mark_of(self, chore: str) -> str:
        async with self.database.reading() as transaction:
            known = await errand_store.errands_of(transaction, self.connection_id)
        return known[chore].state if chore in known else ""

    async def is_behind(self) -> bool:
        async with self.database.reading() as transaction:
            return await errand_store.backlog_of(transaction, self.connection_id) is not None

    async def read(self, walk: Walk) -> ReadPart:
        part = await self.till.read(walk, self.desk)
        rows = self.seen.unseen(self.connection_id, part.rows, self.source.parser)
        return ReadPart(part, rows, await self.sales_of(rows))

    def remember(self, read: ReadPart) -> None:
        """Call once the sales are kept; an unreadable one is looked at again each time."""
        good = {sale.sale_id for sale in read.reads if sale.is_sale}
        parser = self.source.parser
        rows = [row for row in read.rows if parser.sale_id(row) in good]
        self.seen.remember(self.connection_id, rows, parser)

    async def read_again(self, sale_ids: Sequence[str], *, lacking: int) -> list[ReadSale]:
        async with self.database.reading() as transaction:
            kept = await store.payloads(transaction, self.connection_id, sale_ids)
        wanted = {each: unpacked(kept[each]) if each in kept else {} for each in sale_ids}
        rows = await self.till.read_again(wanted, self.desk, lacking)
        return [replace(read, is_wanted=True) for read in await self.sales_of(rows)]

    async def sales_of(self, rows: Sequence[Row]) -> list[ReadSale]:
        parser = self.source.parser
        reference = await self.reference(lambda known: any(parser.names_unknown(row, known) for row in rows))
        return [read_sale(row, parser, reference) for row in await self.till.complete(rows, self.desk)]


def reading_of(
    database: Database, tills: Tills, connection: Connection, seen: Seen, clock: VendorClock
) -> Reading:
    source, now = SOURCES[connection.source], clock.ours
    till = tills.of(
        connection.source,
        connection.lightspeed_grant_id or "",
        connection.lightspeed_account or "",
        with_customers=reads_customers(connection.rules),
    )
    reference = ReferenceOfPoll(database, till, source.parser, connection.id, now)
    return Reading(
        database,
        connection.id,
        source,
        till,
        reference,
        connection.rules,
        seen,
        now,
        clock,
        timedelta(seconds=tills.settings.till_lag_seconds),
        tills.settings.hook_address(connection.source, connection.id),
    )
