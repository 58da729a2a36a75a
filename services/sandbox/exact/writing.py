"""One write: what is at hand for the rules, reading of the body, and gathering of refusals."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.sandbox.exact import refusals
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.literals import BadGuid, read_value
from services.sandbox.exact.refusals import ApiError, BusinessRefusal, Text
from services.sandbox.exact.resources import Property, Resource, resource
from services.sandbox.exact.switches import Switches
from services.sandbox.exact.table import Row

NO_TOP_LEVEL = "Error processing request stream. The request should be a valid top-level resource object."
NO_BINDING = (
    "Error processing request stream. Binding to new entities is only supported for a POST of their header."
)
CENT = Decimal("0.01")


@dataclass
class Write:
    """A POST, PUT or DELETE under way in one division."""

    division: Division
    author: Author
    switches: Switches
    client_id: str = ""
    redirect_uri: str = ""
    """Of the app that writes; a person's own work has none."""
    problems: list[Text] = field(default_factory=list)

    def refuse(self, text: Text) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def settle(self) -> None:
        """Ends the checks: nothing may be stored before this was passed."""
        if self.problems:
            raise BusinessRefusal(*self.problems)


def read_body(body: Any, target: Resource, method: str, switches: Switches) -> Row:
    """The writable, typed values of a body; read-only ones are dropped without a word."""
    if not isinstance(body, dict):
        raise ApiError(400, NO_TOP_LEVEL)
    row: Row = {}
    for name, value in body.items():
        if name == "__metadata" or (method == "POST" and name == switches["drop_field"]):
            continue
        known = target.properties.get(name)
        if known is None:
            refuse_unknown(name, target, switches)
        elif name in target.lines:
            row[name] = read_lines(value, target.lines[name][0], method, switches)
        elif known.type in ("Collection", "Complex"):
            row[name] = value
        elif known.is_writable(method):
            row[name] = read_property(known, value, switches)
        elif name == "Type" and method == "POST":
            row["_type_as_sent"] = value
    return row


def refuse_unknown(name: str, target: Resource, switches: Switches) -> None:
    if switches["unknown_property"] == "refuse":
        raise ApiError(
            400,
            f"Error processing request stream. The property name '{name}' specified for type "
            f"'{target.model}' is not valid.",
        )


def read_lines(value: Any, path: str, method: str, switches: Switches) -> list[Row]:
    if method == "PUT":
        raise ApiError(400, NO_BINDING)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise ApiError(400, NO_TOP_LEVEL)
    return [read_body(line, resource(path), method, switches) for line in value]


def read_property(known: Property, value: Any, switches: Switches) -> Any:
    try:
        read = read_value(value, known.type)
    except BadGuid as error:
        raise BadGuidSent from error
    except (ValueError, OverflowError) as error:
        raise ApiError(
            400,
            "Error processing request stream. Error encountered in converting the value from request payload "
            f"for property '{known.name}' to type 'Edm.{known.type}', which is the property's expected type.",
        ) from error
    if known.max_length is not None and isinstance(read, str) and len(read) > known.max_length:
        if switches["long_text"] == "refuse" or known.name in ("VATCode", "Code"):
            raise BusinessRefusal(refusals.too_long(known.name, known.max_length))
        return read[: known.max_length]
    return read


class BadGuidSent(Exception):
    """A property that should hold a GUID holds something else."""


def cents(amount: Decimal) -> Decimal:
    """Rounded to two decimals, half away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now
