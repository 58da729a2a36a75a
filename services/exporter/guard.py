"""A guard by numbers of our own, off by default: Exact itself then refuses a second document.

The number is made of the reference's hash, so it is the same at every try: an order's anywhere in a wide
range, an entry's behind the two digits of its year, far above the numbers that Exact gives. A refusal
because it is taken is probably our own document, which need not show yet; only where another document is
seen to have the number, the next one is tried.
"""

from __future__ import annotations

import hashlib

from libs.common.domain.document import SalesInvoice, SalesOrder
from libs.common.exact.errors import RefusalCategory, Refused
from services.exporter.turn import Job

LOWEST, RANGE = 100_000_000, 900_000_000
YEARS_RANGE = 10_000_000
MOST_ATTEMPTS = 6
"""After so many posts, a number that is taken by nothing that shows is for a person."""
TAKEN = (RefusalCategory.IN_USE, RefusalCategory.ALREADY_EXISTS)


def own_number(job: Job) -> int | None:
    document = job.document
    if not job.connection.rules.entry_number_guard or isinstance(document, SalesInvoice):
        return None
    if isinstance(document, SalesOrder):
        return LOWEST + _hashed(job) % RANGE
    return document.day.year % 100 * YEARS_RANGE + _hashed(job) % YEARS_RANGE


def _hashed(job: Job) -> int:
    name = f"{job.connection.id}/{job.reference}" + (f"/{job.number_tries}" if job.number_tries else "")
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def is_taken(job: Job, refused: Refused) -> bool:
    return refused.category in TAKEN and own_number(job) is not None
