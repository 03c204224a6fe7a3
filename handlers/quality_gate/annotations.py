"""Everything that has a place: the most important beside the line it concerns, the rest for a table; pure.

GitHub shows as many annotations as it is given and orders them itself, so what matters least is left out: first comes what
fails a gate, then what lies in the change, then by level, path and line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.domain.effects import Annotation, AnnotationLevel
from app.domain.markdown import clean
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, Mark, Weight
from handlers.quality_gate.reports.tree import normalised

MAX_ANNOTATIONS = 300
MAX_TITLE, MAX_MESSAGE, MAX_PATH = 200, 2_000, 1_000
MAX_LINE = 10_000_000
"""No file has more lines; GitHub refuses numbers that do not fit into its own."""
LEVELS = {
    Weight.FAILS: AnnotationLevel.FAILURE,
    Weight.WARNS: AnnotationLevel.WARNING,
    Weight.INFORMS: AnnotationLevel.NOTICE,
}
ORDER = {weight: place for place, weight in enumerate(Weight)}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown beside the code, `shown` marks among it, and the marks that are not: too many, or without a line to be at.

    `placeless` of the rest name no line of the repository.
    """

    annotations: tuple[Annotation, ...] = ()
    shown: int = 0
    rest: tuple[Mark, ...] = ()
    placeless: int = 0

    @property
    def total(self) -> int:
        """Everything that gates marked, each once."""
        return self.shown + len(self.rest)


def beside(gates: tuple[GateVerdict, ...], first: tuple[Annotation, ...] = ()) -> Beside:
    """The marks of all gates, each once, as annotations where they have a place and there is room behind the `first` ones."""
    found: list[Annotation] = []
    rest: list[Mark] = []
    placeless, room = 0, max(0, MAX_ANNOTATIONS - len(first))
    paths: dict[str, str | None] = {}
    for weight, mark in ordered(gates):
        if mark.path not in paths:
            paths[mark.path] = repository_path(mark.path)
        path = paths[mark.path]
        if path is None or (mark.line or 1) > MAX_LINE:
            placeless += 1
            rest.append(mark)
        elif len(found) < room:
            found.append(_annotation(path, mark, weight))
        else:
            rest.append(mark)
    return Beside((*first, *found)[:MAX_ANNOTATIONS], len(found), tuple(rest), placeless)


def ordered(gates: Iterable[GateVerdict]) -> list[tuple[Weight, Mark]]:
    """The marks in the order of their importance; of those that read the same at one place, the most important.

    Nothing fails the check in a gate that is good, or that only informs.
    """
    marks = [(_weight(gate, mark), mark) for gate in gates for mark in gate.marks]
    marks.sort(key=_importance)
    found: dict[tuple[str, int | None, str, str], tuple[Weight, Mark]] = {}
    for weight, mark in marks:
        found.setdefault((mark.path, mark.line, mark.title, mark.message), (weight, mark))
    return list(found.values())


def mistakes(evidence: GateEvidence) -> tuple[Annotation, ...]:
    """What is wrong with the repository's own file, beside its lines."""
    broken = evidence.policy.broken
    return tuple(
        Annotation(
            broken.path,
            error.line,
            error.line,
            AnnotationLevel.FAILURE,
            clean(f"{error.path}: {error.message}" if error.path else error.message, MAX_MESSAGE),
            title="Invalid configuration",
            start_column=error.column,
            end_column=error.column,
        )
        for error in evidence.policy.errors
        if broken is not None and not broken.repository
    )


def repository_path(path: str) -> str | None:
    """A report's path as the repository's tree has it, or None where it leads elsewhere."""
    if PurePosixPath(normalised_slashes(path)).is_absolute() and normalised(path) == path.strip("/"):
        return None
    relative = normalised(path)
    parts = PurePosixPath(relative)
    if ".." in parts.parts or ":" in relative or not parts.parts:
        return None
    return relative if clean(relative, MAX_PATH) == relative else None


def normalised_slashes(path: str) -> str:
    """With forward slashes only."""
    return path.replace("\\", "/")


def _weight(gate: GateVerdict, mark: Mark) -> Weight:
    fails = mark.weight is Weight.FAILS
    return Weight.WARNS if fails and (gate.state in GOOD or not gate.required) else mark.weight


def _importance(each: tuple[Weight, Mark]) -> tuple[bool, bool, int, str, int, str]:
    weight, mark = each
    return (
        weight is not Weight.FAILS,
        not mark.in_change,
        ORDER[weight],
        mark.path,
        mark.line or 0,
        mark.title,
    )


def _annotation(path: str, mark: Mark, weight: Weight) -> Annotation:
    start = max(mark.line or 1, 1)
    end = min(max(mark.end_line or start, start), MAX_LINE)
    first, last = _columns(mark) if start == end else (None, None)
    return Annotation(
        path=path,
        start_line=start,
        end_line=end,
        level=LEVELS[weight],
        message=clean(mark.message, MAX_MESSAGE) or "no message",
        title=clean(mark.title, MAX_TITLE) or "without a name",
        start_column=first,
        end_column=last,
    )


def _columns(mark: Mark) -> tuple[int | None, int | None]:
    """The first and the last column, both meant; ours excludes the last one."""
    if mark.column is None or not 1 <= mark.column <= MAX_LINE:
        return None, None
    if mark.end_column is None or not mark.column < mark.end_column <= MAX_LINE:
        return mark.column, mark.column
    return mark.column, mark.end_column - 1
