"""Encrypts what the vault keeps: AES-GCM under the first key, while every key still decrypts.

A value is `v1.<key id>.<nonce>.<ciphertext>` and bound to its grant and column: moved to another row it
doesn't decrypt.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

VERSION = "v1"
NONCE_BYTES = 12


class Undecryptable(Exception):
    """Our keys or rows are wrong, which says nothing about whether the consent still stands.

    A missing key, a damaged value, or a value that belongs to another row.
    """


class Keyring:
    def __init__(self, keys: Sequence[bytes]) -> None:
        """Keys of 32 bytes; the first encrypts. Raises ValueError where there is none, or a wrong one."""
        if not keys:
            raise ValueError("the vault needs at least one key")
        if any(len(key) != 32 for key in keys):
            raise ValueError("a key of the vault has 32 bytes")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])

    @classmethod
    def of(cls, keys: Sequence[SecretStr]) -> Keyring:
        """From the settings' `secret_keys`: URL-safe base64, padding optional."""
        texts = [key.get_secret_value() for key in keys]
        return cls([base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in texts])

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._ciphers)})"

    def encrypt(self, text: str, bound_to: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), bound_to.encode())
        return ".".join([VERSION, self._current, _text(nonce), _text(sealed)])

    def decrypt(self, value: str, bound_to: str) -> str:
        """Raises `Undecryptable`, without the value in its words."""
        key_id, nonce, sealed = _parts(value)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Undecryptable(f"{bound_to}: there is no key {key_id}")
        try:
            return cipher.decrypt(nonce, sealed, bound_to.encode()).decode()
        except InvalidTag:
            raise Undecryptable(f"{bound_to}: damaged, or moved from another row") from None

    def is_current(self, value: str) -> bool:
        """Whether the value lies under the key that encrypts now."""
        return value.startswith(f"{VERSION}.{self._current}.")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"kassakoppeling vault key" + key).hexdigest()[:8]


def _parts(value: str) -> tuple[str, bytes, bytes]:
    try:
        version, key_id, nonce, sealed = value.split(".")
        if version == VERSION:
            return key_id, base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(sealed)
    except ValueError:
        pass
    raise Undecryptable("not a value of this vault")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
