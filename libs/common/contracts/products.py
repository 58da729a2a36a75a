"""Messages about articles kept in step: what products tells the portal, and what people say through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from libs.common.domain.product_conflict import Conflict
from libs.common.domain.product_trouble import Trouble


@dataclass(frozen=True, slots=True)
class ProductTold:
    """One article as it stands: `state` is to-create, to-change, in-step, conflict or left.

    `wanted` are the fields that are to be written. One in step may still have conflicts, of single fields.
    `till_code` is what the till calls it, which sales bear; empty where it isn't there. `sold_as` is how its
    sales name it: by its id, or by its code where they know no other; None where that isn't known.
    """

    id: str
    code: str
    name: str
    till_id: str | None
    exact_id: str | None
    state: str
    wanted: dict[str, str] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    choice: str = ""
    till_code: str = ""
    sold_as: str | None = None


@dataclass(frozen=True, slots=True)
class StockProgress:
    """By articles of which both sides keep stock: each is `done`, `to_do`, or waits for a person."""

    done: int
    to_do: int
    conflicts: int
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProductProgress:
    """How far a connection is. Until `is_approved`, it is what a yes would do; the yes names `wish`."""

    direction: str
    wish: str
    is_read: bool
    is_approved: bool
    to_create: int
    to_change: int
    done: int
    conflicts: int
    left: int
    in_till: int
    in_exact: int
    ends_at: datetime | None = None
    lacks: Trouble | None = None
    """What a person must mend before all of it goes on: a right or a consent is missing."""
    stock: StockProgress | None = None
    """None where stock isn't kept in step, and before the yes."""


@dataclass(frozen=True, slots=True)
class ProductsTold:
    """Articles whose standing changed, many at once. Of two about one article the later holds."""

    type: ClassVar[str] = "products.told"
    version: ClassVar[int] = 1
    products: tuple[ProductTold, ...]
    progress: ProductProgress
    number: int = 0
    """Rises with each message of a connection."""


@dataclass(frozen=True, slots=True)
class ProductsRequested:
    """Read both sides and go on now; with a `wish`, the yes to the first synchronisation as it was shown."""

    type: ClassVar[str] = "products.requested"
    version: ClassVar[int] = 1
    wish: str = ""


@dataclass(frozen=True, slots=True)
class ProductDecided:
    """What a person said of one article.

    Leave it alone, link it with the `other` side's article, make a new one, overwrite what was changed on the
    side that follows, or retry what was refused.
    """

    type: ClassVar[str] = "product.decided"
    version: ClassVar[int] = 1
    product_id: str
    choice: Literal["leave", "link", "create", "overwrite", "retry", "follow"]
    other: str = ""
