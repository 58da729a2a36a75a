"""The settings: read once from the environment at the edge, checked, frozen, passed down."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

EXACT_SITES = {
    "nl": "https://start.exactonline.nl",
    "be": "https://start.exactonline.be",
    "de": "https://start.exactonline.de",
    "uk": "https://start.exactonline.co.uk",
    "fr": "https://start.exactonline.fr",
    "es": "https://start.exactonline.es",
    "us": "https://start.exactonline.com",
}


class SettingsError(Exception):
    """A setting is wrong: the message names it and says what is expected."""


@dataclass(frozen=True, slots=True)
class VendorApp:
    """Our registration with one vendor, and where the vendor is."""

    name: str
    """The settings' own: "LIGHTSPEED_RETAIL"."""
    auth_url: str
    api_url: str
    client_id: str
    client_secret: SecretStr

    @property
    def is_registered(self) -> bool:
        return bool(self.client_id or self.client_secret.get_secret_value())


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="KOPPELING_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = None
    broker_url: str | None = None
    broker_prefix: str = "kassakoppeling"
    data_dir: Path = Path(".koppeling")
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    public_url: str = "http://127.0.0.1:8080"
    admin_token: SecretStr | None = None

    lightspeed_retail_auth_url: str = "https://cloud.lightspeedapp.com"
    lightspeed_retail_api_url: str = "https://api.lightspeedapp.com"
    lightspeed_retail_client_id: str = ""
    lightspeed_retail_client_secret: SecretStr = SecretStr("")

    lightspeed_restaurant_auth_url: str = "https://auth.lsk-prod.app/realms/k-series/protocol/openid-connect"
    lightspeed_restaurant_api_url: str = "https://api.lsk.lightspeed.app"
    lightspeed_restaurant_client_id: str = ""
    lightspeed_restaurant_client_secret: SecretStr = SecretStr("")

    lightspeed_x_auth_url: str = "https://secure.retail.lightspeed.app"
    lightspeed_x_api_url: str = "https://{domain_prefix}.retail.lightspeed.app"
    lightspeed_x_client_id: str = ""
    lightspeed_x_client_secret: SecretStr = SecretStr("")

    exact_url: str | None = None
    exact_client_id: str = ""
    exact_client_secret: SecretStr = SecretStr("")

    poll_seconds: int = Field(default=60, ge=1)
    till_lag_seconds: int = Field(default=120, ge=0)
    """How long a sale may be under way to its till's lists: what is surely read ends so long before now."""
    settle_seconds: int = Field(default=60, ge=0)
    exact_read_seconds: int = Field(default=100, ge=1)

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        is_one = value is not None and value.startswith(("postgresql+asyncpg://", "sqlite+aiosqlite://"))
        if value and not (is_one and _names_a_database(value)):
            raise ValueError("expected postgresql+asyncpg://user:password@host:5432/name")
        return value or None

    @field_validator("broker_url")
    @classmethod
    def _is_amqp(cls, value: str | None) -> str | None:
        if value and not (value.startswith(("amqp://", "amqps://")) and _has_host(value)):
            raise ValueError("expected amqp://user:password@host:5672/")
        return value or None

    @field_validator(
        "public_url",
        "exact_url",
        "lightspeed_retail_auth_url",
        "lightspeed_retail_api_url",
        "lightspeed_restaurant_auth_url",
        "lightspeed_restaurant_api_url",
        "lightspeed_x_auth_url",
        "lightspeed_x_api_url",
    )
    @classmethod
    def _is_address(cls, value: str | None, field: ValidationInfo) -> str | None:
        """Left empty, it is the default: the vendor's own address, or our own machine's."""
        if not value:
            default: str | None = cls.model_fields[field.field_name or ""].default
            return default
        if not value.startswith(("http://", "https://")) or not _has_host(value):
            raise ValueError("expected an address that begins with https:// or http://")
        return value.rstrip("/")

    @field_validator("data_dir", mode="before")
    @classmethod
    def _is_named(cls, value: Any) -> Any:
        """Left empty, it is the default, and not the folder that one happens to be in."""
        return value or cls.model_fields["data_dir"].default

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        keys = [key.strip() for key in value.split(",") if key.strip()] if isinstance(value, str) else value
        for key in keys:
            if len(_decoded(key)) != 32:
                raise ValueError("expected keys of 32 bytes in URL-safe base64, separated by commas")
        return keys

    def exact_site(self, country: str) -> str:
        """The address of the connection's Exact site, without a slash at its end."""
        return self.exact_url or EXACT_SITES[country]

    def hook_address(self, source: str, connection_id: str) -> str:
        """Where a vendor's webhooks come in; empty where our own address can't be reached from elsewhere."""
        host = urlsplit(self.public_url).hostname or ""
        if not self.public_url.startswith("https://") or not _is_public(host):
            return ""
        return f"{self.public_url}/hooks/{source}/{connection_id}"

    def app_of(self, source: str) -> VendorApp:
        """Of a source by its name: the fields that begin with it."""
        name = source.replace("-", "_")
        parts = (
            getattr(self, f"{name}_{part}") for part in ("auth_url", "api_url", "client_id", "client_secret")
        )
        return VendorApp(name.upper(), *parts)


def _names_a_database(url: str) -> bool:
    """Without a name it would be the one that bears the user's name."""
    try:
        return bool(make_url(url).database)
    except (SQLAlchemyError, ValueError):
        return False


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and not re.search(r"\s", url) and parts.port != 0
    except ValueError:
        return False


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".test"))


def _decoded(key: str | SecretStr) -> bytes:
    text = key.get_secret_value() if isinstance(key, SecretStr) else key
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process; raises `SettingsError` with a sentence for each that is wrong."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: Any) -> str:
    name = "KOPPELING_" + str(problem["loc"][0]).upper()
    expected = problem["msg"].removeprefix("Value error, ")
    shown = "" if "SECRET" in name or "TOKEN" in name else f" is {str(problem['input'])!r}"
    return f"{name}{shown}: {expected}"
