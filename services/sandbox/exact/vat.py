"""VAT by the type of the code: E excluding, I including, B base only, N none."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.sandbox.exact import refusals
from services.sandbox.exact.division import Division
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write, cents

NOTHING = Decimal(0)


@dataclass(frozen=True)
class VatSplit:
    """An amount taken apart; gross is base and VAT together."""

    base: Decimal
    vat: Decimal = NOTHING
    code: Row | None = None
    percentage: Decimal = NOTHING

    @property
    def gross(self) -> Decimal:
        return self.base + self.vat


def split_amount(
    amount: Decimal, code: Row | None, percentage: Decimal, own_vat: Decimal | None, including: bool = True
) -> VatSplit:
    """`own_vat` overrides the computed VAT; `including` False takes a type I amount as net."""
    amount = cents(amount)
    if code is None or code["Type"] in ("B", "N"):
        return VatSplit(amount, NOTHING, code, percentage)
    if code["Type"] == "I" and including:
        vat = amount - cents(amount / (1 + percentage)) if own_vat is None else cents(own_vat)
        return VatSplit(amount - vat, vat, code, percentage)
    vat = cents(amount * percentage) if own_vat is None else cents(own_vat)
    return VatSplit(amount, vat, code, percentage)


def find_vat_code(
    write: Write, line: Row, ledger: Row | None, fallbacks: tuple[str | None, ...] = ()
) -> Row | None:
    """The VAT code of a line: as sent, else by default. An empty text means none at all."""
    sent = line.get("VATCode")
    if sent is not None and not sent.strip():
        return None
    if sent is None and line.get("VATPercentage"):
        return code_with_percentage(write.division, line["VATPercentage"])
    wanted = sent or next((code for code in fallbacks if code), None) or (ledger or {}).get("VATCode")
    if not wanted:
        return None
    code = write.division.by_code("vat/VATCodes", wanted, 3)
    if code is None:
        write.refuse(refusals.invalid_reference("VATCode"))
    elif code["IsBlocked"]:
        write.refuse(refusals.blocked("VATCode"))
    return code


def code_with_percentage(division: Division, percentage: Decimal) -> Row | None:
    codes = division.table("vat/VATCodes")
    suits = (c for c in codes if c["Percentage"] == percentage and c["Type"] == "E")
    return next((c for c in suits if c["VATTransactionType"] in ("B", "S") and not c["IsBlocked"]), None)


def vat_of_line(
    write: Write,
    amount: Decimal,
    code: Row | None,
    own_vat: Decimal | None,
    on: datetime,
    *,
    sales: bool = False,
) -> VatSplit:
    """Checks the code on the date of the booking and splits the amount; refusals are gathered."""
    if code is None:
        return VatSplit(cents(amount))
    if sales and code["VATTransactionType"] == "P":
        write.refuse(refusals.invalid(refusals.label("VATCode")))
    if code["Type"] == "N" and own_vat:
        write.refuse(refusals.VAT_ON_NO_VAT_CODE)
    percentage = write.division.percentage(code, on)
    if percentage is None:
        write.refuse(refusals.NO_VAT_PERCENTAGE)
        percentage = NOTHING
    including = not sales or write.switches["including_amount_in_sales_entry"] == "gross"
    return split_amount(amount, code, percentage, own_vat, including)
