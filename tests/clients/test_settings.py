"""Settings: what is left empty is the default, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.lightspeed.sources import SOURCES
from libs.common.settings import Settings, SettingsError, read_settings


def test_an_address_left_empty_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "LIGHTSPEED_RETAIL_API_URL", "EXACT_URL", "DATA_DIR", "DATABASE_URL"):
        monkeypatch.setenv(f"KOPPELING_{name}", "")
    settings = Settings(_env_file=None)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.lightspeed_retail_api_url == "https://api.lightspeedapp.com"
    assert (settings.exact_url, settings.database_url) == (None, None)
    assert settings.data_dir == Path(".koppeling")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXACT_URL", "exact.example"),
        ("EXACT_URL", "http://"),
        ("EXACT_URL", "http://["),
        ("EXACT_URL", "https://exact example"),
        ("PUBLIC_URL", "http://host:port"),
        ("LIGHTSPEED_RETAIL_API_URL", "http://host:70000"),
        ("BROKER_URL", "amqp://user:password@host:port/"),
        ("BROKER_URL", "amqp://"),
        ("DATABASE_URL", "postgresql+asyncpg://user:password@host:port/name"),
        ("DATABASE_URL", "postgresql+asyncpg://user:password@host:5432"),
        ("DATABASE_URL", "postgresql+asyncpg://"),
    ],
)
def test_an_address_that_is_none_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"KOPPELING_{name}", value)
    with pytest.raises(SettingsError, match=f"KOPPELING_{name}.*expected"):
        read_settings(_env_file=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIGHTSPEED_X_API_URL", "https://{domain_prefix}.retail.lightspeed.app"),
        ("LIGHTSPEED_X_API_URL", "http://127.0.0.1:8090"),
        ("BROKER_URL", "amqp://guest:guest@127.0.0.1:5672/%2F"),
        ("DATABASE_URL", "postgresql+asyncpg:///name?host=/run/postgresql"),
        ("DATABASE_URL", "sqlite+aiosqlite:////tmp/books.db"),
    ],
)
def test_what_names_a_place_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KOPPELING_{name}", value)
    assert getattr(read_settings(_env_file=None), name.lower()) == value


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://koppeling.example.nl", "https://koppeling.example.nl/hooks/a-source/c1"),
        ("http://koppeling.example.nl", ""),
        ("http://127.0.0.1:8080", ""),
        ("https://localhost", ""),
        ("https://192.168.1.4", ""),
        ("https://kassa.local", ""),
    ],
)
def test_hooks_come_in_where_a_vendor_can_reach_us(public_url: str, address: str) -> None:
    assert Settings(_env_file=None, public_url=public_url).hook_address("a-source", "c1") == address


def test_each_source_finds_its_own_addresses_and_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPPELING_LIGHTSPEED_X_CLIENT_ID", "ours")
    settings = Settings(_env_file=None)
    apps = {name: settings.app_of(name) for name in SOURCES}
    assert {name: (app.auth_url, app.api_url) for name, app in apps.items()} == {
        "lightspeed-retail": ("https://cloud.lightspeedapp.com", "https://api.lightspeedapp.com"),
        "lightspeed-restaurant": (
            "https://auth.lsk-prod.app/realms/k-series/protocol/openid-connect",
            "https://api.lsk.lightspeed.app",
        ),
        "lightspeed-x": (
            "https://secure.retail.lightspeed.app",
            "https://{domain_prefix}.retail.lightspeed.app",
        ),
    }
    assert [name for name, app in apps.items() if app.is_registered] == ["lightspeed-x"]
    assert apps["lightspeed-x"].client_id == "ours"
