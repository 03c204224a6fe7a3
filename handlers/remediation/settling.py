"""A run's attempt is settled once: the same webhook again, a wake-up or a replay finds nothing left to do.

Judged anew is a new attempt, an attempt under another policy or other signatures, one whose logs could not all be read, and one
whose effect never came true: it was refused (no budget left, a stale head, observe mode) or given up. So what a redelivery is
asked for after a failure still happens.
"""

from __future__ import annotations

from hashlib import sha256

from app.domain.ci import WorkflowRun
from app.domain.effects import Effect
from app.ports.handler import Reading
from handlers.remediation.models import Remediation, RemediationEvidence, RemediationState
from handlers.remediation.playbooks import catalogue


def basis_of(section: Remediation) -> str:
    """What a judgement rests on besides the run: the section in force and the signatures, as one digest."""
    return sha256(f"{section.model_dump_json()}\0{catalogue()}".encode()).hexdigest()


async def is_settled(reading: Reading[RemediationState], run: WorkflowRun, basis: str) -> bool:
    """Whether nothing can come of looking again; asks our own records only, never GitHub."""
    before = reading.state
    if before is None or (before.attempt, before.basis) != (run.attempt, basis):
        return False
    return not before.awaits or await reading.records.was_applied(reading.subject, before.awaits)


def state_after(evidence: RemediationEvidence, effect: Effect | None = None) -> RemediationState | None:
    """What to remember of a judgement; one that a later look could improve has no basis."""
    if evidence.run is None:
        return evidence.previous
    signature = evidence.signature.id if evidence.signature else None
    if signature is None and (not evidence.jobs or any(job.problem for job in evidence.jobs)):
        return RemediationState(evidence.run.attempt, None)
    return RemediationState(
        evidence.run.attempt, signature, evidence.basis, effect.key if effect is not None else ""
    )
