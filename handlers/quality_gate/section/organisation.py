"""The section `quality_gate` of the organisation's file: the same keys, and the floor under all repositories."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from app.ports.policies import Breach, Remark
from handlers.quality_gate.section import GateName, QualityGate, floors
from handlers.quality_gate.section.gates import Gates, default_gates
from handlers.quality_gate.section.values import Trust, mistake, unattested


class Minimum(Gates):
    """The least that every repository must ask for.

    A gate named here is needed everywhere, and asks for what it would ask for alone: a key that is not written, for its default.
    """

    trust: Trust | None = Field(default=None, description="The least level of trust of any gate's evidence.")
    waive_roles: Annotated[tuple[Literal["admin", "maintain", "write"], ...], Field(min_length=1)] | None = (
        Field(
            default=None,
            description="The only roles that may waive; of these only admin and maintain may accept evidence.",
        )
    )
    longest_waiver_days: Annotated[int, Field(strict=True, ge=1, le=3650)] | None = Field(
        default=None,
        description="For how many days a waiver may hold at most, from the day on which it was granted (`since`).",
    )


class OrganisationGate(QualityGate):
    """The section `quality_gate` of the organisation's file; what it says lies beneath each repository's own section."""

    final: Annotated[tuple[GateName, ...], Field(max_length=20)] = Field(
        default=(),
        description="Gates of this file that no repository may change, waive or make informational.",
    )
    minimum: Minimum = Field(
        default_factory=Minimum, description="What every repository must ask for at least."
    )

    @model_validator(mode="after")
    def _can_be_held(self) -> Self:
        for final in self.final:
            if getattr(self.gates, final) is None or "gates" not in self.model_fields_set:
                raise mistake("final", f"gates.{final} must be written in this file to be final")
        for name, gate in self.minimum.each():
            for producer in gate.producers:
                if producer not in self.producers:
                    raise mistake(f"minimum.{name}.from", "no such producer in this file")
        return self

    @property
    def is_stated(self) -> bool:
        """See `Floor`."""
        return bool(self.final or self.minimum != Minimum())

    def beneath(self, written: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        """See `Floor`. Who writes no gates has the default ones, with the organisation's in their place."""
        under = {key: value for key, value in written.items() if key not in {"final", "minimum"}}
        if isinstance(under.get("gates"), dict) and "gates" not in own:
            defaults = {name: gate.model_dump(exclude_unset=True) for name, gate in default_gates().each()}
            under["gates"] = defaults | under["gates"]
        return under

    def review(self, held: QualityGate) -> tuple[Remark, ...]:
        """See `app.ports.policies.Reviewed`."""
        asked: list[tuple[tuple[str, ...], str | None]] = [(("minimum", "trust"), self.minimum.trust)]
        asked += [(("minimum", name, "trust"), gate.trust) for name, gate in self.minimum.each()]
        return (*super().review(held), *unattested(asked))

    def hold(self, section: QualityGate) -> tuple[QualityGate, tuple[Breach, ...]]:
        """See `Floor`."""
        minimum = self.minimum
        return floors.hold(
            section,
            floors.Floor(
                section=self,
                final=self.final,
                gates=dict(minimum.each()),
                trust=minimum.trust,
                waive_roles=minimum.waive_roles,
                longest_waiver_days=minimum.longest_waiver_days,
            ),
        )
