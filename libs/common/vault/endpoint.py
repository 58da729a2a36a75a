"""What the vault asks of a vendor's token endpoint, and the ways in which it can fail.

TokenError
├─ TooEarly          the present tokens are still good: keep them
├─ RefreshRefused    a definite no to this token
├─ RefreshUncertain  it was sent and no answer came: the old token may be spent
├─ TokenUnavailable  nothing changed: not sent, too many calls, out of order, or our own set-up is wrong
└─ ConsentRefused    a code could not be exchanged: the person must go through the consent again
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from libs.common.vault.policy import Policy


@dataclass(frozen=True, slots=True, repr=False)
class TokenSet:
    access_token: str
    refresh_token: str
    expires_in: int

    def __repr__(self) -> str:
        return f"TokenSet(expires_in={self.expires_in})"


class TokenError(Exception):
    """Whatever goes wrong at a token endpoint; never has a token in its words."""


class _WithToken(TokenError):
    """A refusal whose body held a new refresh token all the same (Exact reference 2.5)."""

    def __init__(self, reason: str, refresh_token: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refresh_token = refresh_token


class TooEarly(_WithToken):
    """The present access token has not run its time: keep it, ask again near its end."""


class RefreshRefused(_WithToken):
    """The vendor says no to this refresh token for good."""


class RefreshUncertain(TokenError):
    """The call was sent and its answer lost: whether the old token is spent, nobody knows."""


class TokenUnavailable(TokenError):
    """The endpoint did nothing: the stored tokens are as good as before."""

    def __init__(self, reason: str, retry_seconds: float = 60) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_seconds = retry_seconds


class ConsentRefused(TokenError):
    """The code is used, old or of another app."""


class TokenEndpoint(Protocol):
    """A vendor's token endpoint; `site` is its address where the vendor has several."""

    @property
    def policy(self) -> Policy: ...

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        """Raises `ConsentRefused` or `TokenUnavailable`."""
        ...

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        """Raises any `TokenError` but `ConsentRefused`."""
        ...

    async def revoke(self, refresh_token: str, site: str) -> None:
        """Withdraws the consent where the vendor has a call for it."""
        ...
