"""Real receipts as tickets: how each file is read and sold, so that all who sell them sell the same."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TypeVar
from zlib import crc32
from zoneinfo import ZoneInfo

from services.sandbox.names import made_up_buyer
from services.sandbox.tills import Buyer, Ticket, TicketLine, TicketPayment

GIFTWARE = "online-retail-2010-12.csv.gz"
BAKERY = "bread-basket-2016.csv.gz"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TENDERS = ("PIN", "Cash", "Credit Card")
ON_ACCOUNT = "Credit Account"
FULL_RATE = frozenset({"POST", "DOT", "C2", "M", "D", "S", "AMAZONFEE", "BANK CHARGES"})
BAKERY_FULL_RATE = frozenset(
    {"Basket", "Bowl Nic Pitt", "Tshirt", "Postcard", "Hack the stack", "Argentina Night"}
)  # fmt: skip

GIFTWARE_COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
)
BAKERY_COLUMNS = ("Date", "Time", "Transaction", "Item")
GZIP = b"\x1f\x8b"
LARGEST = 10**9

Record = dict[str, str]
Sold = TypeVar("Sold")


class UnreadableReceipts(ValueError):
    """The file holds nothing that can be sold; the message says why, for a person."""


def read_receipts(path: Path, now: datetime) -> Iterator[Ticket]:
    """The tickets of a file in its order, moved so that the last day is the day before yesterday.

    Raises `UnreadableReceipts` before the first of them.
    """
    records = read_records(path)
    if "InvoiceNo" in records[0]:
        return _numbered(_giftware(records, now))
    return _numbered(_bakery(records, now))


def sell_receipts(
    path: Path, now: datetime, sell: Callable[[list[Ticket]], Sold], chunk: int = 200
) -> Iterator[Sold]:
    """Hands the tickets over in chunks; `sell` is a till in this process or a call to the till API."""
    batch: list[Ticket] = []
    for ticket in read_receipts(path, now):
        batch.append(ticket)
        if len(batch) == chunk:
            yield sell(batch)
            batch = []
    if batch:
        yield sell(batch)


def read_records(path: Path) -> list[Record]:
    """The lines of a file, gzipped or plain; raises `UnreadableReceipts`."""
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8-sig")
        records = list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableReceipts(f"{path} can't be read: {error}") from None
    if not records:
        raise UnreadableReceipts(f"{path} holds no receipts")
    check = _check_of(path, records[0])
    for number, record in enumerate(records, start=2):
        try:
            check(record)
        except (ValueError, ArithmeticError, TypeError, AttributeError):
            raise UnreadableReceipts(f"line {number} of {path} isn't one of a receipt") from None
    return records


def _check_of(path: Path, first: Record) -> Callable[[Record], object]:
    """What fails on a line that can't be sold."""
    for columns, check in ((GIFTWARE_COLUMNS, _check_giftware), (BAKERY_COLUMNS, _check_bakery)):
        if first.keys() >= set(columns):
            return check
    known = " or ".join(", ".join(columns) for columns in (GIFTWARE_COLUMNS, BAKERY_COLUMNS))
    raise UnreadableReceipts(f"{path} lacks the columns of receipts: {known}")


def _numbered(tickets: Iterable[Ticket]) -> Iterator[Ticket]:
    """Tender by the sale's place in the file, and each fifth receipt to the second outlet."""
    for number, ticket in enumerate(tickets):
        shop = "2" if number % 5 == 4 else "1"
        paid = tuple(
            TicketPayment(type=payment.type or TENDERS[number % 3], amount=payment.amount)
            for payment in ticket.payments
        )
        yield Ticket(
            at=ticket.at,
            shop=shop,
            customer=ticket.customer,
            lines=ticket.lines,
            payments=paid,
            reference=ticket.reference,
        )


def days_to_move(last: date, now: datetime) -> timedelta:
    return now.astimezone(AMSTERDAM).date() - timedelta(days=2) - last


def _check_giftware(record: Record) -> None:
    _giftware_time(record["InvoiceDate"])
    _giftware_line(record, {record["StockCode"].upper(): record["Description"].strip()})
    int(record["CustomerID"] or 0)


def _giftware(records: list[Record], now: datetime) -> Iterator[Ticket]:
    moved = days_to_move(max(_giftware_time(record["InvoiceDate"]) for record in records).date(), now)
    names = _article_names(records)
    for number, lines in _grouped(records, "InvoiceNo"):
        if number.startswith("A"):
            continue
        at = (_giftware_time(lines[0]["InvoiceDate"]) + moved).replace(tzinfo=AMSTERDAM)
        buyer = _giftware_buyer(lines[0]["CustomerID"])
        sold = tuple(_giftware_line(record, names) for record in lines)
        yield _ticket(number, at, sold, buyer)


def _ticket(number: str, at: datetime, lines: tuple[TicketLine, ...], buyer: Buyer | None) -> Ticket:
    due = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
    on_account = buyer is not None and bool(buyer.company) and due > 0
    payments = (TicketPayment(type=ON_ACCOUNT if on_account else ""),) if due else ()
    return Ticket(at=at, customer=buyer, lines=lines, payments=payments, reference=number)


def _grouped(records: list[Record], column: str) -> Iterator[tuple[str, list[Record]]]:
    """Receipts in the order of their first line."""
    for number, lines in groupby(records, key=lambda record: record[column]):
        yield number, list(lines)


@lru_cache
def _giftware_time(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%y %H:%M")  # noqa: DTZ007 - wall time, made aware later


def _article_names(records: list[Record]) -> dict[str, str]:
    names: dict[str, str] = {}
    for record in records:
        code = record["StockCode"].upper()
        names[code] = names.get(code) or record["Description"].strip()
    return {code: name or code for code, name in names.items()}


def giftware_rate(code: str) -> Decimal:
    if code in FULL_RATE:
        return Decimal(21)
    return Decimal(9) if crc32(code.encode()) % 4 == 0 else Decimal(21)


def _giftware_line(record: Record, names: dict[str, str]) -> TicketLine:
    code = record["StockCode"].upper()
    return TicketLine(
        item=code,
        description=names[code],
        quantity=_number(record["Quantity"]),
        unit_price=_number(record["UnitPrice"]),
        vat_rate=giftware_rate(code),
    )


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number) > LARGEST:
        raise ValueError(text)
    return number


def _giftware_buyer(customer: str) -> Buyer | None:
    if not customer:
        return None
    number = int(customer)
    return made_up_buyer(customer, number, company=number % 20 == 0)


def _check_bakery(record: Record) -> None:
    _bakery_time(record)
    _bakery_line(record, card="")


def _bakery(records: list[Record], now: datetime) -> Iterator[Ticket]:
    moved = days_to_move(max(date.fromisoformat(record["Date"]) for record in records), now)
    for number, lines in _grouped(records, "Transaction"):
        at = _bakery_time(lines[0]) + moved
        sold = tuple(_bakery_line(record, f"BB{number}-{place}") for place, record in enumerate(lines))
        yield _ticket(number, at.replace(tzinfo=AMSTERDAM), sold, None)


def _bakery_time(record: Record) -> datetime:
    return datetime.fromisoformat(f"{record['Date']} {_padded(record['Time'])}")


def _padded(time: str) -> str:
    return ":".join(part.zfill(2) for part in time.split(":"))


def _bakery_line(record: Record, card: str) -> TicketLine:
    name = record["Item"]
    price = Decimal(150 + crc32(name.encode()) % 60 * 10) / 100
    if name == "Gift voucher":
        return TicketLine(description=name, unit_price=price, gift_card=f"{card:0>8}")
    rate = Decimal(21 if name in BAKERY_FULL_RATE else 9)
    return TicketLine(
        item=name, description=name, unit_price=price if name != "NONE" else Decimal(0), vat_rate=rate
    )
