from __future__ import annotations

from dataclasses import replace

from app.dispatch.effects import Refused
from app.domain.ids import CommitSha
from app.ports.github_writer import IssueComment
from tests.unit.app.dispatch.effects.samples import applied, github, note, perform

TAG = "<!-- hephaestus:run-11 -->"


async def test_a_comment_carries_its_marker_where_nobody_sees_it() -> None:
    writer = github()
    await applied(note("Hello."), writer)
    assert [said.body for said in writer.threads[5]] == [f"{TAG}\nHello."]


async def test_the_comment_with_the_marker_is_changed_even_when_nothing_is_remembered() -> None:
    writer = github()
    await applied(note("Hello."), writer)
    await applied(note("Goodbye."), writer)
    assert [said.body for said in writer.threads[5]] == [f"{TAG}\nGoodbye."]


async def test_a_comment_that_already_says_this_is_not_written_again() -> None:
    writer = github()
    await applied(note(), writer)
    await applied(note(), writer)
    assert writer.writes == ["create_comment"]


async def test_a_marker_written_by_somebody_else_is_not_ours() -> None:
    writer = github()
    writer.threads[5] = [
        IssueComment(1, None, f"{TAG}\na person", "u"),
        IssueComment(2, 999, f"{TAG}\nanother App", "u"),
    ]
    await applied(note("Hello."), writer)
    assert [said.body for said in writer.threads[5]][:2] == [f"{TAG}\na person", f"{TAG}\nanother App"]
    assert len(writer.threads[5]) == 3


async def test_a_comment_that_a_person_deleted_is_written_anew_when_it_says_something_new() -> None:
    writer = github()
    result = await applied(note("Hello."), writer)
    writer.threads[5].clear()
    await applied(note("Goodbye."), writer, result)
    assert [said.body for said in writer.threads[5]] == [f"{TAG}\nGoodbye."]


async def test_a_long_comment_is_cut_and_keeps_its_marker() -> None:
    writer = github()
    await applied(note("word " * 20_000), writer)
    (said,) = writer.threads[5]
    assert said.body.startswith(TAG)
    assert "left out" in said.body


async def test_a_comment_about_a_commit_is_not_written_once_the_head_has_moved() -> None:
    writer = github()
    writer.heads[5] = CommitSha("a" * 40)
    about = replace(note("Hello."), head_sha=CommitSha("a" * 40))
    await applied(about, writer)
    writer.heads[5] = CommitSha("b" * 40)
    outcome = await perform(replace(about, body="Goodbye."), writer)
    assert outcome == Refused("stale", "#5 has moved on from aaaaaaa")
    assert [said.body for said in writer.threads[5]] == [f"{TAG}\nHello."]


async def test_a_marker_that_would_end_its_html_comment_is_refused() -> None:
    writer = github()
    outcome = await perform(replace(note(), marker="a --> @everyone"), writer)
    assert isinstance(outcome, Refused)
    assert (outcome.code, writer.requests) == ("invalid_marker", [])
