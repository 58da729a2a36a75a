"""What an answer looks like: verbose JSON, or Atom when the caller did not ask for JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from services.sandbox.exact.literals import writer
from services.sandbox.exact.resources import Resource
from services.sandbox.exact.table import Row

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "application/atom+xml;type=feed;charset=utf-8"
Column = tuple[str, str, Callable[[Any], Any]]
PADDED_TO_3 = ("Country",)  # accounts answer "NL "


@dataclass(frozen=True)
class Place:
    """Where a resource stands in the URLs of this answer."""

    root: str  # scheme, host and division, up to the resource's path
    resource: Resource

    def uri(self, row: Row) -> str:
        key = row.get(self.resource.key)
        literal = f"guid'{key}'" if self.resource.properties[self.resource.key].type == "Guid" else key
        if isinstance(key, str) and self.resource.properties[self.resource.key].type == "String":
            literal = f"'{key}'"
        return f"{self.root}/{self.resource.path}({literal})"


def plan(resource: Resource, select: tuple[str, ...]) -> list[Column]:
    """Name, type and writer of each property that the answer shows."""
    names = select or tuple(resource.properties)
    return [(name, resource.properties[name].type, writer(resource.properties[name].type)) for name in names]


def show(row: Row, place: Place, shown: list[Column], expanded: dict[str, list[Row]] | None = None) -> Row:
    uri = place.uri(row)
    answer: Row = {"__metadata": {"uri": uri, "type": place.resource.model}}
    for name, kind, write in shown:
        if kind == "Collection":
            lines = (expanded or {}).get(name)
            deferred = {"__deferred": {"uri": f"{uri}/{name}"}}
            answer[name] = deferred if lines is None else {"results": lines}
        else:
            answer[name] = write(row.get(name))
    if place.resource.table == "crm/Accounts":
        pad_country(answer)
    return answer


def pad_country(answer: Row) -> None:
    for name in PADDED_TO_3:
        if answer.get(name):
            answer[name] = answer[name].ljust(3)


def as_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def error_body(text: str) -> bytes:
    return as_json({"error": {"code": "", "message": {"lang": "", "value": text}}})


def error_xml(text: str) -> bytes:
    body = f'<code></code><message xml:lang="">{escape(text)}</message>'
    namespace = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
    return f'<?xml version="1.0" encoding="utf-8"?><error xmlns="{namespace}">{body}</error>'.encode()


def as_atom(rows: list[Row]) -> bytes:
    """Enough of Atom to show that a caller forgot its Accept header."""
    entries = "".join(atom_entry(row) for row in rows)
    spaces = (
        'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
        'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
    )
    return f'<?xml version="1.0" encoding="utf-8"?><feed {spaces}>{entries}</feed>'.encode()


def atom_entry(row: Row) -> str:
    values = "".join(
        f"<d:{name}>{escape(str(value))}</d:{name}>"
        for name, value in row.items()
        if name != "__metadata" and value is not None and not isinstance(value, dict)
    )
    term = quoteattr(row["__metadata"]["type"])
    return (
        f"<entry><id>{escape(row['__metadata']['uri'])}</id><category term={term}/>"
        f'<content type="application/xml"><m:properties>{values}</m:properties></content></entry>'
    )
