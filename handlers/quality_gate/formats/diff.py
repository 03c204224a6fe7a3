"""Unified diffs, as git, Mercurial and diff(1) write them: the lines that each file gains and loses.

The counts in a hunk's header are checked against its lines, so a diff that was cut off is refused, never read as
a smaller one. Merges of several parents (`diff --cc`) are refused: their lines belong to no single comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.domain.coverage import MAX_LINE
from app.domain.diffs import Diff, DiffFile
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.diff_names import GitHeader, header_names, plain_names
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.kept_lines import kept
from handlers.quality_gate.formats.source import Source, whole

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
LEADER = re.compile(r"\s*(?:diff |--- |Index: |=== |From [0-9a-f]{40} |commit [0-9a-f]{40})")
BODY = re.compile(r"^(?:diff --git |--- [^\n]+\n\+\+\+ )", re.MULTILINE)
FORMATTERS = re.compile(r"^\d+ files? (?:would be reformatted|already formatted)", re.MULTILINE)
COMBINED = ("diff --cc ", "diff --combined ", "@@@ ")
SIGNATURES = frozenset({"-- ", "--"})
"""What `git format-patch` writes below the last hunk."""
MAX_BITS = 1 << 30
"""Of all bitmaps together: 128 MiB. A few bytes can name line 10,000,000 of a thousand files."""


def sniff(head: bytes) -> bool:
    """Whether it begins as a diff does, or as a patch sent by mail; what a formatter prints with a diff is its own format."""
    text = heads.text_of(head)
    return bool(LEADER.match(text) and BODY.search(text)) and not FORMATTERS.search(text)


def parse(source: Source) -> Report:
    """Every file of the diff; raises `InvalidInput` where it is no diff, was cut off, or its counts do not hold."""
    # Files may be in any encoding. One character a byte keeps every line apart; only names are decoded.
    lines = _lines(whole(source).decode("latin-1"))
    reader = _Reader(lines)
    reader.read()
    files = reader.files
    if not files and any(line.strip() for line in lines):
        raise InvalidInput("report.not_diff", "not a unified diff: it names no file")
    return Report(
        "diff",
        diff=Diff(tuple(files)),
        contradictions=_twice(files),
        vacuous=() if files else ("the diff names no file",),
    )


FORMAT = Format("diff", Kind.DIFF, sniff, parse)


def hunks_of(patch: str) -> tuple[int, int, int]:
    """Bitmaps of the lines added (of the new file), removed (of the old one) and kept by hunks without a file header.

    Lines kept are added ones that have the text of a removed one.

    This is the shape of `patch` in GitHub's answers about a comparison. Raises `InvalidInput` as `parse` does.
    """
    lines, position, changes = _lines(patch), 0, _Changes()
    while position < len(lines):
        position = changes.hunk(lines, position)
    return changes.bitmaps()


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()  # otherwise a hunk that misses its last line could take the end of the file for an empty one
    return lines


def _twice(files: list[DiffFile]) -> tuple[str, ...]:
    """A file may be there twice only where git shows a change of type: deleted, then made anew."""
    kept = [each.path for each in files if not each.is_deleted]
    gone = [each.path for each in files if each.is_deleted]
    if len(kept) == len(set(kept)) and len(gone) == len(set(gone)):
        return ()
    return ("one file is changed twice, as in a series of patches: one diff between two commits is needed",)


@dataclass(slots=True)
class _Changes:
    """Lines in ascending order, which the order of hunks in a file gives; and where the last hunk ended."""

    added: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    added_texts: list[str] = field(default_factory=list)
    removed_texts: list[str] = field(default_factory=list)
    old_end: int = 0
    new_end: int = 0
    hunks: int = 0
    from_nothing: bool = False
    to_nothing: bool = False

    def hunk(self, lines: list[str], position: int) -> int:
        """Takes in the hunk that begins at this position, and gives the position behind it."""
        old, old_count, new, new_count = _ranges(lines[position])
        if (old_count and old < max(1, self.old_end)) or (new_count and new < max(1, self.new_end)):
            raise InvalidInput("report.not_diff", "the hunks of a file overlap or are out of order")
        self.hunks += 1
        self.from_nothing = self.hunks == 1 and (old, old_count) == (0, 0)
        self.to_nothing = self.hunks == 1 and (new, new_count) == (0, 0)
        position = self._body(lines, position + 1, (old, old_count, new, new_count))
        self.old_end, self.new_end = max(self.old_end, old + old_count), max(self.new_end, new + new_count)
        while position < len(lines) and lines[position].startswith("\\"):
            position += 1
        _check_end(lines, position)
        return position

    def _body(self, lines: list[str], position: int, ranges: tuple[int, int, int, int]) -> int:
        old, old_count, new, new_count = ranges
        old_end, new_end, total = old + old_count, new + new_count, len(lines)
        while old < old_end or new < new_end:
            if position == total:
                raise InvalidInput(
                    "report.not_diff", "the diff is cut off: a hunk has fewer lines than it says"
                )
            mark = lines[position][:1]
            if mark == "+":
                self.added.append(new)
                self.added_texts.append(lines[position][1:])
                new += 1
            elif mark == "-":
                self.removed.append(old)
                self.removed_texts.append(lines[position][1:])
                old += 1
            elif mark in {" ", "", "\r"}:  # mailers and editors cut the blank of an empty line
                old += 1
                new += 1
            elif mark != "\\":
                raise InvalidInput("report.not_diff", "a hunk has fewer lines than it says")
            position += 1
        if old > old_end or new > new_end:
            raise InvalidInput("report.not_diff", "a hunk's lines are not those that its header counts")
        return position

    def bitmaps(self) -> tuple[int, int, int]:
        """Lines added, removed and kept."""
        same = kept(zip(self.added, self.added_texts, strict=True), self.removed_texts)
        return _bitmap(self.added), _bitmap(self.removed), _bitmap(same)


def _ranges(line: str) -> tuple[int, int, int, int]:
    found = HUNK.match(line)
    if not found:
        raise InvalidInput("report.not_diff", "a hunk has a header that cannot be read")
    old, old_count, new, new_count = map(int, found.groups("1"))
    if old + old_count > MAX_LINE or new + new_count > MAX_LINE:
        raise InvalidInput("report.not_diff", "a hunk names an impossible line")
    return old, old_count, new, new_count


def _check_end(lines: list[str], position: int) -> None:
    line = lines[position] if position < len(lines) else ""
    is_body = line[:1] in {"+", "-", " "} and line.rstrip("\r") not in SIGNATURES
    if is_body and not _names_follow(lines, position):
        raise InvalidInput("report.not_diff", "a hunk has more lines than it says")


def _names_follow(lines: list[str], position: int) -> bool:
    following = lines[position + 1] if position + 1 < len(lines) else ""
    return following.startswith("+++ ") and lines[position].startswith("--- ")


def _bitmap(numbers: list[int]) -> int:
    """Bits set one by one in an integer would copy it for each: quadratic in the size of a file."""
    if not numbers:
        return 0
    bits = bytearray((numbers[-1] >> 3) + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self.files: list[DiffFile] = []
        self._lines = lines
        self._git: GitHeader | None = None
        self._names: tuple[str | None, str | None] | None = None
        self._changes = _Changes()
        self._bits = 0

    def read(self) -> None:
        position, lines = 0, self._lines
        while position < len(lines):
            line = lines[position]
            if line.startswith("diff --git "):
                self._finish()
                self._git = GitHeader(line)
            elif line.startswith("@@ -"):
                if self._names is None:
                    raise InvalidInput("report.not_diff", "a hunk belongs to no file")
                position = self._changes.hunk(lines, position)
                continue
            elif line.startswith("--- ") and _names_follow(lines, position):
                self._name(line, lines[position + 1])
                position += 2
                continue
            elif line.startswith(COMBINED):
                raise InvalidInput(
                    "report.not_diff", "a combined diff of a merge: compare two commits instead"
                )
            elif self._git is not None and self._names is None:
                self._git.read(line)
            elif unknown := plain_names(line):
                self._finish()
                self.files.append(DiffFile(unknown, known=False))
            position += 1
        self._finish()

    def _name(self, old: str, new: str) -> None:
        if self._names is not None or self._git is None:
            self._finish()
        self._names = header_names(old, new, self._git)

    def _finish(self) -> None:
        """Closes the file that is open, if one is."""
        git, names, changes = self._git, self._names, self._changes
        self._git, self._names, self._changes = None, None, _Changes()
        if names is not None and not changes.hunks:
            raise InvalidInput(
                "report.not_diff", "the diff is cut off: a file is named and its lines are missing"
            )
        if git is not None:
            self.files.append(self._of_git(git, names, changes))
        elif names is not None:
            old, new = names
            added, removed, same = self._counted(changes)
            self.files.append(
                DiffFile(
                    path=new or old or "",
                    previous_path=old if new and old != new else None,
                    added=added,
                    removed=removed,
                    is_new=changes.from_nothing,
                    is_deleted=changes.to_nothing,
                    kept=same,
                )
            )

    def _of_git(
        self, git: GitHeader, names: tuple[str | None, str | None] | None, changes: _Changes
    ) -> DiffFile:
        if git.lacks_lines and not changes.hunks:
            raise InvalidInput(
                "report.not_diff", "the diff is cut off: a file is named and its lines are missing"
            )
        old, new = git.names(names)
        added, removed, same = self._counted(changes)
        return DiffFile(
            path=new,
            previous_path=old if old != new else None,
            added=added,
            removed=removed,
            is_new=git.is_new,
            is_deleted=git.is_deleted,
            known=not (git.is_binary or (git.hides_lines and not changes.hunks)),
            kept=same,
        )

    def _counted(self, changes: _Changes) -> tuple[int, int, int]:
        self._bits += changes.old_end + changes.new_end
        if self._bits > MAX_BITS:
            raise InvalidInput("report.too_large", "the diff names more lines than can be kept")
        return changes.bitmaps()
