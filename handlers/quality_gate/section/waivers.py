"""What need not hold for some time, as the policy's file says it: waivers, and gates on trial."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.ports.policies import Remark
from handlers.quality_gate.section.gates import GateName
from handlers.quality_gate.section.values import Day, PathGlob, Section, mistake

OF_RULES, OF_PATHS = ("lint", "types", "audit"), ("lint", "types", "coverage")
"""The gates of which a part can be waived, by a rule and by a path."""


class Waiver(Section):
    """A gate, or a part of it, that need not hold for some time; shown with its reason wherever it is used."""

    gate: GateName = Field(description="The gate.")
    rule: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Only findings of this rule, or this vulnerability by any of its ids."
    )
    path: PathGlob | None = Field(default=None, description="Only findings and lines in these paths.")
    since: Day | None = Field(
        default=None,
        description="The day, in UTC, on which it was granted, and before which it does not hold; needed where "
        "`longest_waiver_days` is stated.",
    )
    until: Day = Field(description="The last day, in UTC, on which it holds.")
    by: Annotated[str, Field(min_length=1, max_length=100)] = Field(description="Who answers for it.")
    why: Annotated[str, Field(min_length=3, max_length=500)] = Field(description="The reason.")

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for part, gates in (("rule", OF_RULES), ("path", OF_PATHS)):
            if getattr(self, part) is not None and self.gate not in gates:
                raise mistake(
                    part, f"{self.gate} has no {part} to waive; those that have are: {', '.join(gates)}"
                )
        if self.since is not None and self.until < self.since:
            raise mistake("until", "it ends before since, the day on which it was granted")
        return self


class Trial(Section):
    """A gate that is shown, but does not make the check red until a day."""

    gate: GateName
    until: Day = Field(description="The first day, in UTC, on which the gate counts.")


def is_short_enough(since: date | None, until: date, days: int | None) -> bool:
    """Whether a waiver is no longer than the policy lets one be; where it limits them, one of unknown length is not."""
    return days is None or (since is not None and until - since <= timedelta(days=days))


def without_gate(
    waivers: Collection[Waiver], informational: Collection[str | Trial], gates: Collection[str]
) -> tuple[Remark, ...]:
    """Waivers of gates that the policy does not have, and trials of them: each is a mistake that nobody would notice."""
    has = f"the policy has no such gate; it has {', '.join(gates)}"
    lost = [
        Remark(("waivers", index, "gate"), has)
        for index, each in enumerate(waivers)
        if each.gate not in gates
    ]
    for index, each in enumerate(informational):
        name, key = (each, ()) if isinstance(each, str) else (each.gate, ("gate",))
        if name not in gates:
            lost.append(Remark(("informational", index, *key), has))
    return tuple(lost)


def too_long(waivers: Collection[Waiver], days: int | None) -> tuple[Remark, ...]:
    """Waivers that hold longer than they may, and those that do not say how long; each says what would mend it."""
    found = []
    for index, each in enumerate(waivers):
        if days is None or is_short_enough(each.since, each.until, days):
            continue
        if each.since is None:
            message = f"add since: YYYY-MM-DD, the day on which it was granted: waivers hold for {days} days at most"
            found.append(Remark(("waivers", index), message))
        else:
            last = each.since + timedelta(days=days)
            message = f"waivers hold for {days} days at most: this one until {last.isoformat()}"
            found.append(Remark(("waivers", index, "until"), message))
    return tuple(found)
