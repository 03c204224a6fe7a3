"""Pieces of pages: the frame with its way back, links, tables, source lines and differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from aiohttp import web

from app.standin.github.layout import page

_STYLE = """<style>
nav { margin: .5rem 0 0; } nav a { margin-right: .3rem; }
h1 { font-size: 1.6rem; margin: .6rem 0; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin-top: 1.6rem; }
h3 { font-size: 1rem; margin-bottom: .3rem; }
td { vertical-align: top; overflow-wrap: break-word; } .narrow { white-space: nowrap; } .long { overflow-wrap: anywhere; }
.wide, .said { overflow-x: auto; }
.said td:nth-child(n+2):not(:last-child) { min-width: 10rem; } .said td:nth-child(n+2) code { overflow-wrap: anywhere; }
.said { border: 1px solid var(--line); border-radius: .4rem; padding: 0 1rem; margin: .8rem 0; }
.said pre, .wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
.source { line-height: 1.45; padding: .3rem 0; margin: 0; } .source span { display: block; padding: 0 .6rem; min-height: 1.45em; }
.source .marked, .del { background: #f851492e; } .add { background: #2ea04333; } .hunk { color: #6e7781; }
.beside { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: .8rem; align-items: start; }
.note { border-left: 4px solid #cf222e; background: var(--soft); padding: .3rem .8rem; }
.note.warning { border-color: #bf8700; } .note.notice { border-color: #0969da; }
.good { color: #1a7f37; font-weight: 600; } .bad { color: #cf222e; font-weight: 600; } .open { color: #9a6700; font-weight: 600; }
form { display: inline-block; margin-right: .5rem; } .risky { background: #cf222e; border-color: #a40e26; }
@media (max-width: 45rem) { .beside { grid-template-columns: minmax(0, 1fr); } }
</style>"""

_LINES = (
    ("+++", "hunk"),
    ("---", "hunk"),
    ("+", "add"),
    ("-", "del"),
    ("@@", "hunk"),
    ("diff ", "hunk"),
    ("index ", "hunk"),
)


def framed(title: str, body: str, *, way: Iterable[tuple[str, str]] = (), status: int = 200) -> web.Response:
    """A whole page with the way back to where it hangs: (address, text) pairs below home."""
    steps = " / ".join(link(path, text) for path, text in (("/_/", "home"), *way))
    return page(title, f"{_STYLE}<nav>{steps}</nav>{body}", status=status)


def link(path: str, text: str) -> str:
    """A link within these pages; the text is escaped here."""
    return f'<a href="{escape(quote(path, safe="/#"))}">{escape(text)}</a>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML whose texts their maker has escaped."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'


def narrow(text: str) -> str:
    """A cell that stays on one line; the text is escaped here."""
    return f'<span class="narrow">{escape(text)}</span>'


def button(action: str, text: str, *, risky: bool = False) -> str:
    """A form that is only a button."""
    kind = ' class="risky"' if risky else ""
    return f'<form method="post" action="{escape(action)}"><button{kind}>{escape(text)}</button></form>'


def state(word: str) -> str:
    """How something ended, coloured."""
    kind = {"success": "good", "failure": "bad", "action_required": "bad"}.get(word, "open")
    return f'<span class="{kind}">{escape(word)}</span>'


def source(lines: Sequence[str], first: int, marked: range) -> str:
    """Source lines with their numbers, counted from `first`; those in `marked` stand out."""
    spans = []
    for number, line in enumerate(lines, first):
        kind, sign = (' class="marked"', "&gt;") if number in marked else ("", " ")
        spans.append(f"<span{kind}>{sign} {number:4} {escape(line)}</span>")
    shown = "".join(spans)
    return f'<pre class="source">{shown}</pre>'


def difference(text: str) -> str:
    """A unified difference as git writes it, coloured by line."""
    spans = []
    for line in text.splitlines():
        kind = next((kind for start, kind in _LINES if line.startswith(start)), "")
        spans.append(f'<span class="{kind}">{escape(line)}</span>')
    return f'<pre class="source">{"".join(spans)}</pre>'
