"""The page on which a browser lands after a consent: what is connected, and what comes next.

One page without scripts or outside assets, in the merchant's language. Whatever came in the address is
never shown.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from libs.common.lightspeed.sources import SOURCES
from services.portal.oauth import Asked, Landed, Landing
from services.portal.vendors import EXACT

router = APIRouter()
SYSTEMS = {EXACT: "Exact Online", **{name: source.title for name, source in SOURCES.items()}}
OURS = ("state", "code", "error")
LONGEST, MOST = 4000, 20

Words = tuple[str, str]
TITLES: dict[Landed, dict[str, Words]] = {
    Landed.CONNECTED: {
        "nl": ("{system} is gekoppeld", "{who}"),
        "en": ("{system} is connected", "{who}"),
    },
    Landed.NO_STATE: {
        "nl": ("Deze link klopt niet", "Begin opnieuw in het scherm waar u de koppeling maakte."),
        "en": ("This link isn't right", "Begin again on the screen where you made the connection."),
    },
    Landed.USED: {
        "nl": ("Deze link is al gebruikt", "Een link werkt één keer. Begin opnieuw als er nog iets moet."),
        "en": ("This link was used already", "A link works once. Begin again if more is to be done."),
    },
    Landed.EXPIRED: {
        "nl": ("Deze link is verlopen", "Een link werkt tien minuten. Begin opnieuw."),
        "en": ("This link has expired", "A link works for ten minutes. Begin again."),
    },
    Landed.DENIED: {
        "nl": ("{system} is niet gekoppeld", "Er is geen toestemming gegeven. U kunt het opnieuw proberen."),
        "en": ("{system} is not connected", "The consent wasn't given. You can try again."),
    },
    Landed.NO_CODE: {
        "nl": ("{system} is niet gekoppeld", "{system} stuurde geen bewijs mee. Probeer het opnieuw."),
        "en": ("{system} is not connected", "{system} sent no proof along. Try again."),
    },
    Landed.NOT_EXCHANGED: {
        "nl": ("{system} is niet gekoppeld", "{system} gaf geen bruikbaar antwoord. Probeer het zo opnieuw."),
        "en": ("{system} is not connected", "{system} gave no usable answer. Try again in a moment."),
    },
    Landed.OTHER_ACCOUNT: {
        "nl": (
            "Dit is een ander account",
            "Deze koppeling hoort bij een ander account van {system}, en blijft daarbij: anders kwam de "
            "omzet van de ene zaak in de boeken van de andere. Log in met het oorspronkelijke account, of "
            "maak voor dit account een nieuwe koppeling.",
        ),
        "en": (
            "This is another account",
            "This connection belongs to another account of {system} and stays with it: else one business's "
            "turnover came into the books of another. Log in with the first account, or make a new "
            "connection for this one.",
        ),
    },
    Landed.OTHER_DIVISION: {
        "nl": (
            "Deze login ziet de administratie niet",
            "De koppeling boekt in een administratie die deze login van {system} niet heeft. Log in met "
            "een gebruiker die er wel bij kan.",
        ),
        "en": (
            "This login doesn't see the division",
            "The connection books into a division that this login of {system} doesn't have. Log in as a user "
            "who has it.",
        ),
    },
    Landed.ENDED: {
        "nl": ("Deze koppeling bestaat niet meer", "Er is niets gekoppeld."),
        "en": ("This connection is gone", "Nothing was connected."),
    },
}
NEXT = {
    "nl": {
        "till": "Koppel nu Lightspeed: ga terug naar het scherm waar u begon.",
        "books": "Koppel nu Exact Online: ga terug naar het scherm waar u begon.",
        "rules": "Beide kanten zijn gekoppeld. Controleer de voorgestelde instellingen en zet de koppeling "
        "aan.",
        "on": "De koppeling staat aan en werkt verder.",
    },
    "en": {
        "till": "Now connect Lightspeed: go back to the screen where you began.",
        "books": "Now connect Exact Online: go back to the screen where you began.",
        "rules": "Both sides are connected. Check the suggested settings now, and switch the connection on.",
        "on": "The connection is switched on and goes on.",
    },
}
CLOSE = {"nl": "U kunt dit venster sluiten.", "en": "You may close this window."}

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#f4f6f8;--card:#fff;--line:#dde3ea;
--good:#0f7b4f;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9aa7b6;--paper:#12171e;--card:#1b222c;
--line:#2c3643;--good:#4cc38a;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);
color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;padding:1.5rem}
main{background:var(--card);border:1px solid var(--line);border-radius:16px;max-width:34rem;width:100%;
padding:2.25rem;box-shadow:0 10px 40px rgba(10,20,40,.07)}
.brand{font-weight:650;letter-spacing:.01em;color:var(--soft);font-size:.9rem;margin:0 0 1.5rem}
.mark{width:3rem;height:3rem;border-radius:50%;display:grid;place-items:center;color:#fff;font-size:1.5rem;
background:var(--good)}.bad .mark{background:var(--bad)}
h1{font-size:1.6rem;line-height:1.2;margin:1rem 0 .4rem}p{margin:.4rem 0}.who{color:var(--soft)}
ul{list-style:none;padding:0;margin:1.5rem 0;border-top:1px solid var(--line)}
li{display:flex;justify-content:space-between;gap:1rem;padding:.7rem 0;border-bottom:1px solid var(--line)}
.yes{color:var(--good);font-weight:600}.no{color:var(--soft)}.next{font-weight:600}
footer{color:var(--soft);font-size:.9rem;margin-top:1.5rem}
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@router.get("/oauth/{system}/callback", include_in_schema=False)
async def callback(system: str, request: Request) -> HTMLResponse:
    """Bound by its state alone; a parameter that comes twice is refused."""
    portal = request.state.portal
    asked = _asked(request)
    if system not in SYSTEMS or asked is None:
        return _page(Landing(Landed.NO_STATE, system))
    return _page(await portal.consents.land(system, asked))


def _asked(request: Request) -> Asked | None:
    given = request.query_params.multi_items()
    values = dict(given)
    if (
        len(given) > MOST
        or len(values) < len(given)
        or any(len(value) > LONGEST for value in values.values())
    ):
        return None
    state, code, error = (values.pop(name, "") for name in OURS)
    return Asked(state, code, error, values) if state else None


def _page(landing: Landing) -> HTMLResponse:
    is_good = landing.outcome is Landed.CONNECTED
    return HTMLResponse(_html(landing, is_good=is_good), 200 if is_good else 400, HEADERS)


def _html(landing: Landing, *, is_good: bool) -> str:
    language = landing.language
    names = {"system": SYSTEMS.get(landing.system, "Exact Online"), "who": landing.subject}
    title, words = (escape(text.format(**names)) for text in TITLES[landing.outcome][language])
    sides = _sides(landing) if is_good else ""
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} · Kassakoppeling</title><style>{STYLE}</style></head>
<body><main class="{"good" if is_good else "bad"}"><p class="brand">Kassakoppeling</p>
<div class="mark" aria-hidden="true">{"✓" if is_good else "!"}</div>
<h1>{title}</h1><p class="who">{words}</p>{sides}
<footer>{CLOSE[language]}</footer></main></body></html>"""


def _sides(landing: Landing) -> str:
    connection, language = landing.connection, landing.language
    assert connection is not None
    has_till = connection.lightspeed_grant_id is not None
    has_books = connection.exact_grant_id is not None
    rows = _row(SYSTEMS[connection.source], has_till, language) + _row(SYSTEMS[EXACT], has_books, language)
    step = "till" if not has_till else "books" if not has_books else "rules"
    if connection.is_booked:
        step = "on"
    return f'<ul>{rows}</ul><p class="next">{escape(NEXT[language][step])}</p>'


def _row(name: str, is_connected: bool, language: str) -> str:
    yes, no = ("gekoppeld", "nog niet") if language == "nl" else ("connected", "not yet")
    mark = f'<span class="yes">✓ {yes}</span>' if is_connected else f'<span class="no">{no}</span>'
    return f"<li><span>{escape(name)}</span>{mark}</li>"
