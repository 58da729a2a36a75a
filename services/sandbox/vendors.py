"""What the sandbox's front needs to know of a vendor: its paths, its application, its controls, its settings.

Every Lightspeed vendor's tills answer under `/sandbox/tills/{vendor}/{account}`: `sales` (GET lists the
last ones with `number`, `total`, `completed`, `voided`, `completed_at` and `payments` by payment type id;
POST sells tickets), `made-up`, `receipts` and `totals`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Scope

from services.sandbox.faults import Hooks


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """`paths` are in lower case, and end where the vendor's own begin; the longest one that fits decides.

    `addresses` are the settings that hold this sandbox's address, with what comes behind it; `settings` the
    others, as they are now; `tills` the accounts by name at which the page sells; `says` what else who
    fills in the settings should know.
    """

    name: str
    paths: tuple[str, ...]
    app: ASGIApp
    hooks: Hooks
    controls: Sequence[BaseRoute]
    addresses: Mapping[str, str]
    settings: Callable[[], dict[str, str]]
    title: str = ""
    says: str = ""
    tills: Callable[[], Mapping[str, str]] = field(default=dict)


def paths_ending(*ends: str) -> Callable[[Scope], bool]:
    """Whether a call's path ends so, in any case."""

    def fits(scope: Scope) -> bool:
        path: str = scope["path"].lower()
        return path.endswith(ends)

    return fits


def bearer(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return str(headers.get(b"authorization", b"").decode("latin-1")).partition(" ")[2].strip()
