"""Others' answers as JSON. Pure: fractions become `Decimal`, so that no amount passes through a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


class NoJson(ValueError):
    """HTML, cut off, nested without end, or with numbers that are none."""


def read_json(body: bytes) -> Any:
    """Raises `NoJson`, and nothing else."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise NoJson(f"{len(body)} bytes that are no JSON") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
