"""The page on which a merchant lets a client in: one form, one choice, two buttons, for all tills."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} (sandbox)</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;background:#f4f4f2;margin:0;display:grid;place-items:center;
height:100vh}}
form{{background:#fff;padding:2rem 2.5rem;border-radius:12px;box-shadow:0 2px 12px #0002;max-width:26rem}}
select,button{{font:inherit;padding:.5rem .9rem;margin:.4rem .4rem .4rem 0;border-radius:8px;
border:1px solid #bbb}}
button[value=allow]{{background:#e81c2e;border-color:#e81c2e;color:#fff}}</style>
<form method="post" action="{action}"><h1>{title}</h1>
<p><b>{client}</b> asks for access to your account:</p><ul>{scopes}</ul>{hidden}
<p><label>Account <select name="account">{accounts}</select></label></p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form></html>"""


def consent_page(title: str, action: str, asked: Mapping[str, str], accounts: Mapping[str, str]) -> str:
    """`asked` is the client's query, which the form carries on; `accounts` what can be chosen, by value."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    options = "".join(
        f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in accounts.items()
    )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked.get("scope", "").split())
    return PAGE.format(
        title=escape(title),
        action=escape(action),
        client=escape(asked.get("client_id", "")),
        scopes=scopes,
        hidden=hidden,
        accounts=options,
    )


def back_to(redirect_uri: str, answer: Mapping[str, str]) -> Response:
    joint = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(answer)}", 302)
