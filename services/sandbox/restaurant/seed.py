"""The businesses that stand at the start: a brasserie, a bakery for real receipts, a Belgian café."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.sandbox.restaurant.back_office import (
    AccountingGroup,
    Device,
    PaymentMethod,
    RevenueCentre,
    Staff,
    TaxRate,
)
from services.sandbox.restaurant.business import Business, Item, Location, Profile
from services.sandbox.restaurant.menu import BELGIAN, BRASSERIE, Dish

OPENED = datetime(2023, 1, 1, tzinfo=UTC)
DUTCH = ZoneInfo("Europe/Amsterdam")
BRUSSELS = ZoneInfo("Europe/Brussels")
NAMES = ("Eva Jansen", "Sem Bakker", "Noor de Wit", "Bram Visser", "Fleur Smits")
DUTCH_TAXES = (
    ("NL21", "21", "BTW hoog", "VH"),
    ("NL9", "9", "BTW laag", "VL"),
    ("NL0", "0", "Geen btw", ""),
)
BELGIAN_TAXES = (
    ("BE21", "21", "TVA/BTW 21%", ""),
    ("BE12", "12", "TVA/BTW 12%", ""),
    ("BE6", "6", "TVA/BTW 6%", ""),
    ("BE0", "0", "TVA/BTW 0%", ""),
)
METHODS = (
    ("CASH", "Contant", "cash", "1000"),
    ("PIN", "Pin", "card", "2000"),
    ("CC", "Creditcard", "card", ""),
    ("IKGIFT", "Cadeaukaart", "gift-card", ""),
    ("REKENING", "Op rekening", "receivable", ""),
    ("IKPMS", "Op de kamer", "room", ""),
    ("TBEZORGD", "Thuisbezorgd", "platform", ""),
    ("UBER", "Uber Eats", "platform", ""),
    ("PERS", "Personeelsconsumptie", "staff", ""),
    ("BON", "Waardebon", "other", ""),
)
PROFILES = (
    ("HIER", "Hier opeten", True),
    ("MEE", "Meenemen", False),
    ("BEZORG", "Bezorgen", False),
    ("PERS", "Personeel", True),
)
DUTCH_GROUPS = (
    ("Keuken", "8020", "Eten", {"": "NL9"}),
    ("Frisdrank en koffie", "8030", "Dranken", {"": "NL9"}),
    ("Alcohol", "8010", "Dranken", {"": "NL21"}),
    ("Overig", "8090", "Overig", {"": "NL21"}),
    ("Zonder btw", "8099", "Overig", {"": "NL0"}),
)
BELGIAN_GROUPS = (
    ("Keuken", "700100", "Eten", {"": "BE12", "MEE": "BE6", "BEZORG": "BE6"}),
    ("Dranken", "700200", "Dranken", {"": "BE21", "MEE": "BE21"}),
    ("Winkel", "700300", "Overig", {"": "BE6"}),
    ("Zonder btw", "700900", "Overig", {"": "BE0"}),
)


def brasserie(business_id: int, seed: int) -> Business:
    business = _dutch(business_id, "Brasserie De Keuken BV", seed)
    for name, centres in (
        ("De Keuken Utrecht", ("Restaurant", "Bar", "Terras")),
        ("De Keuken Zeist", ("Restaurant", "Terras")),
    ):
        add_location(business, name, "NL", DUTCH, centres=centres, devices=2)
    add_menu(business, BRASSERIE)
    return business


def bakery(business_id: int, seed: int) -> Business:
    """Nothing sold, no articles; its business day is the calendar's."""
    business = _dutch(business_id, "Bakkerij Van Leeuwen", seed)
    for name in ("Centrum", "Station"):
        add_location(business, name, "NL", DUTCH, centres=("Winkel",), day_start=time(0))
    return business


def cafe(business_id: int, seed: int) -> Business:
    """Belgian: a dish at the table is 12 %, the same taken away 6 %, drinks 21 %."""
    business = _business(business_id, "Café 't Pleintje BVBA", seed, BELGIAN_TAXES, BELGIAN_GROUPS)
    centres = ("Zaal", "Toog", "Terras")
    add_location(business, "'t Pleintje Antwerpen", "BE", BRUSSELS, centres=centres, devices=2)
    business.locations[0].cash_rounding = True
    add_menu(business, BELGIAN)
    return business


def bare_business(
    business_id: int, name: str, seed: int, *, shops: Sequence[str], country: str, day_start: time
) -> Business:
    is_belgian = country == "BE"
    taxes, groups = (BELGIAN_TAXES, BELGIAN_GROUPS) if is_belgian else (DUTCH_TAXES, DUTCH_GROUPS)
    business = _business(business_id, name, seed, taxes, groups)
    for shop in shops:
        zone = BRUSSELS if is_belgian else DUTCH
        add_location(business, shop, country, zone, centres=("Restaurant", "Bar"), day_start=day_start)
    return business


def _dutch(business_id: int, name: str, seed: int) -> Business:
    return _business(business_id, name, seed, DUTCH_TAXES, DUTCH_GROUPS)


def _business(
    business_id: int,
    name: str,
    seed: int,
    taxes: Sequence[tuple[str, str, str, str]],
    groups: Sequence[tuple[str, str, str, dict[str, str]]],
) -> Business:
    business = Business(business_id, name, [], [], [], [], [], random.Random(f"{seed} till {business_id}"))
    for code, percent, described, accounting in taxes:
        rate = TaxRate(business.next_id(), code, Decimal(percent), described, accounting)
        business.taxes.append(rate)
    for group, ledger, statistic, rates in groups:
        business.groups.append(AccountingGroup(business.next_id(), group, ledger, statistic, rates))
    for code, described, kind, accounting in METHODS:
        business.methods.append(PaymentMethod(business.next_id(), code, described, kind, accounting))
    business.profiles += [Profile(*profile) for profile in PROFILES]
    return business


def add_location(
    business: Business,
    name: str,
    country: str,
    zone: ZoneInfo,
    *,
    centres: Sequence[str],
    devices: int = 1,
    day_start: time = time(5, 30),
) -> Location:
    place = len(business.locations) + 1
    first = business.business_id * 100 + place * 4
    location = Location(
        bl_id=220_000_000_000_000 + business.business_id * 1000 + place,
        name=name,
        country=country,
        zone=zone,
        opened_at=OPENED,
        devices=[Device(first + n, business.next_id(), f"{name} kassa {n + 1}") for n in range(devices)],
        centres=[RevenueCentre(business.next_id(), centre) for centre in centres],
        staff=[Staff(business.next_id(), staff) for staff in NAMES],
        day_start=day_start,
    )
    business.locations.append(location)
    return location


def add_menu(business: Business, menu: Sequence[Dish]) -> None:
    for dish in menu:
        price = Decimal(dish.price)
        group = business.group_of(dish.group)
        cost = (price * Decimal("0.28")).quantize(Decimal("0.01"))
        item = Item(business.next_id(), dish.name, dish.sku, group, price, cost, dish.name[:20])
        if price < 0:
            item.price_mode = "NEGATIVE_OPEN_PRICE"
        if dish.course == "set":
            item.kind = "SEQUENCE"
        business.add_item(item)
