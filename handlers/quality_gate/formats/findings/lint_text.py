"""Text that compilers and linters print, a finding a line: pylint, tsc, MSBuild, gcc, rustc, pydocstyle, go vet, luacheck.

No pattern may take more than a few steps a character, whatever the line: lines are up to 1 MiB and a stranger's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from app.domain.findings import Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.findings import flake8, mypy, printed, yamllint
from handlers.quality_gate.formats.findings.printed import Pattern
from handlers.quality_gate.formats.findings.text import COLOURS, PATH, text_lines
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "lint-text"
LINE, COLUMN = r"(?P<line>\d{1,9})", r"(?P<column>\d{1,9})"
TEXT = r"(?P<text>.*)"
BRACED = r"(?P<path>(?:[A-Za-z]:)?[^:\s][^:]*?)"
"""A path in front of a place in brackets."""
NOTES = ("note", "info", "information", "style", "remark", "hint", "help", "message")
ERRORS = ("fatal error", "internal compiler error", "error")
LEVELS = {"warning": Level.WARNING, "performance": Level.WARNING, "portability": Level.WARNING}
LEVELS |= dict.fromkeys(NOTES, Level.NOTE)
WORDS = rf"(?P<level>{'|'.join((*ERRORS, *LEVELS))})"
PYLINT = {"W": Level.WARNING, "C": Level.NOTE, "R": Level.NOTE, "I": Level.NOTE}

CERTAIN = (
    Pattern(
        "pylint",
        re.compile(
            PATH + rf"(?::[\w.]{{1,300}})?:{LINE}: "
            r"\[(?P<rule>[CRWEFI](?:\d{4})?)(?:\([\w-]*\))?(?:, [^\]]*)?\] " + TEXT
        ),
        PYLINT,
        needs=": [",
    ),
    Pattern(
        "pylint",
        re.compile(PATH + rf":{LINE}:{COLUMN}: (?P<rule>[CRWEFI]\d{{4}}): {TEXT}"),
        PYLINT,
        first_column=0,
    ),
    Pattern(
        "tsc",
        re.compile(rf"{BRACED}\({LINE},{COLUMN}\): {WORDS} (?P<rule>TS\d{{1,6}}): {TEXT}"),
        LEVELS,
        needs=" TS",
    ),
    Pattern(
        "tsc",
        re.compile(PATH + rf":{LINE}:{COLUMN} - {WORDS} (?P<rule>TS\d{{1,6}}): {TEXT}"),
        LEVELS,
        needs=" TS",
    ),
    Pattern("tsc", re.compile(rf"{WORDS} (?P<rule>TS\d{{1,6}}): {TEXT}"), LEVELS, needs=" TS"),
    Pattern(
        "",  # MSBuild and Microsoft's compilers; a place may be two, or have an end
        re.compile(
            rf"{BRACED}\({LINE}(?:,{COLUMN}(?:,\d{{1,9}},\d{{1,9}})?)?\) ?: "
            rf"{WORDS}(?: (?P<rule>[A-Z]{{1,8}}\d{{1,6}}))?: {TEXT}"
        ),
        LEVELS,
        needs="(",
    ),
    Pattern(
        "",  # rustc's code stands behind the level
        re.compile(PATH + rf":{LINE}(?::{COLUMN})?: {WORDS}\[(?P<rule>[\w-]{{1,80}})\]: {TEXT}"),
        LEVELS,
        needs="]: ",
    ),
    Pattern(
        "",  # gcc's and clang's in front of the end of the line
        re.compile(
            PATH + rf":{LINE}(?::{COLUMN})?: {WORDS}: (?P<text>.*?)(?: \[(?P<rule>[\w.,=+#-]{{1,80}})\])?"
        ),
        LEVELS,
    ),
    Pattern(
        "pydocstyle",
        re.compile(PATH + rf":{LINE} (?:at|in) [^\n]*?:(?: (?P<rule>[A-Z]\d{{3}}): {TEXT})?"),
        {},
    ),
)
"""Lines that say how bad it is, or come in a shape of their own."""
VAGUE = (
    Pattern("pydocstyle", re.compile(PATH + rf":{LINE} (?:at|in) [^:]*: {TEXT}"), {}),
    Pattern(
        "",  # gcc, its linker and cargo about no file
        re.compile(
            r"(?:[\w.+-]{1,60}: )?(?P<level>fatal error|error): (?P<text>(?!could not compile|aborting due to).+)"
        ),
        LEVELS,
    ),
    Pattern(
        "",  # go vet, luacheck and whoever else names a file, a line and what is wrong
        re.compile(
            r"(?:vet: )?(?P<path>(?:[A-Za-z]:)?(?=[^:\s]*[./\\])[^:\s]+)"
            rf":{LINE}(?::{COLUMN})?: (?:\(?(?P<rule>[A-Z]{{1,6}}\d{{2,5}})\)?:? )?(?P<text>\S.*)"
        ),
        {},
    ),
)
"""Lines that any log may have as well."""
HEADING = re.compile(PATH + r":\d{1,9} (?:at|in) [^\n]*:")
"""The first of the two lines that pydocstyle prints for a finding."""
CLOSING = re.compile(r"Your code has been rated at -?\d")
"""pylint's last line, which it prints where it found nothing as well."""
AROUND = re.compile(
    r"\*{3,} Module .*|yarn run .*|[$>] .*|-{3,}|In file included from .*|.*: In [a-z ]{0,40}(?:function|constructor|method).*:"
    r"|.*: At top level:"
)
"""What is printed in front of the first finding."""
MAX_AROUND = 400
OTHERS = (flake8.sniff, mypy.sniff_text, yamllint.sniff)
"""Formats of their own, whose lines have the same shape."""


def sniff(head: bytes) -> bool:
    """Whether the first line that is no heading is a finding that says how bad it is, or pylint's rating.

    What flake8, mypy and yamllint print is their own format. Lines that are only a place and a text are like those of any log: a
    policy must name the format for them.
    """
    text = COLOURS.sub("", heads.text_of(head))
    if text.lstrip()[:1] in {"", "{", "[", "<", "#"} or any(other(head) for other in OTHERS):
        return False
    lines = (line.rstrip() for line in text.split("\n") if line.strip())
    first = next((line for line in _joined(lines) if not AROUND.fullmatch(line[:MAX_AROUND])), "")
    return bool(CLOSING.match(first)) or any(each.expression.fullmatch(first) for each in CERTAIN)


def parse(source: Source) -> Report:
    """The findings; vacuous where nothing was printed. Raises `InvalidInput` where no line is a finding."""
    return printed.read(NAME, _joined(text_lines(source)), (*CERTAIN, *VAGUE), CLOSING)


FORMAT = Format(NAME, Kind.FINDINGS, sniff, parse, named_only=True)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """The lines; where a finding takes two of them, as pydocstyle's does, both as one."""
    heading = ""
    for line in lines:
        if heading:
            is_rest = line.startswith("  ")
            yield f"{heading} {line.strip()}" if is_rest else heading
            heading = ""
            if is_rest:
                continue
        if HEADING.fullmatch(line):
            heading = line
        else:
            yield line
    if heading:
        yield heading
