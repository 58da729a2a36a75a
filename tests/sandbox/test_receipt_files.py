"""Files that someone gives as receipts: read gzipped or plain; what can't be sold is said in a sentence."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.demo.demo import DemoOptions, run_demo
from services.demo.processes import DemoFailed
from services.sandbox.receipts import GIFTWARE, UnreadableReceipts, read_receipts

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
COLUMNS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SOLD = f"{COLUMNS}\n536365,85123A,HEART,6,12/1/10 8:26,2.55,17850,United Kingdom\n"
BREAD = "Date,Time,Transaction,Item\n2016-10-30,9:58:11,1,Bread\n"


@pytest.mark.parametrize("text", [SOLD, SOLD.replace("\n", "\r\n"), "\ufeff" + SOLD])
@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_is_read_gzipped_or_plain(tmp_path: Path, text: str, is_packed: bool) -> None:
    path = tmp_path / "receipts.csv"
    path.write_bytes(gzip.compress(text.encode()) if is_packed else text.encode())
    (ticket,) = read_receipts(path, NOW)
    assert (ticket.reference, ticket.lines[0].quantity, ticket.lines[0].unit_price) == (
        "536365",
        Decimal(6),
        Decimal("2.55"),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no receipts"),
        (gzip.compress(b"", mtime=0), "holds no receipts"),
        (COLUMNS.encode(), "holds no receipts"),
        (gzip.compress(SOLD.encode(), mtime=0)[:-12], "can't be read"),
        (b"\x1f\x8b but nothing else", "can't be read"),
        (b"\xff\xfe\x00\x01", "can't be read"),
        (b"a,b\n1,2\n", "InvoiceNo, StockCode"),
        (SOLD.replace("UnitPrice", "Price").encode(), "InvoiceNo, StockCode"),
        (BREAD.replace("Transaction", "Receipt").encode(), "Date, Time, Transaction, Item"),
        (SOLD.replace("2.55", "dear").encode(), "line 2 "),
        (SOLD.replace("12/1/10", "2010-12-01").encode(), "line 2 "),
        (SOLD.replace(",6,", ",NaN,").encode(), "line 2 "),
        ((SOLD + "536366,22633\n").encode(), "line 3 "),
        (BREAD.replace("2016-10-30", "yesterday").encode(), "line 2 "),
        (BREAD.replace("9:58:11", "noon").encode(), "line 2 "),
        (BREAD.replace(",Bread", "").encode(), "line 2 "),
    ],
)
async def test_what_cannot_be_sold_is_said_in_a_sentence_before_anything_starts(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "receipts.csv.gz"
    path.write_bytes(content)
    with pytest.raises(UnreadableReceipts, match=said):
        list(read_receipts(path, NOW))
    started: list[str] = []
    with pytest.raises(DemoFailed, match=said):
        await run_demo(DemoOptions(receipts=path), started.append)
    assert not started


async def test_a_file_that_is_not_there_stops_the_demo(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="there is no file"):
        await run_demo(DemoOptions(receipts=tmp_path / "my-receipts.csv"), print)


async def test_the_real_receipts_may_be_missing_on_a_users_machine(tmp_path: Path) -> None:
    """They lie beside the project and not in it: made-up ones take their place."""

    class Started(Exception):
        pass

    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if "starting" in text:
            raise Started

    with pytest.raises(Started):
        await run_demo(DemoOptions(receipts=tmp_path / GIFTWARE), say)
    assert "selling made-up receipts instead" in said[0]
