"""Tools' own fixes, put into the files that they are for. Pure.

A fix is one finding's, and goes in whole or not at all. Of fixes that touch each other the first goes in; the others come again
with the next report. Tools count columns in characters, UTF-16 units or bytes: a line with anything but ASCII is left alone, and
so is a file whose line ends are not plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.effects import FileChange
from app.domain.findings import Replacement
from handlers.quality_gate.evidence.people import SourceFile

Fix = tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """The files as they should be, how many fixes went in, and how many did not."""

    changes: tuple[FileChange, ...]
    applied: int
    left: int


@dataclass(frozen=True, slots=True)
class _Edit:
    """A part of a text, by offsets, and what takes its place."""

    start: int
    end: int
    text: str

    def touches(self, other: _Edit) -> bool:
        """Whether both say something of the same place; parts that only meet do not."""
        if self.start == self.end and other.start == other.end:
            return self.start == other.start
        if self.start == self.end or other.start == other.end:
            point, part = (self, other) if self.start == self.end else (other, self)
            return part.start <= point.start < part.end
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class _Text:
    """A file's text, where its lines begin, and the edits so far."""

    file: SourceFile
    text: str
    starts: list[int]
    edits: list[_Edit]

    def edit(self, piece: Replacement) -> _Edit | None:
        """A piece of a fix as offsets; None where it names no place of the text."""
        start = self._offset(piece.start_line, piece.start_column)
        end = self._offset(piece.end_line, piece.end_column)
        return None if start is None or end is None or end < start else _Edit(start, end, piece.text)

    def _offset(self, line: int, column: int) -> int | None:
        if not 1 <= line < len(self.starts) or column < 1:
            return None
        begin, stop = self.starts[line - 1], self.starts[line]
        said = self.text[begin:stop]
        if (column > 1 and not said.isascii()) or column > len(said.removesuffix("\n")) + 1:
            return None
        return begin + column - 1

    def mended(self) -> FileChange | None:
        """The file with its edits; None where they change nothing."""
        text = self.text
        for edit in sorted(self.edits, key=lambda each: (each.start, each.end), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        content = text.encode()
        return None if content == self.file.content else FileChange(self.file.path, content, self.file.mode)


def mended(files: Iterable[SourceFile], fixes: Iterable[Fix]) -> Mended:
    """The files with as many fixes as can go in, in their order."""
    texts = {file.path: text for file in files if (text := _text(file)) is not None}
    applied = left = 0
    for fix in dict.fromkeys(fixes):
        edits = _edits(texts, fix)
        if edits is None:
            left += 1
            continue
        applied += 1
        for path, edit in edits:
            texts[path].edits.append(edit)
    changes = (text.mended() for _, text in sorted(texts.items()))
    return Mended(tuple(each for each in changes if each is not None), applied, left)


def _edits(texts: Mapping[str, _Text], fix: Fix) -> list[tuple[str, _Edit]] | None:
    """The edits of a fix by file; None where one of them cannot be made beside those before."""
    found: list[tuple[str, _Edit]] = []
    for piece in fix:
        text = texts.get(piece.path)
        edit = text.edit(piece) if text is not None else None
        if text is None or edit is None:
            return None
        others = [*text.edits, *(each for path, each in found if path == piece.path)]
        if any(edit.touches(each) for each in others):
            return None
        found.append((piece.path, edit))
    return found


def _text(file: SourceFile) -> _Text | None:
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        return None
    if "\r" in text or text.startswith("\ufeff"):
        return None
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    return _Text(file, text, starts, [])
