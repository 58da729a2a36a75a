"""Sales entries: VAT by hand, the ledger, numbers, periods and each refusal."""

from typing import Any

import pytest

from tests.sandbox.exact.office import Office, text_of

UNKNOWN = "00000000-0000-4000-8000-000000000001"


async def booked(office: Office, number: int) -> list[tuple[int, str, float]]:
    rows = await office.rows(
        "financialtransaction/TransactionLines",
        filter=f"EntryNumber eq {number} and JournalCode eq '70'",
        select="LineNumber,GLAccountCode,AmountDC",
    )
    return [(row["LineNumber"], row["GLAccountCode"], row["AmountDC"]) for row in rows]


@pytest.mark.parametrize(
    ("line", "gross", "vat", "ledger_lines"),
    [
        # 100.00 excluding 21 %
        ({"AmountFC": "100.00", "VATCode": "2"}, 121, 21, [("8000", -100), ("1500", -21)]),
        # 0.05 x 0.09 = 0.0045 -> 0.00; 0.06 x 0.09 = 0.0054 -> 0.01
        ({"AmountFC": "0.06", "VATCode": "1"}, 0.07, 0.01, [("8000", -0.06), ("1501", -0.01)]),
        # 10.00 including 21 %: 10 / 1.21 = 8.2645 -> 8.26
        ({"AmountFC": "10.00", "VATCode": "4"}, 10, 1.74, [("8000", -8.26), ("1500", -1.74)]),
        # 10.90 including 9 %
        ({"AmountFC": 10.9, "VATCode": "3  "}, 10.9, 0.9, [("8000", -10), ("1501", -0.9)]),
        # the sender's own VAT stands
        (
            {"AmountFC": "8.27", "VATCode": "2", "VATAmountFC": "1.73"},
            10,
            1.73,
            [("8000", -8.27), ("1500", -1.73)],
        ),
        (
            {"AmountFC": "10.00", "VATCode": "4", "VATAmountFC": "1.73"},
            10,
            1.73,
            [("8000", -8.27), ("1500", -1.73)],
        ),
        # base only, none, and no code at all
        ({"AmountFC": "50.00", "VATCode": "5"}, 50, 0, [("8000", -50)]),
        ({"AmountFC": "50.00", "VATCode": "9"}, 50, 0, [("8000", -50)]),
        ({"AmountFC": "50.00", "VATCode": ""}, 50, 0, [("8000", -50)]),
        # the ledger's default code is 21 % excluding
        ({"AmountFC": "50.00", "VATCode": None}, 60.5, 10.5, [("8000", -50), ("1500", -10.5)]),
        # a return
        ({"AmountFC": "-10.00", "VATCode": "4"}, -10, -1.74, [("8000", 8.26), ("1500", 1.74)]),
        # half a cent rounds away from zero: 0.50 x 0.21 = 0.105
        ({"AmountFC": "0.50", "VATCode": "2"}, 0.61, 0.11, [("8000", -0.5), ("1500", -0.11)]),
    ],
)
async def test_vat_follows_the_type_of_the_code(
    office: Office, line: dict[str, Any], gross: float, vat: float, ledger_lines: list[tuple[str, float]]
) -> None:
    await office.link()
    entry = await office.made(
        "salesentry/SalesEntries", office.an_entry(SalesEntryLines=[office.a_line(**line)])
    )
    assert (entry["AmountFC"], entry["VATAmountFC"]) == (gross, vat)
    found = await booked(office, entry["EntryNumber"])
    assert found == [(0, "1300", gross)] + [(i, *row) for i, row in enumerate(ledger_lines, start=1)]


async def test_the_rate_is_that_of_the_entry_date(office: Office) -> None:
    await office.link()
    line = office.a_line(AmountFC="100.00", VATCode="1")
    entry = await office.made(
        "salesentry/SalesEntries", office.an_entry(EntryDate="2018-12-31", SalesEntryLines=[line])
    )
    assert entry["VATAmountFC"] == 6


async def test_an_entry_settled_in_itself_owes_nothing(office: Office) -> None:
    await office.link()
    lines = [
        office.a_line(AmountFC="100.00", VATCode="2", VATAmountFC="21.00"),
        office.a_line(GLAccount=office.ledger("2000"), AmountFC="-121.00", VATCode=""),
    ]
    entry = await office.made("salesentry/SalesEntries", office.an_entry(SalesEntryLines=lines))
    assert entry["AmountFC"] == 0
    assert (await office.books())["trial_balance"] == {
        "1300": "0.00", "1500": "-21.00", "2000": "121.00", "8000": "-100.00",
    }  # fmt: skip
    assert await office.rows("read/financial/ReceivablesList") == []


async def test_a_clearing_ledger_or_a_nil_total_can_be_refused(office: Office) -> None:
    await office.switch(clearing_ledger_in_sales_entry="refuse", zero_total_entry="refuse")
    await office.link()
    lines = [
        office.a_line(VATCode=""),
        office.a_line(GLAccount=office.ledger("2000"), AmountFC=-100, VATCode=""),
    ]
    refused = await office.post("salesentry/SalesEntries", office.an_entry(SalesEntryLines=lines))
    assert text_of(refused) == "Ongeldig: Grootboekrekeningtype\r\nVerplicht: Bedrag"


async def test_a_liability_of_a_general_type_is_always_taken(office: Office) -> None:
    await office.switch(clearing_ledger_in_sales_entry="refuse")
    await office.link()
    line = office.a_line(GLAccount=office.ledger("2100"), VATCode="")
    await office.made("salesentry/SalesEntries", office.an_entry(SalesEntryLines=[line]))


async def test_a_receivable_stands_open_until_it_is_paid(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    (row,) = await office.rows(
        "cashflow/Receivables", select="AmountDC,TransactionAmountDC,IsFullyPaid,DueDate"
    )
    assert (row["AmountDC"], row["TransactionAmountDC"], row["IsFullyPaid"]) == (-121, 121, False)
    assert row["DueDate"] == "/Date(1797724800000)/"  # 30 days later
    (still_open,) = await office.rows("read/financial/ReceivablesList")
    assert (still_open["Amount"], still_open["InvoiceNumber"]) == (121, entry["InvoiceNumber"])
    paid = {
        "GLAccount": office.ledger("1300"), "AmountFC": "-121.00", "Account": office.account("1"),
        "OurRef": entry["InvoiceNumber"],
    }  # fmt: skip
    bank = {"GLAccount": office.ledger("2000"), "AmountFC": "121.00"}
    body = {"JournalCode": "90", "GeneralJournalEntryLines": [paid, bank]}
    await office.made("generaljournalentry/GeneralJournalEntries", body)
    assert await office.rows("read/financial/ReceivablesList") == []
    (row,) = await office.rows("cashflow/Receivables", select="AmountDC,IsFullyPaid,Status")
    assert (row["AmountDC"], row["IsFullyPaid"], row["Status"]) == (0, True, 50)


async def test_numbers_run_per_journal_and_year(office: Office) -> None:
    await office.link()
    dates = ("2026-11-20", "2026-11-19", "2025-03-01")
    made = [await office.made("salesentry/SalesEntries", office.an_entry(EntryDate=day)) for day in dates]
    assert [row["EntryNumber"] for row in made] == [26700001, 26700002, 25700001]
    assert [(row["ReportingYear"], row["ReportingPeriod"]) for row in made] == [
        (2026, 11),
        (2026, 11),
        (2025, 3),
    ]


async def test_an_entry_number_of_ones_own_must_be_free(office: Office) -> None:
    await office.link()
    body = office.an_entry(EntryNumber=26700010)
    assert (await office.made("salesentry/SalesEntries", body))["EntryNumber"] == 26700010
    refused = await office.post("salesentry/SalesEntries", body)
    assert (refused.status_code, text_of(refused)) == (500, "In gebruik: Boekstuknummer")
    assert (await office.made("salesentry/SalesEntries", office.an_entry()))["EntryNumber"] == 26700011


async def test_an_unsuitable_invoice_number_is_replaced_without_a_word(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry(InvoiceNumber=26700007))
    assert entry["InvoiceNumber"] == entry["EntryNumber"] == 26700007
    entry = await office.made("salesentry/SalesEntries", office.an_entry(InvoiceNumber=26700003))
    assert entry["InvoiceNumber"] == 26700008


async def test_a_credit_is_known_by_its_total_or_by_its_type(office: Office) -> None:
    await office.link()
    credit = office.an_entry(SalesEntryLines=[office.a_line(AmountFC=-1)], Type=20)
    assert (await office.made("salesentry/SalesEntries", credit))["Type"] == 21
    await office.switch(negative_total_type="by-type")
    assert (await office.made("salesentry/SalesEntries", credit))["Type"] == 20
    assert (await office.made("salesentry/SalesEntries", credit | {"Type": 21}))["Type"] == 21


@pytest.mark.parametrize(
    ("changes", "dutch", "english"),
    [
        ({"Journal": None}, "Verplicht: Dagboek", "Mandatory: Journal"),
        ({"Journal": "XX"}, "Ongeldige referentie: Journals", "Invalid reference: Journals"),
        ({"Journal": "90"}, "Ongeldig: Dagboek", "Invalid: Journal"),
        ({"Journal": "79"}, "Geblokkeerd: Dagboek", "Blocked: Journal"),
        ({"Customer": None}, "Verplicht: Klant", "Mandatory: Customer"),
        ({"Customer": UNKNOWN}, "Ongeldige referentie: Klant", "Invalid reference: Customer"),
        ({"Customer": "100"}, "Ongeldig: Klant (Type)", "Invalid: Customer (Type)"),
        ({"Customer": "101"}, "Geblokkeerd: Klant", "Blocked: Customer"),
        ({"Customer": "103"}, "Niet actief: Relatie", "Not active: Account"),
        (
            {"Customer": "104"},
            "De klantenrekening van deze relatie is niet gelijk aan de rekening van het gebruikte "
            "verkoopdagboek",
            "The receivable account of this account differs from the account of the sales journal used",
        ),
        ({"EntryDate": "2024-03-05"}, "Periode is afgesloten: 2024 - 03", "Period is closed: 2024 - 03"),
        ({"EntryDate": "2014-03-05"}, "Ongeldige referentie: Periode", "Invalid reference: Period"),
        (
            {"PaymentCondition": "99"},
            "Ongeldige referentie: Betalingsconditie",
            "Invalid reference: Payment condition",
        ),
        ({"SalesEntryLines": None}, "Verplicht: Regels", "Mandatory: Lines"),
        ({"SalesEntryLines": []}, "Verplicht: Regels", "Mandatory: Lines"),
    ],
)
async def test_a_wrong_header_is_refused(
    office: Office, changes: dict[str, Any], dutch: str, english: str
) -> None:
    await office.link()
    if isinstance(changes.get("Customer"), str) and len(changes["Customer"]) == 3:
        changes = {"Customer": office.account(changes["Customer"])}
    body = {name: value for name, value in office.an_entry(**changes).items() if value is not None}
    refused = await office.post("salesentry/SalesEntries", body)
    assert (refused.status_code, text_of(refused)) == (500, dutch)
    await office.switch(language="en", business_refusal_status=400)
    refused = await office.post("salesentry/SalesEntries", body)
    assert (refused.status_code, text_of(refused)) == (400, english)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"GLAccount": None}, "Grootboekrekening is verplicht"),
        ({"GLAccount": UNKNOWN}, "Ongeldige referentie: Grootboekrekening"),
        ({"GLAccount": "1000"}, "Ongeldig: Grootboekrekeningtype"),
        ({"GLAccount": "1100"}, "Ongeldig: Grootboekrekeningtype"),
        ({"GLAccount": "1300"}, "Ongeldig: Grootboekrekeningtype"),
        ({"GLAccount": "1500"}, "Ongeldig: Grootboekrekeningtype"),
        ({"GLAccount": "1600"}, "Ongeldig: Grootboekrekeningtype"),
        ({"GLAccount": "2990", "VATCode": ""}, "Geblokkeerd: Grootboekrekening"),
        ({"AmountFC": None}, "Verplicht: Bedrag"),
        ({"VATCode": "77"}, "Ongeldige referentie: Btw-code"),
        ({"VATCode": "10"}, "Ongeldig: Btw-code"),
        ({"VATCode": "19"}, "Geblokkeerd: Btw-code"),
        (
            {"VATCode": "0", "VATAmountFC": 1},
            'Een btw bedrag is niet toegestaan als u gebruikmaakt van een btw-code van het type "geen btw"',
        ),
        ({"CostCenter": "NERGENS"}, "Ongeldige referentie: Kostenplaats"),
        ({"CostUnit": "NERGENS"}, "Ongeldige referentie: Kostendrager"),
        ({"GLAccount": "4100"}, "Verplicht: Kostenplaats"),
    ],
)
async def test_a_wrong_line_refuses_the_whole_entry(
    office: Office, changes: dict[str, Any], text: str
) -> None:
    await office.link()
    if len(changes.get("GLAccount") or "") == 4:
        changes = changes | {"GLAccount": office.ledger(changes["GLAccount"])}
    body = office.an_entry(SalesEntryLines=[office.a_line(), office.a_line(**changes)])
    refused = await office.post("salesentry/SalesEntries", body)
    assert (refused.status_code, text_of(refused)) == (500, text)
    books = await office.books()
    assert (books["sales_entries"], books["transaction_lines"]) == ([], 0)


async def test_a_vat_code_without_a_rate_on_the_date_is_refused(office: Office) -> None:
    await office.link()
    refused = await office.post("salesentry/SalesEntries", office.an_entry(EntryDate="2000-01-01"))
    assert "Ongeldig: Btw-percentage []" in text_of(refused)


async def test_several_refusals_come_together(office: Office) -> None:
    await office.link()
    refused = await office.post("salesentry/SalesEntries", {"SalesEntryLines": []})
    assert text_of(refused) == "Verplicht: Regels\r\nVerplicht: Dagboek\r\nVerplicht: Klant"


async def test_a_period_can_be_closed_and_opened(office: Office) -> None:
    await office.link()
    november = {"year": 2026, "period": 11}
    await office.control.post(f"/divisions/{office.division}/close-period", json=november)
    refused = await office.post("salesentry/SalesEntries", office.an_entry())
    assert text_of(refused) == "Periode is afgesloten: 2026 - 11"
    rows = await office.rows(
        "read/financial/JournalStatusList", filter="Journal eq '70' and Year eq 2026 and Period eq 11"
    )
    assert [row["Status"] for row in rows] == [1]
    await office.control.post(f"/divisions/{office.division}/open-period", json=november)
    await office.made("salesentry/SalesEntries", office.an_entry())


async def test_a_period_can_be_closed_for_one_journal(office: Office) -> None:
    await office.link()
    of_memos = {"year": 2026, "period": 11, "journal": "90"}
    await office.control.post(f"/divisions/{office.division}/close-period", json=of_memos)
    await office.made("salesentry/SalesEntries", office.an_entry())
    statuses = {
        row["Journal"].strip(): row["Status"]
        for row in await office.rows(
            "read/financial/JournalStatusList", filter="Year eq 2026 and Period eq 11"
        )
    }
    assert (statuses["70"], statuses["90"]) == (0, 1)
    of_sales = of_memos | {"journal": "70"}
    await office.control.post(f"/divisions/{office.division}/close-period", json=of_sales)
    refused = await office.post("salesentry/SalesEntries", office.an_entry(YourRef="BON-2"))
    assert text_of(refused) == "Periode is afgesloten: 2026 - 11"
    await office.control.post(f"/divisions/{office.division}/open-period", json=of_sales)
    await office.made("salesentry/SalesEntries", office.an_entry(YourRef="BON-2"))


async def test_a_broken_financial_year_gives_its_own_period(office: Office) -> None:
    await office.link()
    office.division = 2731048
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    assert (entry["ReportingYear"], entry["ReportingPeriod"]) == (2027, 5)


async def test_a_changed_line_books_the_entry_anew(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    (line,) = await office.rows(entry["SalesEntryLines"]["__deferred"]["uri"])
    await office.put(f"salesentry/SalesEntryLines(guid'{line['ID']}')", {"AmountFC": "200.00"})
    new = office.a_line(AmountFC="10.90", VATCode="3", EntryID=entry["EntryID"])
    await office.made("salesentry/SalesEntryLines", new)
    assert await booked(office, entry["EntryNumber"]) == [
        (0, "1300", 252.9), (1, "8000", -200), (2, "8000", -10), (3, "1500", -42), (4, "1501", -0.9),
    ]  # fmt: skip


async def test_deleting_the_last_line_deletes_the_entry(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    (line,) = await office.rows(entry["SalesEntryLines"]["__deferred"]["uri"])
    answer = await office.delete(f"salesentry/SalesEntryLines(guid'{line['ID']}')")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await office.get(f"salesentry/SalesEntries(guid'{entry['EntryID']}')")).status_code == 404
    assert set((await office.books())["trial_balance"].values()) == {"0.00"}


async def test_including_amounts_can_be_taken_as_net(office: Office) -> None:
    await office.switch(including_amount_in_sales_entry="net")
    await office.link()
    line = office.a_line(AmountFC="100.00", VATCode="4")
    entry = await office.made("salesentry/SalesEntries", office.an_entry(SalesEntryLines=[line]))
    assert (entry["AmountFC"], entry["VATAmountFC"]) == (121, 21)


async def test_long_texts_are_cut_or_refused(office: Office) -> None:
    await office.link()
    entry = await office.made("salesentry/SalesEntries", office.an_entry(Description="x" * 61))
    assert entry["Description"] == "x" * 60
    await office.switch(long_text="refuse")
    refused = await office.post("salesentry/SalesEntries", office.an_entry(Description="x" * 61))
    assert text_of(refused) == "Te lang: Omschrijving (max. 60)"


async def test_every_division_can_book(office: Office) -> None:
    await office.link()
    for division, code, ledger in ((2731046, "VHI", "8000"), (2731047, "2", "700000")):
        office.division = division
        line = {"GLAccount": office.ledger(ledger), "AmountFC": "121.00", "VATCode": code}
        entry = await office.made("salesentry/SalesEntries", office.an_entry(SalesEntryLines=[line]))
        assert (entry["AmountFC"], entry["VATAmountFC"]) == (121, 21)


async def test_years_can_be_added_for_old_sales(office: Office) -> None:
    await office.link()
    body = office.an_entry(EntryDate="2010-12-01")
    assert text_of(await office.post("salesentry/SalesEntries", body)) == "Ongeldige referentie: Periode"
    await office.control.post(f"/divisions/{office.division}/years", json={"first": 2010, "last": 2010})
    entry = await office.made("salesentry/SalesEntries", body)
    assert (entry["EntryNumber"], entry["VATAmountFC"]) == (10700001, 19)  # 19 % then
