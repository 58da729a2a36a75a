"""What goes wrong between the product and the vendors in a demo with faults, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.demo.starting import EXACT_READ_SECONDS

SWITCHES = {"access_token_seconds": 60, "page_rows": 8}
"""Of Exact. That a consent is gone shows for certain only at the next refresh: within a minute instead of
ten. And few lists of a demo would reach a second page, between which rows move."""
SLOW_SECONDS = EXACT_READ_SECONDS + 1
"""Beyond the product's patience with Exact, so what was done there is never heard."""
EXACT = {
    "answer_lost": 0.02,
    "refused_429": 0.01,
    "html_500": 0.01,
    "html_500_after_work": 0.01,
    "unavailable_503": 0.01,
    "cut_json": 0.01,
    "rows_move": 0.5,
    "token_answer_lost": 0.05,
}
TILLS = {
    "answer_lost": 0.05,
    "refused_429": 0.05,
    "html_500": 0.05,
    "cut_json": 0.05,
    "slow": 0.01,
    "rows_move": 0.2,
    "token_revoked": 0.005,
}
"""Of whichever vendor's tills are sold at."""


def faults(till: str, receipts: int, seed: int) -> Mapping[str, Any]:
    """Of many receipts, which take minutes here, as few of Exact's tokens die as its hour of errors bears,
    and no more of its answers are too slow than of few.
    """
    once = 1 / max(receipts, 1)
    exact = EXACT | {"token_revoked": min(0.0005, once), "slow": min(0.05, once)}
    return {"seed": seed, "slow_seconds": SLOW_SECONDS, "exact": exact, till: TILLS}


def no_faults(till: str, seed: int) -> Mapping[str, Any]:
    return {"seed": seed, "exact": {}, till: {}}
