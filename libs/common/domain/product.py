"""An article in our own form, the same for either side, and how its codes and texts compare (domain.md 11).

`vat` and `group` are the side's own: tax class and category at the till, VAT code and item group in Exact.
`price` is in the side's own reading; what that is, `product_price` knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

CODE_LENGTH, DESCRIPTION_LENGTH = 30, 60
"""Of an item in Exact (exact-online.md 5.14)."""
GTIN_LENGTH = 14
_SPACE = re.compile(r"\s+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\ufeff\ud800-\udfff]+")


class Direction(StrEnum):
    OFF = "off"
    TO_EXACT = "to-exact"
    TO_LIGHTSPEED = "to-lightspeed"


class ProductField(StrEnum):
    """What can be kept in step, by the name that the rules use; the last isn't chosen: it goes with stock."""

    CODE = "code"
    DESCRIPTION = "description"
    BARCODE = "barcode"
    PRICE = "price"
    COST = "cost"
    VAT = "vat"
    GROUP = "category"
    UNIT = "unit"
    ACTIVE = "active"
    STOCKED = "stocked"


CHOOSABLE = tuple(name for name in ProductField if name is not ProductField.STOCKED)

Values = Mapping[ProductField, str]
"""Fields as the side that is written to holds them: text, numbers without trailing zeros, "true", "false"."""


class ProductKind(StrEnum):
    GOODS = "goods"
    SERVICE = "service"
    """Nothing is kept in stock of it."""
    BUNDLE = "bundle"
    """A box or an assembly: sold as one article, its stock is that of its parts."""


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    code: str
    description: str
    barcodes: tuple[str, ...] = ()
    price: Decimal | None = None
    """None where it isn't known, as a till hides costs from a consent without the right."""
    cost: Decimal | None = None
    vat: str = ""
    group: str = ""
    unit: str = ""
    is_active: bool = True
    kind: ProductKind = ProductKind.GOODS
    shares_name: bool = False
    """A variant whose name and category are its family's, and never written to one alone."""
    differs: tuple[ProductField, ...] = ()
    """What the outlets of a till say differently, so that none of it can be told to the other side."""

    @property
    def code_key(self) -> str:
        return code_key(self.code)

    @property
    def gtins(self) -> frozenset[str]:
        return frozenset(filter(None, map(gtin, self.barcodes)))


LEAVE, CREATE, OVERWRITE = "leave", "create", "overwrite"
"""What a person can say of an article (`ProductLink.choice`)."""


@dataclass(frozen=True, slots=True)
class ProductLink:
    """This article of the till is that item of Exact; `synced` is what was last alike, as it was written.

    `choice` is what a person said: "leave" it alone, "create" another though there are matches, "overwrite"
    what was changed on the wrong side.
    """

    master_key: str
    slave_key: str | None
    synced: Values = field(default_factory=dict)
    choice: str = ""


def code_key(code: str) -> str:
    """As codes are compared: as items bear them, in one case (11.2).

    Leading zeros stay, since codes are text.
    """
    return code_in_exact(code).casefold()


def code_in_exact(code: str) -> str:
    """A code as items bear it: readable; one that is too long is cut, and told from others."""
    code = readable(code)
    if len(code) <= CODE_LENGTH:
        return code
    return f"{code[:21]}-{sha256(code.encode()).hexdigest()[:8]}"


def gtin(barcode: str) -> str:
    """A barcode as it is compared: UPC 12 and EAN 13 are both GTINs; empty where it is none."""
    digits = barcode.strip()
    is_one = digits.isascii() and digits.isdigit() and 8 <= len(digits) <= GTIN_LENGTH and digits.strip("0")
    return digits.zfill(GTIN_LENGTH) if is_one else ""


def readable(text: str) -> str:
    """Without characters that nobody can see, and with single spaces."""
    return _SPACE.sub(" ", _UNPRINTABLE.sub(" ", text)).strip()


def cut_at_word(text: str, length: int = DESCRIPTION_LENGTH) -> str:
    """At the last space that leaves half of it or more, else in the middle of a word."""
    text = readable(text)
    if len(text) <= length:
        return text
    head, space, _ = text[: length + 1].rpartition(" ")
    return head if space and len(head) * 2 >= length else text[:length].rstrip()


def readable_variant(own: str, parent: str, attributes: Iterable[str]) -> str:
    """The name of a variant: its own, else its parent's, with the attributes that it lacks (11.4)."""
    name = readable(own) or readable(parent)
    said = name.casefold()
    missing = [each for each in map(readable, attributes) if each and each.casefold() not in said]
    return " ".join([name, *missing]).strip()


def number_text(number: Decimal) -> str:
    """A number as `Values` hold it: no trailing zeros, no exponent, no negative zero."""
    return format((number + Decimal(0)).normalize() if number else Decimal(0), "f")


def flag_text(is_so: bool) -> str:
    return "true" if is_so else "false"
