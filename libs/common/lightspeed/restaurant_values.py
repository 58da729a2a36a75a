"""Reads Lightspeed Restaurant's JSON: names in any case, decimals as text, ids of any length as text.

Beside the scalars that all Lightspeed products share; what money or identity hangs on raises `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.lightspeed.retail_values import Unreadable, identity, text_of

LONGEST_KEY = 60


class Caseless(dict[str, Any]):
    """A record whose names are found in any case: `timeofSale` as `timeOfSale`, `blId` as `blID` (7.2, 4)."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name.lower() if isinstance(name, str) else name)


def caseless(record: Mapping[str, Any]) -> Caseless:
    return Caseless((str(name).lower(), value) for name, value in record.items())


def within(record: Mapping[str, Any], name: str) -> Caseless:
    """A nested record; empty where there is none."""
    value = record.get(name)
    return caseless(value) if isinstance(value, Mapping) else Caseless()


def listed(record: Mapping[str, Any], name: str) -> list[Caseless]:
    """A list of records; missing or null is none."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(name, "not a list", value)
    if not all(isinstance(one, Mapping) for one in value):
        raise Unreadable(name, "not all records", "")
    return [caseless(one) for one in value]


def key_of(record: Mapping[str, Any], name: str) -> str:
    """What identifies, as text: `A81234.41`, a base64 UUID, or a number; empty where it is missing."""
    value = record.get(name)
    if value is None or value == "":
        return ""
    key = text_of(value)
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise Unreadable(name, "not an id", value)
    return key


def number_of(record: Mapping[str, Any], name: str) -> str:
    """A 64-bit id as text (4); empty where it is missing."""
    key = identity(record, name)
    return "" if key == "0" else key


def word(record: Mapping[str, Any], name: str) -> str:
    """One of an enumeration, in capitals; empty where it is missing."""
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_KEY:
        raise Unreadable(name, "unknown", value)
    return value.strip().upper()
