"""What a check run will say, within GitHub's limits. Pure.

Limits: https://docs.github.com/rest/checks/runs (50 annotations a request; title 255 characters, message and raw details 64 KB;
columns only on a single line; 3 buttons with label 20, description 40 and identifier 20 characters, only once completed).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace

from app.dispatch.effects.outcome import digest
from app.dispatch.effects.text_limits import clip, cut, encodable
from app.domain.effects import Annotation, CheckButton, CheckStatus, PublishCheckRun

TITLE_CHARACTERS = 255
ANNOTATION_BYTES = 64_000
"""GitHub says 64 KB and not which kind; the smaller one is safe."""
BUTTONS = 3
BUTTON_IDENTIFIER = 20
BUTTON_LABEL = 20
BUTTON_DESCRIPTION = 40


@dataclass(frozen=True, slots=True)
class Content:
    """A check run's words as they will be sent; `digest` identifies them together with the effect's key."""

    title: str
    summary: str
    text: str
    annotations: tuple[Annotation, ...]
    buttons: tuple[CheckButton, ...]
    digest: str

    def annotations_digest(self, count: int) -> str:
        """Identifies the first `count` annotations, in order."""
        return digest([astuple(annotation) for annotation in self.annotations[:count]])


def content(effect: PublishCheckRun) -> Content:
    """What GitHub will accept of an effect; whatever is cut says so, an annotation without a path is left out."""
    title = clip(effect.title, TITLE_CHARACTERS)
    summary, text = cut(effect.summary), cut(effect.text)
    annotations = tuple(_acceptable(found) for found in effect.annotations if _path(found.path))
    buttons = _buttons(effect)
    said = digest(
        effect.key,
        effect.status,
        effect.conclusion,
        title,
        summary,
        text,
        [astuple(annotation) for annotation in annotations],
        [astuple(button) for button in buttons],
    )
    return Content(title, summary, text, annotations, buttons, said)


def _acceptable(found: Annotation) -> Annotation:
    start = max(1, found.start_line)
    end = max(start, found.end_line)
    start_column, end_column = _columns(found) if start == end else (None, None)
    return replace(
        found,
        path=_path(found.path),
        start_line=start,
        end_line=end,
        start_column=start_column,
        end_column=end_column,
        title=clip(found.title, TITLE_CHARACTERS),
        message=clip(found.message or found.title or "(no message)", ANNOTATION_BYTES, unit_bytes=True),
        raw_details=clip(found.raw_details, ANNOTATION_BYTES, unit_bytes=True),
    )


def _columns(found: Annotation) -> tuple[int | None, int | None]:
    """Both columns, in order, or the start alone, or none: GitHub knows no end without a start."""
    start, end = found.start_column, found.end_column
    if start is None or start < 1:
        return None, None
    return start, None if end is None else max(start, end)


def _path(path: str) -> str:
    """Relative to the root of the repository, which is how GitHub finds the file."""
    return encodable(path).removeprefix("./").lstrip("/")


def _buttons(effect: PublishCheckRun) -> tuple[CheckButton, ...]:
    """The first three buttons whose click could be understood: an identifier must arrive whole, words may be clipped."""
    if effect.status is not CheckStatus.COMPLETED:
        return ()
    usable = [
        button
        for button in effect.buttons
        if button.label and button.identifier and len(button.identifier) <= BUTTON_IDENTIFIER
    ]
    return tuple(
        replace(
            button,
            label=clip(button.label, BUTTON_LABEL),
            description=clip(button.description, BUTTON_DESCRIPTION),
        )
        for button in usable[:BUTTONS]
    )
