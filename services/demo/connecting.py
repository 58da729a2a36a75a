"""Connects the demo's merchant as a person would: two consents in a browser, suggested rules, the switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import httpx

from services.demo.browser import consent
from services.demo.processes import DemoFailed
from services.demo.product import Partner


@dataclass(frozen=True, slots=True)
class Shop:
    """The demo's merchant, connected and switched on."""

    connection: str
    account: str
    division: str
    rules: dict[str, Any]
    source: str
    first_day: date
    changes: Mapping[str, Any]
    """Of the suggested rules, whatever the mode."""


async def connect(
    partner: Partner,
    *,
    source: str,
    mode: str,
    account: str,
    first_day: date,
    changes: Mapping[str, Any],
    merchant: str | None = None,
) -> Shop:
    """`merchant` is one that has other connections; without it, it is a new one."""
    merchant = merchant or await make_merchant(partner)
    made = await partner.post(f"/v1/merchants/{merchant}/connections", {"source": source, "country": "nl"})
    connection = made["id"]
    await authorize(partner, connection, "lightspeed", choose=account)
    await authorize(partner, connection, "exact")
    rules = await _rules(partner, connection, mode, first_day, changes)
    await partner.put(f"/v1/connections/{connection}/rules", rules)
    await partner.post(f"/v1/connections/{connection}/activate")
    return Shop(connection, account, rules["division"], rules, source, first_day, changes)


async def change_rules(partner: Partner, shop: Shop, mode: str, changes: Mapping[str, Any]) -> Shop:
    """The suggestion for this mode, with the changes, those that the shop has anyway coming last."""
    both = merged(changes, shop.changes)
    rules = await _rules(partner, shop.connection, mode, shop.first_day, both)
    await partner.put(f"/v1/connections/{shop.connection}/rules", rules)
    return replace(shop, rules=rules)


async def make_merchant(partner: Partner) -> str:
    made = await partner.post(
        "/v1/merchants",
        {
            "name": "Van Dam Fietsen & Cadeaus",
            "email": "winkel@vandam.example",
            "language": "nl",
            "time_zone": "Europe/Amsterdam",
        },
    )
    return str(made["id"])


async def authorize(partner: Partner, connection: str, system: str, *, choose: str | None = None) -> None:
    """One consent: the vendor's page, its button, and our page that one lands on."""
    asked = await partner.post(f"/v1/connections/{connection}/authorizations", {"system": system})
    async with httpx.AsyncClient(timeout=30) as http:
        await consent(http, asked["authorize_url"], choose=choose)


async def _rules(
    partner: Partner, connection: str, mode: str, first_day: date, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The suggestion, from the first receipt on, with what the caller changes."""
    options = await partner.get(f"/v1/connections/{connection}/options", mode=mode)
    suggested: dict[str, Any] = options["suggested_rules"]
    if mode in ("invoices", "orders") and suggested["items"]["fallback_item"] is None:
        await partner.post(f"/v1/connections/{connection}/items/defaults")
        options = await partner.get(f"/v1/connections/{connection}/options", mode=mode)
        suggested = options["suggested_rules"]
    if suggested["debtor"]["default_account"] is None:
        raise DemoFailed("no default debtor was suggested")
    return merged(suggested, {"mode": mode, "start_date": first_day.isoformat(), **changes})


def merged(rules: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The rules with single ones changed, however deep they lie."""
    result = dict(rules)
    for name, value in changes.items():
        old = result.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[name] = merged(old, value)
        else:
            result[name] = value
    return result
