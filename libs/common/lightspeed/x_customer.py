"""The customer that was laid beside a sale, with no more than a booking can need (reference 12.7). Pure."""

from __future__ import annotations

from libs.common.domain.sale import Address, Customer
from libs.common.lightspeed.retail_values import Row
from libs.common.lightspeed.x_values import nested, text

BESIDE = "customer"
"""Where `complete` lays it: a sale only has its id."""
WALK_IN = "WALKIN"


def customer_of(row: Row) -> Customer | None:
    """Nobody, where it is the record that stands for passers-by (8.1)."""
    customer = nested(row, BESIDE)
    if not customer or text(customer, "customer_code").upper() == WALK_IN or not text(customer, "id"):
        return None
    return Customer(
        id=text(customer, "id", limit=100),
        name=text(customer, "name", limit=200) or _name(customer),
        company=text(customer, "company_name", limit=200),
        code=text(customer, "customer_code", limit=60),
        email=text(customer, "email", limit=200),
        address=_address(customer),
    )


def _name(customer: Row) -> str:
    return f"{text(customer, 'first_name', limit=200)} {text(customer, 'last_name', limit=200)}".strip()


def _address(customer: Row) -> Address:
    lines = (text(customer, f"physical_address_{number}", limit=200) for number in (1, 2))
    country = text(customer, "physical_country_id").upper()
    return Address(
        street=" ".join(line for line in lines if line),
        postcode=text(customer, "physical_postcode", limit=40),
        city=text(customer, "physical_city", "physical_suburb", limit=200),
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else "",
    )
