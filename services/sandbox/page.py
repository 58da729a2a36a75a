"""The sandbox's page: addresses to export, tills to sell at, faults to switch, counters."""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from services.sandbox.vendors import Vendor


def page(address: str, vendors: Sequence[Vendor]) -> str:
    exports: dict[str, str] = {}
    for vendor in vendors:
        exports |= {name: address + behind for name, behind in vendor.addresses.items()} | vendor.settings()
    lines = "\n".join(f"export KOPPELING_{name}={value}" for name, value in sorted(exports.items()))
    said = "\n".join(f"<p>{vendor.title}: {escape(vendor.says)}</p>" for vendor in vendors if vendor.says)
    return _template().substitute(exports=escape(lines), said=said)


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
