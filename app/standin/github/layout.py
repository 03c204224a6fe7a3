"""The frame of every page for people: one style sheet, light and dark, and a banner that says what this is."""

from __future__ import annotations

from html import escape

from aiohttp import web

BANNER = "stand-in, not GitHub"
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: light-dark(#0a58ca, #79b8ff); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
.banner { background: #b3261e; color: #fff; text-align: center; padding: .25rem; font-weight: 600; }
a { color: var(--link); }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
pre, code { font: 14px/1.45 ui-monospace, monospace; } pre { background: var(--soft); padding: .6rem; overflow-x: auto; }
button { font: inherit; padding: .4rem 1rem; border-radius: .4rem; border: 1px solid #1a7f37;
  background: #1f883d; color: #fff; cursor: pointer; }
"""


def page(title: str, body: str, *, status: int = 200) -> web.Response:
    """A whole page; `title` is escaped here, `body` is HTML whose texts its maker has escaped."""
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body><div class="banner" role="note">{BANNER}</div><main><h1>{escape(title)}</h1>\n{body}\n'
        "</main></body></html>\n"
    )
    # No scripts and nothing from elsewhere: these pages show what repositories and runs contain.
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


def hidden(**fields: str) -> str:
    """Hidden fields of a form."""
    return "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())
