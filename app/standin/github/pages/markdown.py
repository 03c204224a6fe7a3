"""As much of GitHub's Markdown as check runs and pull requests are written in; everything is escaped before it is looked at."""

from __future__ import annotations

import re
from html import escape

_CODE = re.compile(r"(?<!\\)(`+)(.+?)\1")
_BOLD = re.compile(r"(?<!\\)\*\*(.+?)\*\*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ZERO_WIDTH = "&amp;#8203;"
"""An App puts it where GitHub would see a mention; a reader never sees it."""
_ENTITY = re.compile(r"&amp;(lt|gt|amp|quot);")
"""What an App escaped once is one character for the reader."""
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_LINK = re.compile(r"(?<!\\)\[([^\]]+)\]\((https?://[^\s()\"<>]+)\)")
_FENCE = re.compile(r"`{3,}")
_HEADING = re.compile(r"(#{1,6}) +(.+)")


def rendered(text: str) -> str:
    """HTML of a text: headings, lists, tables, fenced code, paragraphs; unknown forms stay as they are written."""
    lines, out = text.splitlines(), []
    at = 0
    while at < len(lines):
        take, html = _block(lines, at)
        out.append(html)
        at += take
    return "".join(out)


def _block(lines: list[str], at: int) -> tuple[int, str]:
    """How many lines the block that begins here takes, and its HTML."""
    line = lines[at]
    if not line.strip():
        return 1, ""
    if fence := _FENCE.match(line):
        end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(fence[0])), len(lines))
        return end - at + 1, f"<pre>{escape(chr(10).join(lines[at + 1 : end]))}</pre>"
    if heading := _HEADING.fullmatch(line):
        return 1, f"<h3>{_inline(heading[2])}</h3>"
    if line.startswith("|") and at + 1 < len(lines) and _RULE.fullmatch(lines[at + 1].strip()):
        return _table(lines, at)
    if line.startswith(("- ", "* ")):
        items = _run(lines, at, ("- ", "* "))
        return len(items), "<ul>" + "".join(f"<li>{_inline(item[2:])}</li>" for item in items) + "</ul>"
    text = [line]
    while at + len(text) < len(lines) and not _begins_block(lines[at + len(text)]):
        text.append(lines[at + len(text)])
    return len(text), f"<p>{'<br>'.join(_inline(each) for each in text)}</p>"


def _begins_block(line: str) -> bool:
    return not line.strip() or line.startswith(("```", "#", "|", "- ", "* "))


def _run(lines: list[str], at: int, starts: tuple[str, ...]) -> list[str]:
    end = next((n for n in range(at, len(lines)) if not lines[n].startswith(starts)), len(lines))
    return lines[at:end]


def _table(lines: list[str], at: int) -> tuple[int, str]:
    rows = _run(lines, at, ("|",))
    head, *body = [_cells(row) for number, row in enumerate(rows) if number != 1]
    top = "".join(f"<th>{cell}</th>" for cell in head)
    rest = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body)
    return len(rows), f"<table><thead><tr>{top}</tr></thead><tbody>{rest}</tbody></table>"


def _cells(row: str) -> list[str]:
    return [
        _inline(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))
    ]


def _inline(text: str) -> str:
    """Code spans keep their characters; elsewhere backslashes are taken away and bold is bold."""
    out, at = [], 0
    for span in _CODE.finditer(text):
        out += [_words(text[at : span.start()]), f"<code>{escape(span[2].strip())}</code>"]
        at = span.end()
    return "".join([*out, _words(text[at:])])


def _words(text: str) -> str:
    safe = escape(text, quote=False).replace(_ZERO_WIDTH, "")
    safe = safe.replace("&lt;sub&gt;", "").replace("&lt;/sub&gt;", "")
    safe = _ENTITY.sub(r"&\1;", safe)
    safe = _LINK.sub(r'<a href="\2" rel="noreferrer">\1</a>', safe)
    return _ESCAPED.sub(r"\1", _BOLD.sub(r"<b>\1</b>", safe))
