"""Conventions of the API: query options, pages, shapes, refusals of malformed calls."""

import re
from typing import Any

import pytest

from tests.sandbox.exact.office import Office, text_of

NO_SELECT = "Please add a $select or a $top=1 statement to the query string."
NO_FILTER = (
    "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter"
)


async def test_me_is_a_collection_of_one(office: Office) -> None:
    await office.link()
    answer = await office.http.get(
        "/api/v1/Current/me?$select=CurrentDivision,FullName", headers=office.headers
    )
    (row,) = answer.json()["d"]["results"]
    assert row["CurrentDivision"] == office.division
    assert row["FullName"] == "Eva de Jong"
    assert row["__metadata"]["type"] == "Exact.Web.Api.Models.System.Me"


async def test_a_company_switch_in_the_screen_moves_the_current_division(office: Office) -> None:
    await office.link()
    await office.control.post("/users/eva.dejong/division", json={"division": 2731047})
    answer = await office.http.get("/api/v1/current/Me", headers=office.headers)
    assert answer.json()["d"]["results"][0]["CurrentDivision"] == 2731047


async def test_only_granted_divisions_are_listed_and_open(office: Office) -> None:
    await office.link()
    codes = [row["Code"] for row in await office.rows("system/Divisions", select="Code,Description")]
    assert codes == [2731045, 2731046, 2731047, 2731048]
    office.division = 2999001
    refused = await office.get("financial/Journals")
    assert (refused.status_code, refused.headers["Reason"]) == (403, "NoDivisionAccess")


async def test_a_blocked_division_says_so(office: Office) -> None:
    await office.link()
    await office.control.post(f"/divisions/{office.division}/block")
    refused = await office.get("financial/Journals")
    assert (refused.status_code, refused.headers["Reason"]) == (403, "DivisionBlocked")


async def test_a_missing_scope_is_refused_by_name(office: Office) -> None:
    scopes = {"Financial accounting": "read", "Financial generalledgers": "read"}
    await office.control.put("/apps/kassakoppeling", json={"scopes": scopes})
    await office.link()
    assert (await office.get("financial/Journals")).status_code == 200
    refused = await office.post("salesentry/SalesEntries", office.an_entry())
    assert refused.status_code == 403
    assert text_of(refused) == "Forbidden - Application Scope Violated. Cannot write"
    unread = await office.get("crm/Accounts", filter="Status eq 'C'")
    assert text_of(unread) == "Forbidden - Application Scope Violated. Cannot read"


async def test_without_an_accept_header_the_answer_is_xml(office: Office) -> None:
    await office.link()
    bare = {"Authorization": office.headers["Authorization"]}
    answer = await office.http.get(office.url("financial/Journals"), headers=bare)
    assert answer.text.startswith("<?xml")
    refused = await office.http.get(office.url("crm/Accounts"), headers=bare)
    assert "<message" in refused.text


async def test_paths_are_matched_without_regard_to_case(office: Office) -> None:
    await office.link()
    assert (await office.get("FINANCIAL/journals")).status_code == 200


async def test_the_xml_api_is_not_there(office: Office) -> None:
    assert (await office.http.post("/docs/XMLUpload.aspx?Topic=Items")).status_code == 404


async def test_an_account_is_found_by_its_padded_code_or_by_trim(office: Office) -> None:
    await office.link()
    padded = await office.rows("crm/Accounts", filter=f"Code eq '{'1':>18}'", select="ID,Code")
    trimmed = await office.rows("crm/Accounts", filter="trim(Code) eq '1'", select="ID,Code")
    bare = await office.rows("crm/Accounts", filter="Code eq '1'", select="ID,Code")
    assert [row["ID"] for row in padded] == [row["ID"] for row in trimmed] == [office.account("1")]
    assert padded[0]["Code"] == "                 1"
    assert bare == []


async def test_vat_codes_are_padded_to_three(office: Office) -> None:
    await office.link()
    (row,) = await office.rows("vat/VATCodes", filter="Code eq '2  '")
    assert (row["Code"], row["Type"], row["Percentage"]) == ("2  ", "E", 0.21)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name eq 'Kassaklant'", ["Kassaklant"]),
        ("Name eq 'Kassaklant' or SearchCode eq 'NOORD'", ["Kassaklant", "Kantoor Noord Coöperatie"]),
        ("substringof('noord',Name) eq true", ["Kantoor Noord Coöperatie"]),
        ("startswith(Name,'Kassa') and Status eq 'C'", ["Kassaverkopen", "Kassaklant"]),
        ("Blocked eq true", ["Horecabedrijf De Zwaan"]),
        ("EndDate lt datetime'2026-01-01'", ["Stichting Buurthuis Oost"]),
        ("not (Status eq 'C') and Name ne 'x'", ["Groothandel De Lage Landen B.V."]),
        ("tolower(Name) eq 'kassaklant' and Name ne ''", ["Kassaklant"]),
    ],
)
async def test_filters_choose_rows(office: Office, where: str, names: list[str]) -> None:
    await office.link()
    rows = await office.rows("crm/Accounts", filter=where, select="Name")
    assert [row["Name"] for row in rows] == names


async def test_an_apostrophe_is_doubled(office: Office) -> None:
    await office.link()
    await office.made("crm/Accounts", {"Name": "O'Brien", "Status": "C"})
    rows = await office.rows("crm/Accounts", filter="Name eq 'O''Brien'", select="Name")
    assert [row["Name"] for row in rows] == ["O'Brien"]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("ID eq 'abc'", "incompatible with operand types"),
        ("ID eq guid'abc'", "Unrecognized 'Edm.Guid' literal"),
        ("Name like 'x'", "Expression of type 'System.Boolean' expected at position 0"),
        ("Nonsense eq 1", "No property 'Nonsense' exists"),
        ("Name eq", "Bad Request - Error in query syntax."),
        ("", "This $filter parameter is not supported for this resource"),
    ],
)
async def test_a_wrong_filter_is_refused(office: Office, where: str, text: str) -> None:
    await office.link()
    refused = await office.get("crm/Accounts", filter=where, select="ID")
    assert refused.status_code == 400
    assert text in text_of(refused)


@pytest.mark.parametrize("path", ["crm/Accounts", "logistics/Items", "salesinvoice/SalesInvoices"])
async def test_a_filter_is_mandatory_where_a_sync_exists(office: Office, path: str) -> None:
    await office.link()
    refused = await office.get(path, select="Created")
    assert refused.status_code == 400
    assert text_of(refused).startswith(NO_FILTER)
    await office.switch(mandatory_filter=False)
    assert (await office.get(path, select="Created")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "bulk/CRM/Accounts",
        "sync/CRM/Accounts",
        "generaljournalentry/GeneralJournalEntries",
        "cashflow/Receivables",
    ],
)
async def test_select_is_mandatory_on_some_endpoints(office: Office, path: str) -> None:
    await office.link()
    refused = await office.get(path)
    assert (refused.status_code, text_of(refused)) == (400, NO_SELECT)
    assert (await office.get(path, top="1")).status_code == 200


async def test_both_rules_may_hold_for_one_app_and_not_for_another(office: Office) -> None:
    await office.link()
    app = "/apps/kassakoppeling"
    await office.control.put(app, json={"switches": {"mandatory_filter": False, "mandatory_select": False}})
    assert (await office.get("crm/Accounts")).status_code == 200
    assert (await office.get("sync/CRM/Accounts", filter="Timestamp gt 0")).status_code == 200
    await office.control.put(app, json={"switches": {}})
    await office.control.put("/apps/another", json={"switches": {"mandatory_filter": False}})
    assert (await office.get("crm/Accounts")).status_code == 400
    refused = await office.control.put(app, json={"switches": {"page_rows": False}})
    assert refused.status_code == 422


async def test_bulk_and_sync_take_few_filters(office: Office) -> None:
    await office.link()
    refused = await office.get("bulk/Financial/TransactionLines", filter="AmountDC gt 1", select="ID")
    assert text_of(refused) == "Filtering on these fields is not supported: AmountDC"
    refused = await office.get("sync/CRM/Accounts", filter="Name eq 'x'", select="ID")
    assert text_of(refused) == "Filtering on these fields is not supported: Name"


async def pages(office: Office, path: str, **options: str) -> list[list[Any]]:
    found = []
    answer = await office.get(path, **options)
    while True:
        body = answer.json()["d"]
        found.append(body["results"])
        if "__next" not in body:
            return found
        assert body["__next"].startswith("http://exact.test/api/v1/")
        answer = await office.get(body["__next"])


async def test_pages_hold_sixty_rows_and_next_leads_on(office: Office) -> None:
    await office.link()
    found = await pages(office, "financial/FinancialPeriods", select="FinYear,FinPeriod")
    assert [len(page) for page in found] == [60, 60, 36]
    assert len({(row["FinYear"], row["FinPeriod"]) for page in found for row in page}) == 156


async def test_pages_can_be_made_shorter_and_never_longer(office: Office) -> None:
    await office.link()
    await office.switch(page_rows=50)
    path, options = "financial/FinancialPeriods", {"select": "FinYear,FinPeriod"}
    for more in ({}, {"orderby": "FinYear"}):
        found = await pages(office, path, **options, **more)
        assert [len(page) for page in found] == [50, 50, 50, 6]
    await office.switch(page_rows=40)
    feed = await pages(office, "sync/Financial/GLAccounts", filter="Timestamp gt 0", select="ID")
    assert [len(page) for page in feed] == [40, 6]
    await office.switch(page_rows=61)
    assert [len(page) for page in await pages(office, path, **options)] == [60, 60, 36]


async def test_top_and_skip_and_orderby(office: Office) -> None:
    await office.link()
    found = await pages(office, "financial/FinancialPeriods", orderby="FinYear desc,FinPeriod", top="70")
    rows = [(row["FinYear"], row["FinPeriod"]) for page in found for row in page]
    assert len(rows) == 70
    assert rows[:2] == [(2027, 1), (2027, 2)]
    assert len(set(rows)) == 70
    skipped = await office.rows(
        "financial/FinancialPeriods", orderby="FinYear desc,FinPeriod", skip="12", top="1"
    )
    assert (skipped[0]["FinYear"], skipped[0]["FinPeriod"]) == (2026, 1)


async def test_a_token_stays_good_when_rows_are_added_and_changed(office: Office) -> None:
    await office.link()
    for number in range(70):
        await office.made(
            "crm/Accounts", {"Name": f"Klant {number:02d}", "Status": "C", "SearchCode": "NIEUW"}
        )
    for options in ({}, {"orderby": "Name"}, {"orderby": "Modified"}):
        first = await office.get("crm/Accounts", filter="SearchCode eq 'NIEUW'", select="ID,Name", **options)
        seen = {row["ID"] for row in first.json()["d"]["results"]}
        changed = first.json()["d"]["results"][5]["ID"]
        office.clock.advance(1)
        await office.put(f"crm/Accounts(guid'{changed}')", {"City": "Delft"})
        await office.made("crm/Accounts", {"Name": "AAA", "Status": "C", "SearchCode": "NIEUW"})
        second = await office.get(first.json()["d"]["__next"])
        new = [row["ID"] for row in second.json()["d"]["results"] if row["ID"] not in seen]
        assert len(new) >= 10


async def test_a_token_that_ends_between_two_pages_leaves_the_rest_to_the_next_one(office: Office) -> None:
    await office.link()
    first = (await office.get("financial/FinancialPeriods", select="ID")).json()["d"]
    office.clock.advance(600)
    assert (await office.get(first["__next"])).status_code == 401
    office.access_token = (await office.refresh()).json()["access_token"]
    second = (await office.get(first["__next"])).json()["d"]["results"]
    assert len({row["ID"] for row in [*first["results"], *second]}) == 120


async def test_count_and_inlinecount(office: Office) -> None:
    await office.link()
    counted = await office.get("financial/FinancialPeriods/$count")
    assert counted.text == "156"
    answer = await office.get("financial/FinancialPeriods", inlinecount="allpages", select="ID", top="2")
    assert answer.json()["d"]["__count"] == "156"
    assert len(answer.json()["d"]["results"]) == 2


async def test_lines_are_deferred_unless_expanded(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    uri = entry["SalesEntryLines"]["__deferred"]["uri"]
    assert uri == entry["__metadata"]["uri"] + "/SalesEntryLines"
    (line,) = await office.rows(uri)
    assert line["EntryID"] == entry["EntryID"]
    (row,) = await office.rows(
        "salesentry/SalesEntries", filter="YourRef eq 'BON-1'", expand="SalesEntryLines"
    )
    assert [found["ID"] for found in row["SalesEntryLines"]["results"]] == [line["ID"]]


async def test_dates_are_verbose_and_at_midnight_utc(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    assert entry["EntryDate"] == "/Date(1795132800000)/"  # 2026-11-20T00:00:00Z
    assert re.fullmatch(r"/Date\(\d{13}\)/", entry["Created"])


async def test_an_unknown_property_is_refused_or_ignored(office: Office) -> None:
    await office.link()
    body = office.an_entry(Nonsense=1)
    assert (await office.post("salesentry/SalesEntries", body)).status_code == 400
    await office.switch(unknown_property="ignore")
    assert (await office.post("salesentry/SalesEntries", body)).status_code == 201


async def test_read_only_properties_are_ignored(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry(AmountDC=1, Status=50))
    assert (entry["AmountDC"], entry["Status"]) == (121, 20)


@pytest.mark.parametrize("lines", [{"AmountFC": 1}, "x", [1]])
async def test_lines_that_are_no_array_are_refused(office: Office, lines: Any) -> None:
    await office.link()
    refused = await office.post("salesentry/SalesEntries", office.an_entry(SalesEntryLines=lines))
    assert refused.status_code == 400
    assert text_of(refused).endswith("The request should be a valid top-level resource object.")


async def test_a_put_with_lines_is_refused(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    refused = await office.put(
        f"salesentry/SalesEntries(guid'{entry['EntryID']}')", {"SalesEntryLines": [office.a_line()]}
    )
    assert refused.status_code == 400
    assert "Binding to new entities" in text_of(refused)


async def test_put_merges_and_answers_nothing(office: Office) -> None:
    await office.link()
    path = f"crm/Accounts(guid'{office.account('102')}')"
    answer = await office.put(path, {"Email": "info@noord.nl"})
    assert (answer.status_code, answer.content) == (204, b"")
    row = (await office.get(path)).json()["d"]
    assert (row["Email"], row["City"], row["Country"]) == ("info@noord.nl", "Groningen", "NL ")


async def test_an_unknown_key_is_not_found_and_a_malformed_one_refused(office: Office) -> None:
    await office.link()
    missing = await office.get("crm/Accounts(guid'00000000-0000-0000-0000-000000000001')")
    assert missing.status_code == 404
    assert (await office.get("crm/Accounts('x')")).status_code == 400


async def test_a_value_of_the_wrong_type_is_refused(office: Office) -> None:
    await office.link()
    refused = await office.post("salesentry/SalesEntries", office.an_entry(EntryDate="gisteren"))
    assert refused.status_code == 400
    assert "property 'EntryDate' to type 'Edm.DateTime'" in text_of(refused)
    refused = await office.post("salesentry/SalesEntries", office.an_entry(Customer="123"))
    assert (refused.status_code, text_of(refused)) == (400, "Niet herkende GUID-indeling.")


async def test_without_prefer_an_answer_is_nearly_empty(office: Office) -> None:
    await office.link()
    body = {"Name": "Nieuwe klant", "Status": "C"}
    answer = await office.post("crm/Accounts", body, {"Prefer": ""})
    row = answer.json()["d"]
    assert row["ID"]
    assert (row["Name"], row["Code"], row["Created"]) == ("Nieuwe klant", None, None)
    await office.switch(bare_post_answer="key")
    row = (await office.post("crm/Accounts", body, {"Prefer": ""})).json()["d"]
    assert row["Name"] is None


async def test_without_prefer_a_document_with_lines_answers_no_more_than_that(office: Office) -> None:
    await office.link()
    row = (await office.post("salesentry/SalesEntries", office.an_entry(), {"Prefer": ""})).json()["d"]
    assert row["EntryID"]
    assert (row["YourRef"], row["EntryNumber"], row["AmountFC"]) == ("BON-1", None, None)
    assert row["SalesEntryLines"]["__deferred"]["uri"]
    assert len(await office.rows("salesentry/SalesEntries", filter="YourRef eq 'BON-1'")) == 1


async def test_a_body_can_crash_the_server_before_anything_is_booked(office: Office) -> None:
    await office.link()
    await office.switch(crash_on="BON-1")
    crashed = await office.post("salesentry/SalesEntries", office.an_entry())
    assert crashed.status_code == 500
    assert text_of(crashed) == "De objectverwijzing is niet op een exemplaar ingesteld."
    assert await office.rows("salesentry/SalesEntries", filter="YourRef eq 'BON-1'") == []
    await office.made("salesentry/SalesEntries", office.an_entry(YourRef="BON-2"))


async def test_searches_can_lag_behind(office: Office) -> None:
    await office.switch(search_lag_seconds=10)
    await office.link()
    await office.made("salesentry/SalesEntries", office.an_entry())
    assert await office.rows("salesentry/SalesEntries", filter="YourRef eq 'BON-1'") == []
    office.clock.advance(10)
    assert len(await office.rows("salesentry/SalesEntries", filter="YourRef eq 'BON-1'")) == 1


async def test_a_field_can_be_dropped_without_a_word(office: Office) -> None:
    await office.switch(drop_field="YourRef")
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    assert entry["YourRef"] is None


async def test_an_unknown_switch_or_value_is_refused(office: Office) -> None:
    assert (await office.control.put("/switches", json={"nonsense": 1})).status_code == 422
    assert (await office.control.put("/switches", json={"long_text": "maybe"})).status_code == 422
