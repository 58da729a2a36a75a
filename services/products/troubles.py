"""What stands in the way until a person acts, as the merchant is told of it, and as it is kept."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from libs.common.database.registry import Connection
from libs.common.domain.product_trouble import Trouble, TroubleCode
from libs.common.exact import errors as exact
from libs.common.lightspeed import errors as lightspeed
from libs.common.vault import GrantLost

LONGEST_ANSWER = 300
EXACT, LIGHTSPEED = "Exact Online", "Lightspeed"


def answer_of(refused: Exception) -> str:
    """The vendor's own words for what it refused."""
    return str(getattr(refused, "message", "") or refused)[:LONGEST_ANSWER]


def trouble_of(blocked: Exception, connection: Connection) -> Trouble:
    """Of what `BLOCKED` names (`turn.py`)."""
    asked = ("asked", ", ".join(getattr(blocked, "__notes__", ())))
    answer = ("answer", str(blocked)[:LONGEST_ANSWER] or "403")
    match blocked:
        case exact.NoModule():
            return Trouble(TroubleCode.NO_MODULE_IN_EXACT, (("asked", blocked.path),))
        case exact.NoRight():
            return Trouble(TroubleCode.NO_RIGHT_IN_EXACT, (asked, answer))
        case lightspeed.NoRight():
            return Trouble(TroubleCode.NO_RIGHT_AT_TILL, (answer,))
        case lightspeed.WrongAccount():
            return Trouble(TroubleCode.WRONG_ACCOUNT)
        case GrantLost() if blocked.grant_id == connection.exact_grant_id:
            return Trouble(TroubleCode.CONSENT_LOST, (("system", EXACT),))
        case _:  # a fresh token that is refused is a login that was locked (R-Series 1.3)
            return Trouble(TroubleCode.CONSENT_LOST, (("system", LIGHTSPEED),))


@cache
def _adapter() -> TypeAdapter[Trouble]:
    return TypeAdapter(Trouble)


def trouble_text(trouble: Trouble) -> str:
    return _adapter().dump_json(trouble).decode()


def kept_trouble(text: str | None) -> Trouble | None:
    """None where another release kept it otherwise."""
    try:
        return _adapter().validate_json(text) if text else None
    except ValidationError:
        return None
