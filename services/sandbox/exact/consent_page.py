"""The page on which a user allows an app to work in his books."""

from collections.abc import Iterable, Mapping
from html import escape

from services.sandbox.exact.world import App, User

PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Exact Online: toestemming (simulator)</title>
<style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1rem;margin-right:.5rem}}</style></head><body>
<h1>Exact Online</h1>
<p>De app <strong>{app}</strong> vraagt toegang tot uw administraties.</p>
<form method="post" action="{action}">{hidden}
<p><label>Gebruiker <select name="user">{users}</select></label></p>
<p><button name="decision" value="allow">Toestaan</button>
<button name="decision" value="deny">Weigeren</button></p>
</form></body></html>"""
REFUSAL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Error</title></head>
<body><h1>Error</h1><p>{text}</p></body></html>"""


def consent_page(app: App, users: Iterable[User], options: Mapping[str, str], action: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in options.items()
        if name not in ("user", "decision")
    )
    choices = "".join(
        f'<option value="{escape(user.name)}">{escape(user.full_name)} ({escape(user.name)})</option>'
        for user in users
    )
    return PAGE.format(app=escape(app.client_id), action=escape(action), hidden=hidden, users=choices)


def refusal_page(text: str) -> str:
    return REFUSAL.format(text=escape(text))
