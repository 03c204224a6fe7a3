"""Findings that a change brings: those that its base does not have, or, without a base, those in the lines that it adds. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from handlers.quality_gate.evidence.changes import Change, ChangedLines, Ranges
from handlers.quality_gate.gates.selected import Selected
from handlers.quality_gate.reports.fingerprints import (
    NO_FILE,
    file_of,
    fingerprint,
    line_of,
    moved,
    name_print,
    path_print,
)


@dataclass
class _Touched:
    """What a change does to the files of one hash: several where only their last name is known.

    `fresh` are lines that it adds, with those of them that it only moved. `hidden` are files whose lines nobody shows, `shifted`
    those that it takes lines from and that the base changed since: a finding there may be in a fresh line.

    `is_moved`: the base changed one of them since, so lines of a report on the merge are not those that the change adds.
    """

    added: list[Ranges] = field(default_factory=list)
    is_new: bool = False
    known: bool = True
    is_moved: bool = False
    fresh: list[tuple[Ranges, Ranges]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    shifted: set[str] = field(default_factory=set)


class Touched:
    """What a change touches, asked by places."""

    def __init__(self, change: Change) -> None:
        self._files: dict[bytes, _Touched] = defaultdict(_Touched)
        self._moved = frozenset(change.base_moved)
        # What the base renamed the merge has under its new name; where nobody knows, it may be any file.
        adds = any(file.added for file in change.files)
        self._complete = change.complete and not (adds and change.base_renames is None)
        names = defaultdict[str, list[str]](list)
        for before, after in change.base_renames or ():
            names[before].append(after)
        for file in change.files:
            for path in (file.path, *names[file.path]):
                for file_hash in (path_print(path), name_print(path)):
                    self._note(self._files[file_hash], file)

    def _note(self, touched: _Touched, file: ChangedLines) -> None:
        touched.added.append(file.added)
        touched.is_new |= file.is_new
        touched.known &= file.known or file.is_new
        is_moved = bool(file.added) and file.path in self._moved
        touched.is_moved |= is_moved
        if file.kept is None:
            return  # evidence of the time when nobody compared texts is judged as it was then
        if not file.known and not file.is_new:
            touched.hidden.add(
                file.path
            )  # the text of an added line may have stood in a removed one that is not shown
            return
        touched.fresh.append((file.added, file.kept))
        if is_moved and file.removed:
            touched.shifted.add(file.path)

    def has(self, where: bytes) -> bool:
        """Whether a place lies in a line that the change adds, or a file that it adds; without a line the whole file counts."""
        file = self._files.get(file_of(where))
        if file is None:
            return False
        line = line_of(where)
        if file.is_new or line is None:
            return file.is_new or any(file.added)
        return not file.is_moved and any(_within(line, added) for added in file.added)

    def is_fresh(self, where: bytes) -> bool:
        """Whether a place lies in a line that the change adds and did not only move."""
        file, line = self._files.get(file_of(where)), line_of(where)
        if file is None or line is None or file.is_moved:
            return False
        return any(_within(line, added) and not _within(line, kept) for added, kept in file.fresh)

    def unsure(self, where: bytes) -> tuple[frozenset[str], frozenset[str]]:
        """The files in a fresh line of which a place may lie: those whose lines nobody shows, and those that the base changed."""
        file = self._files.get(file_of(where))
        if file is None or line_of(where) is None:
            return frozenset(), frozenset()
        return frozenset(file.hidden), frozenset(file.shifted)

    def may_have(self, where: bytes) -> bool:
        """Whether nobody can say if it does: no file is named, GitHub does not show the lines, or they are others by now."""
        file = self._files.get(file_of(where))
        if file is None:
            return file_of(where) == NO_FILE or not self._complete
        return file.is_moved or not file.known


def told_apart(
    found: tuple[Selected, ...], before: Counter[bytes], change: Change
) -> tuple[tuple[Selected, ...], tuple[Selected, ...]]:
    """The findings that the base does not have, and those that it has; both in their order.

    Renames are followed. One that several tools report is old as soon as one of them reported it at the base. Of those that are
    alike, those outside the change are taken to be the old ones. One in a line that the change adds is new, whatever the base
    has, unless a removed line had the same text: what the base has was mended there, and this is another of its kind.
    """
    left, renames, touched = Counter(before), _renames(change), Touched(change)
    new = set()
    order = sorted(
        range(len(found)),
        key=lambda each: (len(found[each].places) < 2, is_in(found[each], touched), each),  # noqa: PLR2004 (alone)
    )
    for number in order:
        if any(touched.is_fresh(each) for each in found[number].places):
            new.add(number)
            continue
        prints = [moved(fingerprint(each), renames) for each in found[number].places]
        known = [each for each in prints if left[each] > 0]
        left.subtract(known)
        if not known:
            new.add(number)
    return (
        tuple(each for number, each in enumerate(found) if number in new),
        tuple(each for number, each in enumerate(found) if number not in new),
    )


def is_in(found: Selected, touched: Touched) -> bool:
    """Whether one of its places lies in the change."""
    return any(touched.has(each) for each in found.places)


def may_be_in(found: Iterable[Selected], touched: Touched) -> int:
    """How many findings may lie in the change, beyond those that do."""
    return sum(
        not is_in(each, touched) and any(touched.may_have(where) for where in each.places) for each in found
    )


def _within(line: int, lines: Ranges) -> bool:
    return any(first <= line <= last for first, last in lines)


def _renames(change: Change) -> dict[bytes, bytes]:
    found = {}
    for file in change.files:
        if file.previous_path is not None:
            found[path_print(file.path)] = path_print(file.previous_path)
            found[name_print(file.path)] = name_print(file.previous_path)
    return found
