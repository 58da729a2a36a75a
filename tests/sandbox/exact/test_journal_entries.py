"""General journals and the cash book: balance, VAT, own ledger, running balances."""

from typing import Any

import pytest

from tests.sandbox.exact.office import Office, text_of

GENERAL = "generaljournalentry/GeneralJournalEntries"
CASH = "financialtransaction/CashEntries"


def memo(office: Office, *lines: tuple[str, str, str | None], journal: str = "90") -> dict[str, Any]:
    rows = [
        {"GLAccount": office.ledger(code), "AmountFC": amount, "Description": "DAG-1", "Date": "2026-11-20"}
        | ({} if vat is None else {"VATCode": vat})
        for code, amount, vat in lines
    ]
    return {"JournalCode": journal, "GeneralJournalEntryLines": rows}


def drawer(office: Office, *lines: tuple[str, str, str], **head: Any) -> dict[str, Any]:
    rows = [
        {"GLAccount": office.ledger(code), "AmountFC": amount, "VATCode": vat} for code, amount, vat in lines
    ]
    return {"JournalCode": "10", "CashEntryLines": rows} | head


async def ledger_lines(office: Office, entry_id: str) -> list[tuple[int, str, float]]:
    rows = await office.rows(
        "bulk/Financial/TransactionLines",
        filter=f"EntryID eq guid'{entry_id}'",
        select="LineNumber,GLAccountCode,AmountDC",
    )
    return [(row["LineNumber"], row["GLAccountCode"], row["AmountDC"]) for row in rows]


async def test_a_journal_entry_gets_its_vat_lines(office: Office) -> None:
    await office.link()
    lines = (("8000", "-121.00", "4"), ("8010", "-100.00", "1"), ("2000", "230.00", ""))
    entry = await office.made(GENERAL, memo(office, *lines))
    assert (entry["EntryNumber"], entry["Type"], entry["FinancialPeriod"]) == (26900001, 90, 11)
    assert await ledger_lines(office, entry["EntryID"]) == [
        (1, "8000", -100), (2, "8010", -100), (3, "2000", 230), (4, "1500", -21), (5, "1501", -9),
    ]  # fmt: skip


async def test_an_entry_that_does_not_balance_is_refused(office: Office) -> None:
    await office.link()
    refused = await office.post(GENERAL, memo(office, ("8020", "-100.00", "5"), ("2000", "100.01", "")))
    assert (refused.status_code, text_of(refused)) == (500, "Boeking niet in evenwicht")


@pytest.mark.parametrize(("vat", "is_refused"), [("4", True), ("0", True), (None, True), ("", False)])
async def test_a_journal_without_vat_takes_an_empty_code_only(
    office: Office, vat: str | None, is_refused: bool
) -> None:
    await office.link()
    body = memo(office, ("8000", "-100.00", vat), ("2000", "100.00", ""), journal="92")
    answer = await office.post(GENERAL, body)
    if is_refused:
        assert text_of(answer) == "Niet toegestaan: Btw-code"
    else:
        assert answer.status_code == 201


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1000", "Ongeldig: Grootboekrekeningtype"),
        ("1100", "Ongeldig: Grootboekrekeningtype"),
        ("1300", "Verplicht: Relatie"),
    ],
)
async def test_some_ledgers_do_not_fit(office: Office, code: str, text: str) -> None:
    await office.link()
    refused = await office.post(GENERAL, memo(office, (code, "1.00", ""), ("2000", "-1.00", "")))
    assert text_of(refused) == text


async def test_a_journal_of_another_type_is_refused(office: Office) -> None:
    await office.link("mark.smit")
    refused = await office.post(GENERAL, memo(office, ("8000", "0", ""), journal="70"))
    assert text_of(refused) == "Invalid: Journal"
    refused = await office.post(CASH, drawer(office, ("8000", "1", "")) | {"JournalCode": "90"})
    assert text_of(refused) == "Invalid journal. The journal must be a cash journal."


async def test_money_in_the_drawer_is_positive(office: Office) -> None:
    await office.link()
    entry = await office.made(CASH, drawer(office, ("8000", "121.00", "4"), ("2000", "-100.00", "")))
    assert (entry["OpeningBalanceFC"], entry["ClosingBalanceFC"]) == (0, 21)
    assert await ledger_lines(office, entry["EntryID"]) == [
        (0, "1000", 21), (1, "8000", -100), (2, "2000", 100), (3, "1500", -21),
    ]  # fmt: skip
    entry = await office.made(CASH, drawer(office, ("4590", "-5.00", "")))
    assert (entry["OpeningBalanceFC"], entry["ClosingBalanceFC"]) == (21, 16)


async def test_cash_balances_that_do_not_fit_are_refused(office: Office) -> None:
    await office.link()
    wrong = drawer(office, ("8020", "10.00", "5"), OpeningBalanceFC="5.00", ClosingBalanceFC="14.00")
    assert text_of(await office.post(CASH, wrong)) == "Ongeldig: Eindsaldo"
    right = await office.made(CASH, wrong | {"ClosingBalanceFC": "15.00"})
    assert right["ClosingBalanceFC"] == 15


async def test_an_entry_number_in_use_is_refused(office: Office) -> None:
    await office.link()
    body = memo(office, ("8020", "-1.00", "5"), ("2000", "1.00", "")) | {"EntryNumber": 26900500}
    assert (await office.post(GENERAL, body)).status_code == 201
    assert text_of(await office.post(GENERAL, body)) == "In gebruik: Boekstuknummer"


async def test_an_entry_is_found_by_its_line_description(office: Office) -> None:
    await office.link()
    entry = await office.made(GENERAL, memo(office, ("8020", "-1.00", "5"), ("2000", "1.00", "")))
    rows = await office.rows("generaljournalentry/GeneralJournalEntryLines", filter="Description eq 'DAG-1'")
    assert {row["EntryID"] for row in rows} == {entry["EntryID"]}
    rows = await office.rows(
        "financialtransaction/TransactionLines", filter="Description eq 'DAG-1'", select="ID"
    )
    assert len(rows) == 2


async def test_a_deleted_entry_leaves_the_ledger(office: Office) -> None:
    await office.link()
    entry = await office.made(CASH, drawer(office, ("8020", "10.00", "5")))
    assert (await office.delete(f"{CASH}(guid'{entry['EntryID']}')")).status_code == 204
    books = await office.books()
    assert (books["cash_entries"], books["transaction_lines"]) == ([], 0)
    gone = await office.rows("sync/Deleted", select="EntityType,EntityKey,Timestamp")
    assert [row["EntityType"] for row in gone] == [1, 1]


async def test_a_put_is_not_possible(office: Office) -> None:
    await office.link()
    entry = await office.made(GENERAL, memo(office, ("8020", "-1.00", "5"), ("2000", "1.00", "")))
    assert (await office.put(f"{GENERAL}(guid'{entry['EntryID']}')", {})).status_code == 405


async def test_a_bank_entry_needs_a_bank_journal(office: Office) -> None:
    await office.link()
    line = {"GLAccount": office.ledger("2000"), "AmountFC": "50.00", "VATCode": ""}
    body = {"JournalCode": "20", "BankEntryLines": [line]}
    entry = await office.made("financialtransaction/BankEntries", body)
    assert await ledger_lines(office, entry["EntryID"]) == [(0, "1100", 50), (1, "2000", -50)]
    refused = await office.post("financialtransaction/BankEntries", body | {"JournalCode": "10"})
    assert text_of(refused) == "Ongeldig: Dagboek"


async def test_a_cash_book_is_a_chain_of_balances(office: Office) -> None:
    await office.link()
    first = drawer(office, ("8020", "10.00", "5"), OpeningBalanceFC="100.00", ClosingBalanceFC="110.00")
    await office.made(CASH, first)
    late = drawer(office, ("8020", "10.00", "5"), OpeningBalanceFC="100.00", ClosingBalanceFC="110.00")
    assert text_of(await office.post(CASH, late)) == "Ongeldig: Beginsaldo"
    after = await office.made(CASH, late | {"OpeningBalanceFC": "110.00", "ClosingBalanceFC": "120.00"})
    assert (after["OpeningBalanceFC"], after["ClosingBalanceFC"]) == (110, 120)
    await office.switch(cash_opening_balance="free")
    assert (await office.post(CASH, late)).status_code == 201


async def test_the_last_entry_says_where_the_next_one_opens(office: Office) -> None:
    await office.link()
    for amount in ("10.00", "5.00", "-3.00"):
        await office.made(CASH, drawer(office, ("8020", amount, "5")))
        office.clock.advance(1)
    (last,) = await office.rows(
        CASH,
        filter="JournalCode eq '10'",
        select="ClosingBalanceFC",
        orderby="Created desc,EntryNumber desc",
        top="1",
    )
    assert last["ClosingBalanceFC"] == 12


async def test_a_deleted_cash_entry_gives_its_money_back(office: Office) -> None:
    await office.link()
    await office.made(CASH, drawer(office, ("8020", "10.00", "5")))
    entry = await office.made(CASH, drawer(office, ("8020", "5.00", "5")))
    assert (await office.delete(f"{CASH}(guid'{entry['EntryID']}')")).status_code == 204
    again = await office.made(CASH, drawer(office, ("8020", "1.00", "5")))
    assert (again["OpeningBalanceFC"], again["ClosingBalanceFC"]) == (10, 11)


async def test_a_positive_cash_line_may_mean_a_debit(office: Office) -> None:
    await office.link()
    await office.switch(cash_line_sign="debit")
    body = drawer(office, ("2000", "100.00", ""), OpeningBalanceFC="0.00", ClosingBalanceFC="100.00")
    assert text_of(await office.post(CASH, body)) == "Ongeldig: Eindsaldo"
    entry = await office.made(CASH, body | {"ClosingBalanceFC": "-100.00"})
    assert await ledger_lines(office, entry["EntryID"]) == [(0, "1000", -100), (1, "2000", 100)]


async def test_cash_lines_take_vat_of_both_types_and_our_own_amount(office: Office) -> None:
    await office.link()
    lines = [
        {"GLAccount": office.ledger("8000"), "AmountFC": "100.00", "VATCode": "2", "AmountVATFC": "20.99"},
        {"GLAccount": office.ledger("8010"), "AmountFC": "109.00", "VATCode": "3"},
    ]
    entry = await office.made(CASH, {"JournalCode": "10", "CashEntryLines": lines})
    assert entry["ClosingBalanceFC"] == 229.99
    assert await ledger_lines(office, entry["EntryID"]) == [
        (0, "1000", 229.99), (1, "8000", -100), (2, "8010", -100), (3, "1500", -20.99), (4, "1501", -9),
    ]  # fmt: skip


async def test_what_is_owed_from_a_cash_book_stands_open(office: Office) -> None:
    await office.link()
    line = {"GLAccount": office.ledger("1300"), "AmountFC": "-25.00", "Account": office.account("102")}
    assert text_of(
        await office.post(CASH, {"JournalCode": "10", "CashEntryLines": [line | {"Account": None}]})
    )
    await office.made(CASH, {"JournalCode": "10", "CashEntryLines": [line]})
    (row,) = await office.rows(
        "cashflow/Receivables",
        select="AccountCode,TransactionAmountDC,AmountDC",
        filter=f"Account eq guid'{office.account('102')}'",
    )
    assert (row["TransactionAmountDC"], row["AmountDC"]) == (25, -25)


@pytest.mark.parametrize("path", [GENERAL, CASH])
async def test_a_closed_period_takes_nothing_and_shows_in_the_list(office: Office, path: str) -> None:
    await office.link()
    closed = {"year": 2026, "period": 11}
    one = f"/divisions/{office.division}"
    assert (await office.control.post(f"{one}/close-period", json=closed)).json() == {"closed": True}
    body = memo(office, ("8020", "-1.00", "5"), ("2000", "1.00", ""))
    if path == CASH:
        line = {"GLAccount": office.ledger("8020"), "AmountFC": "1.00", "Date": "2026-11-20"}
        body = {"JournalCode": "10", "CashEntryLines": [line]}
    assert text_of(await office.post(path, body)) == "Periode is afgesloten: 2026 - 11"
    rows = await office.rows(
        "read/financial/JournalStatusList",
        select="Journal,Year,Period,Status",
        filter="Journal eq '90' and Year ge 2025",
    )
    assert [(row["Year"], row["Period"]) for row in rows if row["Status"] == 1] == [(2026, 11)]
    assert (await office.control.post(f"{one}/open-period", json=closed)).json() == {"closed": False}
    assert (await office.post(path, body)).status_code == 201


async def test_an_entry_number_may_be_replaced_without_a_word(office: Office) -> None:
    await office.link()
    await office.switch(entry_number_as_sent="replace")
    body = memo(office, ("8020", "-1.00", "5"), ("2000", "1.00", "")) | {"EntryNumber": 26900500}
    assert (await office.made(GENERAL, body))["EntryNumber"] == 26900001
