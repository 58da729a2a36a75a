"""That calls to Exact are held against the reference: `tests/exact_reference.py` does it in every test.

Here it is seen to notice what another stand-in could refuse, and that the sandbox's own table says the same.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.sandbox.exact.resources import RESOURCES
from tests.exact_reference import Property, deviations, entities
from tests.shared import EXACT_ENTITIES, needs

pytestmark = needs(EXACT_ENTITIES, "calls to Exact against the reference's table of entities")

KEY = "1b6799c0-2c0b-47c0-b0ab-87d89b1d4616"
HEADERS = {"Accept": "application/json", "Authorization": "Bearer t", "Content-Type": "application/json"}
LETTERS = {"GET": "G", "POST": "P", "PUT": "U", "DELETE": "D"}
LINE = {"GLAccount": KEY, "AmountFC": "10.00", "VATAmountFC": "2.10", "VATCode": "2  "}
RECORDED = {"ServicePoint", "ClientGroup", "ClientGroupDescription"}
"""In real answers alone."""
ENTRY = {"Journal": "70", "Customer": KEY, "EntryDate": "2026-01-31", "SalesEntryLines": [LINE]}


def asked(path: str, **options: str) -> httpx.Request:
    query = {f"${name}": value for name, value in options.items()}
    return httpx.Request("GET", f"http://exact.test/api/v1/123/{path}", params=query, headers=HEADERS)


def sent(path: str, body: Any, method: str = "POST") -> httpx.Request:
    return httpx.Request(method, f"http://exact.test/api/v1/123/{path}", json=body, headers=HEADERS)


@pytest.mark.parametrize(
    "request_",
    [
        asked("current/Me", select="UserID"),
        asked("sync/Logistics/Items", select="ID,Timestamp", filter="Timestamp gt 12L"),
        asked("financial/GLAccounts", select="ID", filter="UseCostcenter eq 2"),
        asked("crm/Accounts", select="ID", filter="Name eq 'Bakker ''t Hoekje' or Status eq 'C'", top="60"),
        sent("salesentry/SalesEntries", ENTRY),
        sent(f"logistics/SalesItemPrices(guid'{KEY}')", {"Price": "9.95"}, "PUT"),
    ],
)
def test_what_the_reference_has_passes(request_: httpx.Request) -> None:
    assert deviations(request_) == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (asked("salesentry/SalesEntry", select="EntryID"), "is unknown"),
        (asked("logistics/Units"), "selects nothing"),
        (asked("logistics/Units", select="Name"), "selects Name"),
        (asked("logistics/Units", select="Code", top="1", format="json"), "has $format"),
        (asked("sync/Logistics/Items", select="ID", filter="Code eq 'A'"), "by its Timestamp alone"),
        (asked("sync/Logistics/Items", select="ID", filter="Timestamp gt 1", orderby="ID"), "ordered by ID"),
        (asked("crm/Accounts", select="ID"), "mandatory filter"),
        (asked("crm/Accounts", select="ID", filter=f"ID eq '{KEY}'"), "compares ID"),
        (asked("salesentry/SalesEntries", select="EntryID", filter="YourRef eq '1'"), "mandatory filter"),
        (asked("vat/VATCodes", select="Code", filter="Percentage eq '21'"), "compares Percentage"),
        (sent("salesentry/SalesEntries", ENTRY | {"Journaal": "70"}), "sends Journaal"),
        (sent("salesentry/SalesEntries", {"Journal": "70"}), "lacks Customer"),
        (sent("salesentry/SalesEntries", ENTRY | {"YourRef": "R" * 31}), "for YourRef"),
        (sent("salesentry/SalesEntries", ENTRY | {"EntryDate": "31-01-2026"}), "for EntryDate"),
        (sent("salesentry/SalesEntries", ENTRY | {"AmountDC": "12.10"}), "read-only"),
        (sent("salesentry/SalesEntries", ENTRY | {"SalesEntryLines": LINE}), "array"),
        (
            sent("salesentry/SalesEntries", ENTRY | {"SalesEntryLines": [LINE | {"AmountFC": "tien"}]}),
            "AmountFC",
        ),
        (sent(f"generaljournalentry/GeneralJournalEntries(guid'{KEY}')", {}, "PUT"), "takes no PUT"),
    ],
)
def test_what_the_reference_lacks_is_noticed(request_: httpx.Request, said: str) -> None:
    found = deviations(request_)
    assert any(said in each for each in found), found


def test_the_table_of_the_sandbox_says_what_the_reference_says() -> None:
    known = {path: entity for path, entity in entities().items() if path.lower() in RESOURCES}
    in_both = {path: entity for path, entity in known.items() if not path.startswith("bulk/")}
    assert len(in_both) > 65
    for path, entity in in_both.items():
        resource = RESOURCES[path.lower()]
        methods = {LETTERS[method] for method in entity["methods"]}
        told = {name: _told(known, methods) for name, known in entity["properties"].items()}
        assert set(resource.methods) == methods, path
        assert {
            name: (each.type, set(each.flags), each.max_length)
            for name, each in resource.properties.items()
            if name not in RECORDED or name in told
        } == told, path


def _told(known: Property, methods: set[str]) -> tuple[str, set[str], int | None]:
    """As the sandbox writes it: may be posted (P) and put (U), must be posted (M), filters (F)."""
    flags = {LETTERS[method] for method in known["access"]} & methods - {"G"}
    flags |= {"M"} if known.get("mandatory_on_post") else set()
    flags |= {"F"} if known.get("filter_mark") else set()
    return known["type"].removeprefix("Edm."), flags, known.get("max_length", (None,))[0]
