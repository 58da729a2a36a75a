"""Recorded sales: served exactly as they were answered once, found by what their scalars say."""

from collections.abc import Mapping

from services.sandbox.retail.account import Account
from services.sandbox.retail.errors import bad
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import Kind, Value, read_value


def serve_verbatim(account: Account, payload: Mapping[str, object]) -> Row:
    """Old recordings lack updatetime and completeTime: for filters and sorting, timeStamp stands in."""
    table = account["Sale"]
    if not str(payload.get("saleID", "")).isdigit():
        raise bad("a recorded sale has a saleID")
    fields: dict[str, Value] = {}
    for name, value in payload.items():
        kind = table.entity.columns.get("updatetime" if name == "updateTime" else name)
        if kind is not None and kind is not Kind.NESTED and isinstance(value, str):
            fields["updatetime" if name == "updateTime" else name] = read_value(value, kind)
    stamp = fields.get("timeStamp")
    fields.setdefault("updatetime", stamp)
    if fields.get("completed") is True:
        fields.setdefault("completeTime", stamp)
    key = int(str(payload["saleID"]))
    known = table.get(key)
    if known:
        table.remove(known)
    row = table.add(fields, key=key)
    row.raw = dict(payload)  # type: ignore[arg-type]
    return row
