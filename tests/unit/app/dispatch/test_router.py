from __future__ import annotations

from app.dispatch.router import Routing, route
from app.domain.events import (
    LEFT_OPEN,
    ButtonClicked,
    CheckRerequested,
    CheckRunCompleted,
    Event,
    PullRequestChanged,
    WokenUp,
)
from app.domain.ids import AppKey
from app.domain.modes import Mode, Modes
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import AnyCapability, Lane
from tests.unit.app.dispatch.world import KEY, REPOSITORY, SHA, Opinion

COMPLETED = CheckRunCompleted(REPOSITORY, 1, "ci", SHA, None, "success")
RERUN = CheckRerequested(REPOSITORY, SHA, 1, "gate", "", None)
CLICK = ButtonClicked(REPOSITORY, SHA, 1, 1, "gate", "", "accept", None)


class Everything(Opinion):
    """A capability that every event concerns, with two subjects."""

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        assert event.repository == REPOSITORY
        kinds = (SubjectKind.SHA, SubjectKind.RUN)
        return tuple(Target(Subject(app_key, REPOSITORY.id, kind, SHA), REPOSITORY) for kind in kinds)


class Broken(Opinion):
    """A capability with a bug in `targets`."""

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        raise ZeroDivisionError(f"{app_key} {event}")


def test_pairs_come_in_the_order_of_the_table() -> None:
    table: dict[str, AnyCapability] = {
        "b": Everything("b", Lane.REMEDIATION),
        "a": Everything("a", Lane.GATE),
    }
    pairs = [
        (pair.capability, pair.lane, pair.target.subject.kind)
        for pair in route(KEY, COMPLETED, table, Modes()).pairs
    ]
    assert pairs == [
        ("b", Lane.REMEDIATION, SubjectKind.SHA),
        ("b", Lane.REMEDIATION, SubjectKind.RUN),
        ("a", Lane.GATE, SubjectKind.SHA),
        ("a", Lane.GATE, SubjectKind.RUN),
    ]


def test_what_a_person_asked_for_goes_first() -> None:
    table: dict[str, AnyCapability] = {"sweep": Everything("sweep", Lane.SWEEP)}
    for event in (CLICK, RERUN):
        assert {pair.lane for pair in route(KEY, event, table, Modes()).pairs} == {Lane.INTERACTIVE}


def test_an_event_that_concerns_nobody_has_no_pairs() -> None:
    table: dict[str, AnyCapability] = {"gate": Opinion()}
    pull = PullRequestChanged(
        REPOSITORY, "opened", 1, SHA, "fix", None, "main", SHA, merged=False, author=None
    )
    assert route(KEY, pull, table, Modes()) == Routing()


def test_a_capability_with_a_fault_stops_no_other() -> None:
    table: dict[str, AnyCapability] = {"broken": Broken(), "b": Everything("b"), "broken too": Broken()}
    routing = route(KEY, COMPLETED, table, Modes())
    assert [pair.capability for pair in routing.pairs] == ["b", "b"]
    assert [each.capability for each in routing.unasked] == ["broken", "broken too"]
    assert routing.problem == (
        "not everyone could be asked: ZeroDivisionError in broken, ZeroDivisionError in broken too [internal.error]"
    )


def test_what_is_switched_off_is_left_out_and_named() -> None:
    table: dict[str, AnyCapability] = {"broken": Broken(), "b": Everything("b"), "idle": Opinion("idle")}
    off = Modes(each=dict.fromkeys(("broken", "b"), Mode.OFF))
    assert route(KEY, COMPLETED, table, Modes(each={"b": Mode.OFF})).pairs[0].capability == "idle"
    routing = route(KEY, CLICK, table, off)
    assert (routing.pairs, routing.problem) == ((), None)
    assert routing.note == "switched off: b (HEPHAESTUS_MODE_B=off)"


def test_what_only_observes_is_asked() -> None:
    table: dict[str, AnyCapability] = {"b": Everything("b")}
    routing = route(KEY, COMPLETED, table, Modes(each={"b": Mode.OBSERVE}))
    assert ([pair.capability for pair in routing.pairs], routing.note) == (["b", "b"], None)


def test_what_a_sweep_found_goes_last() -> None:
    table: dict[str, AnyCapability] = {"gate": Everything("gate", Lane.GATE)}
    subject = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, SHA)
    lanes = {
        what: {
            pair.lane for pair in route(KEY, WokenUp(REPOSITORY, "gate", subject, what), table, Modes()).pairs
        }
        for what in (LEFT_OPEN, "reports")
    }
    assert lanes == {LEFT_OPEN: {Lane.SWEEP}, "reports": {Lane.GATE}}
