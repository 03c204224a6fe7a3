"""Markdown cut to GitHub's limits where a reader would cut it: at the end of a section, with a note of what is missing. Pure.

GitHub answers 422 to a summary, text, comment or body of more than 65,535 bytes; it counts bytes, not characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BYTES = 65_535
"""GitHub's limit for `output.summary` and `output.text`, each; also safe for comments and bodies of pull requests."""
NOTE_BYTES = 400
"""Room kept for the note and for closing what is open."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(\S.*)")
_LINE_ENDS = re.compile(r"(?<=\n)")
_SURROGATES = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot carry, replaced."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def size(text: str) -> int:
    """Bytes of a text as it is sent."""
    return len(text.encode("utf-8"))


def clip(text: str, limit: int, *, unit_bytes: bool = False) -> str:
    """A plain text of at most `limit` characters (with `unit_bytes`: bytes), ending in an ellipsis where it was cut."""
    text = encodable(text)
    if not unit_bytes:
        return text if len(text) <= limit else text[: limit - 1] + "…"
    if size(text) <= limit:
        return text
    return text.encode("utf-8")[: limit - len("…".encode())].decode("utf-8", "ignore") + "…"


def cut(text: str, limit: int = BYTES) -> str:
    """Markdown of at most `limit` bytes (not below 1,000), whole if it fits; code fences and `<details>` are closed."""
    text = encodable(text)
    if size(text) <= limit:
        return text
    lines = [line for line in _LINE_ENDS.split(text) if line]
    keep = _best(lines, limit - NOTE_BYTES)
    if keep is None:  # a single first line is too long: cut inside it
        return clip(text, limit - NOTE_BYTES, unit_bytes=True) + _note(lines, lines[1:])
    return "".join(lines[: keep.lines]).rstrip("\n") + keep.closing + _note(lines, lines[keep.lines :])


@dataclass(frozen=True, slots=True)
class _Place:
    """A place to cut: after `lines` lines, `used` bytes, of quality `rank` (2 section, 1 paragraph, 0 line)."""

    lines: int
    used: int
    rank: int
    closing: str


def _best(lines: list[str], budget: int) -> _Place | None:
    """The last place of the best quality that keeps at least half of the budget; else the last of any."""
    places = [place for place in _places(lines) if place.used + size(place.closing) <= budget]
    good = [place for place in places if place.used * 2 >= budget]
    return max(good or places, key=lambda place: (place.rank if good else 0, place.lines), default=None)


def _places(lines: list[str]) -> Iterator[_Place]:
    fence, details, used = "", 0, 0
    for number, line in enumerate(lines, start=1):
        used += size(line)
        fence_now = _after(fence, line)
        if not fence and not fence_now:
            details = max(0, details + line.count("<details") - line.count("</details>"))
        fence = fence_now
        following = lines[number] if number < len(lines) else ""
        closing = (f"\n{fence}" if fence else "") + "\n\n</details>" * details
        yield _Place(number, used, _rank(line, following, closed=not closing), closing)


def _after(fence: str, line: str) -> str:
    """The fence that is open after a line, given the one before it (CommonMark 0.31, section 4.5); empty for none."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    run, rest = found[1], found[2].strip()
    if not fence:
        return "" if run[0] == "`" and "`" in rest else run
    return "" if run[0] == fence[0] and len(run) >= len(fence) and not rest else fence


def _rank(line: str, following: str, *, closed: bool) -> int:
    if closed and _HEADING.match(following):
        return 2
    return 1 if closed and not line.strip() else 0


def _note(lines: list[str], missing: list[str]) -> str:
    """What was cut; at most `NOTE_BYTES` less the closing's own room."""
    what = f"{max(len(missing), 1)} of {len(lines)} lines are left out"
    if missing and _HEADING.match(missing[0]):
        section = clip(_HEADING.sub(r"\1", missing[0]).strip(), 60)
        what += f", from the section \u201c{section}\u201d on"
    return f"\n\n---\n_Cut to fit GitHub's limit: {what}._\n"
