"""What artifacts report, counted, as the decision needs it; `gathered` reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from app.domain.audits import Audit, Component
from app.domain.findings import Finding, FindingTotals
from app.domain.reports import TestReport, Tool

MAX_NOTES = 20
BASE64: dict[str, str] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason not to believe the reports of one kind (`Kind`), or, with `kind` empty, of any."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that was read: its artifact and name, its format, and who made it."""

    artifact: str
    name: str
    format: str
    kind: str
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolFindings:
    """All findings of one tool: some in full, the worst levels first, and a fingerprint of every one.

    `prints` has one value a level, as `fingerprints.joined_all`; suppressed findings are in none of the numbers.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    tool: str
    totals: FindingTotals
    findings: tuple[Finding, ...] = ()
    prints: tuple[tuple[str, bytes], ...] = ()
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Reports:
    """Everything that some artifacts report, counted; paths are the repository's where it has such a file.

    `coverage` has one packed `LineMap` a format, each merged over all its files. `members` are the names of all files in the
    artifacts, as `artifact/name`. `problems` are reasons not to believe the rest; `vacuous` says why a kind proves nothing;
    `notes` are for people.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    files: tuple[ReportFile, ...] = ()
    tests: TestReport | None = None
    coverage: tuple[tuple[str, bytes], ...] = ()
    findings: tuple[ToolFindings, ...] = ()
    audit: Audit | None = None
    components: tuple[Component, ...] | None = None
    members: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    vacuous: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def with_problems(self, *problems: str) -> Reports:
        """The same with more reasons not to believe any of it."""
        return replace(self, problems=(*self.problems, *(Problem("", each) for each in problems))[:MAX_NOTES])

    def problems_of(self, kind: str) -> tuple[str, ...]:
        """Why reports of this kind are not to be believed."""
        return tuple(each.text for each in self.problems if each.kind in {"", kind})

    def vacuous_of(self, kind: str) -> tuple[str, ...]:
        """Why reports of this kind prove nothing."""
        return tuple(each.text for each in self.vacuous if each.kind == kind)

    def files_of(self, kind: str) -> tuple[ReportFile, ...]:
        """The files of this kind."""
        return tuple(each for each in self.files if each.kind == kind)
