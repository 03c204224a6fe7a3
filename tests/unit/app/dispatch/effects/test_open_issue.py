from __future__ import annotations

from dataclasses import replace

from app.dispatch.effects import Refused
from app.ports.github_writer import Issue, IssueComment
from tests.unit.app.dispatch.effects.samples import APP_ID, CURED, ISSUE, applied, github, perform

TAG = f"<!-- {ISSUE.marker} -->"


async def test_an_issue_is_opened_once_whatever_is_remembered() -> None:
    writer = github()
    result = await applied(ISSUE, writer)
    await applied(ISSUE, writer, result)
    await applied(ISSUE, writer)
    assert [(found.title, found.body) for found in writer.issues] == [(ISSUE.title, f"{TAG}\nLook at it.")]
    assert writer.writes == ["create_issue"]


async def test_other_words_change_the_issue_that_is_there() -> None:
    writer = github()
    result = await applied(ISSUE, writer)
    await applied(replace(ISSUE, body="Look again."), writer, result)
    assert [found.body for found in writer.issues] == [f"{TAG}\nLook again."]


async def test_an_issue_of_somebody_else_with_the_marker_is_not_ours() -> None:
    writer = github()
    writer.issues = [
        Issue(1, None, is_open=True, title="a person", body=TAG),
        Issue(2, 999, is_open=True, title="another App", body=TAG),
    ]
    await applied(ISSUE, writer)
    assert [found.title for found in writer.issues] == ["a person", "another App", ISSUE.title]


async def test_an_issue_that_a_person_closed_stays_closed() -> None:
    writer = github()
    result = await applied(ISSUE, writer)
    writer.issues[0] = replace(writer.issues[0], is_open=False)
    result = await applied(replace(ISSUE, body="Look again."), writer, result)
    assert not writer.issues[0].is_open
    await applied(CURED, writer, result)
    assert writer.threads == {}


async def test_a_cured_issue_gets_a_last_word_and_is_closed() -> None:
    writer = github()
    await applied(CURED, writer, await applied(ISSUE, writer))
    (issue,) = writer.issues
    assert not issue.is_open
    assert [said.body for said in writer.threads[issue.number]] == [f"{TAG}\nIt is verified now."]


async def test_what_we_closed_ourselves_opens_again() -> None:
    writer = github()
    closed = await applied(CURED, writer, await applied(ISSUE, writer))
    await applied(ISSUE, writer, closed)
    assert [found.is_open for found in writer.issues] == [True]


async def test_where_no_issue_is_there_none_is_cured() -> None:
    writer = github()
    await applied(CURED, writer)
    assert (writer.issues, writer.writes) == ([], [])


async def test_a_last_word_that_is_there_is_not_said_twice() -> None:
    writer = github()
    result = await applied(ISSUE, writer)
    said = f"{TAG}\r\nIt is verified now."
    writer.threads[writer.issues[0].number] = [IssueComment(1, APP_ID, said, "u")]
    await applied(CURED, writer, result)
    assert writer.writes == ["create_issue", "update_issue"]


async def test_an_issue_that_was_deleted_is_opened_anew_when_it_says_something_new() -> None:
    writer = github()
    result = await applied(ISSUE, writer)
    writer.issues.clear()
    await applied(replace(ISSUE, body="Look again."), writer, result)
    assert len(writer.issues) == 1


async def test_a_marker_that_would_end_its_html_comment_is_refused() -> None:
    outcome = await perform(replace(ISSUE, marker="a --> @everyone"), github())
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid_marker"
