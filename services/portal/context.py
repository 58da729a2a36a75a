"""What the portal's calls work with: built once in `app.py`, found again by FastAPI's `Depends`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from libs.common.budget import Budget
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.exact.client import ExactClient, ExactDivision
from libs.common.lightspeed.source import Till
from libs.common.lightspeed.sources import Tills
from libs.common.messaging.bus import Bus
from libs.common.service import Now
from libs.common.settings import Settings
from libs.common.vault import Keyring, Vault
from services.portal.cursors import Cursors
from services.portal.oauth import Consents
from services.portal.options import OptionsReader


@dataclass(frozen=True, slots=True)
class Portal:
    settings: Settings
    database: Database
    now: Now
    keyring: Keyring
    vault: Vault
    budget: Budget
    exact: ExactClient
    consents: Consents
    options: OptionsReader
    cursors: Cursors
    tills: Tills
    bus: Bus | None = None

    def till_of(self, connection: Connection) -> Till:
        return self.tills.of(
            connection.source, connection.lightspeed_grant_id or "", connection.lightspeed_account or ""
        )

    def division_of(self, connection: Connection) -> ExactDivision:
        """The one that its rules name."""
        site = self.settings.exact_site(connection.country)
        return self.exact.division(connection.exact_grant_id or "", site, connection.division or "")


def signing_key(settings: Settings, purpose: str) -> bytes:
    """A key for one purpose; without secret keys it lasts as long as this process."""
    if not settings.secret_keys:
        return secrets.token_bytes(32)
    root = settings.secret_keys[0].get_secret_value().encode()
    return hmac.digest(root, f"kassakoppeling portal {purpose}".encode(), hashlib.sha256)


def _portal(request: Request) -> Portal:
    portal: Portal = request.state.portal
    return portal


def _moment(request: Request) -> datetime:
    return _portal(request).now()


PortalHere = Annotated[Portal, Depends(_portal)]
Moment = Annotated[datetime, Depends(_moment)]
