"""What can go wrong when Exact is asked or told something.

ExactError
├─ NotSent                nothing reached Exact (no connection, pool time-out): try later
│  └─ NotAccepted         401 twice though the token should live: Exact did nothing
├─ OutcomeUnknown         a write was sent and no definite answer came: settle by search
├─ Unavailable            a read failed for now (5xx, time-out, garbage): try later
├─ LimitReached(until)    429 (minute, day or error block)
├─ Refused(category)      Exact's own refusal of a write, found in Dutch and English
├─ BadRequest(status)     our call is wrong: a defect
│  └─ NoModule            404 of a whole list: the company hasn't bought what it belongs to
└─ NoRight(reason)        403

GrantLost and GrantBusy of the vault, and Postponed of the budget, pass through.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from libs.common.exact.refusals import RefusalCategory, category_of, subject_of

__all__ = [
    "BadRequest",
    "ExactError",
    "LimitReached",
    "NoModule",
    "NoRight",
    "NotAccepted",
    "NotSent",
    "OutcomeUnknown",
    "RefusalCategory",
    "Refused",
    "Unavailable",
    "classify",
]

LONGEST_MESSAGE = 2000
SUCCESS = (200, 201, 202, 204)


class ExactError(Exception):
    """Any failure of a call to Exact."""


class NotSent(ExactError):
    """Nothing reached Exact, or it did nothing with it."""


class NotAccepted(NotSent):
    """Exact refused the access token, twice; the call had no effect."""


class OutcomeUnknown(ExactError):
    """A write may or may not have been done: search before anything is sent again."""


class Unavailable(ExactError):
    """A read found no usable answer now; nothing may be concluded from it."""


class LimitReached(ExactError):
    """Exact wants no more calls until then; nothing was done."""

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__(f"until {until.isoformat()}" if until else "too many calls")
        self.until = until


class Refused(ExactError):
    """The bookkeeping refuses what was sent, for good: `message` is Exact's text, in the user's language."""

    def __init__(self, status: int, message: str, category: RefusalCategory | None = None) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.category = category or category_of(message)
        self.subject = subject_of(message)
        """What the first line is about ("Dagboek", "VAT-code"); empty where it doesn't say."""


class BadRequest(ExactError):
    """Exact can't make sense of our call: a defect of ours, or a resource that the division lacks."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class NoModule(BadRequest):
    """A list that isn't there: its module is not in the company's licence (4.6)."""

    def __init__(self, path: str) -> None:
        super().__init__(404, f"there is no {path}: the company's licence may lack it")
        self.path = path


class NoRight(ExactError):
    """The login may not do this: no right, no scope, a blocked division or user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def classify(status: int, headers: Mapping[str, str], body: bytes, is_write: bool) -> ExactError | None:
    """What an answer means by its status; None for success. The body of a success is judged elsewhere."""
    if status in SUCCESS:
        return None
    message = message_of(body)
    match status:
        case 401:
            return NotAccepted("401")
        case 403:
            return NoRight(_reason(headers) or message or "403")
        case 429:
            return LimitReached()
        case 408:
            return _no_answer(status, is_write)
        case 400 | 500 if is_write and message:
            return _refusal(status, message)
        case 400 if is_write and body.strip():
            return OutcomeUnknown("400 with a body that isn't Exact's")
        case _ if 400 <= status < 500:
            return BadRequest(status, message or _reason(headers) or "no explanation")
        case _:
            return _no_answer(status, is_write, message)


def message_of(body: bytes) -> str:
    """`error.message.value`, or nothing where the body isn't an error of Exact's own making (4.6)."""
    try:
        value = json.loads(body)["error"]["message"]["value"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return value.strip()[:LONGEST_MESSAGE] if isinstance(value, str) else ""


def _refusal(status: int, message: str) -> ExactError:
    """500 with a text is the bookkeeping's no; newer validations come as 400, like plain bad calls (3.4)."""
    category = category_of(message)
    if status == 400 and category in (RefusalCategory.UNKNOWN, RefusalCategory.MALFORMED):
        return BadRequest(status, message)
    return Refused(status, message, category)


def _no_answer(status: int, is_write: bool, message: str = "") -> ExactError:
    words = f"{status} {message}".strip()
    return OutcomeUnknown(words) if is_write else Unavailable(words)


def _reason(headers: Mapping[str, str]) -> str:
    found = headers.get("Reason") or headers.get("reason") or ""
    return found[:LONGEST_MESSAGE]
