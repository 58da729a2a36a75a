"""What goes in and out of the API: requests that refuse what they don't know, answers by allow-list."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, PlainSerializer

from services.portal.turnover import from_cents

MOST_A_PAGE = 200


class Ask(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", from_attributes=True)


T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    items: list[T]
    next: str | None


Money = Annotated[
    Decimal, PlainSerializer(lambda amount: format(amount, ".2f"), return_type=str, when_used="json")
]
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE)]
Cursor = Annotated[str | None, Query(max_length=400)]


def money(cents: int | None) -> Decimal | None:
    return None if cents is None else from_cents(cents)


def moment(at: datetime) -> str:
    return at.isoformat()


class Accepted(Answer):
    """202: asked for, and on its way."""

    accepted: bool = True
