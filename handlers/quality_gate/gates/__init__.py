"""The gates, one file each, and how their answers become one verdict. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import MAX_GROUPS, MAX_PULLS
from handlers.quality_gate.gates import audit, build, checks, coverage, drift, findings, tests
from handlers.quality_gate.gates.ended import with_shown_failures
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State, worst
from handlers.quality_gate.gates.waiving import waived, without_waived
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import Gate

Ask = Callable[[GateEvidence, QualityGate, Any], tuple[GateVerdict, ...]]
JUDGES: dict[str, Ask] = {
    "tests": tests.judge,
    "coverage": coverage.judge,
    "lint": partial(findings.judge, "lint"),
    "types": partial(findings.judge, "types"),
    "audit": audit.judge,
    "build": build.judge,
    "drift": drift.judge,
    "checks": checks.judge,
}
"""Each takes its own model of the gate."""


def judge(evidence: GateEvidence) -> tuple[GateVerdict, ...]:
    """One verdict for every gate that the policy names, in its order: the worst of what it answered, with all notes and marks."""
    return tuple(_together(answers) for _, answers in all_answers(evidence))


def _together(answers: tuple[GateVerdict, ...]) -> GateVerdict:
    """The answer that decides, and what else is to be said or shown: what another run or rule found is not lost.

    A gate is green only when every answer is good, so the remedies of all of them are its remedy.

    Trust is the only obstacle where it is that of every answer that is not good. Where one policy asks for the gate and
    another one is only informed of it, what the first misses decides.
    """
    missed = tuple(each for each in answers if each.required and each.state not in GOOD)
    notes = dict.fromkeys(note for each in answers for note in each.notes)
    marks = dict.fromkeys(mark for each in answers for mark in each.marks)
    remedies = _remedies(each.remedy for each in answers if each.state not in GOOD)
    runs = dict.fromkeys(run for each in answers for run in each.run_ids)
    only_trust = all(each.only_trust for each in answers if each.state not in GOOD)
    decides = worst(missed or answers)
    return replace(
        decides,
        remedy="; ".join(remedies),
        run_ids=tuple(runs),
        notes=tuple(notes),
        marks=tuple(marks),
        only_trust=only_trust and decides.only_trust,
    )


def _remedies(said: Iterable[str]) -> list[str]:
    """Each once, and none that another one says more exactly."""
    found = list(dict.fromkeys(each for each in said if each))
    return [each for each in found if not any(other != each and other.startswith(each) for other in found)]


def all_answers(evidence: GateEvidence) -> tuple[tuple[str, tuple[GateVerdict, ...]], ...]:
    """What each gate answers by the policy and by what protected branches ask beside it: all of them must hold."""
    policy = evidence.policy
    if policy.section is None:
        return ()
    elsewhere = {name for each in policy.beside for name in each.alone}
    found = {
        name: () if name in elsewhere else answers for name, answers in every_answer(evidence, policy.section)
    }
    for each in policy.beside:
        said = f"asked by the policy of the protected branch {each.branch}"
        for name, answers in every_answer(evidence, each.section):
            told = (replace(one, notes=(*one.notes, said), branch=each.branch) for one in answers)
            found[name] = (*found.get(name, ()), *told)
    return tuple(found.items())


def every_answer(
    evidence: GateEvidence, section: QualityGate
) -> tuple[tuple[str, tuple[GateVerdict, ...]], ...]:
    """All that each gate of a section answers: for each run, and for each change that the commit is proposed for."""
    today = evidence.now.date()
    found = []
    for name, gate in section.gates.each():
        required = not section.is_informational(name, today)
        counts_from = section.counts_from(name, today)
        left = without_waived(with_shown_failures(evidence, name, gate), section, name)
        answers = tuple(
            waived(evidence, section, replace(each, required=required, counts_from=counts_from))
            for each in _with_others(evidence, _ask(left, section, name, gate))
        )
        found.append((name, answers))
    return tuple(found)


def _ask(evidence: GateEvidence, section: QualityGate, name: str, gate: Gate) -> tuple[GateVerdict, ...]:
    ask: Ask = JUDGES[name]
    return ask(evidence, section, gate)


def _with_others(evidence: GateEvidence, answers: tuple[GateVerdict, ...]) -> tuple[GateVerdict, ...]:
    """With one about those that are not judged: a check belongs to the commit, so it would be green for them, too."""
    if sum(change.number is not None for change in evidence.changes) > MAX_PULLS:
        reason = (
            f"more than {MAX_PULLS} open pull requests propose this commit, and not all of them are judged"
        )
        remedy = f"close all but {MAX_PULLS} of the pull requests of this commit, or push another commit to their branches"
    elif len(evidence.merge_groups) > MAX_GROUPS:
        reason = f"more than {MAX_GROUPS} merge groups ask about this commit, and not all of them are judged"
        remedy = "take its pull requests out of the queue, and queue them again"
    else:
        return answers
    first = answers[0]
    told = GateVerdict(
        first.gate, State.INCONCLUSIVE, "not all judged", first.threshold, reason, remedy=remedy
    )
    return (*answers, told)


__all__ = ["GateVerdict", "State", "all_answers", "every_answer", "judge"]
