"""Lightspeed Restaurant (K-Series) as a source."""

from __future__ import annotations

from datetime import timedelta

from libs.common.lightspeed import restaurant_parser
from libs.common.lightspeed.restaurant_days import read_days, read_late
from libs.common.lightspeed.restaurant_oauth import RestaurantConsent
from libs.common.lightspeed.restaurant_products import ARTICLES, restaurant_products
from libs.common.lightspeed.restaurant_sale import SOURCE as NAME
from libs.common.lightspeed.restaurant_till import DAYS, restaurant_till
from libs.common.lightspeed.source import Chore, Source

SOURCE = Source(
    name=NAME,
    title="Lightspeed Restaurant",
    parser=restaurant_parser,
    consent=RestaurantConsent,
    till=restaurant_till,
    chores=(Chore(DAYS, read_days), Chore("late", read_late)),
    sweeps=timedelta(days=7),
    products=restaurant_products,
    articles=ARTICLES,
)
