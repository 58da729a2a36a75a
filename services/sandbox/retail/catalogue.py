"""Finds or makes what a ticket names: outlets, registers, payment types, tax classes, items, customers."""

from decimal import Decimal

from services.sandbox.retail.account import Account, prices
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import ZERO, Nested, Value
from services.sandbox.tills import Buyer, TicketError, TicketLine, decimal

HUNDRED = Decimal(100)


def shop_of(account: Account, wanted: str | None) -> Row:
    return _named(account, "Shop", wanted)


def register_of(account: Account, wanted: str | None, shop: Row) -> Row:
    if wanted is None:
        for register in account["Register"].find("shopID", shop.key):
            return register
    return _named(account, "Register", wanted)


def employee_of(account: Account, wanted: str | None) -> int:
    return int(wanted) if wanted else next(iter(account["Employee"].rows), 0)


def _named(account: Account, entity: str, wanted: str | None) -> Row:
    for row in account[entity]:
        if wanted is None or wanted == str(row.key) or wanted.casefold() == row.text("name").casefold():
            return row
    raise TicketError(f"account {account.account_id} has no {entity.lower()} {wanted}")


def payment_type_of(account: Account, wanted: str) -> Row:
    """By id, else by name, code or type; among equals the first that isn't archived."""
    by_id = account["PaymentType"].get(int(wanted)) if wanted.isdigit() else None
    if by_id:
        return by_id
    for column in ("name", "code", "type"):
        for row in account["PaymentType"]:
            if row.text(column).casefold() == wanted.casefold() and not row.flag("archived"):
                return row
    raise TicketError(f"account {account.account_id} has no payment type {wanted}")


def payment_type_by_kind(account: Account, kind: str) -> Row:
    for row in account["PaymentType"]:
        if row.text("type") == kind:
            return row
    raise TicketError(f"account {account.account_id} has no payment type of type {kind}")


def tax_class_of(account: Account, line: TicketLine, shop: Row, tax_category: int) -> int:
    """The class that the line names, or that has its rate in the shop's own category; 0 for neither."""
    named = line.tax_class or ""
    if named.isdigit() and account["TaxClass"].get(int(named)):
        return int(named)
    if line.tax_class is None and line.vat_rate is None:
        return 0
    percent = line.vat_rate if line.vat_rate is not None else decimal(named, "tax_class")
    return class_with_rate(account, percent, (shop.id("taxCategoryID"), tax_category))


def class_with_rate(account: Account, percent: Decimal, tax_categories: tuple[int, ...]) -> int:
    for tax_category in tax_categories:
        for tax_class in account["TaxClass"].rows:
            if account.rates_of(tax_category, tax_class).tax1 * HUNDRED == percent:
                return tax_class
    raise TicketError(f"account {account.account_id} has no tax class of {percent} %")


def item_of(account: Account, line: TicketLine, tax_class: int, shop: Row) -> Row | None:
    """The item with the line's code; made from the line when the account doesn't have it."""
    if not line.item:
        return None
    for row in account["Item"].find("customSku", line.item):
        return row
    return add_item(
        account,
        code=line.item,
        description=line.description or line.item,
        price=line.unit_price,
        tax_class=tax_class or 1,
        item_type="non_inventory" if line.kind == "service" else "default",
        cost=line.cost or ZERO,
    )


def add_item(
    account: Account,
    *,
    code: str,
    description: str,
    price: Decimal,
    tax_class: int = 1,
    item_type: str = "default",
    cost: Decimal = ZERO,
    category: int = 0,
) -> Row:
    now = account.stamp()
    item = account.add(
        "Item",
        systemSku=account.system_sku(),
        customSku=code,
        description=description,
        defaultCost=cost,
        avgCost=cost,
        discountable=True,
        tax=True,
        itemType=item_type,
        createTime=now,
        timeStamp=now,
        taxClassID=tax_class,
        categoryID=category,
        Prices=prices(price),
    )
    if item_type == "default":
        add_stock_rows(account, item)
    return item


def add_stock_rows(account: Account, item: Row) -> None:
    """A row for each shop, and shop 0 with their sum."""
    for shop in (*account["Shop"].rows, 0):
        fields: dict[str, Value] = {"itemID": item.key, "shopID": shop, "timeStamp": account.stamp()}
        if shop == 0:
            fields["averageCost"] = item.number("defaultCost")
        account["ItemShop"].add(fields)


def move_stock(account: Account, item_id: int, shop_id: int, quantity: Decimal) -> None:
    now = account.stamp()
    for row in account["ItemShop"].find("itemID", item_id):
        if row.id("shopID") in (shop_id, 0):
            on_hand = row.number("qoh") + quantity
            account.change(row, qoh=on_hand, sellable=max(on_hand, ZERO), timeStamp=now)


def customer_of(account: Account, buyer: Buyer | None) -> Row | None:
    if buyer is None:
        return None
    known = account.buyers.get(buyer.ref)
    if known is None and buyer == Buyer(ref=buyer.ref):
        known = int(buyer.ref) if buyer.ref.isdigit() else 0
        found = account["Customer"].get(known)
        if found is None:
            raise TicketError(f"account {account.account_id} has no customer {buyer.ref}")
        return found
    return account["Customer"].rows[known] if known else add_customer(account, buyer)


def add_customer(account: Account, buyer: Buyer) -> Row:
    now = account.stamp()
    contact = account.add("Contact", timeStamp=now, **_contact(buyer))
    customer = account.add(
        "Customer",
        firstName=buyer.first_name,
        lastName=buyer.last_name,
        company=buyer.company,
        vatNumber=buyer.vat_number,
        companyRegistrationNumber=buyer.chamber_of_commerce,
        createTime=now,
        timeStamp=now,
        contactID=contact.key,
        taxCategoryID=int(buyer.tax_category or 0),
    )
    account.buyers[buyer.ref] = customer.key
    if buyer.credit_account:
        credit_account_of(account, customer)
    return customer


def credit_account_of(account: Account, customer: Row) -> Row:
    known = account["CreditAccount"].get(customer.id("creditAccountID"))
    if known:
        return known
    name = f"{customer.text('firstName')} {customer.text('lastName')}".strip() or customer.text("company")
    opened = account.add(
        "CreditAccount",
        name=name,
        customerID=customer.key,
        contactID=customer.id("contactID"),
        timeStamp=account.stamp(),
    )
    account.change(customer, creditAccountID=opened.key, timeStamp=account.stamp())
    return opened


def gift_card_of(account: Account, code: str) -> Row:
    """Codes are 8 to 32 characters; a card is made when it is first loaded."""
    known = account.cards.get(code)
    if known:
        return account["CreditAccount"].rows[known]
    card = account.add("CreditAccount", name="Gift Card", code=code, giftCard=True, timeStamp=account.stamp())
    account.cards[code] = card.key
    return card


def _contact(buyer: Buyer) -> dict[str, Value]:
    address: Nested = {
        "address1": buyer.street,
        "address2": "",
        "city": buyer.city,
        "state": "",
        "stateCode": "",
        "zip": buyer.postcode,
        "country": buyer.country,
        "countryCode": buyer.country_code,
    }
    return {
        "noEmail": not buyer.email,
        "noPhone": not buyer.phone,
        "noMail": not buyer.street,
        "Addresses": {"ContactAddress": address} if buyer.street or buyer.city else "",
        "Phones": {"ContactPhone": {"number": buyer.phone, "useType": "Mobile"}} if buyer.phone else "",
        "Emails": {"ContactEmail": {"address": buyer.email, "useType": "Primary"}} if buyer.email else "",
    }
