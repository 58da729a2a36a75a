"""A guard by numbers of our own, off by default: Exact itself then refuses a second document.

The number is made of the reference's hash within the range Exact keeps free, so it is the same at every
try. A refusal because it is taken is probably our own document: only a search says so.
"""

from __future__ import annotations

import hashlib

from libs.common.domain.document import SalesOrder
from libs.common.exact.errors import RefusalCategory, Refused
from services.exporter.turn import Job

LOWEST, RANGE = 100_000_000, 900_000_000
SEARCHED_TIMES = 3
"""After so many tries whose searches found nothing, the number is somebody else's."""
TAKEN = (RefusalCategory.IN_USE, RefusalCategory.ALREADY_EXISTS)


def own_number(job: Job) -> int | None:
    """Only orders keep a number of any size; an entry's must fit its journal's and year's own range."""
    if not job.connection.rules.entry_number_guard or not isinstance(job.message.document, SalesOrder):
        return None
    digest = hashlib.sha256(f"{job.connection.id}/{job.reference}".encode()).digest()
    return LOWEST + int.from_bytes(digest[:8], "big") % RANGE


def is_probably_ours(job: Job, refused: Refused) -> bool:
    return refused.category in TAKEN and own_number(job) is not None
