"""Looks every day whether the chosen VAT codes still are what the till charges (domain.md 3.1).

An old rate with a new code is the classic error after a change of rates: it is told before it does harm. What
was sold lately with a warning, and alcohol at a low rate, is told with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.budget import Lane, Postponed
from libs.common.database import registry
from libs.common.database.registry import Connection, ConnectionState
from libs.common.domain.map_sale import sale_day
from libs.common.domain.rules import Rules, rate_key
from libs.common.domain.sale import Sale, SaleState
from libs.common.exact.client import ExactDivision
from libs.common.exact.errors import ExactError
from libs.common.exact.odata import moment_of
from libs.common.lightspeed.errors import LightspeedError
from libs.common.vault import GrantBusy, GrantLost
from services.portal import notices, sale_queries
from services.portal.alcohol import alcohol_at_low_rate, sold_low
from services.portal.context import Portal
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice, Watch
from services.portal.sale_warnings import warned
from services.portal.till_usage import vat_keys

log = structlog.get_logger()

A_DAY = timedelta(days=1)
LATELY = timedelta(days=30)
MOST_SALES = 1000
SALES_RATE = 0
"""A code may have other percentages besides: this type is the normal one."""


Charged = Mapping[str, Mapping[Decimal, Collection[date]]]
"""By the keys of `vat`, the rates that the till charged lately and the business days on which it did."""


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A VAT code's percentage, in per cent, from one day to another, both included."""

    vat_code: str
    percentage: Decimal
    since: date | None
    until: date | None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class VatCodes:
    """`live` are the codes that aren't blocked."""

    live: frozenset[str]
    rates: tuple[DatedRate, ...]

    def percentage(self, vat_code: str, day: date) -> Decimal | None:
        return next(
            (each.percentage for each in self.rates if each.vat_code == vat_code and each.holds_on(day)), None
        )


def charged(sales: Iterable[Sale], rules: Rules) -> Charged:
    found: dict[str, dict[Decimal, set[date]]] = {}
    for sale in sales:
        if sale.state is SaleState.COMPLETED:
            for line in sale.lines:
                for key in vat_keys(line):
                    found.setdefault(key, {}).setdefault(line.vat_rate, set()).add(sale_day(sale, rules))
    return found


def differences(rules: Rules, codes: VatCodes, sold: Charged, today: date) -> Iterator[Notice]:
    """A rate is held against what the code was on each day of its sales; the last that differs is told."""
    if rules.small_business_scheme:
        return
    for key, vat_code in sorted(rules.vat.items()):
        for rate, days in sorted(_days_of(key, sold, today).items()):
            facts = {"rate": rate_key(rate), "vat_code": vat_code}
            if vat_code not in codes.live:
                yield Notice(NoticeCode.VAT_CODE_GONE, f"{key} {rate_key(rate)}", facts)
                continue
            percentages = [codes.percentage(vat_code, day) for day in sorted(days)]
            others = [percentage for percentage in percentages if percentage != rate]
            if others:
                facts["percentage"] = "?" if others[-1] is None else rate_key(others[-1])
                yield Notice(NoticeCode.VAT_CODE_DIFFERS, f"{key} {rate_key(rate)}", facts)


def _days_of(key: str, sold: Charged, today: date) -> Mapping[Decimal, Collection[date]]:
    """A key that is a rate speaks for itself and for today, whether it was sold or not."""
    try:
        return {Decimal(key): (today,)}
    except InvalidOperation:
        return sold.get(key, {})


async def read_vat_codes(division: ExactDivision) -> VatCodes:
    """Two lists, a call or two each."""
    codes = await division.rows(
        "vat/VATCodes", select=("ID", "Code", "IsBlocked", "Percentage"), lane=Lane.SETTLE
    )
    dated = await division.rows(
        "vat/VatPercentages",
        select=("VATCodeID", "Type", "Percentage", "StartDate", "EndDate"),
        lane=Lane.SETTLE,
    )
    names = {str(row["ID"]): str(row["Code"]).strip() for row in codes}
    rates = [_dated(row, names) for row in dated if int(row.get("Type") or 0) == SALES_RATE]
    known = {rate.vat_code for rate in rates if rate is not None}
    plain = [_undated(row) for row in codes if str(row["Code"]).strip() not in known]
    return VatCodes(
        live=frozenset(str(row["Code"]).strip() for row in codes if not row.get("IsBlocked")),
        rates=tuple(rate for rate in (*rates, *plain) if rate is not None),
    )


def _dated(row: Mapping[str, Any], names: Mapping[str, str]) -> DatedRate | None:
    name = names.get(str(row["VATCodeID"]))
    if name is None:
        return None
    return DatedRate(name, _per_cent(row), _day(row.get("StartDate")), _day(row.get("EndDate")))


def _undated(row: Mapping[str, Any]) -> DatedRate:
    return DatedRate(str(row["Code"]).strip(), _per_cent(row), None, None)


def _per_cent(row: Mapping[str, Any]) -> Decimal:
    """Exact gives a fraction (5.3)."""
    return Decimal(str(row.get("Percentage") or 0)) * 100


def _day(text: Any) -> date | None:
    return None if text is None else moment_of(str(text)).date()


async def watch_vat(portal: Portal) -> None:
    """Every active connection once a day; one that can't be asked now is asked an hour later."""
    async with portal.database.reading() as transaction:
        live = await registry.live_connections(transaction)
    for connection in live:
        if connection.state is ConnectionState.ACTIVE and await _is_due(portal, connection):
            await _watch(portal, connection)


async def _is_due(portal: Portal, connection: Connection) -> bool:
    async def ask(transaction: AsyncConnection) -> bool:
        return await notices.take_turn(transaction, connection.id, Watch.VAT, portal.now(), A_DAY)

    return await portal.database.run(ask)


async def _watch(portal: Portal, connection: Connection) -> None:
    try:
        codes = await read_vat_codes(portal.division_of(connection))
    except (ExactError, GrantBusy, GrantLost, Postponed) as error:
        log.info("VAT not watched", connection=connection.id, why=type(error).__name__)
        await notices.look_again_soon(portal.database, connection.id, Watch.VAT, portal.now(), A_DAY)
        return
    day = portal.now().astimezone(ZoneInfo("Europe/Amsterdam")).date()
    async with portal.database.reading() as transaction:
        sold = await sale_queries.contents_between(
            transaction, connection, day - LATELY, day, MOST_SALES, newest_first=True
        )
    rules = connection.rules
    found = [
        *differences(rules, codes, charged(sold, rules), day),
        *warned(sold),
        *await _alcohol(portal, connection, sold),
    ]
    await portal.database.run(
        lambda transaction: notices.keep_notices(transaction, connection.id, Watch.VAT, found)
    )


async def _alcohol(portal: Portal, connection: Connection, sold: Collection[Sale]) -> list[Notice]:
    """The till's names are asked for where they matter; while it can't be asked, what was found stands."""
    if not sold_low(sold):
        return []
    try:
        names = await portal.options.category_names(connection)
    except (LightspeedError, GrantBusy, GrantLost, Postponed) as error:
        log.info("categories not read", connection=connection.id, why=type(error).__name__)
        async with portal.database.reading() as transaction:
            earlier = await notices.found_by(transaction, connection.id, Watch.VAT)
        return [each for each in earlier if each.code is NoticeCode.ALCOHOL_AT_LOW_RATE]
    return list(alcohol_at_low_rate(sold, names, connection.rules))
