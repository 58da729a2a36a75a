"""What lies beside the repository: recorded answers, real receipts, vectors. Tests use it and never copy it.

`KOPPELING_SHARED` names the folder; without it, it is `../shared` beside the repository.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("KOPPELING_SHARED") or Path(__file__).resolve().parents[2] / "shared")

RETAIL_SAMPLES = SHARED / "samples" / "lightspeed-r"
EXACT_SAMPLES = SHARED / "samples" / "exact"
RECEIPTS = SHARED / "receipts"
EXACT_ENTITIES = SHARED / "reference" / "exact-online-entities.json"
RESTAURANT_API = SHARED / "reference" / "openapi" / "lightspeed-k-series.trimmed.json"


def needs(path: Path, untested: str) -> pytest.MarkDecorator:
    """Skips, loudly, what can't be tested where the file or folder is missing."""
    return pytest.mark.skipif(
        not path.exists(),
        reason=f"!!! NOT TESTED: {untested}: {path} is missing, KOPPELING_SHARED names its folder",
    )
