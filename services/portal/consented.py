"""Whether the consents of connections stand, and what a person does where one doesn't or a vendor refuses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection, ConnectionState, merchants
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
BOOKS = "Exact Online"
REFUSED = {
    "nl": "{title} weigert de gebruiker of het account van deze koppeling. Geef daar het recht dat ontbreekt "
    "en zet de koppeling weer aan: {activate}. Of geef toestemming als een gebruiker die het heeft: ",
    "en": "{title} refuses this connection's user or account. Give there the right that is missing, then "
    "switch the connection on again: {activate}. Or authorize as a user who has it: ",
}
STOPPED = {
    "nl": "Herstel wat onder de problemen staat: GET {path}/problems. Zet de koppeling daarna weer aan: ",
    "en": "Mend what stands among the problems: GET {path}/problems. Then switch the connection on again: ",
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
    remedy: str | None = None
    """What a person does where the connection wants attention."""


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
        return Consent(is_live=False, remedy=f"{words}{_authorize(connection, system)}.")

    till = SOURCES[connection.source].title
    lightspeed = consent("lightspeed", till, connection.lightspeed_grant_id)
    exact = consent("exact", BOOKS, connection.exact_grant_id)
    remedy = None
    if connection.state is ConnectionState.ATTENTION:
        remedy = lightspeed.remedy or exact.remedy or _remedy(connection, till, language)
    return Consents(lightspeed, exact, remedy)


def _remedy(connection: Connection, till: str, language: str) -> str:
    """Where both consents stand: the reason is the vendor's own words, or that documents differ."""
    path = _path(connection)
    activate = f"POST {path}/activate"
    refusing = {
        connection.lightspeed_grant_id: ("lightspeed", till),
        connection.exact_grant_id: ("exact", BOOKS),
    }
    if connection.attention_grant_id not in refusing:
        return f"{STOPPED[language].format(path=path)}{activate}."
    system, title = refusing[connection.attention_grant_id]
    words = REFUSED[language].format(title=title, activate=activate)
    return f"{words}{_authorize(connection, system)}."


def _authorize(connection: Connection, system: str) -> str:
    return f'POST {_path(connection)}/authorizations {{"system": "{system}"}}'


def _path(connection: Connection) -> str:
    return f"/v1/connections/{connection.id}"
