"""The sandbox's page: addresses to export, tills to sell at, faults to switch, counters."""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from services.sandbox.vendors import Vendor


def settings_for(address: str, vendors: Sequence[Vendor]) -> dict[str, str]:
    """What a client of all the vendors is told, when the sandbox answers at this address."""
    settings: dict[str, str] = {}
    for vendor in vendors:
        settings |= {name: address + behind for name, behind in vendor.addresses.items()} | vendor.settings()
    return {f"KOPPELING_{name}": value for name, value in sorted(settings.items())}


def page(address: str, vendors: Sequence[Vendor]) -> str:
    lines = "\n".join(f"export {name}={value}" for name, value in settings_for(address, vendors).items())
    said = "\n".join(f"<p>{vendor.title}: {escape(vendor.says)}</p>" for vendor in vendors if vendor.says)
    return _template().substitute(exports=escape(lines), said=said)


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
