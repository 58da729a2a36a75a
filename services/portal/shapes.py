"""What goes in and out of the API: requests that refuse what they don't know, answers by allow-list."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from services.portal.turnover import from_cents

MOST_A_PAGE = 200


Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
"""A business day: none that the days around it can't be counted of."""
NUL = "\0"
"""The one letter that PostgreSQL has in no text."""
NO_NUL = "expected text without the letter NUL"


class Ask(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        if isinstance(value, str) and NUL in value:
            raise ValueError(NO_NUL)
        return value


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", from_attributes=True, use_attribute_docstrings=True)


T = TypeVar("T")


class Listing(BaseModel, Generic[T]):
    model_config = ConfigDict(use_attribute_docstrings=True)

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
