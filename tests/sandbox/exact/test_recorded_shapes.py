"""Answers have the properties and types of those that a real division gave."""

import json
from typing import Any

import pytest

from tests.sandbox.exact.office import Office
from tests.shared import EXACT_SAMPLES, needs

pytestmark = needs(EXACT_SAMPLES, "the simulated books against Exact's own answers")


def recorded(name: str, method: str, ending: str) -> dict[str, Any]:
    calls = json.loads((EXACT_SAMPLES / name).read_text())["api"][method]
    path = next(path for path in calls if ending in path)
    answer = calls[path][0] if isinstance(calls[path], list) else calls[path]
    row: dict[str, Any] = answer["response"]["d"]
    return row


def check_shape(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert theirs.keys() - ours.keys() == set()
    for name, value in theirs.items():
        if value is not None and ours[name] is not None:
            assert same_kind(ours[name], value), f"{name}: {ours[name]!r} is not like {value!r}"


def same_kind(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool)
    if isinstance(one, (int, float)):
        return isinstance(other, (int, float))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys()
    is_date = [isinstance(value, str) and value.startswith("/Date(") for value in (one, other)]
    return type(one) is type(other) and is_date[0] == is_date[1]


async def test_me(office: Office) -> None:
    await office.link()
    answer = await office.http.get("/api/v1/current/Me", headers=office.headers)
    check_shape(
        answer.json()["d"]["results"][0], recorded("journals.json", "get", "current/Me")["results"][0]
    )


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("journals.json", "financial/Journals"),
        ("vat-codes.json", "vat/VATCodes"),
    ],
)
async def test_reference_rows(office: Office, file: str, path: str) -> None:
    await office.link()
    theirs = recorded(file, "get", path)["results"]
    for ours in await office.rows(path):
        for row in theirs:
            check_shape(ours, row)
            assert ours["__metadata"]["type"] == row["__metadata"]["type"]


async def test_selected_ledgers_and_the_next_link(office: Office) -> None:
    await office.link()
    theirs = recorded("list-gl-accounts.json", "get", "financial/GLAccounts")
    assert set(theirs) == {"results", "__next"}
    ours = await office.get("financial/FinancialPeriods", select="ID,Created", skip="0", top="100")
    assert set(ours.json()["d"]) == {"results", "__next"}
    wanted = (
        "https://start.exactonline.fr/api/v1/124132/financial/GLAccounts?$select=ID,Code,Description,Modified"
    )
    assert theirs["__next"].startswith(wanted + "&$top=40&$skiptoken=")
    found = (
        "http://exact.test/api/v1/2731045/financial/FinancialPeriods?$select=ID,Created&$top=40&$skiptoken="
    )
    assert ours.json()["d"]["__next"].startswith(found)
    rows = await office.rows("financial/GLAccounts", select="ID,Code,Description,Modified")
    check_shape(rows[0], theirs["results"][0])


async def test_an_account_made_and_read(office: Office) -> None:
    await office.link()
    body = {
        "Name": "Test Customer Dryrun",
        "Status": "C",
        "IsSales": True,
        "IsPurchase": False,
        "Country": "FR",
    }
    made = await office.post("crm/Accounts", body, {"Prefer": ""})
    assert made.status_code == 201
    check_shape(made.json()["d"], recorded("create-customer.json", "post", "crm/Accounts"))
    read = await office.get(f"crm/Accounts(guid'{made.json()['d']['ID']}')")
    check_shape(read.json()["d"], recorded("create-customer.json", "get", "crm/Accounts(guid"))
    assert read.json()["d"]["Country"] == "FR "


async def test_an_order_made_and_its_lines(office: Office) -> None:
    await office.link()
    line = {"Item": office.item("KADOPAPIER"), "Quantity": 1, "NetPrice": 100, "VATCode": ""}
    body = {"OrderedBy": office.account("1"), "OrderDate": "2026-06-25", "SalesOrderLines": [line]}
    made = (await office.post("salesorder/SalesOrders", body, {"Prefer": ""})).json()["d"]
    theirs = recorded("create-sales-order.json", "post", "salesorder/SalesOrders")
    check_shape(made, theirs)
    for name in (
        "AmountFC",
        "AmountFCExclVat",
        "Status",
        "DeliveryStatus",
        "InvoiceStatus",
        "ApprovalStatus",
    ):
        assert made[name] == theirs[name]
    where = f"OrderID eq guid'{made['OrderID']}'"
    (row,) = await office.rows("salesorder/SalesOrderLines", filter=where)
    recorded_line = recorded("create-sales-order.json", "get", "SalesOrderLines")["results"][0]
    check_shape(row, recorded_line)
    for name in ("AmountFC", "NetPrice", "VATAmount", "LineNumber", "QuantityDelivered", "UseDropShipment"):
        assert row[name] == recorded_line[name]
