"""The customer of a sale, with no more than a booking can need. Pure."""

from __future__ import annotations

from libs.common.domain.sale import Address, Customer
from libs.common.lightspeed.retail_values import NONE, Row, Unreadable, identity, members, nested, text


def customer_of(row: Row) -> Customer | None:
    """Only the sale says who bought; a line's customerID is filled on reservations alone (4.2)."""
    customer_id = identity(row, "customerID")
    customer = nested(row, "Customer")
    if customer_id == NONE or not customer:
        return None
    contact = nested(customer, "Contact")
    name = f"{text(customer, 'firstName', 200)} {text(customer, 'lastName', 200)}".strip()
    return Customer(
        id=customer_id,
        name=name,
        company=text(customer, "company", 200),
        vat_number=text(customer, "vatNumber", 60),
        chamber_of_commerce=text(customer, "companyRegistrationNumber", 60),
        email=_email(contact),
        address=_address(contact),
    )


def _email(contact: Row) -> str:
    emails = [email for email in _described(contact, "Emails", "ContactEmail") if text(email, "address")]
    primary = [email for email in emails if text(email, "useType") == "Primary"]
    return text((primary or emails)[0], "address", 200) if emails else ""


def _address(contact: Row) -> Address:
    addresses = _described(contact, "Addresses", "ContactAddress")
    if not addresses:
        return Address()
    address = addresses[0]
    lines = (text(address, "address1", 200), text(address, "address2", 200))
    return Address(
        street=" ".join(line for line in lines if line),
        postcode=text(address, "zip", 40),
        city=text(address, "city", 200),
        country=_country(address),
    )


def _country(address: Row) -> str:
    code = text(address, "countryCode").upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _described(row: Row, collection: str, member: str) -> list[Row]:
    """A collection that only describes: nothing hangs on it, so what can't be read isn't there."""
    try:
        return members(row, collection, member)
    except Unreadable:
        return []
