"""What a policy that is not in force would say: of a commit, and of those that were judged before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from app.domain.decision import Verdict
from handlers.quality_gate.evidence import GateEvidence, PastCommit
from handlers.quality_gate.gates import judge
from handlers.quality_gate.gates.judged import GateVerdict
from handlers.quality_gate.overall import verdict_of
from handlers.quality_gate.people.acceptance import settled
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.wanted import holds, producers_of

EVIDENCE = TypeAdapter(GateEvidence)
PASSES = frozenset({Verdict.PASS, Verdict.WAIVED, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of a commit."""

    verdict: Verdict
    gates: tuple[GateVerdict, ...]

    @property
    def passes(self) -> bool:
        """Whether it lets the commit pass."""
        return self.verdict in PASSES


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a policy says of commits that were judged before, and how many cannot be judged again: of another version's shape."""

    past: tuple[PastCommit, ...]
    unreadable: int = 0

    @property
    def blocked(self) -> tuple[PastCommit, ...]:
        """Those that passed, and would not."""
        return tuple(each for each in self.past if each.now is not None and each.passed and not each.passes)

    @property
    def freed(self) -> tuple[PastCommit, ...]:
        """Those that did not pass, and would."""
        return tuple(each for each in self.past if each.now is not None and each.passes and not each.passed)

    @property
    def undecided(self) -> tuple[PastCommit, ...]:
        """Those whose evidence does not hold what the policy asks for."""
        return tuple(each for each in self.past if each.now is None)


def judgement(evidence: GateEvidence, section: QualityGate | None = None) -> Judgement | None:
    """What a policy says of evidence, or the one in force then; None where there is none, or it is of no commit."""
    if section is not None:
        facts = replace(evidence.policy, section=section, errors=(), broken=None, lines=(), beside=())
        evidence = replace(evidence, policy=facts)
    if evidence.policy.section is None or evidence.conversation is not None:
        return None
    evidence = settled(evidence)
    gates = judge(evidence)
    return Judgement(verdict_of(evidence, gates), gates)


def simulate(section: QualityGate, evidences: Iterable[GateEvidence]) -> tuple[PastCommit, ...]:
    """What the policy would have said of each commit, beside what was said; commits that were waited for are left out."""
    found = []
    for evidence in evidences:
        then = judgement(evidence)
        if then is None or then.verdict is Verdict.WAITING:
            continue
        now = judged_under(evidence, section)
        found.append(
            PastCommit(
                sha=evidence.head_sha,
                numbers=tuple(each.number for each in evidence.changes if each.number is not None),
                then=then.verdict.value,
                now=None if now is None else now.verdict.value,
                passed=then.passes,
                passes=now is not None and now.passes,
            )
        )
    return tuple(found)


def judged_under(evidence: GateEvidence, section: QualityGate) -> Judgement | None:
    """What another policy says of evidence, as if it had gathered it; None where the evidence does not hold what it asks for."""
    return judgement(_asked_for(evidence, section), section) if holds(evidence, section) else None


def _asked_for(evidence: GateEvidence, section: QualityGate) -> GateEvidence:
    """The evidence with what the policy would have gathered: a report that it does not read explains nothing to it."""
    names = {name for name, _ in producers_of(section)}
    return replace(evidence, producers=tuple(each for each in evidence.producers if each.name in names))


def simulated(section: QualityGate, stored: Sequence[bytes]) -> Simulation:
    """The same for evidence as the ledger keeps it."""
    evidences = []
    for raw in stored:
        try:
            evidences.append(EVIDENCE.validate_json(raw))
        except ValidationError:
            continue
    return Simulation(simulate(section, evidences), len(stored) - len(evidences))
