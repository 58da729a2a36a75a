"""Whether the consents of connections stand, and what a person does where one doesn't."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection, merchants
from libs.common.lightspeed.sources import SOURCES
from libs.common.vault import live_grants

AGAIN = {
    "nl": "De toestemming voor {title} is weg. Vraag een nieuw adres en geef daar opnieuw toestemming: ",
    "en": "The consent for {title} is gone. Ask for a new address and authorize there again: ",
}
FIRST = {
    "nl": "Geef nog toestemming voor {title}. Vraag daarvoor een adres: ",
    "en": "Authorize {title} first. Ask for the address: ",
}


@dataclass(frozen=True, slots=True)
class Consent:
    """`remedy`, in the merchant's language, where it doesn't stand."""

    is_live: bool
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Consents:
    lightspeed: Consent
    exact: Consent


async def consents_of(transaction: AsyncConnection, found: Collection[Connection]) -> dict[str, Consents]:
    """By the connection's id. A grant that was withdrawn at the vendor counts as live until that shows."""
    grants = {grant for each in found for grant in (each.lightspeed_grant_id, each.exact_grant_id) if grant}
    live = await live_grants(transaction, grants)
    languages = await _languages(transaction, {each.merchant_id for each in found})
    return {each.id: _consents(each, live, languages.get(each.merchant_id, "nl")) for each in found}


async def _languages(transaction: AsyncConnection, merchant_ids: Collection[str]) -> dict[str, str]:
    query = select(merchants.c.id, merchants.c.language).where(merchants.c.id.in_(merchant_ids))
    return {row.id: row.language for row in await transaction.execute(query)}


def _consents(connection: Connection, live: Collection[str], language: str) -> Consents:
    def consent(system: str, title: str, grant_id: str | None) -> Consent:
        if grant_id in live:
            return Consent(is_live=True)
        words = (FIRST if grant_id is None else AGAIN)[language].format(title=title)
        call = f'POST /v1/connections/{connection.id}/authorizations {{"system": "{system}"}}'
        return Consent(is_live=False, remedy=f"{words}{call}.")

    return Consents(
        lightspeed=consent("lightspeed", SOURCES[connection.source].title, connection.lightspeed_grant_id),
        exact=consent("exact", "Exact Online", connection.exact_grant_id),
    )
