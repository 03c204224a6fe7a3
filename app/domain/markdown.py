"""The one escaper for text that we write to GitHub: what strangers wrote must not speak for us.

Evidence (file names, log lines, claims of certificates) never becomes a mention, a reference that closes an issue, a link,
an image, HTML or a terminal's or a reader's direction change. Source: https://github.github.com/gfm/ and GitHub's autolinks.
"""

from __future__ import annotations

import re

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
INVISIBLE = re.compile(
    "[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~=$^])")
SHORTCODE = re.compile(r":(?=(?:\\[_+-]|[a-z0-9])+:)", re.IGNORECASE)
"""The beginning of `:octocat:`, which GitHub shows as a picture; punctuation is escaped already."""
BREAK = "&#8203;"
"""A zero-width space: GitHub looks for mentions and links in the rendered text, so an escape alone does not stop it."""


def clean(text: str, limit: int = 500) -> str:
    """One line without control, direction and colour codes, at most `limit` characters; not yet safe as Markdown."""
    line = CONTROL.sub(" ", INVISIBLE.sub("", ANSI.sub("", text))).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plain(text: str, limit: int = 500) -> str:
    """Text from strangers as running text: shown as it is, meaning nothing."""
    line = clean(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = PUNCTUATION.sub(r"\\\1", line)
    line = line.replace("@", f"@{BREAK}").replace("\\#", f"\\#{BREAK}").replace("://", f":{BREAK}//")
    line = SHORTCODE.sub(f":{BREAK}", line)
    line = re.sub(r"\b(gh)\\-(?=\d)", rf"\1{BREAK}\-", line, flags=re.IGNORECASE)
    return re.sub(r"\b(www)\\\.", rf"\1{BREAK}\.", line, flags=re.IGNORECASE)


def code(text: str, limit: int = 500) -> str:
    """Text from strangers as an inline code span, also inside a table."""
    line = clean(text, limit) or " "
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}".replace("|", "\\|")


def block(text: str, limit: int = 20_000) -> str:
    """Lines from strangers as a fenced code block; without colour codes and invisible characters."""
    lines = [CONTROL.sub(" ", INVISIBLE.sub("", ANSI.sub("", line))) for line in text[:limit].splitlines()]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}text", *lines, fence))
