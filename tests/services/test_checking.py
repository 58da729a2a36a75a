"""`koppeling check` tries the product lines for which an app is registered, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from libs.common.settings import Settings
from services import checking

NOWHERE = "http://127.0.0.1:9"


async def tried(tmp_path: Path, **more: Any) -> dict[str, str]:
    fields = {
        "data_dir": tmp_path,
        "exact_url": NOWHERE,
        **{
            f"lightspeed_{line}_{part}_url": NOWHERE
            for line in ("retail", "restaurant")
            for part in ("auth", "api")
        },
        "lightspeed_x_auth_url": NOWHERE,
    }
    settings = Settings(_env_file=None, **(fields | more))
    return {each.what: each.wrong for each in await checking.check_all(settings)}


async def test_only_what_is_registered_is_tried(tmp_path: Path) -> None:
    found = await tried(
        tmp_path,
        lightspeed_restaurant_client_id="ours",
        lightspeed_restaurant_client_secret="a secret",
        lightspeed_x_client_id="ours",
    )
    assert found["app registration at LIGHTSPEED_RESTAURANT"] == ""
    assert "KOPPELING_LIGHTSPEED_X_CLIENT_SECRET missing" in found["app registration at LIGHTSPEED_X"]
    assert f"LIGHTSPEED_RESTAURANT_API_URL {NOWHERE}" in found
    assert f"LIGHTSPEED_X_AUTH_URL {NOWHERE}" in found
    assert not [what for what in found if "RETAIL" in what or "LIGHTSPEED_X_API_URL" in what]


async def test_where_nothing_is_registered_that_is_said(tmp_path: Path) -> None:
    found = await tried(tmp_path)
    assert (
        "CLIENT_ID and KOPPELING_LIGHTSPEED_RETAIL_CLIENT_SECRET missing"
        in found["app registration at LIGHTSPEED_RETAIL"]
    )
