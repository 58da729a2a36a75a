"""Lightspeed Retail (R-Series) as a source."""

from __future__ import annotations

from libs.common.lightspeed import retail_closings, retail_numbers, retail_parser, retail_void_feed
from libs.common.lightspeed.retail_closings import read_closings
from libs.common.lightspeed.retail_consent import RetailConsent
from libs.common.lightspeed.retail_control import read_balances, read_totals
from libs.common.lightspeed.retail_numbers import read_numbers
from libs.common.lightspeed.retail_products import ARTICLES, retail_products
from libs.common.lightspeed.retail_reading import retail_till
from libs.common.lightspeed.retail_sale import SOURCE as NAME
from libs.common.lightspeed.retail_voids import read_voids
from libs.common.lightspeed.source import Chore, Control, Source

SOURCE = Source(
    name=NAME,
    title="Lightspeed Retail",
    parser=retail_parser,
    consent=RetailConsent,
    till=retail_till,
    chores=(
        Chore(retail_void_feed.CHORE, read_voids),
        Chore(retail_numbers.CHORE, read_numbers),
        Chore(retail_closings.CHORE, read_closings, is_wanted=lambda rules: rules.till_movements),
    ),
    control=Control(read_totals, read_balances),
    products=retail_products,
    articles=ARTICLES,
)
