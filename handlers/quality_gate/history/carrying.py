"""Coverage that an ancestor's reports give to a group of paths which no report of the commit names. Reads only.

It stands only as long as no file of the group changed since, which GitHub's comparisons must show in full. Where the nearest
ancestor that measured the group cannot stand, an older one could not either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.domain.coverage import LineMap
from app.domain.ids import CommitSha
from app.domain.pulls import Comparison
from app.errors import NotFound
from app.ports.handler import Reading
from handlers.quality_gate.evidence.changes import Baseline, Carried, Change
from handlers.quality_gate.evidence.runs import ProducerReading
from handlers.quality_gate.gates.areas import TOTAL
from handlers.quality_gate.gates.asking import group_of
from handlers.quality_gate.history.measures import CoverageSums, Measured, MeasuredCoverage, sums_of
from handlers.quality_gate.history.records import Ancestry
from handlers.quality_gate.section import QualityGate, carrying
from handlers.quality_gate.state import GateState

Parts = tuple[MeasuredCoverage, ...]
UNCHANGED = Comparison(CommitSha(""), 0, 0, (), complete=True)


async def with_carried(
    reading: Reading[GateState],
    section: QualityGate,
    change: Change,
    producers: tuple[ProducerReading, ...],
    ancestry: Ancestry,
) -> Change:
    """The change with what its ancestors give to groups that may carry coverage and that no report names."""
    named = {group_of(section, name, TOTAL) for name in names_now(producers)}
    wanted = [glob for glob in carrying(section) if glob not in named]
    found = [await _carried(reading, section, change, ancestry, group) for group in wanted]
    return replace(change, carried=tuple(each for each in found if each is not None))


def names_now(producers: Iterable[ProducerReading]) -> frozenset[str]:
    """The files that the commit's reports of coverage name."""
    runs = (run for producer in producers for run in producer.runs)
    packed = (each for run in runs if run.reports is not None for _, each in run.reports.coverage)
    return frozenset(name for each in packed for name in LineMap.names(each))


def without_carried(section: QualityGate, change: Change, measured: Measured) -> Measured:
    """What a base measured, without the groups that are carried here: the commit's own totals do not count them either.

    Coverage of which only sums are kept cannot be parted, so it is left out; so is what has no other files.
    """
    groups = frozenset(each.group for each in change.carried)
    if not groups:
        return measured
    parted = (_without(section, groups, each) for each in measured.coverage)
    return replace(measured, coverage=tuple(each for each in parted if each is not None))


def _without(section: QualityGate, groups: frozenset[str], each: MeasuredCoverage) -> MeasuredCoverage | None:
    if each.lines is None:
        return None
    files = LineMap.unpack(each.lines).files
    left = LineMap(
        {name: file for name, file in files.items() if group_of(section, name, TOTAL) not in groups}
    )
    return replace(each, sums=sums_of(left), lines=left.pack(), variants=()) if left.files else None


async def _carried(
    reading: Reading[GateState], section: QualityGate, change: Change, ancestry: Ancestry, group: str
) -> Carried | None:
    found = await _nearest(section, ancestry, group)
    if found is None:
        return None
    base, parts = found
    measured_at = min(each.measured_at or base.measured_at for each in parts)
    since = await _since(reading, base, change) if base.distance else UNCHANGED
    if since is None or not (since.complete and change.complete):
        return Carried(group, base.sha, base.distance, measured_at, parts, None)
    touched = {path for file in change.files for path in (file.path, file.previous_path) if path}
    touched |= {path for file in since.files for path in (file.path, file.previous_path) if path}
    changed = sorted(path for path in touched if group_of(section, path, TOTAL) == group)
    return Carried(group, base.sha, base.distance, measured_at, parts, tuple(changed))


async def _nearest(section: QualityGate, ancestry: Ancestry, group: str) -> tuple[Baseline, Parts] | None:
    """The nearest recorded ancestor whose reports name files of the group, and what of them is covered."""
    async for bases in ancestry.steps():
        if found := _first(section, group, bases):
            return found
    return None


def _first(section: QualityGate, group: str, bases: list[Baseline]) -> tuple[Baseline, Parts] | None:
    for base in bases:
        found = (_inside(section, group, each) for each in base.measured.coverage)
        if parts := tuple(each for each in found if each is not None):
            return base, parts
    return None


def _inside(section: QualityGate, group: str, each: MeasuredCoverage) -> MeasuredCoverage | None:
    """What a workflow's reports of a format cover of the group; None where they name no file of it."""

    def only(packed: bytes) -> LineMap:
        files = LineMap.unpack(packed).files
        return LineMap(
            {name: file for name, file in files.items() if group_of(section, name, TOTAL) == group}
        )

    if each.lines is None or all(
        group_of(section, name, TOTAL) != group for name in LineMap.names(each.lines)
    ):
        return None
    lines = only(each.lines)
    variants = (only(packed) for packed in each.variants)
    return replace(
        each,
        sums=sums_of(lines),
        lines=lines.pack(),
        outside=CoverageSums(),
        variants=tuple(known.pack() for known in variants if known.files),
    )


async def _since(reading: Reading[GateState], base: Baseline, change: Change) -> Comparison | None:
    try:
        return await reading.github.compare(base.sha, change.merge_base_sha)
    except NotFound:
        return None
