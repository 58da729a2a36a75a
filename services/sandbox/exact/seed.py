"""The companies, users and app that are there from the start; the same seed gives the same ids."""

from datetime import datetime, timedelta
from decimal import Decimal

from services.sandbox.exact import seed_charts as charts
from services.sandbox.exact.division import Author, Division, date
from services.sandbox.exact.relations import create_account, create_item
from services.sandbox.exact.table import Row
from services.sandbox.exact.world import LOCAL_REDIRECT, App, User, World
from services.sandbox.exact.writing import Write

BLOEM, FIETS, CHOCOLA, BROKEN, OTHER = 2731045, 2731046, 2731047, 2731048, 2999001
FIRST_YEAR, LAST_YEAR, CLOSED_YEAR = 2015, 2027, 2024
CLIENT_ID, SECRET = "kassakoppeling", "sandbox-secret"


def plant(world: World) -> World:
    world.apps[CLIENT_ID] = App(CLIENT_ID, SECRET, LOCAL_REDIRECT)
    author = Author(world.new_id(), "Exact")
    for make in (plant_bloem, plant_fiets, plant_chocola, plant_broken, plant_other):
        make(world, author)
    plant_users(world)
    return world


def plant_users(world: World) -> None:
    own = [BLOEM, FIETS, CHOCOLA, BROKEN]
    people = (
        ("eva.dejong", "Eva de Jong", "nl", own, BLOEM),
        ("mark.smit", "Mark Smit", "en", [FIETS, BLOEM], FIETS),
        ("lieve.peeters", "Lieve Peeters", "nl", [CHOCOLA], CHOCOLA),
    )
    for login, name, language, divisions, current in people:
        email = f"{login}@voorbeeld.nl"
        world.users[login] = User(login, world.new_id(), name, language, divisions, current, email)


def new_division(world: World, number: int, name: str, country: str, facts: Row) -> Division:
    division = Division(number, name, country, world.new_id, world.clock.now, facts)
    return world.add_division(division)


def plant_bloem(world: World, author: Author) -> None:
    facts = {
        "AddressLine1": "Haarlemmerdijk 118",
        "Postcode": "1013 JJ",
        "City": "Amsterdam",
        "Phone": "020-6241187",
        "ChamberOfCommerceNumber": "34187265",
        "VATNumber": "NL812345678B01",
        "Email": "info@bloemenblad.nl",
    }
    division = new_division(world, BLOEM, "Bloem & Blad B.V.", "NL", facts)
    plant_dutch(division, author, charts.NUMBERED)
    plant_relations(world, division, author)


def plant_fiets(world: World, author: Author) -> None:
    facts = {
        "AddressLine1": "Amsterdamsestraatweg 402",
        "Postcode": "3551 CW",
        "City": "Utrecht",
        "Phone": "030-2443590",
        "ChamberOfCommerceNumber": "30219876",
        "VATNumber": "NL823456789B01",
        "Email": "info@fietsenhuis.nl",
    }
    division = new_division(world, FIETS, "Fietsenhuis Van Dam V.O.F.", "NL", facts)
    plant_dutch(division, author, charts.LETTERED)
    plant_relations(world, division, author)


def plant_chocola(world: World, author: Author) -> None:
    facts = {
        "AddressLine1": "Langestraat 27",
        "Postcode": "8000",
        "City": "Brugge",
        "Phone": "050-331245",
        "VATNumber": "BE0456789123",
        "Email": "info@chocolaterie-peeters.be",
    }
    division = new_division(world, CHOCOLA, "Chocolaterie Peeters BV", "BE", facts)
    plant_ledgers(division, author, charts.BELGIAN_LEDGERS)
    plant_vat_codes(division, author, charts.BELGIAN)
    plant_journals(division, author, charts.BELGIAN_JOURNALS)
    plant_lists(division, author, revenue="700000", costs="604000", stock="340000")
    plant_years(division, author, FIRST_YEAR, LAST_YEAR)
    plant_relations(world, division, author)


def plant_broken(world: World, author: Author) -> None:
    """A company whose financial year runs from July to June."""
    facts = {
        "AddressLine1": "Markt 9",
        "Postcode": "5611 EC",
        "City": "Eindhoven",
        "VATNumber": "NL834567890B01",
    }
    division = new_division(world, BROKEN, "Ijssalon Dolomiti", "NL", facts)
    plant_dutch(division, author, charts.NUMBERED, starts_in=7)
    plant_relations(world, division, author)


def plant_other(world: World, author: Author) -> None:
    """A company that none of the users was given access to."""
    division = new_division(world, OTHER, "Administratiekantoor Verhoeven", "NL", {"City": "Breda"})
    plant_dutch(division, author, charts.NUMBERED)
    plant_relations(world, division, author)


def plant_dutch(
    division: Division, author: Author, vat: tuple[charts.VatRow, ...], starts_in: int = 1
) -> None:
    plant_ledgers(division, author, charts.DUTCH_LEDGERS)
    plant_vat_codes(division, author, vat)
    plant_journals(division, author, charts.DUTCH_JOURNALS)
    plant_lists(division, author, revenue="8000", costs="7000", stock="3000")
    plant_years(division, author, FIRST_YEAR, LAST_YEAR, starts_in)


def plant_ledgers(
    division: Division, author: Author, rows: tuple[tuple[str, str, int, str, str], ...]
) -> None:
    for code, description, kind, side, balance in rows:
        row = {
            "Code": code,
            "Description": description,
            "Type": kind,
            "BalanceSide": side,
            "BalanceType": balance,
            "UseCostcenter": 0,
            "UseCostunit": 0,
            "IsBlocked": code in charts.BLOCKED_LEDGERS,
            "SearchCode": code,
            "AllowCostsInSales": 0,
            "Compress": False,
            "Matching": kind in (20, 22),
            "RevalueCurrency": False,
            "ExcludeVATListing": 0,
            "VATSystem": "I",
        }
        division.add("financial/GLAccounts", row, author)
    rent = division.by_code("financial/GLAccounts", "4100")
    if rent is not None:  # the one ledger that always wants a cost centre
        rent["UseCostcenter"] = 1


def plant_vat_codes(division: Division, author: Author, rows: tuple[charts.VatRow, ...]) -> None:
    for code, description, kind, use, ledger_code, rates in rows:
        ledger = division.by_code("financial/GLAccounts", ledger_code) or {}
        to_claim, to_pay = (ledger, {}) if use == "P" else ({}, ledger)
        row = {
            "Code": code.ljust(3),
            "Description": description,
            "Type": kind,
            "VATTransactionType": use,
            "Percentage": Decimal(rates[-1][1]),
            "IsBlocked": code in charts.BLOCKED_VAT_CODES,
            "Charged": False,
            "CalculationBasis": 0,
            "EUSalesListing": "L" if "ntracom" in description else "N",
            "ExcludeVATListing": 0,
            "IntraStat": False,
            "IntrastatType": "N",
            "VatDocType": "P",
            "VatMargin": int("arge" in description),
        }
        for name, found in (("GLToPay", to_pay), ("GLToClaim", to_claim)):
            row |= {name: found.get("ID"), f"{name}Code": found.get("Code")}
            row[f"{name}Description"] = found.get("Description")
        vat_code = division.add("vat/VATCodes", row, author)
        plant_rates(division, author, vat_code, rates)
    for ledger_code, rates in charts.LEDGER_VAT.items():
        plant_default_vat(division, ledger_code, rates, rows)


def plant_rates(division: Division, author: Author, vat_code: Row, rates: charts.Rates) -> None:
    starts = [moment(start) for start, _ in rates]
    for number, (start, percentage) in enumerate(rates, start=1):
        ends = starts[number] - timedelta(days=1) if number < len(rates) else None
        row = {
            "VATCodeID": vat_code["ID"],
            "LineNumber": number,
            "Type": 0,
            "Percentage": Decimal(percentage),
            "StartDate": moment(start),
            "EndDate": ends,
        }
        division.add("vat/VatPercentages", row, author)


def plant_default_vat(
    division: Division, ledger_code: str, rates: charts.Rates, rows: tuple[charts.VatRow, ...]
) -> None:
    ledger = division.by_code("financial/GLAccounts", ledger_code)
    code = next((row[0] for row in rows if row[2] == "E" and row[3] != "P" and row[5] == rates), None)
    if ledger is not None and code is not None:
        ledger["VATCode"] = code.ljust(3)


def moment(text: str) -> datetime:
    return date(*(int(part) for part in text.split("-")))


def plant_journals(division: Division, author: Author, rows: tuple[charts.JournalRow, ...]) -> None:
    for code, description, kind, ledger_code, allows_vat in rows:
        ledger = division.by_code("financial/GLAccounts", ledger_code) or {}
        row = {
            "Code": code,
            "Description": description,
            "Type": kind,
            "AllowVAT": allows_vat,
            "AutoSave": False,
            "AllowVariableCurrency": False,
            "AllowVariableExchangeRate": False,
            "Currency": "EUR",
            "CurrencyDescription": "Euro",
            "GLAccount": ledger.get("ID"),
            "GLAccountCode": ledger.get("Code"),
            "GLAccountDescription": ledger.get("Description"),
            "GLAccountType": ledger.get("Type"),
            "IsBlocked": code in charts.BLOCKED_JOURNALS,
            "PaymentServiceProvider": 0,
        }
        division.add("financial/Journals", row, author)


def plant_lists(division: Division, author: Author, *, revenue: str, costs: str, stock: str) -> None:
    for code, description, days, method in (
        ("00", "Contant", 0, "K"),
        ("14", "14 dagen na factuurdatum", 14, "B"),
        ("30", "30 dagen na factuurdatum", 30, "B"),
    ):
        row: Row = {"Code": code, "Description": description, "PaymentDays": days, "PaymentMethod": method}
        row |= {"PaymentEndOfMonths": 0, "DiscountPercentage": Decimal(0), "DiscountPaymentDays": 0}
        division.add("cashflow/PaymentConditions", row, author)
    for code, description, main in (("1", "Winkel", 1), ("2", "Magazijn", 0)):
        row = {"Code": code, "Description": description, "Main": main, "UseStorageLocations": 0}
        division.add("inventory/Warehouses", row, author)
    for code, description in (("WINKEL", "Winkel"), ("ATELIER", "Atelier"), ("ALG", "Algemeen")):
        division.add("hrm/Costcenters", {"Code": code, "Description": description, "Active": True}, author)
    division.add("hrm/Costunits", {"Code": "KASSA", "Description": "Kassaverkoop"}, author)
    units = (
        ("pc", "Stuk", 1, "O"),
        ("hour", "Uur", 0, "T"),
        ("kg", "Kilogram", 0, "W"),
        ("m", "Meter", 0, "L"),
    )
    for code, description, main, kind in units:
        row = {"Code": code, "Description": description, "Main": main, "Active": True, "Type": kind}
        division.add("logistics/Units", row, author)
    for code, description, is_default in (("1", "Standaard", 1), ("2", "Overig", 0)):
        row = {"Code": code, "Description": description, "IsDefault": is_default}
        for name, ledger_code in (("GLRevenue", revenue), ("GLCosts", costs), ("GLStock", stock)):
            ledger = division.by_code("financial/GLAccounts", ledger_code) or {}
            row |= {name: ledger["ID"], f"{name}Code": ledger["Code"]}
            row[f"{name}Description"] = ledger["Description"]
        division.add("logistics/ItemGroups", row, author)
    division.add(
        "general/Currencies", {"Code": "EUR", "Description": "Euro", "AmountPrecision": 0.01}, author
    )
    layout = {"Subject": "Factuur standaard", "Type": 1}
    division.add("salesinvoice/Layouts", layout, author)


def plant_years(division: Division, author: Author, first: int, last: int, starts_in: int = 1) -> None:
    for year in range(first, last + 1):
        for period in range(1, 13):
            month = starts_in + period - 1
            start = date(year - (starts_in > 1) + (month - 1) // 12, (month - 1) % 12 + 1, 1)
            end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            row = {"FinYear": year, "FinPeriod": period, "StartDate": start, "EndDate": end}
            division.add("financial/FinancialPeriods", row, author)
            if year == CLOSED_YEAR:
                division.closed_periods.add((year, period))


def plant_relations(world: World, division: Division, author: Author) -> None:
    write = Write(division, author, world.switches)
    second = division.by_code("financial/GLAccounts", "1310")
    accounts: tuple[Row, ...] = (
        {"Name": "Kassaverkopen", "Code": "1", "Status": "C", "SearchCode": "KASSA"},
        {"Name": "Kassaklant", "Code": "2", "Status": "C", "PaymentConditionSales": "00"},
        {
            "Name": "Groothandel De Lage Landen B.V.",
            "Code": "100",
            "Status": "A",
            "IsSupplier": True,
            "City": "Zwolle",
        },
        {"Name": "Horecabedrijf De Zwaan", "Code": "101", "Status": "C", "Blocked": True, "City": "Gouda"},
        {
            "Name": "Kantoor Noord Coöperatie",
            "Code": "102",
            "Status": "C",
            "City": "Groningen",
            "SearchCode": "NOORD",
        },
        {"Name": "Stichting Buurthuis Oost", "Code": "103", "Status": "C", "EndDate": date(2020, 12, 31)},
    )
    for row in accounts:
        create_account(write, dict(row))
    if second is not None:
        row = {"Name": "Wederverkoper Peters", "Code": "104", "Status": "C", "GLAR": second["ID"]}
        create_account(write, row)
    create_item(write, {"Code": "KADOPAPIER", "Description": "Inpakpapier, rol 5 meter"})
    create_item(write, {"Code": "AFRONDING", "Description": "Afronding"})
