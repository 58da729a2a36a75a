"""What stands in the books of a division, in plain JSON, for demos and tests that compare."""

from decimal import Decimal
from typing import Any

from services.sandbox.exact.division import Division
from services.sandbox.exact.table import Row

Plain = dict[str, Any]


def books_of(division: Division) -> Plain:
    entries, lines = lines_by(division, "salesentry/SalesEntries", "salesentry/SalesEntryLines", "EntryID")
    return {
        "sales_entries": [sales_entry(division, row, lines[row["EntryID"]]) for row in entries],
        "sales_invoices": invoices(division),
        "sales_orders": orders(division),
        "general_journal_entries": journal_entries(division, "generaljournalentry/GeneralJournal", "Entries"),
        "cash_entries": journal_entries(division, "financialtransaction/Cash", "Entries"),
        "bank_entries": journal_entries(division, "financialtransaction/Bank", "Entries"),
        "accounts": len(division.table("crm/Accounts")),
        "items": len(division.table("logistics/Items")),
        "transaction_lines": len(division.table("financialtransaction/TransactionLines")),
        "outstanding": money(outstanding(division)),
        "trial_balance": {code: money(total) for code, total in sorted(division.trial_balance.items())},
    }


def money(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):.2f}"


def day(row: Row, name: str) -> str | None:
    return row[name].date().isoformat() if row.get(name) else None


def lines_by(division: Division, heads: str, lines: str, key: str) -> tuple[list[Row], dict[str, list[Row]]]:
    rows = list(division.table(heads))
    by_head: dict[str, list[Row]] = {row[key]: [] for row in rows}
    for line in division.table(lines):
        if line.get(key) in by_head:
            by_head[line[key]].append(line)
    return rows, by_head


def account(division: Division, key: str | None) -> Plain | None:
    row = division.table("crm/Accounts").get(key)
    return None if row is None else {"id": row["ID"], "code": row["Code"].strip(), "name": row["Name"]}


def ledger(line: Row) -> Plain:
    return {"ledger_id": line.get("GLAccount"), "ledger_code": line.get("GLAccountCode")}


def vat_code(line: Row) -> str | None:
    return line["VATCode"].strip() if line.get("VATCode") else None


def sales_entry(division: Division, row: Row, lines: list[Row]) -> Plain:
    return {
        "id": row["EntryID"],
        "journal": row["Journal"],
        "entry_number": row["EntryNumber"],
        "type": row["Type"],
        "status": row["Status"],
        "date": day(row, "EntryDate"),
        "your_ref": row.get("YourRef"),
        "description": row.get("Description"),
        "debtor": account(division, row["Customer"]),
        "amount": money(row["AmountDC"]),
        "vat": money(row["VATAmountDC"]),
        "from_invoice": row.get("_invoice"),
        "lines": [sales_entry_line(line) for line in lines],
    }


def sales_entry_line(line: Row) -> Plain:
    net, vat = line["_net"], line["VATAmountDC"]
    return ledger(line) | {
        "vat_code": vat_code(line),
        "net": money(net),
        "vat": money(vat),
        "gross": money(net + vat),
        "description": line.get("Description"),
        "cost_center": line.get("CostCenter"),
    }


def item_line(line: Row, vat: str) -> Plain:
    amount, tax = line["AmountDC"], line[vat] or Decimal(0)
    return {
        "item": line["ItemCode"],
        "description": line["Description"],
        "quantity": f"{line['Quantity'].normalize():f}",
        "unit_price": f"{line['UnitPrice'].normalize():f}",
        "net_price": f"{line['NetPrice'].normalize():f}",
        "vat_code": vat_code(line),
        "net": money(amount),
        "vat": money(tax),
        "gross": money(amount + tax),
    }


def invoices(division: Division) -> list[Plain]:
    path = "salesinvoice/SalesInvoices"
    rows, lines = lines_by(division, path, "salesinvoice/SalesInvoiceLines", "InvoiceID")
    return [
        {
            "id": row["InvoiceID"],
            "journal": row["Journal"],
            "status": row["Status"],
            "type": row["Type"],
            "invoice_number": row.get("InvoiceNumber"),
            "date": day(row, "InvoiceDate"),
            "order_date": day(row, "OrderDate"),
            "order_number": row.get("OrderNumber"),
            "your_ref": row.get("YourRef"),
            "description": row.get("Description"),
            "debtor": account(division, row["InvoiceTo"]),
            "amount": money(row["AmountDC"]),
            "vat": money(row["VATAmountDC"]),
            "lines": [item_line(line, "VATAmountDC") for line in lines[row["InvoiceID"]]],
        }
        for row in rows
    ]


def orders(division: Division) -> list[Plain]:
    rows, lines = lines_by(division, "salesorder/SalesOrders", "salesorder/SalesOrderLines", "OrderID")
    return [
        {
            "id": row["OrderID"],
            "order_number": row["OrderNumber"],
            "status": row["Status"],
            "delivery_status": row["DeliveryStatus"],
            "invoice_status": row["InvoiceStatus"],
            "date": day(row, "OrderDate"),
            "your_ref": row.get("YourRef"),
            "description": row.get("Description"),
            "debtor": account(division, row["OrderedBy"]),
            "amount": money(row["AmountDC"]),
            "lines": [item_line(line, "VATAmount") for line in lines[row["OrderID"]]],
        }
        for row in rows
    ]


def journal_entries(division: Division, stem: str, plural: str) -> list[Plain]:
    rows, lines = lines_by(division, stem + plural, stem + "EntryLines", "EntryID")
    return [
        {
            "id": row["EntryID"],
            "journal": row["JournalCode"],
            "entry_number": row["EntryNumber"],
            "year": row["FinancialYear"],
            "period": row["FinancialPeriod"],
            "date": day(lines[row["EntryID"]][0], "Date") if lines[row["EntryID"]] else None,
            **balances(row),
            "lines": [journal_line(division, line) for line in lines[row["EntryID"]]],
        }
        for row in rows
    ]


def balances(row: Row) -> Plain:
    if row.get("ClosingBalanceFC") is None:
        return {}
    return {"opening": money(row["OpeningBalanceFC"]), "closing": money(row["ClosingBalanceFC"])}


def journal_line(division: Division, line: Row) -> Plain:
    """`amount` is signed as sent: debit positive in a general journal, money in positive in a cash book."""
    vat, code = line.get("AmountVATFC") or Decimal(0), line.get("VATType")
    net = line["AmountDC"] - vat if code == "I" else line["AmountDC"]
    return ledger(line) | {
        "amount": money(net + vat),
        "net": money(net),
        "vat": money(vat),
        "vat_code": vat_code(line),
        "debtor": account(division, line.get("Account")),
        "description": line.get("Description"),
        "date": day(line, "Date"),
        "cost_center": line.get("CostCenter"),
    }


def outstanding(division: Division) -> Decimal:
    rows = division.table("cashflow/Receivables")
    return sum((-row["AmountDC"] for row in rows if not row["IsFullyPaid"]), Decimal(0))
