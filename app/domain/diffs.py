"""What a unified diff changes, by file; lines as bitmaps (bit n is line n)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiffTotals:
    """Lines added and removed, and files touched."""

    added: int
    removed: int
    files: int


@dataclass(frozen=True, slots=True)
class DiffFile:
    """One file. `path` is the new one (of a deleted file the old one); `previous_path` differs where it was renamed.

    `added` are lines of the new file, `removed` lines of the old one. `known` False: the lines are not in the diff (binary, or
    left out because it is large), so nothing may be said of them. `kept` are those of `added` that have the
    text of a removed line.
    """

    path: str
    previous_path: str | None = None
    added: int = 0
    removed: int = 0
    is_new: bool = False
    is_deleted: bool = False
    known: bool = True
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Diff:
    """Every file of a diff, in its order."""

    files: tuple[DiffFile, ...]

    @property
    def totals(self) -> DiffTotals:
        """Counted from the lines."""
        return DiffTotals(
            sum(each.added.bit_count() for each in self.files),
            sum(each.removed.bit_count() for each in self.files),
            len(self.files),
        )
