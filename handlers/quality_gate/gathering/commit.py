"""Gather: everything of a configured commit that the decision rests on. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain.ci import WorkflowRun
from app.domain.events import PullRequestChanged
from app.ports.handler import Reading
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Change, MergeGroup, Recorded
from handlers.quality_gate.gathering.branches import with_branches
from handlers.quality_gate.gathering.changes import read_changes, read_push
from handlers.quality_gate.gathering.declared import read_declared
from handlers.quality_gate.gathering.identity import reader
from handlers.quality_gate.gathering.newest import bases_of, kept_apart, newest_runs, passed_over
from handlers.quality_gate.gathering.proposing import first_policy, proposed_for_others, proposed_policy
from handlers.quality_gate.gathering.queueing import with_pulls
from handlers.quality_gate.gathering.reading import ReportReader
from handlers.quality_gate.gathering.suites import read_suites, suites_of
from handlers.quality_gate.gathering.tree_reader import TreeReader
from handlers.quality_gate.gathering.trusting import TrustReader
from handlers.quality_gate.history.baselines import is_relative, with_baselines
from handlers.quality_gate.people.acceptance import not_by
from handlers.quality_gate.people.asked import clicks_of, fixing_of, granted_on
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.state import GateState, KnownReports
from handlers.quality_gate.text import CONFIG_PATH
from handlers.quality_gate.wanted import producers_of


@dataclass(frozen=True, slots=True)
class _Seen:
    """What GitHub has of the commit, whatever a policy asks for."""

    tree: TreeReader
    runs: tuple[WorkflowRun, ...]
    trust: TrustReader
    changes: tuple[Change, ...]


async def gathered(reading: Reading[GateState], evidence: GateEvidence) -> GateEvidence:
    """The evidence with what GitHub has of the commit now."""
    github, sha = reading.github, evidence.head_sha
    pulls = await _open_pulls(reading)
    changes = await read_changes(github, sha, pulls, evidence.merge_groups)
    evidence = await with_branches(reading, replace(evidence, reader=reader()), changes)
    section = evidence.policy.section
    if section is None:
        return evidence
    authors = frozenset(pull.author.id for pull in pulls if pull.author is not None)
    evidence = not_by(authors, evidence)
    every = await github.workflow_runs(sha)
    proposals = tuple(each.base_ref for each in evidence.proposals)
    bases = bases_of(changes, proposals)
    runs = newest_runs(every, sha, bases)
    said = (*passed_over(every, runs), *kept_apart(runs, bases))
    evidence = replace(evidence, notes=(*evidence.notes, *said), of_workflows=suites_of(every))
    known = reading.state.known if reading.state else ()
    trust = TrustReader(github, sha, changes, proposals)
    seen = _Seen(TreeReader(github, sha), runs, trust, changes)
    beside = tuple(each.section for each in evidence.policy.beside)
    evidence = await _under(reading, evidence, section, seen, known, beside)
    groups = await with_pulls(reading, evidence.merge_groups)
    before = reading.state.merge_groups if reading.state else ()
    held = _held(groups)
    evidence = replace(
        evidence,
        merge_groups=groups,
        joined=_held(each for each in groups if each not in before),
        recorded=_recorded(reading.state),
        clicks=await clicks_of(reading, pulls, groups),
        waivers=await granted_on(reading, (*(pull.number for pull in pulls), *held)),
    )
    evidence = replace(evidence, fixing=await fixing_of(reading, evidence, pulls))

    async def under(other: QualityGate, read: tuple[KnownReports, ...]) -> GateEvidence:
        return await _under(reading, evidence, other, seen, (*read, *known))

    return replace(
        evidence,
        proposed=await proposed_policy(reading, evidence, under),
        for_others=await proposed_for_others(reading, evidence),
    )


async def with_first_policy(reading: Reading[GateState], evidence: GateEvidence) -> GateEvidence:
    """The evidence with what the commit makes of the policy's file, where none is in force."""
    # Most repositories have no file: what the commit changes is only asked for where it has one, or the default branch has.
    if not evidence.policy.errors and await reading.policies.file(CONFIG_PATH, evidence.head_sha) is None:
        return evidence
    pulls = await _open_pulls(reading)
    changes = await read_changes(reading.github, evidence.head_sha, pulls, evidence.merge_groups)
    evidence = replace(evidence, changes=changes)
    return replace(evidence, proposed=await first_policy(reading, evidence))


async def _under(
    reading: Reading[GateState],
    evidence: GateEvidence,
    section: QualityGate,
    seen: _Seen,
    known: tuple[KnownReports, ...],
    beside: tuple[QualityGate, ...] = (),
) -> GateEvidence:
    """The evidence that a policy asks for, and what must hold beside it."""
    github, sha, accepted = reading.github, evidence.head_sha, evidence.acceptances
    builds = tuple(each.gates.build.artifact for each in (section, *beside) if each.gates.build)
    reports = ReportReader(
        github, reading.downloads, reading.compute, sha, known, seen.tree, seen.trust, accepted, builds
    )
    producers = await reports.read(seen.runs, producers_of(section, *beside))
    checks = () if section.gates.checks is None else await github.check_runs(sha)
    declared = await read_declared(github, reading.compute, sha, section.gates.drift, seen.tree)
    suites = await read_suites(github, seen.runs, section, seen.trust, accepted)
    changes = seen.changes
    if not changes and is_relative(section):
        changes = await read_push(github, sha)
    changes = await with_baselines(reading, section, changes, producers, seen.tree)
    return replace(
        evidence, changes=changes, producers=producers, checks=checks, suites=suites, declared=declared
    )


def _held(groups: Iterable[MergeGroup]) -> tuple[int, ...]:
    """The pull requests that merge groups hold, each once."""
    return tuple(dict.fromkeys(number for each in groups for number in each.numbers))


def _recorded(state: GateState | None) -> Recorded | None:
    """What the commit was found to have before."""
    if state is None or state.measured is None or state.measured_at is None:
        return None
    return Recorded(state.measured, state.measured_at)


async def _open_pulls(reading: Reading[GateState]) -> tuple[PullRequestChanged, ...]:
    """The open pull requests whose head the commit is; those of forks are only known from their events (design.md 4)."""
    pulls = await reading.records.pulls_with_head_sha(reading.subject.sha)
    return tuple(pull for pull in pulls if pull.action != "closed")
