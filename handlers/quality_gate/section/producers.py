"""Where evidence comes from: the artifacts of a workflow of this repository."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.section.values import ArtifactGlob, Section, WorkflowPath


def _format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"no such report format; known are: {', '.join(FORMATS)}")
    return name


FormatName = Annotated[str, AfterValidator(_format), Field(json_schema_extra={"enum": sorted(FORMATS)})]


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
    events: Annotated[tuple[str, ...], Field(max_length=20)] = Field(
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

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats its reports may have; empty for any."""
        return (self.format,) if isinstance(self.format, str) else self.format or ()
