"""Planned effects are performed one after the other; what became of each is in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.dispatch.apply import permissions_for
from app.domain.delivery import DeliveryState
from app.domain.effects import (
    Annotation,
    AnnotationLevel,
    Comment,
    Effect,
    FileChange,
    OpenPullRequest,
    RerunFailedJobs,
    Reservation,
    WakeAt,
)
from app.domain.modes import Mode, Modes
from app.domain.repo import Subject, SubjectKind
from app.errors import AccessDenied, LeaseLost, PermanentError, TransientError
from app.ports.github_writer import PERMISSION, IssueComment
from app.ports.handler import Lane
from app.ports.records import said_name
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import HIDE, ISSUE
from tests.unit.app.dispatch.world import KEY, REPOSITORY, SHA, World, check

HOUR = timedelta(hours=1)
COMMENT = Comment(REPOSITORY, 3, "gate", "hello")
RERUN = RerunFailedJobs(REPOSITORY, 11, 1, "main", SHA)
SUBJECT = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, SHA)


def pull(path: str) -> OpenPullRequest:
    return OpenPullRequest(
        REPOSITORY, "main", SHA, "hephaestus/x", "t", "b", "h", "", (FileChange(path, b""),)
    )


class Overtaken(RecordingWriter):
    """While an attempt reads, another one that took the evaluation over settles the effect."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def comments(self, number: int) -> tuple[IssueComment, ...]:
        (job,) = await self._world.ledger.unfinished()
        (effect,) = await self._world.ledger.pending_effects(job)
        await self._world.ledger.settle_effect(effect.id, applied=False, result={}, reason="stale")
        return await super().comments(number)


async def applied(world: World, *effects: Effect, guid: str = "1") -> tuple[list[str], dict[str, str]]:
    """How the evaluation of a delivery with these effects ended, and each effect's state by its kind."""
    world.capabilities["gate"].effects = effects
    await world.receive(guid)
    words = await world.run()
    return words, await states(world, guid)


async def states(world: World, guid: str = "1") -> dict[str, str]:
    (row,) = await world.ledger.deliveries(guid=guid)
    return {each.kind: each.state for each in row.handlers[-1].effects}


async def test_effects_are_performed_in_order_and_recorded(world: World) -> None:
    words, found = await applied(world, check(), COMMENT)
    assert (words, found) == (["pass"], {"publish_check_run": "applied", "comment": "applied"})
    assert world.writer.writes == ["create_check_run", "create_comment"]
    assert world.permissions == [
        {"checks": "write"},
        {"issues": "write", "pull_requests": "write"},
    ]


async def test_an_effect_waits_for_its_turn_in_the_lane_of_its_capability(world: World) -> None:
    world.capabilities["gate"].lane = Lane.REMEDIATION
    await applied(world, check())
    assert world.lanes == [Lane.REMEDIATION]


async def test_an_effect_that_github_refuses_is_recorded_and_the_next_is_performed(world: World) -> None:
    words, found = await applied(world, RERUN, check())
    assert words == ["pass"]
    assert found == {"rerun_failed_jobs": "refused", "publish_check_run": "applied"}


async def test_why_an_effect_was_refused_is_told_with_its_code(world: World) -> None:
    await applied(world, RERUN)
    (row,) = await world.ledger.deliveries(guid="1")
    (effect,) = row.handlers[-1].effects
    assert (effect.state, effect.reason) == ("refused", "run_gone: run 11 no longer exists")


async def test_after_an_interruption_only_what_is_left_is_performed(world: World) -> None:
    world.writer.interruption = Interruption(3, TransientError("github.unavailable", "502"), lost=True)
    words, found = await applied(world, check(), COMMENT)
    assert words == ["retry"]
    assert found == {"publish_check_run": "applied", "comment": "planned"}
    world.clock.advance(HOUR)
    assert await world.run() == ["planned"]
    assert await states(world) == {"publish_check_run": "applied", "comment": "applied"}
    assert world.writer.writes == ["create_check_run", "create_comment"]


@pytest.mark.parametrize(
    ("modes", "setting"),
    [
        (Modes(observe=True), "HEPHAESTUS_MODE=observe"),
        (Modes(each={"gate": Mode.OBSERVE}), "HEPHAESTUS_MODE_GATE=observe"),
        (Modes(observe=True, each={"gate": Mode.AUTO}), "HEPHAESTUS_MODE=observe"),
    ],
)
async def test_in_mode_observe_everything_is_decided_and_nothing_is_written(
    world: World, modes: Modes, setting: str
) -> None:
    world.modes = modes
    words, found = await applied(world, check(), COMMENT)
    assert (words, found) == (["pass"], {"publish_check_run": "refused", "comment": "refused"})
    assert world.writer.requests == []
    (row,) = await world.ledger.deliveries(guid="1")
    told = f"mode.observe: {setting}: recorded, not written"
    assert {effect.reason for effect in row.handlers[0].effects} == {told}


async def test_a_mode_holds_for_its_capability_alone(world: World) -> None:
    world.modes = Modes(each={"other": Mode.OBSERVE, "third": Mode.OFF})
    assert (await applied(world, check()))[1] == {"publish_check_run": "applied"}


async def test_a_used_up_budget_refuses_the_effect_before_any_request(world: World) -> None:
    budget = Reservation(f"{KEY}|7|comments", HOUR, 1)
    first = Comment(REPOSITORY, 3, "one", "hello", reservations=(budget,))
    second = Comment(REPOSITORY, 3, "two", "hello", reservations=(budget,))
    assert (await applied(world, first))[1] == {"comment": "applied"}
    world.clock.advance(HOUR / 2)
    requests = len(world.writer.requests)
    assert (await applied(world, second, guid="2"))[1] == {"comment": "refused"}
    assert len(world.writer.requests) == requests
    world.clock.advance(HOUR)
    assert (await applied(world, second, guid="3"))[1] == {"comment": "applied"}


async def test_a_retried_effect_takes_its_slot_once(world: World) -> None:
    budget = Reservation(f"{KEY}|7|comments", HOUR, 1)
    world.writer.interruption = Interruption(1, TransientError("github.unavailable", "502"), lost=True)
    only = Comment(REPOSITORY, 3, "one", "hello", reservations=(budget,))
    assert (await applied(world, only))[0] == ["retry"]
    world.clock.advance(HOUR / 4)
    assert await world.run() == ["planned"]
    assert await states(world) == {"comment": "applied"}


async def test_a_comment_that_was_written_by_an_attempt_before_is_paid_for(world: World) -> None:
    budget = Reservation(f"{KEY}|7|comments", 10 * HOUR, 1)
    world.writer.interruption = Interruption(2, TransientError("github.unavailable", "502"))
    first = Comment(REPOSITORY, 3, "one", "hello", reservations=(budget,))
    assert (await applied(world, first))[0] == ["retry"]
    assert world.writer.writes == ["create_comment"]
    world.clock.advance(HOUR)
    assert await world.run() == ["planned"]
    assert world.writer.writes == ["create_comment"]
    world.clock.advance(HOUR)
    second = Comment(REPOSITORY, 3, "two", "hello", reservations=(budget,))
    assert (await applied(world, second, guid="2"))[1] == {"comment": "refused"}


async def test_what_is_unchanged_or_stale_uses_no_budget_up(world: World) -> None:
    budget = Reservation(f"{KEY}|7|all", 10 * HOUR, 2)
    first = Comment(REPOSITORY, 3, "one", "hello", reservations=(budget,))
    gone = replace(RERUN, reservations=(budget,))
    last = Comment(REPOSITORY, 3, "two", "hello", reservations=(budget,))
    assert (await applied(world, first))[1] == {"comment": "applied"}
    for guid in ("2", "3", "4"):
        world.clock.advance(HOUR)
        found = (await applied(world, first, gone, guid=guid))[1]
        assert found == {"comment": "applied", "rerun_failed_jobs": "refused"}
    world.clock.advance(HOUR)
    assert (await applied(world, last, guid="5"))[1] == {"comment": "applied"}
    assert world.writer.writes == ["create_comment", "create_comment"]


async def test_an_effect_whose_slot_was_given_back_by_another_attempt_is_not_written(world: World) -> None:
    budget = Reservation(f"{KEY}|7|comments", HOUR, 1)
    only = Comment(REPOSITORY, 3, "one", "hello", reservations=(budget,))
    world.writer = Overtaken(world)
    with pytest.raises(LeaseLost):
        await applied(world, only)
    assert world.writer.writes == []


@pytest.mark.parametrize("observe", [False, True])
async def test_a_wake_up_is_a_timer_of_our_own_and_no_request(world: World, observe: object) -> None:
    world.modes = Modes(bool(observe))
    wake = WakeAt(REPOSITORY, "gate", SUBJECT, world.clock.now() + HOUR, "reports")
    assert (await applied(world, wake))[1] == {"wake_at": "applied"}
    assert await world.ledger.fire_timers(world.clock.now(), 10) == 0
    world.clock.advance(HOUR)
    assert await world.ledger.fire_timers(world.clock.now(), 10) == 1
    assert world.writer.requests == []
    await world.dispatcher.turn()
    (row,) = await world.ledger.deliveries(event="hephaestus.wake")
    assert row.state is DeliveryState.IGNORED  # this capability has no targets for it
    assert row.repository == "octo/tool"


async def test_many_annotations_survive_an_interruption_in_the_middle(world: World) -> None:
    notes = tuple(
        Annotation("a.py", line, line, AnnotationLevel.FAILURE, f"wrong {line}") for line in range(1, 121)
    )
    world.writer.interruption = Interruption(3, TransientError("github.unavailable", "cut"))
    words, _ = await applied(world, replace(check(), annotations=notes))
    assert words == ["retry"]
    world.clock.advance(HOUR)
    assert await world.run() == ["planned"]
    (run,) = world.writer.check_runs
    assert [note.start_line for note in run.annotations] == list(range(1, 121))


@pytest.mark.parametrize(
    ("effect", "permissions"),
    [
        (check(), {"checks": "write"}),
        (COMMENT, {"issues": "write", "pull_requests": "write"}),
        (RERUN, {"actions": "write", "contents": "read"}),
        (pull("src/a.py"), {"contents": "write", "pull_requests": "write"}),
        (
            pull(".github/workflows/ci.yml"),
            {"contents": "write", "pull_requests": "write", "workflows": "write"},
        ),
        (HIDE, {"contents": "write"}),
        (ISSUE, {"issues": "write"}),
        (WakeAt(REPOSITORY, "gate", SUBJECT, datetime.max.replace(tzinfo=UTC), "x"), {}),
    ],
)
def test_a_token_has_no_more_rights_than_its_effect_needs(
    effect: Effect, permissions: dict[str, str]
) -> None:
    assert permissions_for(effect) == permissions


@pytest.mark.parametrize("observe", [False, True])
async def test_what_is_said_once_is_kept_for_good_when_it_was_said(world: World, *, observe: bool) -> None:
    world.modes = Modes(observe)
    await applied(world, replace(check(), once="hello"))
    name = said_name(KEY, REPOSITORY.id, "hello")
    assert await world.ledger.cursor(name) == (None if observe else check().key)


FORBIDDEN = AccessDenied(PERMISSION, "GitHub answered 422: not granted")
STALE = PermanentError("stale", "it has moved")


@pytest.mark.parametrize(
    ("effect", "needed"),
    [
        (pull(".github/workflows/ci.yml"), "contents: write, pull_requests: write, workflows: write"),
        (RERUN, "actions: write, contents: read"),
    ],
)
async def test_for_lack_of_a_permission_people_are_told_in_place_of_the_effect(
    world: World, effect: OpenPullRequest | RerunFailedJobs, needed: str
) -> None:
    world.writer.interruption = Interruption(1, FORBIDDEN, lost=True)
    words, found = await applied(world, replace(effect, instead=check(title="Known cause")))
    assert (words, found) == (["pass"], {effect.kind: "refused"})
    (row,) = await world.ledger.deliveries(guid="1")
    (told,) = row.handlers[-1].effects
    assert told.reason == f"github.permission: GitHub answered 422: not granted; it needs {needed}"
    assert world.writer.writes == ["create_check_run"]
    assert world.permissions[-1] == {"checks": "write"}
    (run,) = world.writer.check_runs
    assert run.last.title == "Known cause"
    assert needed in run.last.summary


async def test_an_effect_that_is_refused_for_another_reason_is_not_told_in_a_check_run(world: World) -> None:
    world.writer.interruption = Interruption(1, STALE, lost=True)
    _, found = await applied(world, replace(RERUN, instead=check()))
    assert found == {"rerun_failed_jobs": "refused"}
    assert world.writer.check_runs == []
