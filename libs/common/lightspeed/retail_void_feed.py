"""How far the voids of an account were read, and whether its login may read them at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from libs.common.lightspeed.source import Desk

CHORE = "voids"
VOIDS = "SaleVoid"


@dataclass(frozen=True, slots=True)
class VoidFeed:
    """Voids up to this id were seen; None before the first look."""

    last_id: int | None = None
    has_right: bool = True

    @classmethod
    def of(cls, mark: str) -> VoidFeed:
        return _adapter().validate_json(mark) if mark else cls()

    def to_text(self) -> str:
        return _adapter().dump_json(self).decode()


@cache
def _adapter() -> TypeAdapter[VoidFeed]:
    return TypeAdapter(VoidFeed)


async def may_read_voids(desk: Desk) -> bool:
    return VoidFeed.of(await desk.mark_of(CHORE)).has_right
