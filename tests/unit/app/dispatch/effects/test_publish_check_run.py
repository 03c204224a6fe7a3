from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.effects import Applied, Refused
from app.domain.effects import CheckStatus, PublishCheckRun
from app.errors import TransientError
from app.testing.progress import MemoryProgress
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import PowerCut, applied, check, github, perform, through_a_cut

WAITING = CheckStatus.IN_PROGRESS


async def test_annotations_are_sent_in_batches_of_fifty_and_the_last_brings_the_verdict() -> None:
    writer = github()
    await applied(check(120), writer)
    (run,) = writer.check_runs
    assert writer.requests == ["create_check_run", "update_check_run", "update_check_run"]
    assert [found.start_line for found in run.annotations] == list(range(1, 121))
    assert run.statuses == [WAITING, WAITING, CheckStatus.COMPLETED]


async def test_a_waiting_check_run_is_completed_in_place() -> None:
    writer = github()
    await applied(check(60), writer, await applied(check(status=WAITING), writer))
    (run,) = writer.check_runs
    assert len(run.annotations) == 60
    assert run.statuses == [WAITING, WAITING, CheckStatus.COMPLETED]


async def test_other_words_with_the_same_annotations_change_the_run_and_send_no_annotation() -> None:
    writer = github()
    await applied(check(3, summary="Again."), writer, await applied(check(3), writer))
    (run,) = writer.check_runs
    assert (run.last.summary, len(run.annotations)) == ("Again.", 3)
    assert writer.requests == ["create_check_run", "update_check_run"]


async def test_more_annotations_are_appended_and_the_verdict_never_taken_back() -> None:
    writer = github()
    await applied(check(60), writer, await applied(check(2), writer))
    (run,) = writer.check_runs
    assert [found.start_line for found in run.annotations] == list(range(1, 61))
    assert set(run.statuses) == {CheckStatus.COMPLETED}


@pytest.mark.parametrize(
    "later",
    [check(2), check(3, first=2), check(status=WAITING), check(3, status=WAITING)],
    ids=["an annotation is gone", "an annotation is another", "open again", "open again, same annotations"],
)
async def test_what_github_cannot_take_back_gets_a_new_run(later: PublishCheckRun) -> None:
    writer = github()
    await applied(later, writer, await applied(check(3), writer))
    _, run = writer.check_runs
    assert run.annotations == list(later.annotations)
    assert run.last.status == later.status


async def test_a_content_that_comes_back_after_another_is_shown_again() -> None:
    writer = github()
    first = await applied(check(2), writer)
    second = await applied(check(2, first=9), writer, first)
    writer.interruption = Interruption(
        len(writer.requests) + 1, TransientError("github.5xx", "again"), lost=True
    )
    row = MemoryProgress(second)
    with pytest.raises(TransientError):
        await perform(check(2), writer, row)
    await perform(check(2), writer, row.restarted())
    assert [run.annotations[0].start_line for run in writer.check_runs] == [1, 9, 1]
    assert [len(run.annotations) for run in writer.check_runs] == [2, 2, 2]


async def test_a_run_that_a_refused_effect_appended_to_is_not_continued() -> None:
    writer = github()
    first = await applied(check(1), writer)
    writer.interruption = Interruption(
        len(writer.requests) + 3, TransientError("github.5xx", "again"), lost=True
    )
    with pytest.raises(TransientError):
        await perform(check(90), writer, MemoryProgress(first))
    await applied(check(2), writer, first)
    assert len(writer.check_runs[-1].annotations) == 2


async def test_a_run_that_is_gone_refuses_with_githubs_code() -> None:
    writer = github()
    last = await applied(check(1), writer)
    writer.check_runs.clear()
    outcome = await perform(check(1, summary="Again."), writer, MemoryProgress(last))
    assert outcome == Refused("github.not_found", "the check run does not exist")


async def test_an_effect_that_never_ended_is_found_and_takes_the_old_content_that_comes_back() -> None:
    writer = github()
    first = await applied(check(), writer)
    row = MemoryProgress(first)
    writer.interruption = Interruption(len(writer.requests) + 1, TransientError("github.5xx", "again"))
    with pytest.raises(TransientError):
        await perform(check(status=WAITING), writer, row)
    outcome = await perform(check(60), writer, MemoryProgress(first, abandoned=row.cursor))
    assert isinstance(outcome, Applied)
    assert [run.last.status for run in writer.check_runs] == [CheckStatus.COMPLETED] * 2
    assert writer.check_runs[1].statuses == [WAITING, WAITING, CheckStatus.COMPLETED]
    assert outcome.result["check_run_id"] == writer.check_runs[1].id


async def test_an_effect_that_never_began_leaves_the_last_run_in_its_place() -> None:
    writer = github()
    first = await applied(check(), writer)
    row = MemoryProgress(first)
    writer.interruption = Interruption(
        len(writer.requests) + 1, TransientError("github.5xx", "again"), lost=True
    )
    with pytest.raises(TransientError):
        await perform(check(status=WAITING), writer, row)
    await perform(check(), writer, MemoryProgress(first, abandoned=row.cursor))
    (run,) = writer.check_runs
    assert run.statuses == [CheckStatus.COMPLETED] * 2


@pytest.mark.parametrize("status", [WAITING, CheckStatus.COMPLETED])
async def test_annotations_of_an_effect_that_never_ended_are_left_below_a_new_run(
    status: CheckStatus,
) -> None:
    writer = github()
    row = MemoryProgress()
    writer.interruption = Interruption(
        len(writer.requests) + 2, TransientError("github.5xx", "again"), lost=True
    )
    with pytest.raises(TransientError):
        await perform(check(60), writer, row)
    await perform(check(2, status=status), writer, MemoryProgress(abandoned=row.cursor))
    assert [len(run.annotations) for run in writer.check_runs] == [50, 2]


@given(request=st.integers(1, 6), lost=st.booleans(), before=st.booleans())
def test_a_crash_while_an_effect_follows_one_that_never_ended_leaves_one_verdict(
    request: int, *, lost: bool, before: bool
) -> None:
    async def run() -> None:
        writer = github()
        first = await applied(check(), writer)
        begun = MemoryProgress(first)
        writer.interruption = Interruption(len(writer.requests) + 1, PowerCut(), lost=before)
        with pytest.raises(PowerCut):
            await perform(check(status=WAITING), writer, begun)
        row = MemoryProgress(first, abandoned=begun.cursor)
        cut = Interruption(len(writer.requests) + request, PowerCut(), lost=lost)
        assert isinstance(await through_a_cut(check(), writer, cut, row), Applied)
        assert {run.last.status for run in writer.check_runs} == {CheckStatus.COMPLETED}

    asyncio.run(run())


async def test_who_asked_for_a_run_is_answered_in_place_also_where_nothing_changed() -> None:
    writer = github()
    first = await applied(check(3), writer)
    again = await applied(replace(check(3), asked=True), writer, first)
    await applied(check(3), writer, again)
    assert writer.requests == ["create_check_run", "update_check_run"]
    (run,) = writer.check_runs
    assert (run.statuses, len(run.annotations)) == ([CheckStatus.COMPLETED] * 2, 3)
