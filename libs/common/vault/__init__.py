"""Encrypted credentials, and the one place that refreshes tokens."""

from libs.common.vault.endpoint import (
    ConsentRefused,
    RefreshRefused,
    RefreshUncertain,
    TokenEndpoint,
    TokenError,
    TokenSet,
    TokenUnavailable,
    TooEarly,
)
from libs.common.vault.grants import Grant, grant, grants_of_partner, live_grants
from libs.common.vault.keyring import Keyring, Undecryptable
from libs.common.vault.vault import AccessToken, GrantBusy, GrantLost, Vault

__all__ = [
    "AccessToken",
    "ConsentRefused",
    "Grant",
    "GrantBusy",
    "GrantLost",
    "Keyring",
    "RefreshRefused",
    "RefreshUncertain",
    "TokenEndpoint",
    "TokenError",
    "TokenSet",
    "TokenUnavailable",
    "TooEarly",
    "Undecryptable",
    "Vault",
    "grant",
    "grants_of_partner",
    "live_grants",
]
