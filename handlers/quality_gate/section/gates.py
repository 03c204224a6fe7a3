"""The gates: what each asks for. A gate of `use: default` asks only where something is reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from handlers.quality_gate.declarations.names import READABLE, is_readable
from handlers.quality_gate.section.values import (
    ArtifactGlob,
    Name,
    PathGlob,
    Points,
    Section,
    Share,
    Threshold,
    Trust,
    WorkflowPath,
    mistake,
)

LevelName = Literal["error", "warning", "note"]
SeverityName = Literal["critical", "high", "medium", "low", "none"]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
EVERY = "*"
"""Among `tools`: all of the gate's kind."""
ACTIONS_APP = 15368
"""The id of GitHub Actions on github.com."""


class Gate(Section):
    """What all gates have."""

    from_: Name | Annotated[tuple[Name, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None,
        alias="from",
        description="A producer, or several; left out, every report of the commit's runs counts.",
    )
    trust: Trust | None = Field(
        default=None, description="The least level of trust of its evidence; left out, `defaults.trust`."
    )
    missing: Literal["fail", "not_applicable"] = Field(
        default="fail", description="What it means when no evidence came in time."
    )
    when: Literal["always", "reported"] = Field(
        default="always",
        description="With `reported` the gate applies only where a report exists, a producer is named, or the base had reports.",
    )

    @property
    def producers(self) -> tuple[str, ...]:
        """The producers it names."""
        return (self.from_,) if isinstance(self.from_, str) else self.from_ or ()


class TestsGate(Gate):
    """No test may fail, and enough of them must have run."""

    __test__ = False  # pytest: not a class of tests

    fail_on: Annotated[tuple[Literal["failure", "error"], ...], Field(min_length=1)] = Field(
        default=("failure", "error"), description="Which outcomes of a test fail the gate."
    )
    min_tests: Count = Field(default=1, description="How many tests must have run, skipped ones not counted.")
    max_test_drop: Share | None = Field(
        default=None,
        description="How many of the base's tests may be gone, beyond those that the change removes from files of tests.",
    )


class CoverageGate(Gate):
    """Enough of the code must have run in tests."""

    metric: Literal["line", "branch", "coveragepy"] = Field(
        default="line",
        description="What is counted; coveragepy counts lines and branches together, as that tool does.",
    )
    partial: Literal["hit", "half", "miss"] = Field(
        default="hit", description="What a line counts whose branches were not all taken."
    )
    total: Threshold | None = Field(default=">= 85%", description="The least share of all lines or branches.")
    diff: Threshold | None = Field(
        default=None, description="The least share of the lines that a change adds."
    )
    drop: Points | None = Field(
        default=None, description="How many percentage points the total may fall below the base's."
    )
    diff_min_lines: Count = Field(
        default=0, description="With fewer added lines that could run, `diff` does not apply."
    )
    absent: Literal["uncovered", "inconclusive"] = Field(
        default="uncovered",
        description="What added lines of a source file count that no report names, though it names others of its kind.",
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.total is None and self.diff is None and self.drop is None:
            raise mistake("total", "the gate asks for nothing; name total, diff or drop")
        return self


class FindingsGate(Gate):
    """Linters and type checkers: no findings, or no new ones."""

    findings: Count | None = Field(default=None, description="How many findings there may be in all.")
    new_findings: Count | None = Field(
        default=None, description="How many findings there may be that the base does not have."
    )
    levels: Annotated[tuple[LevelName, ...], Field(min_length=1)] = Field(
        default=("error", "warning"), description="Levels that count."
    )
    tools: Annotated[tuple[Name | Literal["*"], ...], Field(max_length=50)] = Field(
        default=(),
        description="Tools that count, each of which must report; `*` stands for all others of the gate's kind that do; "
        "left out, only that. "
        "Names are in lower case, with - for a space: `semgrep-oss`.",
    )

    @property
    def named(self) -> frozenset[str]:
        """The tools that must report."""
        return frozenset(self.tools) - {EVERY}

    @property
    def takes_all(self) -> bool:
        """Whether every tool of its kind counts that reports."""
        return not self.tools or EVERY in self.tools

    @property
    def allows(self) -> tuple[int | None, int | None]:
        """How many findings, and how many new ones; a gate that states neither allows none."""
        if self.findings is None and self.new_findings is None:
            return 0, None
        return self.findings, self.new_findings


class AuditGate(Gate):
    """No dependency with a known vulnerability, and every one looked at."""

    severity: SeverityName = Field(
        default="none",
        description="The least severity that counts; none stands for every one. An unknown severity always counts.",
    )
    require_complete: bool = Field(
        default=True, description="Whether a dependency that was skipped makes the gate inconclusive."
    )
    require_components: bool = Field(
        default=False,
        description="Whether every package in a bill of materials must have been audited; otherwise one that was not is noted.",
    )
    only_fixable: bool = Field(
        default=False, description="Whether only vulnerabilities count that a newer version mends."
    )


class BuildGate(Gate):
    """What the build must leave."""

    artifact: ArtifactGlob = Field(default="dist*", description="Names of the artifacts that hold it.")
    expect: Annotated[tuple[PathGlob, ...], Field(max_length=50)] = Field(
        default=(), description="Files that must be in them, one at least of each glob."
    )


class DriftGate(Gate):
    """The tools that made the reports are those that the repository declares."""

    files: Annotated[tuple[PathGlob, ...], Field(min_length=1, max_length=10)] = Field(
        default=(
            "pyproject.toml",
            "requirements*.txt",
            "requirements/*.txt",
            "requirements/*.lock",
            "uv.lock",
        ),
        description="Where versions are declared, at the commit that is judged.",
    )
    match: Literal["major", "minor", "exact"] = Field(
        default="minor", description="How much of a version must agree."
    )

    @field_validator("files")
    @classmethod
    def _readable(cls, files: tuple[str, ...]) -> tuple[str, ...]:
        if unread := [each for each in files if not is_readable(each)]:
            raise ValueError(f"{', '.join(unread)} cannot be read for versions; what can: {READABLE}")
        return files


class OtherCheck(Section):
    """A check of another App, or of a workflow, known by who makes it and never by its name alone.

    Any workflow can make a check of any name as GitHub Actions: there, the workflow must be named.
    """

    app: Annotated[int, Field(strict=True, ge=1)] = Field(
        description="The App's id; 15368 is GitHub Actions."
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The name of its check run."
    )
    workflow: WorkflowPath | None = Field(
        default=None,
        description="Of GitHub Actions, where it must be named: the workflow file whose run made it.",
    )

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.app == ACTIONS_APP and self.workflow is None:
            raise mistake("workflow", "name the workflow: any workflow can make a check of any name")
        return self


class ChecksGate(Gate):
    """Checks of other Apps that must have succeeded."""

    require: Annotated[tuple[OtherCheck, ...], Field(min_length=1, max_length=50)] = Field(
        description="The checks, each with the App that makes it."
    )


class Gates(Section):
    """The gates; at least one."""

    tests: TestsGate | None = None
    coverage: CoverageGate | None = None
    lint: FindingsGate | None = None
    types: FindingsGate | None = None
    audit: AuditGate | None = None
    build: BuildGate | None = None
    drift: DriftGate | None = None
    checks: ChecksGate | None = None

    def each(self) -> Iterator[tuple[str, Gate]]:
        """The gates that are there, with their names."""
        for name in GATE_NAMES:
            gate = getattr(self, name)
            if gate is not None:
                yield name, gate


GATE_NAMES = tuple(Gates.model_fields)
GateName = Literal["tests", "coverage", "lint", "types", "audit", "build", "drift", "checks"]


def default_gates() -> Gates:
    """What `use: default` means: each where something is reported."""
    return Gates(
        tests=TestsGate(when="reported"),
        coverage=CoverageGate(when="reported"),
        lint=FindingsGate(when="reported"),
        types=FindingsGate(when="reported"),
        audit=AuditGate(when="reported"),
        build=BuildGate(when="reported"),
        drift=DriftGate(when="reported"),
    )
