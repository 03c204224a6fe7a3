"""What a quality gate says about reports on disk."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.decision import Verdict
from app.domain.effects import Annotation


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """One gate: its state, and value and threshold as people read them."""

    gate: str
    state: str
    value: str
    threshold: str
    reason: str


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """The verdict over all gates; `markdown` is what the check run would say."""

    verdict: Verdict
    gates: tuple[JudgedGate, ...]
    annotations: tuple[Annotation, ...]
    markdown: str
