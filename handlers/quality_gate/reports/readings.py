"""What artifacts report, counted, as the decision needs it; `gathered` reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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


def some_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The first of each kind: many of one kind must not hide those of another, on which another gate rests."""
    number: Counter[str] = Counter()
    kept = []
    for each in problems:
        number[each.kind] += 1
        if number[each.kind] <= MAX_NOTES:
            kept.append(each)
    return tuple(kept)


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
    """All findings of one tool: the first of them in full, and the place of every one.

    `places` has one value a level (`fingerprints.places_in`); put together they are in the order of `findings`, and go on where
    those end. Suppressed findings are in none of the numbers. `twins` are (number of a finding, group): findings of
    several tools in one group are the same. `artifacts` are all of the run that report findings; `legs` are (number of a finding,
    those that have it as bits) where not every one does in which the tool ran.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    tool: str
    totals: FindingTotals
    findings: tuple[Finding, ...] = ()
    places: tuple[tuple[str, bytes], ...] = ()
    suppressed: int = 0
    twins: tuple[tuple[int, int], ...] = ()
    artifacts: tuple[str, ...] = ()
    legs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reports:
    """Everything that some artifacts report, counted; paths are the repository's where it has such a file.

    `coverage` has one packed `LineMap` a format, each merged over all its files; `variants` has several a format, of files whose
    reports differ in which lines could run (`variants`); `outside` one a format, of files that the repository does not have.
    `members` are the names of all files in the artifacts, as `artifact/name`, those nearest to the root first where there are too
    many; `empty` those of them without a byte.
    `unknown` are files that are called like reports and are of no known format, `blank` those that hold only `[]`, of whatever
    tool: the first of each.
    `problems` are reasons not to believe the rest; `vacuous` says why a kind proves nothing; `notes` are for people.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = BASE64

    files: tuple[ReportFile, ...] = ()
    tests: TestReport | None = None
    coverage: tuple[tuple[str, bytes], ...] = ()
    variants: tuple[tuple[str, bytes], ...] = ()
    outside: tuple[tuple[str, bytes], ...] = ()
    findings: tuple[ToolFindings, ...] = ()
    audit: Audit | None = None
    components: tuple[Component, ...] | None = None
    members: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    vacuous: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def with_problems(self, *problems: str) -> Reports:
        """The same with more reasons not to believe any of it."""
        return replace(self, problems=some_of((*self.problems, *(Problem("", each) for each in problems))))

    def problems_of(self, kind: str) -> tuple[str, ...]:
        """Why reports of this kind are not to be believed."""
        return tuple(each.text for each in self.problems if each.kind in {"", kind})

    def vacuous_of(self, kind: str) -> tuple[str, ...]:
        """Why reports of this kind prove nothing."""
        return tuple(each.text for each in self.vacuous if each.kind == kind)

    def strange_in(self, artifact: str) -> tuple[str, ...]:
        """The files of an artifact that may be reports and could not be told to be."""
        return tuple(each for each in (*self.unknown, *self.blank) if each.startswith(f"{artifact}/"))

    def files_of(self, kind: str) -> tuple[ReportFile, ...]:
        """The files of this kind."""
        return tuple(each for each in self.files if each.kind == kind)
