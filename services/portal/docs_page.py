"""The page of the API: made of our own OpenAPI description, without scripts or outside assets."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--line:#dde3ea;--code:#f4f6f8}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9aa7b6;--paper:#12171e;--line:#2c3643;--code:#1b222c}}
body{margin:0 auto;max-width:60rem;padding:2rem 1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.9rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line);text-transform:capitalize}
details{border:1px solid var(--line);border-radius:10px;margin:.6rem 0;padding:.6rem 1rem}
summary{cursor:pointer;font-family:ui-monospace,monospace}summary b{display:inline-block;min-width:4.5rem}
pre{background:var(--code);border-radius:8px;padding:.8rem;overflow:auto;font-size:.85rem}
.soft{color:var(--soft)}table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);
padding:.35rem .6rem .35rem 0;vertical-align:top}
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
METHODS = ("get", "post", "put", "patch", "delete")


def docs_html(openapi: dict[str, Any]) -> str:
    info = openapi["info"]
    groups: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                tag = operation.get("tags", ["other"])[0]
                groups.setdefault(tag, []).append(_operation(path, method, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(shown)}" for tag, shown in groups.items())
    schemas = openapi.get("components", {}).get("schemas", {})
    shapes = "".join(
        f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{_json(schema)}</details>'
        for name, schema in sorted(schemas.items())
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(info["title"])}</title><style>{STYLE}</style></head><body>
<h1>{escape(info["title"])} <span class="soft">{escape(info["version"])}</span></h1>
<p>{escape(info.get("description", ""))}</p>
<p class="soft">As a file: <a href="openapi.json">openapi.json</a></p>
{body}<h2>Shapes</h2>{shapes}</body></html>"""


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    words = operation.get("description") or operation.get("summary", "")
    request = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    asked = f"<p>Body: {_shape(request)}</p>" if request else ""
    return (
        f"<details><summary><b>{method.upper()}</b> {escape(path)}</summary><p>{escape(words)}</p>"
        f"{_parameters(operation)}{asked}{_answers(operation)}</details>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}"
        f"{', required' if each.get('required') else ''}</td>"
        f"<td>{_shape(each.get('schema'))} {escape(each.get('description', ''))}</td></tr>"
        for each in operation.get("parameters", [])
    )
    return f"<table>{rows}</table>" if rows else ""


def _answers(operation: dict[str, Any]) -> str:
    rows = []
    for status, answer in operation.get("responses", {}).items():
        content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
        rows.append(
            f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))}</td>"
            f"<td>{_shape(content.get('schema'))}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _shape(schema: dict[str, Any] | None) -> str:
    if not schema:
        return ""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    return f"<code>{escape(json.dumps(schema))}</code>"


def _json(schema: dict[str, Any]) -> str:
    return f"<pre>{escape(json.dumps(schema, indent=1))}</pre>"
