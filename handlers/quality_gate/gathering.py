"""Gather: everything of a configured commit that the decision rests on. Reads only."""

from __future__ import annotations

from dataclasses import replace

from app.domain.events import PullRequestChanged
from app.ports.handler import Reading
from handlers.quality_gate.baselines import is_relative, with_baselines
from handlers.quality_gate.branches import with_branches
from handlers.quality_gate.changes import read_changes, read_push
from handlers.quality_gate.declared import read_declared
from handlers.quality_gate.evidence import GateEvidence, Recorded
from handlers.quality_gate.people import clicks_of, waivers_of
from handlers.quality_gate.reading import ReportReader, newest_runs
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.state import GateState
from handlers.quality_gate.suites import read_suites
from handlers.quality_gate.trusting import TrustReader


async def gathered(reading: Reading[GateState], evidence: GateEvidence) -> GateEvidence:
    """The evidence with what GitHub has of the commit now."""
    github, sha = reading.github, evidence.head_sha
    pulls = await _open_pulls(reading)
    changes = await read_changes(github, sha, pulls, evidence.merge_group)
    evidence = await with_branches(reading, evidence, changes)
    section = evidence.policy.section
    if section is None:
        return evidence
    tree = await github.tree(sha)
    known = reading.state.known if reading.state else ()
    proposed = tuple(each.base_ref for each in evidence.proposals)
    trust = TrustReader(github, sha, changes, proposed)
    accepted = evidence.acceptances
    build = section.gates.build.artifact if section.gates.build else ""
    reader = ReportReader(
        github, reading.downloads, reading.compute, sha, known, tree, trust, accepted, build
    )
    runs = newest_runs(await github.workflow_runs(sha), sha)
    producers = await reader.read(runs, producers_of(section))
    checks = () if section.gates.checks is None else await github.check_runs(sha)
    declared = await read_declared(github, reading.compute, sha, section.gates.drift, tree)
    suites = await read_suites(runs, section, trust, accepted)
    recorded = _recorded(reading.state)
    if not changes and is_relative(section):
        changes = await read_push(github, sha)
    changes = await with_baselines(reading, section, changes, producers, tree)
    return replace(
        evidence,
        changes=changes,
        producers=producers,
        checks=checks,
        suites=suites,
        declared=declared,
        recorded=recorded,
        clicks=await clicks_of(reading, pulls),
        waivers=await waivers_of(reading, pulls),
    )


def _recorded(state: GateState | None) -> Recorded | None:
    """What the commit was found to have before."""
    if state is None or state.measured is None or state.measured_at is None:
        return None
    return Recorded(state.measured, state.measured_at)


async def _open_pulls(reading: Reading[GateState]) -> tuple[PullRequestChanged, ...]:
    """The open pull requests whose head the commit is; those of forks are only known from their events (design.md 4)."""
    pulls = await reading.records.pulls_with_head_sha(reading.subject.sha)
    return tuple(pull for pull in pulls if pull.action != "closed")


def producers_of(section: QualityGate) -> tuple[tuple[str | None, Producer | None], ...]:
    """The producers that gates name; None stands for every workflow of the commit."""
    names: set[str | None] = set()
    for name, gate in section.gates.each():
        # Checks of others are no reports: for them alone nothing is downloaded.
        names |= set(gate.producers or (() if name == "checks" else (None,)))
    ordered = sorted(names, key=lambda name: name or "")
    return tuple((name, None if name is None else section.producers[name]) for name in ordered)
