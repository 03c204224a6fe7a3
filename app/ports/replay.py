"""What the ledger kept of an evaluation, so that its decision can be made again."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import EvaluationId


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """One evaluation that covered a delivery; `evidence_json` is None where it never came to a plan, or was too big to keep."""

    id: EvaluationId
    capability: str
    subject_key: str
    verdict: str | None
    evidence_json: bytes | None
