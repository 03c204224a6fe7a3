"""The button *Fix*: which of the tools' fixes are offered, and the commit that a press asks for. Pure.

Only fixes that a tool itself calls safe, of reports whose trust is enough for the gates of findings, and only in files that the
base did not change meanwhile: a run of a pull request reports on the merge, whose lines may be others there. Where nobody knows
what the base changed, none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.domain.effects import CheckButton, CommitFixes, Reservation, may_be_fixed
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import counted
from handlers.quality_gate.people.mending import Fix, Mended, mended
from handlers.quality_gate.section.gates import FindingsGate
from handlers.quality_gate.section.values import TrustLevel

FIX = CheckButton("Fix", "Commit what the tools call safe fixes", "fix")
A_DAY = 10
"""Commits on one pull request."""
MAX_FIXES, MAX_FILES = 500, 50


def offered(evidence: GateEvidence) -> tuple[Fix, ...]:
    """The fixes, in the order of the findings; empty where there is no pull request from a branch of this repository."""
    return _safe(evidence) if any(not each for each in _forks(evidence)) else ()


def withheld(evidence: GateEvidence) -> tuple[str, ...]:
    """What is said in place of the button where there are fixes, and every branch that they are for is in a fork."""
    forks = _forks(evidence)
    fixes = _safe(evidence) if forks and all(forks) else ()
    if not fixes:
        return ()
    said = (
        f"{counted(len(fixes), 'safe fix', 'safe fixes')} of the tools could be committed, but there is no button Fix here: the "
        "branch is in a fork, which Hephaestus does not write to; run the tools there with their own option for fixes"
    )
    return (said,)


def _forks(evidence: GateEvidence) -> list[bool]:
    """Of each pull request of the commit whether its branch is in a fork."""
    return [each.is_fork for each in evidence.changes if each.number is not None]


def _safe(evidence: GateEvidence) -> tuple[Fix, ...]:
    section = evidence.policy.section
    if section is None:
        return ()
    gates = [gate for _, gate in section.gates.each() if isinstance(gate, FindingsGate)]
    if not gates:
        return ()
    least = max(TrustLevel[gate.trust or section.defaults.trust] for gate in gates)
    moved = {path for change in evidence.changes for path in change.base_moved}
    found: dict[Fix, None] = {}
    for run in (run for reading in evidence.producers for run in reading.runs):
        if run.reports is None or (run.trust.level < least and not run.accepted):
            continue
        for finding in (finding for tool in run.reports.findings for finding in tool.findings):
            paths = {piece.path for piece in finding.fix}
            if paths and not paths & moved and all(may_be_fixed(path) for path in paths):
                found[finding.fix] = None
    return tuple(found)[:MAX_FIXES]


def paths_of(fixes: tuple[Fix, ...]) -> tuple[str, ...]:
    """The files that fixes change, the first ones."""
    return tuple(sorted({piece.path for fix in fixes for piece in fix})[:MAX_FILES])


def fixed(evidence: GateEvidence) -> tuple[GateEvidence, tuple[CommitFixes, ...]]:
    """The commit that was asked for, and the evidence with a note of what becomes of it."""
    fixing = evidence.fixing
    if fixing is None:
        return evidence, ()
    if fixing.problem:
        return _noted(evidence, f"the fixes are not committed: {fixing.problem}"), ()
    made = mended(fixing.files, offered(evidence))
    if not made.changes:
        return _noted(evidence, "none of the fixes can be committed as the files are"), ()
    left = f", {counted(made.left, 'fix', 'fixes')} left for the next report" if made.left else ""
    return _noted(evidence, f"asked for a commit of {_words(made)}{left}"), (_commit(evidence, made),)


def _commit(evidence: GateEvidence, made: Mended) -> CommitFixes:
    fixing = evidence.fixing
    branch, number = (fixing.branch, fixing.number) if fixing else ("", 0)
    scope = f"{evidence.subject.app_key}|{evidence.repository.id}|fixes|{number}"
    return CommitFixes(
        evidence.repository,
        branch,
        evidence.head_sha,
        "Apply fixes of linters",
        f"{_words(made).capitalize()}, as the reports of {evidence.head_sha} have them.",
        made.changes,
        reservations=(Reservation(scope, timedelta(days=1), A_DAY),),
    )


def _words(made: Mended) -> str:
    return f"{counted(made.applied, 'fix', 'fixes')} in {counted(len(made.changes), 'file')}"


def _noted(evidence: GateEvidence, note: str) -> GateEvidence:
    return replace(evidence, notes=(*evidence.notes, note))
