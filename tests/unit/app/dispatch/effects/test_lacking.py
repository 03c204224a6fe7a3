"""What stands in the place of an effect that the App has no permission for."""

from __future__ import annotations

import pytest

from app.dispatch.effects import Refused
from app.dispatch.effects.lacking import explain
from app.errors import AccessDenied, LeaseLost, TransientError
from app.ports.github_writer import PERMISSION
from app.testing.progress import MemoryProgress
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.world import check

REFUSED = Refused(PERMISSION, "GitHub answered 403: <img> @octo is not accessible")


async def told(writer: RecordingWriter, writes_allowed: int | None = None) -> None:
    await explain(check(), REFUSED, writer, MemoryProgress(writes_allowed=writes_allowed).fence)


async def test_it_is_published_once_however_often_the_effect_is_refused() -> None:
    writer = RecordingWriter()
    await told(writer)
    await told(writer)
    assert writer.writes == ["create_check_run"]


async def test_after_a_lost_answer_it_is_found_and_not_repeated() -> None:
    writer = RecordingWriter(interruption=Interruption(2, TransientError("github.unavailable", "502")))
    with pytest.raises(TransientError):
        await told(writer)
    await told(writer)
    assert writer.writes == ["create_check_run"]


async def test_where_it_is_refused_as_well_nothing_is_raised() -> None:
    writer = RecordingWriter(interruption=Interruption(2, AccessDenied(PERMISSION, "no"), lost=True))
    await told(writer)
    assert writer.check_runs == []


async def test_who_lost_the_lease_does_not_write() -> None:
    writer = RecordingWriter()
    with pytest.raises(LeaseLost):
        await told(writer, writes_allowed=0)
    assert writer.writes == []


async def test_what_github_said_is_shown_as_text_and_does_nothing() -> None:
    writer = RecordingWriter()
    await told(writer)
    assert "`GitHub answered 403: <img> @octo is not accessible`" in writer.check_runs[0].last.summary
