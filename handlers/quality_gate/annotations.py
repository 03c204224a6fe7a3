"""Failed tests and mistakes of the configuration, beside the line they concern; pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from app.domain.effects import Annotation, AnnotationLevel
from app.domain.markdown import clean
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import GateVerdict, Mark, Weight
from handlers.quality_gate.tree import normalised

MAX_ANNOTATIONS = 300
MAX_TITLE, MAX_MESSAGE = 200, 2_000
LEVELS = {
    Weight.FAILS: AnnotationLevel.FAILURE,
    Weight.WARNS: AnnotationLevel.WARNING,
    Weight.INFORMS: AnnotationLevel.NOTICE,
}


def annotations_of(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> tuple[Annotation, ...]:
    """Mistakes of the configuration first, then what fails a gate, by path and line; what has no place is left out."""
    broken = evidence.policy.broken
    mistakes = [
        Annotation(
            broken.path,
            error.line,
            error.line,
            AnnotationLevel.FAILURE,
            f"{error.path}: {error.message}" if error.path else error.message,
            title="Invalid configuration",
            start_column=error.column,
            end_column=error.column,
        )
        for error in evidence.policy.errors
        if broken is not None
    ]
    marks = sorted(
        (mark for gate in gates for mark in gate.marks),
        key=lambda each: (
            list(Weight).index(each.weight),
            not each.in_change,
            each.path,
            each.line or 0,
            each.title,
        ),
    )
    found = dict.fromkeys(each for mark in marks if (each := _annotation(mark)) is not None)
    return (*mistakes, *found)[:MAX_ANNOTATIONS]


def _annotation(mark: Mark) -> Annotation | None:
    path = repository_path(mark.path)
    if path is None:
        return None
    line = max(mark.line or 1, 1)
    message = clean(mark.message, MAX_MESSAGE) or "no message"
    title = clean(mark.title, MAX_TITLE) or "without a name"
    return Annotation(path, line, line, LEVELS[mark.weight], message, title)


def repository_path(path: str) -> str | None:
    """A report's path as the repository's tree has it, or None where it leads elsewhere."""
    if PurePosixPath(normalised_slashes(path)).is_absolute() and normalised(path) == path.strip("/"):
        return None
    relative = normalised(path)
    parts = PurePosixPath(relative)
    if ".." in parts.parts or ":" in relative or not parts.parts:
        return None
    return clean(relative, 1000)


def normalised_slashes(path: str) -> str:
    """With forward slashes only."""
    return path.replace("\\", "/")
