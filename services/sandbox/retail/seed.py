"""The accounts that stand at the start: a Dutch shop with two outlets, and an empty one for receipts."""

import random
from decimal import Decimal

from services.sandbox.names import STREETS, made_up_buyer
from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.values import ZERO

TAX_CLASSES = (("Item", "item"), ("Labor", "service"), ("Laag 9%", "item"), ("Nul 0%", "item"))
PAYMENT_TYPES = (
    ("Cash", "Contant", "cash", True),
    ("Check", "Cheque", "user defined", False),
    ("Credit Card", "Creditcard", "user defined", False),
    ("SCA", "Credit Account", "credit account", True),
    ("SGC", "Gift Card", "gift card", True),
    ("Debit Card", "PIN", "user defined", False),
    ("", "iDEAL", "user defined", False),
    ("ECOM", "eCom", "ecom", True),
)
CATEGORIES = {
    "Fietsonderdelen": ("Bel", "Band", "Zadel", "Slot", "Pedaal", "Lamp", "Ketting", "Stuur", "Mand", "Pomp"),
    "Kleding": ("Jas", "Handschoenen", "Muts", "Shirt", "Regenbroek", "Sokken"),
    "Wonen": ("Mok", "Kaars", "Kussen", "Vaas", "Theedoek", "Plaid", "Klok"),
    "Boeken": ("Kookboek", "Reisgids", "Prentenboek", "Roman", "Agenda"),
    "Etenswaren": ("Koffiebonen", "Thee", "Chocolade", "Drop", "Jam", "Stroopwafels"),
}
SERVICES = (("Fiets repareren", "35", 3), ("Kleding vermaken", "18.5", 3), ("Montage", "27.5", 2))
LOW_RATE = frozenset({"Boeken", "Etenswaren"})
KINDS = ("rood", "blauw", "zwart", "groen", "klein", "groot", "klassiek", "deluxe", "2026")


def bare_account(
    account: Account, *, shops: tuple[str, ...], registers: tuple[int, ...], time_zone: str
) -> Account:
    """Settings only: outlets with their registers, VAT, payment types, an employee; nothing sold."""
    add_taxes(account)
    for code, name, kind, reserved in PAYMENT_TYPES:
        account.add(
            "PaymentType",
            code=code,
            name=name,
            type=kind,
            internalReserved=reserved,
            requireCustomer=kind == "credit account",
            archived=name == "Cheque",
        )
    account.add("PriceLevel", name="Default", type="fixed", Calculation="")
    account.add("Employee", firstName="Eva", lastName="Jansen", employeeRoleID=1, timeStamp=account.stamp())
    account.add("Employee", firstName="Sem", lastName="Bakker", employeeRoleID=2, timeStamp=account.stamp())
    for number, name in enumerate(shops, start=1):
        add_shop(account, name, registers[number - 1] if number <= len(registers) else 1, time_zone, number)
    return account


def add_taxes(account: Account) -> None:
    now = account.stamp()
    for name, kind in TAX_CLASSES:
        account.add("TaxClass", name=name, classType=kind, timeStamp=now)
    for name, rate in (("BTW", Decimal("0.21")), ("Export", ZERO)):
        account.add("TaxCategory", isTaxInclusive=True, tax1Name=name, tax1Rate=rate, timeStamp=now)
    for tax_class, rate in ((3, Decimal("0.09")), (4, ZERO)):
        account.add("TaxCategoryClass", tax1Rate=rate, timeStamp=now, taxCategoryID=1, taxClassID=tax_class)
    for tax_class in (1, 2, 3, 4):
        account.add("TaxCategoryClass", tax1Rate=ZERO, timeStamp=now, taxCategoryID=2, taxClassID=tax_class)


def add_shop(account: Account, name: str, registers: int, time_zone: str, number: int) -> None:
    now = account.stamp()
    contact = account.add(
        "Contact",
        timeStamp=now,
        Addresses={
            "ContactAddress": {
                "address1": f"{STREETS[number % len(STREETS)]} {number * 7}",
                "address2": "",
                "city": "Utrecht",
                "state": "",
                "stateCode": "",
                "zip": f"35{number:02d} AB",
                "country": "Netherlands",
                "countryCode": "NL",
            }
        },
    )
    shop = account.add(
        "Shop",
        name=name,
        timeZone=time_zone,
        labelTitle="Shop Name",
        timeStamp=now,
        vatNumber="NL003114252B09",
        companyRegistrationNumber="30123456",
        contactID=contact.key,
        taxCategoryID=1,
        receiptSetupID=1,
        priceLevelID=1,
    )
    for till in range(1, registers + 1):
        label = f"{name} kassa {till}"
        account.add("Register", name=label, open=True, openTime=now, openEmployeeID=1, shopID=shop.key)


def dutch_shop(account: Account, seed: int) -> Account:
    """A few hundred items, some customers, discounts; two outlets with three registers; no sales yet."""
    dice = random.Random(f"{seed} shop {account.account_id}")
    bare_account(account, shops=("Oudegracht", "Lombok"), registers=(2, 1), time_zone="Europe/Amsterdam")
    now = account.stamp()
    for name, amount, percent in (("Personeel", ZERO, Decimal("0.2")), ("Actie", Decimal("2.5"), ZERO)):
        account.add(
            "Discount", name=name, discountAmount=amount, discountPercent=percent, sourceID=2, timeStamp=now
        )
    for name, tax_category, discount in (("Zakelijk", 0, 0), ("Personeel", 0, 1), ("Export", 2, 0)):
        account.add("CustomerType", name=name, taxCategoryID=tax_category, discountID=discount)
    account.add(
        "ItemFee", name="Verwijderingsbijdrage", calculationMethod="fixed_amount", feeValue=Decimal("0.5")
    )
    add_assortment(account, dice)
    for number in range(40):
        buyer = made_up_buyer(f"klant-{number}", number, company=number % 4 == 0)
        catalogue.add_customer(account, buyer)
    return account


def add_assortment(account: Account, dice: random.Random) -> None:
    now = account.stamp()
    for place, category in enumerate(CATEGORIES):
        node = account.add(
            "Category",
            name=category,
            fullPathName=category,
            leftNode=Decimal(place * 2 + 1),
            rightNode=Decimal(place * 2 + 2),
            createTime=now,
            timeStamp=now,
        )
        for thing in CATEGORIES[category]:
            for kind in KINDS:
                price = Decimal(dice.randrange(195, 9995, 5)) / 100
                catalogue.add_item(
                    account,
                    code=f"{category[:2].upper()}{len(account['Item']) + 1:04d}",
                    description=f"{thing} {kind}",
                    price=price,
                    tax_class=3 if category in LOW_RATE else 1,
                    cost=(price * Decimal("0.45")).quantize(Decimal("0.01")),
                    category=node.key,
                )
    for service, amount, tax_class in SERVICES:
        catalogue.add_item(
            account,
            code=f"DIENST-{tax_class}-{amount}",
            description=service,
            price=Decimal(amount),
            tax_class=tax_class,
            item_type="non_inventory",
        )
    _stock_up(account, dice)


def _stock_up(account: Account, dice: random.Random) -> None:
    shops = list(account["Shop"].rows)
    for item in account["Item"].rows:
        for shop in shops:
            catalogue.move_stock(account, item, shop, Decimal(dice.randrange(0, 60)))
