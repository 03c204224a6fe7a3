from __future__ import annotations

import json

from app.dispatch import plan
from app.domain.decision import Decision, Reason, Verdict
from tests.unit.app.dispatch.world import Count, Opinion, Seen, check

GATE = Opinion()
REASON = Reason("ok", "well done")


def test_evidence_and_state_are_read_back_as_they_were() -> None:
    made = plan.make(GATE, Seen(("é", "b"), 2), Decision(Verdict.PASS, (REASON,), (check(),), Count(3)))
    assert (made.verdict, made.reasons, made.effects) == (Verdict.PASS, (REASON,), (check(),))
    assert json.loads(made.evidence_json or b"") == {"names": ["é", "b"], "before": 2}
    assert plan.adapter_of(Seen).validate_json(made.evidence_json or b"") == Seen(("é", "b"), 2)
    assert plan.read_state(GATE, made.state_json) == Count(3)


def test_a_decision_without_a_state_forgets_the_old_one() -> None:
    made = plan.make(GATE, Seen((), 0), Decision(Verdict.PASS, (), ()))
    assert made.state_json is None
    assert plan.read_state(GATE, made.state_json) is None


def test_what_takes_long_to_make_is_made_once() -> None:
    assert plan.adapter_of(Seen) is plan.adapter_of(Seen)
