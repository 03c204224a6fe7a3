"""A person takes responsibility for evidence that is good but not trusted enough. Pure.

The button names what it was shown for: its identifier carries a digest of the commit, the runs and their attempts. So a click
counts for exactly these, however late it comes and however often it is delivered; another attempt has another button.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from app.domain.effects import CheckButton
from app.domain.ids import CommitSha
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.people import Acceptance, Click
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Suite
from handlers.quality_gate.gates import all_answers
from handlers.quality_gate.gates.judged import GOOD, GateVerdict
from handlers.quality_gate.people.roles import objection_to_accepting
from handlers.quality_gate.section import QualityGate

ACCEPT = "accept-"
DIGITS = 13
UNKNOWN = "not all pull requests of the merge group are known, so nobody knows whose change it is"
REMEMBERED = 50
Runs = tuple[tuple[int, int], ...]


def wanted(evidence: GateEvidence) -> Runs:
    """The runs, with their attempts, whose trust is all that keeps the commit from passing; empty where anything else does."""
    answers = [each for _, found in all_answers(evidence) for each in found if each.required]
    red = [each for each in answers if each.state not in GOOD]
    if not all(each.only_trust for each in red):
        return ()
    ids = {run_id for each in red for run_id in each.run_ids}
    runs = {(run.run_id, run.attempt) for run in runs_of(evidence) if run.run_id in ids and not run.accepted}
    return tuple(sorted(runs))


def button(evidence: GateEvidence, gates: Iterable[GateVerdict]) -> CheckButton | None:
    """What lets a person accept; None where trust is not the only obstacle to these verdicts."""
    red = [each for each in gates if each.required and each.state not in GOOD]
    runs = wanted(evidence) if red and all(each.only_trust for each in red) else ()
    if not runs:
        return None
    return CheckButton(
        "Accept evidence", "Count these runs for this commit", identifier(evidence.head_sha, runs)
    )


def identifier(sha: CommitSha, runs: Runs) -> str:
    """The button's, for these runs of this commit and no others."""
    return ACCEPT + sha256(json.dumps([sha, runs]).encode()).hexdigest()[:DIGITS]


def not_by(authors: frozenset[int], evidence: GateEvidence) -> GateEvidence:
    """The evidence without what people accepted who propose the commit by now: before it was proposed it had no author."""
    own = [each for each in evidence.acceptances if each.by_id in authors]
    notes = tuple(
        f"what {each.by} accepted counts no longer: they propose this commit by now" for each in own
    )
    kept = tuple(each for each in evidence.acceptances if each not in own)
    return replace(evidence, acceptances=kept, notes=(*evidence.notes, *notes))


def settled(evidence: GateEvidence) -> GateEvidence:
    """The evidence with what was accepted by now, and with what is to be said about it."""
    section = evidence.policy.section
    if section is None:
        return evidence
    for click in evidence.clicks:
        if click.identifier.startswith(ACCEPT):
            evidence = _clicked(evidence, section, click)
    return replace(evidence, notes=(*evidence.notes, *_said(evidence)))


def _clicked(evidence: GateEvidence, section: QualityGate, click: Click) -> GateEvidence:
    sha = evidence.head_sha
    if any(identifier(sha, each.runs) == click.identifier for each in evidence.acceptances):
        return evidence
    runs = wanted(evidence)
    if not runs or identifier(sha, runs) != click.identifier:
        problem = "what the button was shown for is not what there is now"
    else:
        started = {run_id for run_id, _ in runs} & set(click.started)
        own = "nobody may for a run of their own" if started else ""
        problem = objection_to_accepting(click.by, section) or own or (UNKNOWN if click.of_unknown else "")
    if problem:
        note = f"{click.by.login} may not accept the evidence: {problem}"
        return replace(evidence, notes=(*evidence.notes, note))
    accepted = Acceptance(runs, click.by.login, click.by.id, evidence.now)
    return replace(
        evidence,
        acceptances=(*evidence.acceptances, accepted)[-REMEMBERED:],
        producers=tuple(_accepting(each, runs) for each in evidence.producers),
        suites=tuple(
            replace(each, accepted=each.accepted or (each.run_id, each.attempt) in runs)
            for each in evidence.suites
        ),
    )


def _accepting(reading: ProducerReading, runs: Runs) -> ProducerReading:
    return replace(
        reading,
        runs=tuple(
            replace(run, accepted=run.accepted or (run.run_id, run.attempt) in runs) for run in reading.runs
        ),
    )


def _said(evidence: GateEvidence) -> list[str]:
    """Who accepted what, as long as it is used."""
    used = {(run.run_id, run.attempt) for run in runs_of(evidence) if run.accepted}
    return [
        f"{each.by} accepted the evidence of {_named(each.runs)} on {each.at:%Y-%m-%d at %H:%M} UTC"
        for each in evidence.acceptances
        if used & set(each.runs)
    ]


def _named(runs: Runs) -> str:
    return " and ".join(f"run {run_id} (attempt {attempt})" for run_id, attempt in runs)


def runs_of(evidence: GateEvidence) -> list[RunReading | Suite]:
    """Runs whose reports or whose checks are asked for."""
    return [*(run for reading in evidence.producers for run in reading.runs), *evidence.suites]
