"""What can go wrong when Lightspeed is asked something.

LightspeedError
├─ Unavailable          no answer, a 5xx, HTML, cut or strange JSON: try later
│  └─ RelationsMissing  an answer without the relations that were asked for (reference 3.3)
├─ OutcomeUnknown       a write was sent and no definite answer came: look before anything is sent again
├─ NotAccepted          401 though the token is fresh: the login was locked or lost its rights
├─ NoRight              403: the token lacks a scope, or the employee a right
├─ BadRequest           400, 405, 409, 422: Lightspeed refuses the call as it stands
│  └─ NotFound          404
├─ FilterIgnored        the list begins before the time that was asked for
└─ WrongAccount         the answer is of another account than the connection's

GrantLost and GrantBusy of the vault and Postponed of the budget (also after a 429) pass through.
"""

from __future__ import annotations


class LightspeedError(Exception):
    """Any failure of a call to Lightspeed."""


class Unavailable(LightspeedError):
    """There is no usable answer now; nothing may be concluded from it."""


class RelationsMissing(Unavailable):
    """The page lacks relations that its sales must have."""


class OutcomeUnknown(LightspeedError):
    """A write may or may not have been done. `Unavailable` after a write says that it was not."""


class NotAccepted(LightspeedError):
    """A fresh token was refused."""


class NoRight(LightspeedError):
    """The login may not read this."""


class BadRequest(LightspeedError):
    """Lightspeed refuses the call as it stands."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class NotFound(BadRequest):
    """There is no such record."""


class FilterIgnored(LightspeedError):
    """The list begins before the window: the filter did nothing."""


class WrongAccount(LightspeedError):
    """The answer is of another account than the connection's; nothing of it is taken."""
