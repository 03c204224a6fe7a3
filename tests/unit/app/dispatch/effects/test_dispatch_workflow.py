"""A workflow is started once, and only while its file is the one that was approved."""

from __future__ import annotations

import pytest

from app.dispatch.effects import Applied, Refused
from app.errors import TransientError
from app.testing.progress import MemoryProgress
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import DISPATCH, PowerCut, applied, github, perform


async def test_the_answer_names_the_run() -> None:
    writer = github()
    made = await applied(DISPATCH, writer)
    assert list(writer.dispatched) == [made["run_id"]]
    assert await applied(DISPATCH, writer, made) == made
    assert writer.writes == ["dispatch_workflow"]


@pytest.mark.parametrize("blobs", [{}, {DISPATCH.workflow: "c" * 40}])
async def test_another_file_than_the_approved_one_is_not_started(blobs: dict[str, str]) -> None:
    writer = github()
    writer.blobs = blobs
    outcome = await perform(DISPATCH, writer)
    assert isinstance(outcome, Refused)
    assert (outcome.code, writer.writes) == ("workflow_changed", [])


async def test_a_server_that_does_not_name_the_run_is_asked_for_its_title() -> None:
    writer = github()
    writer.tells_runs = False
    made = await applied(DISPATCH, writer)
    assert list(writer.dispatched) == [made["run_id"]]


async def test_a_run_whose_answer_was_lost_is_found_and_not_started_again() -> None:
    writer, row = github(), MemoryProgress()
    writer.interruption = Interruption(2, PowerCut())
    with pytest.raises(PowerCut):
        await perform(DISPATCH, writer, row)
    outcome = await perform(DISPATCH, writer, row.restarted())
    assert isinstance(outcome, Applied)
    assert writer.writes == ["dispatch_workflow"]


async def test_a_dispatch_that_never_arrived_is_looked_for_a_few_times_and_then_sent_again() -> None:
    writer, row = github(), MemoryProgress()
    writer.interruption = Interruption(2, PowerCut(), lost=True)
    with pytest.raises(PowerCut):
        await perform(DISPATCH, writer, row)
    for _ in range(3):
        row = row.restarted()
        with pytest.raises(TransientError):
            await perform(DISPATCH, writer, row)
    assert isinstance(await perform(DISPATCH, writer, row.restarted()), Applied)
    assert (len(writer.dispatched), writer.requests.count("dispatched_run")) == (1, 4)
