"""Commands in comments: who may waive, what is answered, and what is granted from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import Comment, WakeAt
from app.domain.events import Actor, CommentCreated, Event, WokenUp
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind, Target
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import APP, NOW, OPENED, REPOSITORY, SHA, SUBJECT, AtGitHub
from tests.unit.handlers.quality_gate.judging import decided

AUTHOR, KEEPER, WRITER, READER = (
    Actor(number, name, is_bot=False)
    for number, name in enumerate(("author", "keeper", "writer", "reader"), 1)
)
PULL = Subject(APP, REPOSITORY.id, SubjectKind.PULL, "3")
GROUP = CommitSha("e" * 40)
WAIVE = "waive tests until 2026-11-30 because the runner is broken"


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(
        tmp_path,
        pulls=(replace(OPENED, author=AUTHOR),),
        roles={AUTHOR.id: "admin", KEEPER.id: "maintain", WRITER.id: "write"},
    )


def said(command: str, by: Actor = KEEPER, comment_id: int = 70) -> Event:
    return CommentCreated(REPOSITORY, 3, comment_id, command, by)


async def asked(github: AtGitHub, *events: Event, state: GateState | None = None) -> Decision[GateState]:
    return await decided(github, *events, state=state, subject=PULL)


def reply(decision: Decision[GateState]) -> str:
    (comment,) = [effect for effect in decision.effects if isinstance(effect, Comment)]
    assert comment.number == 3
    return comment.body


def test_a_comment_is_about_its_pull_request() -> None:
    assert QUALITY_GATE.targets(APP, said(WAIVE)) == (Target(PULL, REPOSITORY),)


async def test_a_maintainer_grants_a_waiver_and_the_commit_is_judged_again(github: AtGitHub) -> None:
    decision = await asked(github, said(WAIVE))
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert decision.verdict is Verdict.ACTED
    assert (wake.subject, wake.at) == (SUBJECT, NOW)
    assert "keeper waived `tests` for this pull request, up to and including 2026-11-30" in reply(decision)
    assert decision.next_state is not None
    (waiver,) = decision.next_state.waivers
    assert waiver.since == NOW.date()
    assert (waiver.gate, waiver.until, waiver.by_id, waiver.number, waiver.comment_id) == (
        "tests",
        date(2026, 11, 30),
        KEEPER.id,
        3,
        70,
    )


@pytest.mark.parametrize(
    ("command", "by", "words"),
    [
        (WAIVE, AUTHOR, "nobody may for a change of their own"),
        (WAIVE, WRITER, "it takes the role admin or maintain"),
        ("waive lint until 2026-11-30 because of haste", KEEPER, "the policy has no such gate"),
        ("waive tests until 2026-10-31 because of haste", KEEPER, "is no day from 2026-11-01"),
        ("waive tests until 2028-01-01 because of haste", KEEPER, "is no day from 2026-11-01"),
        ("waive tests until tomorrow because of haste", KEEPER, "is no day from 2026-11-01"),
        ("waive tests until \uff12026-11-30 because of haste", KEEPER, "is no day from 2026-11-01"),
        ("waive tests because of haste", KEEPER, "I do not know this command"),
        ("waive tests until 2026-11-30", KEEPER, "Say why, in 3 to 500 characters: `/hephaestus waive tests"),
        ("waive tests until 2026-11-30 because", KEEPER, "Say why"),
        ("waive tests until 2026-11-30 because  ", KEEPER, "Say why"),
        ("waive tests until 2026-11-30 because no", KEEPER, "The reason has 2 characters, and may have 3"),
        (f"waive tests until 2026-11-30 because {'x' * 501}", KEEPER, "The reason has 501 characters"),
        ("waive tests until 2026-11-30 because TEXT", KEEPER, "Write the reason in place of TEXT"),
        ("waive tests until 2026-11-30 becauseof haste", KEEPER, "I do not know this command"),
        ("waive tests until 2026-11-30 for haste", KEEPER, "I do not know this command"),
        ("", KEEPER, "I do not know this command"),
        ("unwaive tests", KEEPER, "There is no waiver"),
    ],
)
async def test_what_is_not_granted_is_answered_with_the_reason(
    github: AtGitHub, command: str, by: Actor, words: str
) -> None:
    decision = await asked(github, said(command, by))
    assert words in reply(decision)
    assert decision.next_state is not None
    assert (decision.next_state.waivers, decision.next_state.heard) == ((), (70,))
    assert not any(isinstance(effect, WakeAt) for effect in decision.effects)


async def test_who_cannot_write_hears_nothing_and_is_recorded(github: AtGitHub) -> None:
    decision = await asked(github, said(WAIVE, READER))
    assert decision.effects == ()
    assert [reason.code for reason in decision.reasons] == ["command.unheard"]


async def test_a_policy_may_name_other_roles_but_not_the_author(github: AtGitHub) -> None:
    github.config = (github.config or "") + "  waive_roles: [write, admin]\n"
    assert (await asked(github, said(WAIVE, WRITER))).next_state != GateState(NOW, heard=(70,))
    assert "a change of their own" in reply(await asked(github, said(WAIVE, AUTHOR)))


async def test_a_repository_without_a_policy_answers_nobody(github: AtGitHub) -> None:
    github.config = None
    assert (await asked(github, said(WAIVE))).effects == ()


async def test_a_comment_on_a_closed_pull_request_asks_for_nothing(github: AtGitHub) -> None:
    github.is_open = False
    decision = await asked(github, said(WAIVE))
    assert (decision.effects, decision.next_state) == ((), None)


async def test_a_waiver_is_taken_back_and_its_comment_does_not_grant_it_again(github: AtGitHub) -> None:
    granted = await asked(github, said(WAIVE))
    back = await asked(github, said("unwaive tests", comment_id=71), state=granted.next_state)
    assert "took back the waiver" in reply(back)
    assert back.next_state is not None
    assert back.next_state.waivers == ()
    again = await asked(github, said(WAIVE), state=back.next_state)
    assert (again.effects, again.next_state) == ((), back.next_state)


async def test_a_command_that_comes_after_a_later_one_grants_nothing(github: AtGitHub) -> None:
    later = await asked(github, said("unwaive tests", comment_id=71))
    late = await asked(github, said(WAIVE), state=later.next_state)
    assert "A later command was answered before this one" in reply(late)
    assert late.next_state is not None
    assert late.next_state.waivers == ()


async def test_a_new_waiver_of_a_gate_replaces_the_old_one(github: AtGitHub) -> None:
    first = await asked(github, said(WAIVE))
    second = await asked(github, said(WAIVE.replace("11-30", "11-15"), comment_id=71), state=first.next_state)
    assert second.next_state is not None
    assert [waiver.until for waiver in second.next_state.waivers] == [date(2026, 11, 15)]


async def test_words_of_a_command_are_not_spoken_by_us(github: AtGitHub) -> None:
    decision = await asked(
        github, said("waive tests until 2026-11-30 because @octo/all ![x](https://e.example) fixes #1")
    )
    assert "@octo" not in reply(decision)
    assert "](https" not in reply(decision)


def test_a_pull_requests_own_subject_never_has_a_check_run() -> None:
    target, state = Target(PULL, REPOSITORY), GateState(NOW, passing=True, heard=(70,))
    assert QUALITY_GATE.reopening(target, state, (OPENED,)) == ()
    assert QUALITY_GATE.retrying(target, state, Reason("x", "y"), NOW + timedelta(hours=1)) == ()
    assert QUALITY_GATE.give_up(target, state, Reason("x", "y")) == ()


async def test_a_policy_may_ask_for_shorter_waivers(github: AtGitHub) -> None:
    github.config = (github.config or "") + "  longest_waiver_days: 7\n"
    assert "is no day from 2026-11-01 to 2026-11-08" in reply(await asked(github, said(WAIVE)))


async def test_a_gate_may_be_out_of_reach_of_commands(github: AtGitHub) -> None:
    github.config = (github.config or "") + "  waived_in_file_only: [tests]\n"
    assert "the policy lets only its file waive it" in reply(await asked(github, said(WAIVE)))


def group(sha: str = GROUP) -> Event:
    return WokenUp(REPOSITORY, "quality_gate", PULL, f"held by the merge group {sha}")


def woken(decision: Decision[GateState]) -> list[str]:
    return [effect.subject.ident for effect in decision.effects if isinstance(effect, WakeAt)]


async def test_a_waiver_and_its_end_reach_the_merge_groups_that_hold_the_pull_request(
    github: AtGitHub,
) -> None:
    held = await asked(github, group())
    assert (held.effects, held.next_state) == ((), GateState(NOW, groups=(GROUP,)))
    granted = await asked(github, said(WAIVE), state=held.next_state)
    assert woken(granted) == [SHA, GROUP]
    back = await asked(github, said("unwaive tests", comment_id=71), state=granted.next_state)
    assert woken(back) == [SHA, GROUP]


async def test_a_group_that_may_have_read_the_waivers_of_before_is_judged_again_once(
    github: AtGitHub,
) -> None:
    granted = await asked(github, said(WAIVE))
    held = await asked(github, group(), state=granted.next_state)
    assert woken(held) == [GROUP]
    assert woken(await asked(github, group(), state=held.next_state)) == []


async def test_only_the_newest_groups_are_remembered(github: AtGitHub) -> None:
    groups = tuple(f"{number:040x}" for number in range(25))
    decision = await asked(github, *(group(each) for each in groups))
    assert decision.next_state == GateState(NOW, groups=tuple(CommitSha(each) for each in groups[5:]))
