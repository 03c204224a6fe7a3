"""TAP 13 and 14: test points counted, plans checked, subtests read at their indentation (https://testanything.org)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.taplevels import Levels, Point
from handlers.quality_gate.formats.source import Source, lines

VERSION = re.compile(r"TAP version (\d{1,3})\s*")
PLAN = re.compile(r"1\.\.(\d{1,9})(?:\s*#.*)?\s*")
POINT = re.compile(r"(not )?ok(?=\s|$)(?:[ \t]+(\d{1,9})(?=\s|$))?(.*)")
DIRECTIVE = re.compile(r"(?<!\\)#\s*(todo\b|skip)", re.IGNORECASE)
BAIL = re.compile(r"Bail out!(.*)")
FIRST = re.compile(r"TAP version \d|1\.\.\d+\s*(?:#|$)|(?:not )?ok \d+(?:\s|$)")
"""What a report begins with, comments aside; `ok` without a number only counts after a version."""
INDENT = 4


def sniff(head: bytes) -> bool:
    """Whether the first line that is no comment is a version, a plan or a numbered test point."""
    for line in heads.text_of(head).splitlines():
        if line.strip() and not line.startswith("#"):
            return FIRST.match(line) is not None
    return False


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where no line is TAP."""
    levels = Levels()
    for depth, text in _lines(source, levels):
        _take(levels, depth, text)
    if not levels.has_begun:
        raise InvalidInput("report.not_tap", "no line is a version, a plan or a test point of TAP")
    return levels.report("tap")


FORMAT = Format("tap", Kind.TESTS, sniff, parse)


def _lines(source: Source, levels: Levels) -> Iterator[tuple[int, str]]:
    """Depth and text of the lines, without the YAML blocks below test points, which go to `levels.explain`."""
    block: int | None = None
    for raw in lines(source):
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if block is not None and indent >= block:
            if indent == block and text.rstrip() == "...":
                block = None
            else:
                levels.explain(text)
        elif text.rstrip() == "---" and indent % INDENT:
            block = indent
        elif text and not indent % INDENT:
            block = None
            yield indent // INDENT, text


def _take(levels: Levels, depth: int, text: str) -> None:
    point = POINT.fullmatch(text)
    if point:
        levels.point(depth, _point(point))
    elif plan := PLAN.fullmatch(text):
        levels.plan(depth, int(plan[1]))
    elif bail := BAIL.match(text):
        levels.bail(bail[1].strip())
    elif depth == 0 and VERSION.fullmatch(text):
        levels.begin()
    elif text.rstrip() == "}":
        levels.close_braces(depth)


def _point(found: re.Match[str]) -> Point:
    rest = found[3].strip()
    directive = DIRECTIVE.search(rest)
    name = (rest[: directive.start()] if directive else rest).strip().removeprefix("- ")
    opens = name.endswith("{")
    return Point(
        name=name.removesuffix("{").strip() or (found[2] or ""),
        is_ok=not found[1],
        directive=directive[1].lower() if directive else "",
        opens_braces=opens,
        number=int(found[2]) if found[2] else None,
    )
