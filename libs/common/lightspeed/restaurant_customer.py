"""The customer of a sale, with no more than a booking can need. Pure.

The vendor names people at payments, not at sales (7.3).
"""

from __future__ import annotations

from libs.common.domain.sale import Address, Customer
from libs.common.lightspeed.restaurant_values import Caseless, key_of
from libs.common.lightspeed.retail_values import text


def customer_of(consumer: Caseless) -> Customer | None:
    customer_id = key_of(consumer, "id") or key_of(consumer, "customerId")
    if not customer_id:
        return None
    name = f"{text(consumer, 'firstName', 200)} {text(consumer, 'lastName', 200)}".strip()
    lines = (text(consumer, "addressLine1", 200), text(consumer, "addressLine2", 200))
    return Customer(
        id=customer_id,
        name=name,
        company=text(consumer, "companyName", 200),
        vat_number=text(consumer, "taxIdentifier", 60),
        email=text(consumer, "email", 200),
        address=Address(
            street=" ".join(line for line in lines if line),
            postcode=text(consumer, "zipCode", 40),
            city=text(consumer, "city", 200),
        ),
    )
