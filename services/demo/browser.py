"""The demo's browser: goes where a person would be sent, presses the button of consent, and comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from services.demo.processes import DemoFailed


class ConsentFailed(DemoFailed):
    """The round trip of a consent ended somewhere else than on our page; the message says where."""


@dataclass
class Form:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _FormReader(HTMLParser):
    """Reads the page's first form: hidden fields and the values of each select."""

    def __init__(self) -> None:
        super().__init__()
        self.form = Form()
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.form.action = given.get("action", "")
            case "input" if given.get("type") == "hidden":
                self.form.fields[given["name"]] = given.get("value", "")
            case "select":
                self._select = given["name"]
            case "option" if self._select:
                self.form.choices.setdefault(self._select, []).append(given.get("value", ""))


async def consent(http: httpx.AsyncClient, authorize_url: str, *, choose: str | None = None) -> str:
    """Opens the vendor's page, allows, follows the way back; gives the text of the page one lands on.

    `choose` is the account or user to log in with, where the page lets one choose.
    """
    page = await http.get(authorize_url)
    if page.status_code != 200:
        raise ConsentFailed(f"{authorize_url} answered {page.status_code}: {page.text[:300]}")
    form = _form_on(page.text)
    chosen = {name: _choice(values, choose) for name, values in form.choices.items()}
    answer = await http.post(
        urljoin(authorize_url, form.action or authorize_url),
        data=form.fields | chosen | {"decision": "allow"},
    )
    landed = await http.get(answer.headers["location"]) if answer.is_redirect else answer
    if landed.status_code != 200:
        raise ConsentFailed(f"the way back ended with {landed.status_code}: {landed.text[:300]}")
    return landed.text


def _form_on(page: str) -> Form:
    reader = _FormReader()
    reader.feed(page)
    return reader.form


def _choice(values: list[str], wanted: str | None) -> str:
    return wanted if wanted in values else values[0]
