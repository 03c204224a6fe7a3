"""Failed tests and mistakes of the configuration, beside the line they concern; pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from app.domain.effects import Annotation, AnnotationLevel
from app.domain.markdown import clean
from app.domain.reports import FailedCase
from handlers.quality_gate.models import GateEvidence
from handlers.quality_gate.text import failures

MAX_ANNOTATIONS = 300
MAX_TITLE, MAX_MESSAGE = 200, 2_000
WORKSPACE = re.compile(r"^(?:/home/runner/work|/Users/runner/work|[A-Za-z]:/a)/([^/]+)/\1/")
"""Where GitHub's runners check a repository out; reports name files below it absolutely."""


def annotations_of(evidence: GateEvidence) -> tuple[Annotation, ...]:
    """Mistakes of the configuration first, then failed tests by path and line; those without a place are left out."""
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
    failed = [found for case in failures(evidence) if (found := _failed(case)) is not None]
    failed.sort(key=lambda each: (each.path, each.start_line, each.title))
    return (*mistakes, *failed)[:MAX_ANNOTATIONS]


def _failed(case: FailedCase) -> Annotation | None:
    path = repository_path(case.path or "")
    if path is None:
        return None
    line = max(case.line or 1, 1)
    message = clean(case.message, MAX_MESSAGE) or "the test did not pass"
    title = clean(case.name, MAX_TITLE) or "a test without a name"
    return Annotation(path, line, line, AnnotationLevel.FAILURE, message, title)


def repository_path(path: str) -> str | None:
    """A report's path as the repository's tree has it, or None where it leads elsewhere."""
    relative = WORKSPACE.sub("", path.replace("\\", "/"))
    parts = PurePosixPath(relative)
    if parts.is_absolute() or ".." in parts.parts or ":" in relative or not parts.parts:
        return None
    return clean(str(parts), 1000)
