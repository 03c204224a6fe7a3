from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, field, fields

from app.dispatch import plan
from app.domain.decision import SPARES_WORK, Decision, Reason, Verdict
from handlers.builtin import CAPABILITIES
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


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A state with something that only saves work."""

    decided: int
    content: bytes = field(default=b"", metadata=SPARES_WORK)


DOWNLOADING = Opinion(state_type=Downloaded)  # type: ignore[arg-type]  # another state than it is declared with


def test_what_only_saves_work_is_no_part_of_what_lasts() -> None:
    made = plan.make(DOWNLOADING, Seen((), 0), Decision(Verdict.PASS, (), (), Downloaded(3, b"bytes")))
    assert json.loads(made.state_json or b"") == {"decided": 3, "content": "bytes"}
    assert json.loads(made.lasting_json or b"") == {"decided": 3}


def test_a_state_that_saves_no_work_lasts_as_it_is() -> None:
    made = plan.make(DOWNLOADING, Seen((), 0), Decision(Verdict.PASS, (), (), Downloaded(3)))
    assert made.lasting_json is None


def test_every_builtin_state_is_read_back_without_what_only_saves_work() -> None:
    spared = {
        name: {each.name for each in fields(one.state_type) if each.metadata == SPARES_WORK}
        for name, one in CAPABILITIES.items()
    }
    assert spared == {
        "quality_gate": {"in_full", "known", "proposed", "told"},
        "release_verification": {"memory"},
        "release_backfill": {"memory"},
        "remediation": set(),
    }
    for one in CAPABILITIES.values():
        assert all(
            each.default is not MISSING for each in fields(one.state_type) if each.metadata == SPARES_WORK
        )


def test_what_takes_long_to_make_is_made_once() -> None:
    assert plan.adapter_of(Seen) is plan.adapter_of(Seen)
