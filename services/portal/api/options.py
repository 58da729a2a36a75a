"""What a connection can choose from, and the rules that are suggested of it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import PlainSerializer

from libs.common.database.registry import Connection
from libs.common.domain.choices import OF_CENTER
from libs.common.domain.rules import Mode, Rules, rate_key
from libs.common.lightspeed.sources import SOURCES
from services.portal import claims, sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.choices import Choice, Choices
from services.portal.choosing import division_key
from services.portal.context import Portal, PortalHere
from services.portal.shapes import Answer
from services.portal.suggestions import Suggestion, suggest
from services.portal.tenants import Merchant
from services.portal.till_usage import TillUsage, usage_of

router = partner_router("options")
SUGGESTED_MODE = Mode.DAILY_TOTALS
LATELY = timedelta(days=30)
MOST_SALES = 2000
Percentage = Annotated[Decimal, PlainSerializer(rate_key, return_type=str, when_used="json")]


class Option(Answer):
    id: str
    name: str
    code: str | None = None
    type: str | None = None
    percentage: Percentage | None = None


class OptionsAnswer(Answer):
    division: str | None
    divisions: list[Option]
    outlets: list[Option]
    journals: list[Option]
    ledger_accounts: list[Option]
    vat_codes: list[Option]
    payment_conditions: list[Option]
    warehouses: list[Option]
    cost_centers: list[Option]
    payment_types: list[Option]
    tax_rates: list[Option]
    categories: list[Option]
    revenue_centers: list[Option]
    """Those that sold lately; their `id` is a key in `outlets`."""
    item_groups: list[Option]
    items: list[Option]
    debtors: list[Option]
    suggested_rules: Rules
    reasons: dict[str, str]


@router.get("/connections/{connection_id}/options")
async def get_options(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    division: Annotated[str | None, Query(max_length=20)] = None,
    mode: Mode = SUGGESTED_MODE,
    search: Annotated[str | None, Query(max_length=100)] = None,
) -> OptionsAnswer:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
    choices = await portal.options.choices(connection, division)
    today = portal.now().astimezone(ZoneInfo(merchant.time_zone)).date()
    usage = await _usage(portal, connection, today)
    suggestion = await _suggestion(portal, connection, merchant, choices, usage, mode, today)
    if search:
        choices = await portal.options.search(connection, choices, search)
    return _shown(choices, usage, suggestion)


async def _usage(portal: Portal, connection: Connection, today: date) -> TillUsage:
    async with portal.database.reading() as transaction:
        sold = await sale_queries.contents_between(
            transaction, connection, today - LATELY, today, MOST_SALES, newest_first=True
        )
    return await asyncio.to_thread(usage_of, sold)


async def _suggestion(
    portal: Portal,
    connection: Connection,
    merchant: Merchant,
    choices: Choices,
    usage: TillUsage,
    mode: Mode,
    today: date,
) -> Suggestion:
    return suggest(
        choices,
        usage,
        mode=mode,
        today=today,
        prefix=await _prefix(portal, connection, choices.division),
        language=merchant.language,
        division_is_chosen=connection.division is not None,
        articles=SOURCES[connection.source].articles,
    )


async def _prefix(portal: Portal, connection: Connection, division: str | None) -> str:
    """What the connection has, else the first that is free in the division."""
    if connection.rules_version and connection.division == division:
        return connection.rules.reference_prefix
    if division is None:
        return claims.free_prefix([])
    async with portal.database.reading() as transaction:
        key = division_key(portal, connection, division)
        taken = await claims.prefixes_of_others(transaction, key, connection.id)
    return claims.free_prefix(taken)


def _shown(choices: Choices, usage: TillUsage, suggestion: Suggestion) -> OptionsAnswer:
    books, till = choices.books, choices.till
    return OptionsAnswer(
        division=choices.division,
        divisions=_options(choices.divisions),
        outlets=_options(till.outlets),
        journals=_options(books.journals),
        ledger_accounts=_options(books.ledger_accounts),
        vat_codes=_options(books.vat_codes),
        payment_conditions=_options(books.payment_conditions),
        warehouses=_options(books.warehouses),
        cost_centers=_options(books.cost_centers),
        payment_types=_options((*till.payment_types, *till.unlisted)),
        tax_rates=_options(till.tax_rates),
        categories=_options(till.categories),
        revenue_centers=[
            Option(id=f"{OF_CENTER}{center}", name=name) for center, name in usage.revenue_centers.items()
        ],
        item_groups=_options(books.item_groups),
        items=_options(books.items),
        debtors=_options(books.debtors),
        suggested_rules=suggestion.rules,
        reasons=suggestion.reasons,
    )


def _options(choices: tuple[Choice, ...]) -> list[Option]:
    return [
        Option(
            id=choice.id,
            name=choice.name,
            code=choice.code or None,
            type=choice.type or None,
            percentage=choice.percentage,
        )
        for choice in choices
        if not choice.is_blocked
    ]
