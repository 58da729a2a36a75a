"""Answers that a real division gave, read by our own readers."""

from __future__ import annotations

import json
from typing import Any

from libs.common.exact import odata
from libs.common.exact.answers import page_of, row_of
from libs.common.exact.reference import Journal, LedgerAccount, VatCode
from tests.shared import EXACT_SAMPLES, needs

pytestmark = needs(EXACT_SAMPLES, "our readers against Exact's own answers")


def recorded(name: str, method: str, part: str) -> bytes:
    calls: dict[str, Any] = json.loads((EXACT_SAMPLES / name).read_text())["api"][method]
    found = next(call for path, call in calls.items() if part in path)
    found = found[0] if isinstance(found, list) else found
    return json.dumps(found["response"]).encode()


def test_journals() -> None:
    journals = [Journal.of(row) for row in page_of(recorded("journals.json", "get", "Journals")).rows]
    assert {20, 90} <= {journal.type for journal in journals}
    assert all(journal.code == journal.code.strip() for journal in journals)


def test_vat_codes() -> None:
    codes = [VatCode.of(row) for row in page_of(recorded("vat-codes.json", "get", "VATCodes")).rows]
    assert {code.type for code in codes} <= {"E", "I", "B", "N"}
    assert max(code.percentage for code in codes) >= 20


def test_ledgers_with_few_fields() -> None:
    rows = page_of(recorded("list-gl-accounts.json", "get", "GLAccounts")).rows
    assert all(LedgerAccount.of(row).id == row["ID"] for row in rows)
    assert odata.date_of(rows[0]["Modified"]).year == 2018


def test_posts_answer_one_row_with_its_key() -> None:
    account = row_of(recorded("create-customer.json", "post", "Accounts"))
    order = row_of(recorded("create-sales-order.json", "post", "SalesOrders"))
    assert odata.guid(account["ID"])
    assert odata.guid(order["OrderID"])
    assert order["OrderNumber"] == 13
    assert set(order["SalesOrderLines"]) == {"__deferred"}
