from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatch.effects import Applied, Refused
from app.domain.release_marks import ReleaseMarks
from app.errors import LeaseLost
from app.ports.github_writer import EditableRelease
from app.testing.progress import MemoryProgress
from app.testing.writer import RecordingWriter
from tests.unit.app.dispatch.effects.samples import HIDE, NOW, SEEN, applied, github, perform

HIDDEN = replace(SEEN, prerelease=True, updated_at=NOW + timedelta(seconds=1))


def at_github(marks: ReleaseMarks, *, immutable: bool = False) -> RecordingWriter:
    writer = github()
    writer.releases[21] = EditableRelease(marks, immutable)
    return writer


async def test_a_release_gets_the_marks_and_is_not_the_latest_any_more() -> None:
    writer = github()
    result = await applied(HIDE, writer)
    assert (writer.releases[21].marks, writer.latest) == (HIDDEN, None)
    assert result == {"updated_at": "2026-11-24T12:00:01+00:00", "latest": 0}


async def test_putting_the_marks_back_makes_it_the_latest_again_where_asked() -> None:
    writer = github()
    await applied(HIDE, writer)
    shown = replace(HIDE, seen=HIDDEN, prerelease=False, latest=True, asked_at=NOW + timedelta(hours=1))
    assert (await applied(shown, writer))["latest"] == 21
    assert (writer.releases[21].marks.prerelease, writer.latest) == (False, 21)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SEEN, prerelease=True),
        replace(SEEN, draft=True),
        replace(SEEN, tag="v2"),
        replace(SEEN, updated_at=NOW + timedelta(seconds=1)),
    ],
    ids=["prerelease", "draft", "tag", "something else"],
)
async def test_a_release_that_somebody_changed_meanwhile_is_left_alone(changed: ReleaseMarks) -> None:
    writer = at_github(changed)
    outcome = await perform(HIDE, writer)
    assert outcome == Refused("stale", f"the release {changed.tag} was changed since it was looked at")
    assert writer.writes == []


async def test_a_server_that_does_not_say_when_is_believed_the_rest() -> None:
    assert isinstance(await perform(HIDE, at_github(replace(SEEN, updated_at=None))), Applied)


async def test_an_immutable_release_is_left_alone() -> None:
    writer = at_github(SEEN, immutable=True)
    assert await perform(HIDE, writer) == Refused("immutable", "the release v1 is immutable")
    assert writer.writes == []


async def test_a_release_that_is_gone_is_named() -> None:
    writer = github()
    writer.releases.clear()
    assert await perform(HIDE, writer) == Refused("release_gone", "release 21 no longer exists")


async def test_an_attempt_that_lost_its_lease_before_the_edit_changes_nothing_of_a_release_edited_since() -> (
    None
):
    writer, row = github(), MemoryProgress(writes_allowed=0)
    with pytest.raises(LeaseLost):
        await perform(HIDE, writer, row)
    writer.releases[21] = EditableRelease(replace(SEEN, tag="v2"), immutable=False)
    assert isinstance(await perform(HIDE, writer, row.restarted()), Refused)
    assert writer.writes == []
