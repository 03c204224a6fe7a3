"""What the quality gate says of reports on disk (`hephaestus gate evaluate`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.domain.decision import Verdict
from app.domain.effects import Annotation, PublishCheckRun


@dataclass(frozen=True, slots=True)
class GateFolders:
    """What is judged: reports as `DIR/<artifact name>/<files>`, those of the base likewise, a unified diff, and the repository.

    Without `base` and `diff` there is no change to hold against anything. `repository` is the folder that reports are about.
    `on` is the day, in UTC, on which waivers and gates on trial are looked at.
    """

    reports: Path
    on: date
    base: Path | None = None
    diff: Path | None = None
    repository: Path | None = None


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """One gate, for people and for `--json`; `remedy` is the least that turns it green, if anything has to."""

    gate: str
    state: str
    value: str
    threshold: str
    reason: str
    required: bool = True
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """The verdict over all gates; `check` is what would be published, `rdjson` everything that was marked, for other tools.

    `unjudged` are sentences: rules of the policy that no option gave anything to be held against.
    """

    verdict: Verdict
    gates: tuple[JudgedGate, ...]
    check: PublishCheckRun
    rdjson: str
    unjudged: tuple[str, ...] = ()

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """What the check run would show beside the code."""
        return self.check.annotations

    @property
    def markdown(self) -> str:
        """What the check run would say."""
        parts = (f"# {self.check.title}", self.check.summary, self.check.text)
        return "\n\n".join(part for part in parts if part)
