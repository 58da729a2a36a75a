"""The host of a store: each has its own, named by its domain prefix (reference 1, 3.1)."""

from __future__ import annotations

import re

PREFIX = "{domain_prefix}"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def is_label(domain_prefix: str) -> bool:
    """It came by way of a browser: only a DNS label may become part of an address."""
    return _LABEL.fullmatch(domain_prefix.lower()) is not None


def api_base(api_url: str, domain_prefix: str) -> str:
    if not is_label(domain_prefix):
        raise ValueError("the store's domain prefix is no DNS label")
    return api_url.replace(PREFIX, domain_prefix.lower())
