"""Lines of invoices and orders: price, quantity, discount, VAT, and what they add up to."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from services.sandbox.exact import checks, refusals
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING, VatSplit, find_vat_code, split_amount, vat_of_line
from services.sandbox.exact.writing import Write, cents

ONE = Decimal(1)


@dataclass(frozen=True)
class PricedLine:
    sent: Row
    item: Row
    ledger: Row | None
    quantity: Decimal
    unit_price: Decimal
    net_price: Decimal
    discount: Decimal
    split: VatSplit
    has_own_vat: bool
    cost_center: Row | None
    cost_unit: Row | None


def price_line(
    write: Write, line: Row, account: Row | None, on: datetime, vat_field: str
) -> PricedLine | None:
    """Checks one line and takes its amount apart; prices follow the type of the VAT code."""
    item = find_item(write, line.get("Item"))
    ledger = revenue_ledger(write, line, item)
    quantity = ONE if line.get("Quantity") is None else line["Quantity"]
    unit_price, net_price, discount = prices(write, line, item, quantity)
    fallbacks = ((account or {}).get("SalesVATCode"), (item or {}).get("SalesVatCode"))
    code = find_vat_code(write, line, ledger, fallbacks)
    own_vat = line.get(vat_field)
    amount = cents(quantity * net_price)
    split = vat_of_line(write, amount, code, own_vat, on, sales=True)
    if code is not None and code["Type"] == "I":  # prices include VAT whatever sales entries do
        split = split_amount(amount, code, split.percentage, own_vat)
    center = checks.find_cost_center(write, line, ledger)
    unit = checks.find_cost_unit(write, line, ledger)
    if item is None:
        return None
    has_own_vat = own_vat is not None
    return PricedLine(
        line, item, ledger, quantity, unit_price, net_price, discount, split, has_own_vat, center, unit
    )


def find_item(write: Write, key: str | None) -> Row | None:
    if key is None:
        write.refuse(refusals.mandatory("Item"))
        return None
    item = write.division.table("logistics/Items").get(key)
    if item is None:
        write.refuse(refusals.invalid_reference("Item"))
    return item


def revenue_ledger(write: Write, line: Row, item: Row | None) -> Row | None:
    """As sent, else of the item, else of its group."""
    group = write.division.table("logistics/ItemGroups").get((item or {}).get("ItemGroup")) or {}
    key = line.get("GLAccount") or (item or {}).get("GLRevenue") or group.get("GLRevenue")
    if item is None and key is None:
        return None
    return checks.find_ledger(write, key, checks.UNFIT_FOR_SALES)


def prices(write: Write, line: Row, item: Row | None, quantity: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Unit price, price after discount and the discount as a fraction."""
    step = ONE.scaleb(-write.switches["unit_price_decimals"])
    unit, net, discount = line.get("UnitPrice"), line.get("NetPrice"), line.get("Discount")
    if unit is None and net is None and line.get("AmountFC") is not None and quantity:
        net = line["AmountFC"] / quantity
    if unit is None:
        unit = standard_price(item) if net is None or standard_price(item) else net
    unit = unit.quantize(step) if isinstance(unit, Decimal) else Decimal(unit)
    if net is None:
        net = unit * (ONE - (discount or NOTHING))
    net = net.quantize(step)
    if discount is None:
        discount = NOTHING if not unit else (ONE - net / unit).quantize(Decimal("0.000001"))
    return unit, net, discount


def standard_price(item: Row | None) -> Decimal:
    return (item or {}).get("StandardSalesPrice") or NOTHING


def total_per_code(write: Write, lines: list[PricedLine]) -> list[PricedLine]:
    """Rounds VAT once per code: the difference goes to the largest line of that code."""
    if write.switches["invoice_vat_rounding"] == "per-line":
        return lines
    done = list(lines)
    groups: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if line.split.code is not None and line.split.code["Type"] in ("E", "I"):
            groups.setdefault(line.split.code["Code"], []).append(place)
    for places in groups.values():
        if not any(lines[place].has_own_vat for place in places):
            round_group(done, places)
    return done


def round_group(lines: list[PricedLine], places: list[int]) -> None:
    splits = [lines[place].split for place in places]
    code, percentage = splits[0].code, splits[0].percentage
    assert code is not None
    including = code["Type"] == "I"
    amount = sum((split.gross if including else split.base for split in splits), NOTHING)
    together = split_amount(amount, code, percentage, None)
    missing = together.vat - sum((split.vat for split in splits), NOTHING)
    if missing:
        largest = max(places, key=lambda place: abs(lines[place].split.base))
        split = lines[largest].split
        base = split.base - missing if including else split.base
        lines[largest] = replace(lines[largest], split=replace(split, base=base, vat=split.vat + missing))


def discounted(lines: list[PricedLine], fraction: Decimal) -> list[PricedLine]:
    """A discount on the header lowers every line alike; the last cents go to the largest line."""
    if not fraction or not lines:
        return lines
    wanted = cents(sum((gross_of(line) for line in lines), NOTHING) * (ONE - fraction))
    done = [with_amount(line, cents(gross_of(line) * (ONE - fraction))) for line in lines]
    missing = wanted - sum((gross_of(line) for line in done), NOTHING)
    if missing:
        largest = max(range(len(done)), key=lambda place: abs(gross_of(done[place])))
        done[largest] = with_amount(done[largest], gross_of(done[largest]) + missing)
    return done


def gross_of(line: PricedLine) -> Decimal:
    """The amount as priced: with VAT for a code of type I, without for others."""
    code = line.split.code
    return line.split.gross if code is not None and code["Type"] == "I" else line.split.base


def with_amount(line: PricedLine, amount: Decimal) -> PricedLine:
    split = split_amount(amount, line.split.code, line.split.percentage, None)
    return replace(line, split=split, has_own_vat=False)


def discount_fraction(body: Row, lines: list[PricedLine]) -> Decimal:
    """Of the header: a percentage, or an amount with or without VAT."""
    if body.get("Discount"):
        return Decimal(body["Discount"]) / 100
    gross = sum((line.split.gross for line in lines), NOTHING)
    base = sum((line.split.base for line in lines), NOTHING)
    if body.get("AmountDiscount") and gross:
        return Decimal(body["AmountDiscount"]) / gross
    if body.get("AmountDiscountExclVat") and base:
        return Decimal(body["AmountDiscountExclVat"]) / base
    return NOTHING


def header_amounts(lines: list[PricedLine]) -> Row:
    base = sum((line.split.base for line in lines), NOTHING)
    vat = sum((line.split.vat for line in lines), NOTHING)
    return {"AmountFCExclVat": base, "AmountFC": base + vat, "AmountDC": base + vat}


def line_values(write: Write, line: PricedLine) -> Row:
    """What invoices and orders store of a line alike."""
    code, item = line.split.code, line.item
    unit_code = line.sent.get("UnitCode") or item.get("Unit")
    values = {
        "AmountFC": line.split.base,
        "AmountDC": line.split.base,
        "Description": line.sent.get("Description") or item["Description"],
        "Discount": line.discount,
        "Item": item["ID"],
        "ItemCode": item["Code"],
        "ItemDescription": item["Description"],
        "NetPrice": line.net_price,
        "Quantity": line.quantity,
        "UnitCode": unit_code,
        "UnitDescription": unit_description(write, unit_code),
        "UnitPrice": line.unit_price,
        "VATCode": code["Code"] if code else None,
        "VATCodeDescription": code["Description"] if code else None,
        "VATPercentage": line.split.percentage if code else None,
    }
    values |= checks.cost_values("CostCenter", line.cost_center)
    return values | checks.cost_values("CostUnit", line.cost_unit)


def unit_description(write: Write, code: str | None) -> str | None:
    units = write.division.table("logistics/Units")
    return next((unit["Description"] for unit in units if unit["Code"].strip() == (code or "").strip()), None)
