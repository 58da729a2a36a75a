"""What the vendors' own calls to others need."""

import ssl
from functools import cache

import httpx


@cache
def tls() -> ssl.SSLContext:
    """Reading the certificates of all authorities takes longer than a delivery."""
    return httpx.create_ssl_context()
