"""The section that a `codecov.yml` becomes, as it grows and as it is written. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from handlers.quality_gate.codecov.values import shown


@dataclass
class Gate:
    """The gate as it grows: keys of `coverage`, and of each group of paths."""

    coverage: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, str | int]] = field(default_factory=dict)
    shares: dict[tuple[str | None, str], Decimal] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    informational: set[bool] = field(default_factory=set)
    min_reports: int | None = None

    def least(self, globs: Iterable[str] | None, key: str, share: Decimal) -> None:
        """A share in percent that is asked of groups, or of everything (None); of two that are asked the higher holds."""
        for glob in (None,) if globs is None else globs:
            held = self.shares[glob, key] = max(share, self.shares.get((glob, key), share))
            asked = self.coverage if glob is None else self.groups.setdefault(glob, {})
            asked[key] = f">= {shown(held)}%"

    def most_lost(self, points: Decimal) -> None:
        """How much of everything may be lost at most; of two that are asked the lower holds."""
        held = self.shares[None, "drop"] = min(points, self.shares.get((None, "drop"), points))
        self.coverage["drop"] = f"<= {shown(held)}pt"

    def decides(self) -> None:
        """A status that makes a check red."""
        self.informational.add(False)  # noqa: FBT003 (an element)

    def text(self, workflow: str) -> str | None:
        """The file; None where nothing decides. `workflow` makes the reports that are counted."""
        if not self.coverage and any(set(each) - {"carry"} for each in self.groups.values()):
            self.coverage["total"] = ">= 0%"  # only groups decide
        if not set(self.coverage) - {"metric"}:
            return None
        self.coverage.setdefault("total", "null")
        lines = [*self._assumed(workflow), "version: 1", "quality_gate:"]
        if self.min_reports is not None:
            lines += [
                "  producers:",
                f"    coverage: {{workflow: {json.dumps(workflow)}, min_reports: {self.min_reports}}}",
            ]
        source = {"from": "coverage"} if self.min_reports is not None else {}
        lines += ["  gates:", f"    coverage: {_flow({**source, **self.coverage})}"]
        if self.groups or self.ignored:
            lines.append("  paths:")
            lines += [
                f"    {json.dumps(glob)}: {{coverage: {_flow(each)}}}" for glob, each in self.groups.items()
            ]
            ignored = [glob for glob in dict.fromkeys(self.ignored) if glob not in self.groups]
            lines += [f"    {json.dumps(glob)}: {{coverage: not_applicable}}" for glob in ignored]
        if self.informational == {True}:
            lines.append("  informational: [coverage]")
        return "\n".join(lines) + "\n"

    def _assumed(self, workflow: str) -> list[str]:
        """What the old file does not say and the new one must, as comments."""
        said = []
        if self.min_reports is not None:
            said.append(f"# Assumed: {workflow} leaves the reports. Another workflow: --workflow PATH.")
        days = {each["carry"] for each in self.groups.values() if "carry" in each}
        said += [f"# Assumed: coverage is carried for {each} days at most." for each in sorted(days)]
        return said


def _flow(keys: Mapping[str, str | int]) -> str:
    shown = (
        f"{key}: {value if isinstance(value, int) or value == 'null' else json.dumps(value)}"
        for key, value in keys.items()
    )
    return "{" + ", ".join(shown) + "}"
