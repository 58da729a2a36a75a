"""What stands on the menu, as people see it."""

from tests.sandbox.restaurant.till import Till


async def test_the_menu_shows_what_is_sold_with_the_vat_of_its_group(till: Till) -> None:
    found = (await till.client.get("/sandbox/tills/restaurant/4801/articles")).json()
    shown = {each["code"]: each for each in found}
    assert shown["BIER25"] | {"id": ""} == {
        "id": "",
        "code": "BIER25",
        "name": "Pils 25cl",
        "barcodes": [],
        "price": "3.60",
        "vat_rate": "21",
        "cost": "1.01",  # 28 % of 3.60
        "is_active": True,
        "is_stocked": False,
        "stock": {},
    }
    assert (shown["KOFFIE"]["vat_rate"], shown["GLUTENVRIJ"]["price"]) == ("9", None)


async def test_a_group_says_its_usual_rate(till: Till) -> None:
    accounts = (await till.client.get("/sandbox/restaurant/accounts")).json()
    brasserie = next(each for each in accounts if each["account"] == "4801")
    rates = {
        brasserie["accounting_groups"][key]: rate for key, rate in brasserie["accounting_group_rates"].items()
    }
    assert rates == {
        "Keuken": "9",
        "Frisdrank en koffie": "9",
        "Alcohol": "21",
        "Overig": "21",
        "Zonder btw": "0",
    }
