"""What has become of a quarantine since the last look: by our own edit, and by people. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.domain.effects import CheckButton
from app.domain.release_marks import ReleaseMarks
from handlers.release_verification import quarantine_text as text
from handlers.release_verification.models import Click, ReleaseEvidence
from handlers.release_verification.quarantine_state import Quarantine, QuarantineFacts, Stage

RESTORE = CheckButton("Restore", "Show the release as it was before", "restore")
ROLES = frozenset({"maintain", "admin"})
TRIES = 3
"""Edits that somebody came before, until a person decides."""
STALE, NOT_WRITING = "stale", "mode."
"""Codes of refusals: somebody came before; the App may not write."""


def is_hidden_draft(evidence: ReleaseEvidence) -> bool:
    """Whether the release is a draft because it is quarantined."""
    facts = evidence.quarantine
    return facts is not None and facts.marks is not None and facts.marks.draft and _is_hidden(evidence)


def is_called_back(evidence: ReleaseEvidence) -> bool:
    """Whether a hidden release is to be restored: that needs no judgement, and must not wait for one that cannot be had."""
    return any(may_restore(each) for each in evidence.clicks) and _is_hidden(evidence)


def may_restore(click: Click) -> bool:
    """Whether it is a press on *Restore* by somebody whose role at that moment is enough."""
    return click.identifier == RESTORE.identifier and click.role in ROLES


def _is_hidden(evidence: ReleaseEvidence) -> bool:
    facts = evidence.quarantine
    record = settled(facts, facts.marks) if facts is not None and facts.marks is not None else None
    return record is not None and record.stage is Stage.HIDDEN


def settled(facts: QuarantineFacts, marks: ReleaseMarks) -> Quarantine | None:
    """The record, after what became of our last edit and what people did since."""
    record, outcome = facts.record, facts.outcome
    if record is None:
        return None
    if record.stage is Stage.RESTORING:
        is_back = outcome is not None and outcome.is_applied
        why = "" if is_back else text.problem(outcome)
        record = replace(record, stage=Stage.RESTORED if is_back else Stage.HIDDEN, why=why)
    elif record.stage is Stage.HIDING:
        record = _hidden(record, facts, marks)
    if record is None or record.stage is not Stage.HIDDEN or _is_as_left(record, marks):
        return record
    return replace(record, stage=Stage.RESTORED, who=facts.editor, why="by hand")


def _hidden(record: Quarantine, facts: QuarantineFacts, marks: ReleaseMarks) -> Quarantine | None:
    """What planning to hide it came to; None where it is to be decided again."""
    outcome = facts.outcome
    if outcome is None:  # forgotten: what people see is all there is
        return replace(record, stage=Stage.HIDDEN) if _is_as_left(record, marks) else None
    if outcome.is_applied:
        successor = outcome.result.get("latest")
        known = successor if isinstance(successor, int) and successor else None
        return replace(record, stage=Stage.HIDDEN, successor=known, tries=0)
    if outcome.code.startswith(NOT_WRITING):
        return record
    tries = record.tries + 1
    if outcome.code == STALE and tries < TRIES:
        return replace(record, tries=tries)
    return replace(record, stage=Stage.STOPPED, why=text.problem(outcome), tries=0)


def _is_as_left(record: Quarantine, marks: ReleaseMarks) -> bool:
    return (marks.draft, marks.prerelease) == (record.as_draft or record.before.draft, True)
