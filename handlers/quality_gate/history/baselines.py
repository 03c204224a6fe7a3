"""What changes are held against: the measure of their base, or of its nearest recorded ancestor. Reads only.

Asked first is our own memory about the merge base itself; only where that lacks something, GitHub is asked for the commits before
it, once for each merge base. Of the candidates the one counts that has evidence for the most gates of the policy, and of several
such the nearest: a commit that only touched documents, and so ran half of the workflows, does not hide what its parent had.
"""

from __future__ import annotations

from dataclasses import replace

from app.domain.coverage import LineMap
from app.errors import NotFound
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.evidence.runs import ProducerReading
from handlers.quality_gate.gates import audit, build, coverage, tests
from handlers.quality_gate.gates.based import speaks_here
from handlers.quality_gate.gathering.tree_reader import TreeReader
from handlers.quality_gate.history.carrying import names_now, with_carried, without_carried
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.history.records import Ancestry
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate, carrying
from handlers.quality_gate.section.gates import FindingsGate
from handlers.quality_gate.state import GateState

MEASURED = (tests.NAME, coverage.NAME, audit.NAME, build.NAME, "lint", "types")


async def with_baselines(
    reading: Reading[GateState],
    section: QualityGate,
    changes: tuple[Change, ...],
    producers: tuple[ProducerReading, ...],
    tree: TreeReader,
) -> tuple[Change, ...]:
    """The changes with what they are held against, and with the files that their base changed since.

    As long as no run of the commit has reported anything there is nothing to hold against a base.
    """
    wanted = frozenset(name for name, _ in section.gates.each() if name in MEASURED)
    if not wanted or not (carrying(section) or _has_reports(producers)):
        return changes
    return tuple([await _based(reading, section, change, wanted, producers, tree) for change in changes])


async def _based(
    reading: Reading[GateState],
    section: QualityGate,
    change: Change,
    wanted: frozenset[str],
    producers: tuple[ProducerReading, ...],
    tree: TreeReader,
) -> Change:
    ancestry = Ancestry(reading, change.merge_base_sha)
    change = await with_carried(reading, section, change, producers, ancestry)
    found = await nearest(ancestry, wanted)
    based = change if found is None else held_against(change, found, producers, await tree.paths(), section)
    vanished = based.baseline is not None and based.baseline.vanished
    fixes = _in_fixes(producers)
    at_base = change.base_sha == change.merge_base_sha and _is_compared(change)
    needs_lines = asks_for_lines(section) or _places_findings(section, based.baseline)
    if at_base or not (needs_lines or vanished or fixes):
        return based
    return await _with_moves(reading.github, based, fixes)


def _in_fixes(producers: tuple[ProducerReading, ...]) -> frozenset[str]:
    """The files that fixes of tools are for: where the base changed one, the fix may be for other lines than the branch has."""
    reports = [run.reports for producer in producers for run in producer.runs if run.reports is not None]
    findings = (finding for each in reports for tool in each.findings for finding in tool.findings)
    return frozenset(piece.path for finding in findings for piece in finding.fix)


def _is_compared(change: Change) -> bool:
    """Whether GitHub knows where the change leaves its base."""
    return change.complete or bool(change.files)


def _has_reports(producers: tuple[ProducerReading, ...]) -> bool:
    runs = (run for producer in producers for run in producer.runs)
    return any(run.reports is not None and run.reports != Reports() for run in runs)


def held_against(
    change: Change,
    baseline: Baseline,
    producers: tuple[ProducerReading, ...],
    tree: tuple[str, ...] | None,
    section: QualityGate,
) -> Change:
    """The change with its baseline as the gates need it: what went away since, and no more of it than they ask for."""
    paths = _vanished(change, baseline, producers, None if tree is None else frozenset(tree))
    comparable = without_carried(section, change, baseline.measured)
    measured = comparable if waives_paths(section) else _without_lines(comparable)
    return replace(change, baseline=replace(baseline, measured=measured, vanished=paths))


def waives_paths(section: QualityGate) -> bool:
    """Whether coverage of some files is waived: then the base's sums are of too much, and its lines are needed."""
    return any(each.gate == coverage.NAME and each.path for each in section.waivers)


async def nearest(ancestry: Ancestry, wanted: frozenset[str]) -> Baseline | None:
    """The baseline of a change that leaves the base's history where the ancestry begins."""
    found: list[Baseline] = []
    async for bases in ancestry.steps():
        found += bases
        if any(wanted <= set(each.measured.gates) for each in found):
            break
    gates = {each.distance: len(wanted & set(each.measured.gates)) for each in found}
    return max(found, key=lambda each: (gates[each.distance], -each.distance), default=None)


def asks_for_lines(section: QualityGate) -> bool:
    """Whether a rule counts the lines that a change adds."""
    gates, groups = section.gates, section.paths.values()
    in_groups = any(
        not isinstance(each.coverage, str) and each.coverage and each.coverage.diff for each in groups
    )
    return gates.coverage is not None and (gates.coverage.diff is not None or in_groups)


def _places_findings(section: QualityGate, base: Baseline | None) -> bool:
    """Whether findings count as new by their lines, since the base has none recorded."""
    known = {name for name, _ in base.measured.findings} if base is not None else set()
    return any(
        isinstance(gate, FindingsGate) and gate.allows[1] is not None and name not in known
        for name, gate in section.gates.each()
    )


def is_relative(section: QualityGate) -> bool:
    """Whether a rule compares a commit with its base."""
    gates = section.gates
    drops = gates.coverage is not None and gates.coverage.drop is not None
    fewer = gates.tests is not None and gates.tests.max_test_drop is not None
    new = any(gate is not None and gate.new_findings is not None for gate in (gates.lint, gates.types))
    return asks_for_lines(section) or drops or fewer or new or bool(carrying(section))


def _without_lines(measured: Measured) -> Measured:
    """Sums are enough for a drop; the lines would fill the evidence of every descendant."""
    return replace(
        measured, coverage=tuple(replace(each, lines=None, variants=()) for each in measured.coverage)
    )


def _vanished(
    change: Change,
    baseline: Baseline,
    producers: tuple[ProducerReading, ...],
    tree: frozenset[str] | None,
) -> tuple[str, ...]:
    """Files that the base's reports cover and this commit's do not, although they are still there; sorted."""
    runs = [run for producer in producers for run in producer.runs]
    now = names_now(producers)
    before = {
        name
        for each in baseline.measured.coverage
        if each.lines is not None and speaks_here(runs, change, each.workflow)
        for name in LineMap.names(each.lines)
    }
    return tuple(sorted(name for name in before - now if _exists(name, change, baseline, tree)))


def _exists(name: str, change: Change, baseline: Baseline, tree: frozenset[str] | None) -> bool:
    """Whether the commit has the file; where GitHub does not list all files, only what the change leaves alone is known."""
    if tree is not None:
        return name in tree
    touched = {
        file.previous_path or file.path for file in change.files if file.is_deleted or file.previous_path
    }
    return baseline.distance == 0 and change.complete and name not in touched


async def _with_moves(github: GitHubReader, change: Change, fixes: frozenset[str]) -> Change:
    """With the files that the base branch changed since the change left it; where nobody knows, all that matter."""
    try:
        moved = await github.compare(change.merge_base_sha, change.base_sha)
    except NotFound:
        moved = None
    vanished = change.baseline.vanished if change.baseline else ()
    if moved is None or not moved.complete or not _is_compared(change):
        paths = {file.path for file in change.files} | set(vanished) | fixes
        return replace(change, base_moved=tuple(sorted(paths)), base_renames=None)
    paths = {path for each in moved.files for path in (each.path, each.previous_path) if path}
    own = {file.path for file in change.files}
    renames = ((each.previous_path, each.path) for each in moved.files if each.previous_path is not None)
    return replace(
        change,
        base_moved=tuple(sorted(paths)),
        base_renames=tuple(sorted(each for each in renames if each[0] in own)),
    )
