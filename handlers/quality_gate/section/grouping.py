"""What a floor leaves of a repository's groups of paths. Pure.

What the organisation's own groups say of a gate that it holds is part of the floor: their files stay where they are counted, and
nobody asks less of them. A group of the repository that asks for coverage holds only files of one group of the organisation's, or
of none of them: counted apart, each part has at least what the whole must have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.ports.policies import SHARING, Breach
from handlers.quality_gate.section import GATE_NAMES, GroupCoverage, PathRule, QualityGate
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.overlaps import are_apart, is_inside
from handlers.quality_gate.section.strictness import join

if TYPE_CHECKING:
    from handlers.quality_gate.section.floors import Floor

COVERAGE = "coverage"
PARTS = ("total", "diff")
Place = tuple[str | int, ...]


class _Groups:
    """Groups of paths on their way up, and where they were too weak."""

    def __init__(self, section: QualityGate, floor: Floor) -> None:
        self.section = section
        self.floor = floor
        self.theirs = floor.section.paths
        self.breaches: list[Breach] = []

    def run(self) -> QualityGate:
        held: dict[str, PathRule] = {}
        for glob, rule in self.section.paths.items():
            if self.theirs.get(glob) != rule:
                rule = self._covered(glob, self._spared(glob, rule))  # noqa: PLW2901 (the rule as it is held)
            if rule != PathRule():
                held[glob] = rule
        if held != self.section.paths:
            self.section = self.section.model_copy(update={"paths": held})
        self._hold_few_lines()
        return self.section

    def _spared(self, glob: str, rule: PathRule) -> PathRule:
        """The rule that spares no gate of the floor, but those that the organisation's own rule spares."""
        theirs = self.theirs.get(glob, PathRule())
        stays = [name for name in self.floor.guarded if theirs.spares(name) and self._stands(name)]
        for name in stays:
            if not rule.spares(name):
                self._breach(("paths", glob, name if theirs.all is None else "all"), name)
                rule = rule.model_copy(update={name: "not_applicable"})
        spared = [name for name in self.floor.guarded if rule.spares(name) and not theirs.spares(name)]
        if not spared:
            return rule
        self._breach(("paths", glob, spared[0] if rule.all is None else "all"), spared[0])
        others = {
            name: "not_applicable" for name in GATE_NAMES if rule.all is not None and name not in spared
        }
        return rule.model_copy(update={**others, "all": None, **dict.fromkeys(spared)})

    def _stands(self, name: str) -> bool:
        """Whether no repository may ask for a gate where the organisation spares it: files that were left out would count."""
        return name in self.floor.final or name == COVERAGE

    def _covered(self, glob: str, rule: PathRule) -> PathRule:
        """The rule that asks for no less coverage than the organisation does of any of the group's files."""
        if COVERAGE not in self.floor.guarded or rule.spares(COVERAGE):
            return rule
        theirs = self.theirs.get(glob, PathRule()).coverage
        if COVERAGE in self.floor.final:
            if rule.coverage != theirs:
                self._breach(("paths", glob, COVERAGE), COVERAGE)
            return rule.model_copy(update={COVERAGE: theirs})
        if rule.coverage is None and theirs is not None:
            self._breach(("paths", glob, COVERAGE), COVERAGE)
        held = self._group(glob, rule.coverage or GroupCoverage(), theirs or GroupCoverage())  # type: ignore[arg-type]  # neither is spared
        return rule.model_copy(update={COVERAGE: held if held != GroupCoverage() else None})

    def _group(self, glob: str, mine: GroupCoverage, theirs: GroupCoverage) -> GroupCoverage:
        raised: dict[str, Any] = {}
        for part in PARTS:
            asked = getattr(mine, part)
            held = self._part(glob, part, asked, getattr(theirs, part))
            if held != asked:
                raised[part] = held
        if mine.carry != theirs.carry:
            raised["carry"] = theirs.carry
            self._breach(("paths", glob, COVERAGE, "carry"), COVERAGE)
        return mine.model_copy(update=raised)

    def _part(self, glob: str, part: str, mine: str | None, theirs: str | None) -> str | None:
        """What is asked of a group; of one in which the organisation asks for nothing of its own, if it may be counted apart."""
        place: Place = ("paths", glob, COVERAGE, part)
        if theirs is not None:
            held: str = join(part, mine, theirs)
            if held != mine:
                self._breach(place, COVERAGE, ("paths", glob, COVERAGE, part))
            return held
        if mine is None:
            return None
        least = getattr(self.floor.gates[COVERAGE], part)
        where: tuple[str, ...] = ("minimum", COVERAGE, part)
        for other, rule in self.theirs.items():
            if other == glob or not rule.speaks_of(f"{COVERAGE}.{part}") or are_apart(glob, other):
                continue
            asked = getattr(rule.coverage, part, None)
            if asked is None or rule.spares(COVERAGE) or not is_inside(glob, other):
                self.breaches.append(Breach(place, ("paths", other), SHARING))
                return None
            if join(part, least, asked) != least:
                least, where = asked, ("paths", other, COVERAGE, part)
        if (held := join(part, mine, least)) != mine:
            self._breach(place, COVERAGE, where)
        return held

    def _hold_few_lines(self) -> None:
        """Lines of a change in a group of their own are counted alone: cut small enough, no group would have to be covered."""
        gate, least = self.section.gates.coverage, self.floor.gates.get(COVERAGE)
        if gate is None or not isinstance(least, CoverageGate) or COVERAGE in self.floor.final:
            return
        theirs = {glob for glob, rule in self.theirs.items() if _asks_of_lines(rule)}
        ours = {glob for glob, rule in self.section.paths.items() if _asks_of_lines(rule)} - theirs
        if least.diff is None and not theirs:
            return
        allowed = 0 if ours else least.diff_min_lines
        if gate.diff_min_lines > allowed:
            self._breach(
                ("gates", COVERAGE, "diff_min_lines"), COVERAGE, ("minimum", COVERAGE, "diff_min_lines")
            )
            fewer = gate.model_copy(update={"diff_min_lines": allowed})
            self.section = self.section.model_copy(
                update={"gates": self.section.gates.model_copy(update={COVERAGE: fewer})}
            )

    def _breach(self, path: Place, gate: str, floor: tuple[str, ...] = ()) -> None:
        self.breaches.append(self.floor.breach(path, gate, floor))


def _asks_of_lines(rule: PathRule) -> bool:
    return isinstance(rule.coverage, GroupCoverage) and rule.speaks_of("coverage.diff")


def hold_groups(section: QualityGate, floor: Floor) -> tuple[QualityGate, tuple[Breach, ...]]:
    """The section with its groups of paths raised to the floor, and where they were less."""
    groups = _Groups(section, floor)
    return groups.run(), tuple(groups.breaches)
