"""The rule `diff`: enough of the lines that a change adds ran in tests. Pure.

Counted are added lines that could run, as the report says. A renamed file owes only the lines it adds. A changed file that the
report should name and does not owes all its added lines (`absent`). What cannot be known is counted both ways: where the verdict
would be the same, it stands; otherwise nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from handlers.quality_gate.evidence.changes import Change, ChangedLines
from handlers.quality_gate.evidence.runs import OF_MERGE, RunReading
from handlers.quality_gate.gates.areas import Area, Areas
from handlers.quality_gate.gates.asking import Question
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight, counted
from handlers.quality_gate.gates.places import few, places
from handlers.quality_gate.gates.scope import Scope
from handlers.quality_gate.gates.shares import NOTHING, Share, lacking_lines, share_of, words
from handlers.quality_gate.gates.strictest import Strictest, doubt, way_out
from handlers.quality_gate.gathering.changes import bitmap_of, ranges
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

MAX_MARKS = 1_000


@dataclass(slots=True)
class Added:
    """What a change adds in one area: the lines that count, where something is missing, and what cannot be known.

    `least` are the percent that are asked; `strict` is the share by the strictest reports, `doubted` the files they differ in.
    """

    least: Fraction
    share: Share = NOTHING
    strict: Share = NOTHING
    doubted: list[str] = field(default_factory=list)
    lines: int = 0
    lacking: list[tuple[str, int]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    moved_lines: int = 0
    others: list[str] = field(default_factory=list)
    other_lines: int = 0

    def take(self, file: ChangedLines, strictest: Strictest, *, is_moved: bool) -> None:
        """A changed file that the report names, or should name."""
        gate = strictest.gate
        if not file.known:
            self.hidden.append(file.path)
            return
        added = bitmap_of(file.added)
        self.lines += added.bit_count()
        if is_moved:
            self.moved.append(file.path)
            self.moved_lines += added.bit_count()
            return
        measured = strictest.lines.files.get(file.path)
        if measured is None:
            self.absent.append(file.path)
            if gate.metric == "branch":
                return  # how many branches its lines have is not known
            self._count(Share(NOTHING.covered, added.bit_count()))
            self.lacking.append((file.path, added))
            return
        share, strict = share_of(measured, gate, added), strictest.share(file.path, self.least, added)
        self._count(share, strict)
        if share != strict:
            self.doubted.append(file.path)
        if missing := lacking_lines(measured, gate, added):
            self.lacking.append((file.path, missing))

    def _count(self, share: Share, strict: Share | None = None) -> None:
        self.share = self.share.plus(share)
        self.strict = self.strict.plus(strict or share)

    def pass_over(self, file: ChangedLines) -> None:
        """A changed file of a kind that the report names none of."""
        if lines := bitmap_of(file.added).bit_count():
            self.others.append(file.path)
            self.other_lines += lines


def diff(question: Question, change: Change, run: RunReading, strictest: Strictest) -> list[GateVerdict]:
    """One verdict for every area that asks something of added lines."""
    gate = strictest.gate
    areas = Areas(question.section, gate, "diff")
    if not areas.all:
        return []
    found = added_in(areas, change, run, strictest)
    verdicts = [
        _judged(question, gate, change, area, found[area])
        for area in areas.all
        if area in found or area == areas.rest
        if area.threshold is not None
    ]
    if not change.complete:
        reason = "GitHub does not list all files of the change, so nobody knows which lines it adds"
        verdicts.append(question.verdict(State.INCONCLUSIVE, "not known", reason, number=change.number))
    return verdicts


def added_in(areas: Areas, change: Change, run: RunReading, strictest: Strictest) -> dict[Area, Added]:
    """What the change adds, by area."""
    lines = strictest.lines
    scope = Scope(lines.files)
    moved = frozenset(change.base_moved) if run.trigger in OF_MERGE else frozenset[str]()
    found: dict[Area, Added] = {areas.rest: _nothing_in(areas.rest)}
    others: list[tuple[Area, ChangedLines]] = []
    for file in change.files:
        area = areas.of(file.path)
        owes = not file.is_deleted and (file.added or not file.known)
        if area is None or not owes:
            continue
        if file.path in lines.files or file.path in scope:
            found.setdefault(area, _nothing_in(area)).take(file, strictest, is_moved=file.path in moved)
        else:
            others.append((area, file))
    for area, file in others:
        if area in found:
            found[area].pass_over(file)
    return found


def _nothing_in(area: Area) -> Added:
    return Added(parse_threshold(area.threshold) if area.threshold else Fraction(0))


def _judged(question: Question, gate: CoverageGate, change: Change, area: Area, added: Added) -> GateVerdict:
    one, many = (f"added {each}" for each in words(gate))
    where = f" in {area.group}" if area.group else ""
    least, share = added.least, added.share
    bar = f"{area.threshold} of {many}{where}"

    def verdict(state: State, reason: str, **more: object) -> GateVerdict:
        value = share.text(one, many) if share.valid else f"0 {many} could run"
        return GateVerdict(
            question.name,
            state,
            value,
            bar,
            reason,
            rule=area.rule,
            number=change.number,
            **more,  # type: ignore[arg-type]  # its own fields
        )

    if unknown := _unknown(added, gate):
        return verdict(State.INCONCLUSIVE, unknown)
    worst = share.and_uncovered(added.moved_lines)
    if idle := _nothing_asked(added, worst, gate, where):
        return verdict(State.NOT_APPLICABLE, idle)
    notes, lacking = _notes(added), share.and_covered(added.moved_lines).lacking(least)
    if lacking:
        needed = f"{lacking} more covered {one if lacking == 1 else many} needed{where}"
        remedy = f"{needed}, any of {places(added.lacking)}"
        marks = _marks(added, Weight.FAILS, area.rule)
        return verdict(State.FAIL, needed, remedy=remedy, notes=notes, marks=marks)
    marks = _marks(added, Weight.WARNS, area.rule)
    strict = added.strict.and_uncovered(added.moved_lines)
    if worst.reaches(least) and not strict.reaches(least):
        why, remedy = doubt(added.doubted, strict, one, many), way_out(strict, least, one, many)
        return verdict(State.INCONCLUSIVE, why, remedy=remedy, notes=notes, marks=marks)
    if worst.reaches(least):
        return verdict(State.PASS, f"enough {many}{where} are covered", notes=notes, marks=marks)
    reason = (
        f"{change.base_ref} changed {few(added.moved)} since, so the report's line numbers may be off there: "
        "bring the branch up to date"
    )
    return verdict(State.INCONCLUSIVE, reason, notes=notes, marks=marks)


def _nothing_asked(added: Added, worst: Share, gate: CoverageGate, where: str) -> str:
    """Why the policy asks nothing of these lines; empty where it does."""
    if worst.valid == 0:
        return _none_could_run(added, where)
    if worst.valid < gate.diff_min_lines:
        _, many = words(gate)
        return f"fewer than {gate.diff_min_lines} added {many}{where}: the policy asks nothing of so few"
    return ""


def _none_could_run(added: Added, where: str) -> str:
    """Why nothing is asked, with the lines that were not looked at."""
    if not added.other_lines:
        return f"none of the {counted(added.lines, 'line')} that the change adds{where} could run"
    passed = f"{counted(added.other_lines, 'line')} in files of kinds that the report names none of"
    return (
        f"of what the change adds{where}, none of {counted(added.lines, 'line')} could run; "
        f"not looked at: {passed}, {few(added.others)}"
    )


def _unknown(added: Added, gate: CoverageGate) -> str:
    """Why nothing can be concluded, whatever the rest says; empty where something can."""
    if added.hidden:
        return f"GitHub does not show the lines that the change adds to {few(added.hidden)}"
    if added.absent and (gate.absent == "inconclusive" or gate.metric == "branch"):
        return f"the report does not name {few(added.absent)}, to which the change adds lines"
    return ""


def _notes(added: Added) -> tuple[str, ...]:
    found = []
    if added.absent:
        found.append(f"the report does not name {few(added.absent)}: their added lines count as uncovered")
    if added.moved:
        found.append(f"{few(added.moved)} changed in the base too, so their added lines count both ways")
    return tuple(found)


def _marks(added: Added, weight: Weight, rule: str) -> tuple[Mark, ...]:
    return tuple(_each_mark(added.lacking, weight, rule))[:MAX_MARKS]


def _each_mark(lacking: Iterable[tuple[str, int]], weight: Weight, rule: str) -> Iterable[Mark]:
    for path, bits in lacking:
        for first, last in ranges(bits):
            what = "This added line is" if first == last else "These added lines are"
            yield Mark(
                gate="coverage",
                path=path,
                line=first,
                end_line=last,
                weight=weight,
                title="Not covered by tests",
                message=f"{what} not covered by tests.",
                source="coverage",
                rule=rule,
                in_change=True,
            )
