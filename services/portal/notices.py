"""What stands in the way of a connection without being a sale's problem: told among the problems.

They are found anew as a whole, so what is mended is gone with the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.statements import upsert
from services.portal.store import readings
from services.portal.tellings import ProblemTold

WATCH = "watch"


class NoticeCode(StrEnum):
    VAT_CODE_DIFFERS = "vat-code-differs"
    VAT_CODE_GONE = "vat-code-gone"


@dataclass(frozen=True, slots=True)
class Notice:
    """`subject` tells notices of one code apart; `facts` fill the sentence."""

    code: NoticeCode
    subject: str
    facts: dict[str, str]


TEXTS = {
    NoticeCode.VAT_CODE_DIFFERS: {
        "nl": (
            "De kassa rekent {rate} % btw, maar btw-code {vat_code} is in Exact Online {percentage} %.",
            "Kies onder Instellingen, Btw, een code met het juiste percentage, of pas het tarief in de kassa "
            "of het percentage in Exact Online aan.",
        ),
        "en": (
            "The till charges {rate} % VAT, but VAT code {vat_code} is {percentage} % in Exact Online.",
            "Choose a code with the right percentage under Settings, VAT, or correct the rate at the till or "
            "the percentage in Exact Online.",
        ),
    },
    NoticeCode.VAT_CODE_GONE: {
        "nl": (
            "Btw-code {vat_code}, gekozen voor {rate} %, is in Exact Online vervallen of geblokkeerd.",
            "Kies een andere code onder Instellingen, Btw, of geef haar in Exact Online weer vrij.",
        ),
        "en": (
            "VAT code {vat_code}, chosen for {rate} %, is gone or blocked in Exact Online.",
            "Choose another under Settings, VAT, or free it in Exact Online.",
        ),
    },
}


def told(notice: Notice, language: str) -> ProblemTold:
    message, remedy = TEXTS[notice.code]["nl" if language == "nl" else "en"]
    return ProblemTold(code=notice.code.value, message=message.format(**notice.facts), remedy=remedy)


@cache
def _adapter() -> TypeAdapter[tuple[Notice, ...]]:
    return TypeAdapter(tuple[Notice, ...])


async def notices_of(transaction: AsyncConnection, connection_id: str) -> tuple[Notice, ...]:
    query = select(readings.c.rows).where(
        readings.c.connection_id == connection_id, readings.c.subject == WATCH
    )
    text = (await transaction.execute(query)).scalar_one_or_none()
    return _adapter().validate_json(text) if text else ()


async def take_turn(transaction: AsyncConnection, connection_id: str, at: datetime, every: timedelta) -> bool:
    """Whether it is time for another look; of several replicas one gets it."""
    row = {"connection_id": connection_id, "subject": WATCH, "rows": "", "read_at": at}
    taking = upsert(
        readings,
        [row],
        key=["connection_id", "subject"],
        update=["read_at"],
        where=readings.c.read_at <= at - every,
    ).returning(readings.c.connection_id)
    return (await transaction.execute(taking)).first() is not None


async def keep_notices(transaction: AsyncConnection, connection_id: str, found: Iterable[Notice]) -> None:
    """These are all that a look has found."""
    await transaction.execute(
        update(readings)
        .where(readings.c.connection_id == connection_id, readings.c.subject == WATCH)
        .values(rows=_adapter().dump_json(tuple(found)).decode())
    )
