"""The sandbox's page: addresses to export, tills to sell at, faults to switch, counters."""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

ADDRESSES = ("LIGHTSPEED_RETAIL_AUTH_URL", "LIGHTSPEED_RETAIL_API_URL", "EXACT_URL")


def page(address: str, settings: Mapping[str, str]) -> str:
    exports = dict.fromkeys(ADDRESSES, address) | dict(settings)
    lines = "\n".join(f"export KOPPELING_{name}={value}" for name, value in sorted(exports.items()))
    return _template().substitute(exports=escape(lines))


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
