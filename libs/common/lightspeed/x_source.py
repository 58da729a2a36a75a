"""Lightspeed Retail X-Series (once Vend) as a source."""

from __future__ import annotations

from libs.common.lightspeed import x_parser
from libs.common.lightspeed.source import Chore, Control, Hook, Source
from libs.common.lightspeed.x_control import read_balances
from libs.common.lightspeed.x_hook import Signatures
from libs.common.lightspeed.x_oauth import XConsent
from libs.common.lightspeed.x_products import ARTICLES, x_products
from libs.common.lightspeed.x_reading import XTill
from libs.common.lightspeed.x_sale import SOURCE as NAME
from libs.common.lightspeed.x_subscription import CHORE, subscribe

SOURCE = Source(
    name=NAME,
    title="Lightspeed X-Series",
    parser=x_parser,
    consent=XConsent,
    till=XTill,
    chores=(Chore(CHORE, subscribe),),
    control=Control(balances=read_balances),
    hook=Hook(Signatures().is_genuine),
    products=x_products,
    articles=ARTICLES,
)
