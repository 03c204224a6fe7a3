"""Where evidence comes from: the artifacts of a workflow of this repository."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.section.values import ArtifactGlob, Section, WorkflowPath


def _format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"no such report format; known are: {', '.join(FORMATS)}")
    return name


FormatName = Annotated[str, AfterValidator(_format), Field(json_schema_extra={"enum": sorted(FORMATS)})]


KINDS = {
    "tests": frozenset({Kind.TESTS}),
    "coverage": frozenset({Kind.COVERAGE}),
    "lint": frozenset({Kind.FINDINGS}),
    "types": frozenset({Kind.FINDINGS}),
    "audit": frozenset({Kind.AUDIT, Kind.COMPONENTS}),
}
"""What gates are judged by; the others take reports of every kind, or none."""
EventName = Literal[
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "dynamic",
    "fork",
    "gollum",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_dispatch",
    "workflow_run",
]
"""What GitHub says a workflow's run was begun by: https://docs.github.com/actions/reference/events-that-trigger-workflows, and
`dynamic`, its own."""


class Producer(Section):
    """Where reports come from: the artifacts of one workflow of this repository."""

    workflow: WorkflowPath = Field(description="The workflow file whose runs make the reports.")
    artifact: ArtifactGlob = Field(
        default="*", description="Names of its artifacts; * and ? stand for parts of a name."
    )
    format: FormatName | tuple[FormatName, ...] | None = Field(
        default=None,
        description="The format of its reports, or several; left out, each file is recognised by its content.",
    )
    events: Annotated[tuple[EventName, ...], Field(max_length=20)] = Field(
        default=(),
        description="Events whose runs count, such as pull_request; left out, the runs of every event do.",
    )
    min_reports: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=1,
        description="How many report files each run must leave: a leg of a matrix that died is missed.",
    )
    trusted: bool = Field(
        default=False,
        description="Whether its runs from the default branch's own workflow file are evidence of level T2.",
    )

    def is_mute(self, gate: str) -> str:
        """The formats that it is limited to, where none of them says anything of a gate; else empty."""
        kinds = {FORMATS[each].kind for each in self.formats}
        speaks = KINDS.get(gate, frozenset(kinds))
        return f"format {' and '.join(self.formats)}" if kinds and kinds.isdisjoint(speaks) else ""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats its reports may have; empty for any."""
        return (self.format,) if isinstance(self.format, str) else self.format or ()
