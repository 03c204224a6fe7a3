"""The section `quality_gate` of the repository's file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from app.ports.policies import Remark
from handlers.quality_gate.section.gates import GATE_NAMES, GateName, Gates, default_gates
from handlers.quality_gate.section.idle import without_effect
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import (
    Duration,
    Name,
    PathGlob,
    Section,
    Threshold,
    Trust,
    mistake,
    unattested,
)
from handlers.quality_gate.section.waivers import Trial, Waiver, too_long, without_gate

NotApplicable = Literal["not_applicable"]


class Defaults(Section):
    """What holds for every gate that does not say otherwise."""

    deadline: Duration = Field(
        default="60m", description="How long reports may take after the last activity on the commit."
    )
    trust: Trust = Field(default="T1", description="The least level of trust of evidence.")


class GroupCoverage(Section):
    """What coverage a group of paths must have."""

    total: Threshold | None = Field(
        default=None, description="The least share of the group's lines or branches."
    )
    diff: Threshold | None = Field(
        default=None, description="The least share of the lines that a change adds to the group."
    )
    carry: Annotated[int, Field(strict=True, ge=1, le=90)] | None = Field(
        default=None,
        description="For how many days the base's coverage stands for the group where no report names its files, as long as "
        "none of them changed since; without a `total` of its own the group counts in the gate's.",
    )


class PathRule(Section):
    """What is different for a group of paths; of several groups that match a path, the last counts that speaks of the matter."""

    all: NotApplicable | None = Field(
        default=None, description="With not_applicable, a change of only such paths needs no gate."
    )
    coverage: GroupCoverage | NotApplicable | None = None
    tests: NotApplicable | None = None
    lint: NotApplicable | None = None
    types: NotApplicable | None = None
    audit: NotApplicable | None = None
    build: NotApplicable | None = None
    drift: NotApplicable | None = None
    checks: NotApplicable | None = None

    def spares(self, gate: str) -> bool:
        """Whether a change of only such paths does not need the gate."""
        return "not_applicable" in {self.all, getattr(self, gate)}

    def speaks_of(self, rule: str) -> bool:
        """Whether it decides about a gate (`tests`), or about a rule of coverage (`coverage.total`, `coverage.diff`).

        A group that carries coverage decides about its total: without one of its own it counts in the gate's.
        """
        gate, _, part = rule.partition(".")
        said = getattr(self, gate)
        if self.spares(gate) or not isinstance(said, GroupCoverage):
            return self.spares(gate)
        stated = {"": True, "total": said.total or said.carry, "diff": said.diff}
        return bool(stated[part])


class MergeGroup(Section):
    """What is different in a merge queue."""

    deadline: Duration = Field(
        default="30m", description="How long reports may take; less than the queue's own limit."
    )


class QualityGate(Section):
    """The section `quality_gate`; its defaults are what `use: default` means."""

    defaults: Defaults = Field(default_factory=Defaults, description="What holds for every gate.")
    producers: dict[Name, Producer] = Field(
        default_factory=dict, max_length=50, description="Where reports come from, by a name of your choice."
    )
    gates: Gates = Field(default_factory=default_gates, description="What must hold.")
    paths: dict[PathGlob, PathRule] = Field(
        default_factory=dict, max_length=200, description="What is different for groups of paths."
    )
    waivers: Annotated[tuple[Waiver, ...], Field(max_length=200)] = Field(
        default=(), description="What need not hold for some time."
    )
    informational: Annotated[tuple[GateName | Trial, ...], Field(max_length=20)] = Field(
        default=(), description="Gates that are shown, but do not make the check red."
    )
    merge_group: MergeGroup = Field(
        default_factory=MergeGroup, description="What is different in a merge queue."
    )
    waive_roles: Annotated[tuple[Literal["admin", "maintain", "write"], ...], Field(min_length=1)] = Field(
        default=("admin", "maintain"),
        description="Roles on the repository that may waive; of these only admin and maintain may accept evidence.",
    )
    waived_in_file_only: Annotated[tuple[GateName, ...], Field(max_length=20)] = Field(
        default=(), description="Gates that no command can waive, only `waivers` can."
    )
    longest_waiver_days: Annotated[int, Field(strict=True, ge=1, le=3650)] | None = Field(
        default=None,
        description="For how many days a waiver may hold at most, from the day on which it was granted (`since`); one that would "
        "hold longer does not hold at all.",
    )

    @field_validator("paths")
    @classmethod
    def _says_something(cls, paths: dict[str, PathRule]) -> dict[str, PathRule]:
        for glob, rule in paths.items():
            if rule == PathRule():
                raise mistake((glob,), "the group says nothing; name a gate, or all: not_applicable")
            if rule.coverage == GroupCoverage():
                raise mistake((glob, "coverage"), "the group states nothing; name total, diff or carry")
        return paths

    @model_validator(mode="after")
    def _is_meaningful(self) -> Self:
        if not any(True for _ in self.gates.each()):
            raise mistake("gates", "at least one gate is needed: without one nothing would be checked")
        for name, gate in self.gates.each():
            for producer in gate.producers:
                if producer not in self.producers:
                    known = ", ".join(sorted(self.producers)) or "none"
                    raise mistake(f"gates.{name}.from", f"no such producer; declared are: {known}")
                if mute := self.producers[producer].is_mute(name):
                    raise mistake(
                        f"gates.{name}.from", f"{producer} has {mute}, which {name} cannot be judged by"
                    )
        return self

    def review(self, held: QualityGate) -> tuple[Remark, ...]:
        """See `app.ports.policies.Reviewed`."""
        names = [name for name, _ in held.gates.each()]
        asked: list[tuple[tuple[str, ...], str | None]] = [(("defaults", "trust"), self.defaults.trust)]
        asked += [(("gates", name, "trust"), gate.trust) for name, gate in self.gates.each()]
        return (
            *without_gate(self.waivers, self.informational, names),
            *too_long(self.waivers, held.longest_waiver_days),
            *unattested(asked),
            *without_effect(held),
        )

    def is_informational(self, gate: str, today: date) -> bool:
        """Whether a gate only informs on that day."""
        return any(
            each == gate if isinstance(each, str) else each.gate == gate and today < each.until
            for each in self.informational
        )

    def counts_from(self, gate: str, today: date) -> date | None:
        """The day, in UTC, on which a gate begins to count that only informs today; None where it counts, or no day is named."""
        if gate in self.informational:
            return None
        trials = [each for each in self.informational if isinstance(each, Trial) and each.gate == gate]
        return max((each.until for each in trials if today < each.until), default=None)


def carrying(section: QualityGate) -> tuple[str, ...]:
    """The groups of paths for which coverage of an ancestor may stand."""
    groups = section.paths.items() if section.gates.coverage is not None else ()
    return tuple(
        glob
        for glob, rule in groups
        if isinstance(rule.coverage, GroupCoverage) and rule.coverage.carry is not None
    )


__all__ = [
    "GATE_NAMES",
    "GateName",
    "GroupCoverage",
    "PathRule",
    "Producer",
    "QualityGate",
    "Trial",
    "Waiver",
    "carrying",
]
