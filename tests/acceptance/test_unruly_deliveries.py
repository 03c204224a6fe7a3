"""Webhooks come twice, under one GUID or under two, and in any order: what is there to be seen stays the same."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from app.cli.demo_world import COBERTURA, JUNIT
from app.domain.delivery import DeliveryState
from app.standin.github.deliveries import Delivery, Hooks, Mischief
from app.standin.github.records import CheckRun
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, deliveries, quiet
from tests.acceptance.tenants import commit

REPORTS = {"test-report": {"report.xml": JUNIT}, "coverage": {"coverage.xml": COBERTURA}}
FAILED_LINES = Counter([4, 8, 16])


async def a_failed_change(everything: Running) -> tuple[list[CheckRun], list[Delivery]]:
    """A change is proposed and its CI fails: what we say of it, and what was delivered, once all is done."""
    world = everything.world
    one = commit(world.repository, "topic")
    one.propose()
    one.report(REPORTS)
    rows = await quiet(world, everything.settings)
    assert {row.state for row in rows} <= {DeliveryState.DONE, DeliveryState.IGNORED}
    return checks(world, one.repository, one.sha), deliveries(world, "pull_request")


def said(answers: list[Delivery]) -> list[str]:
    """What we answered, in no order."""
    return sorted(json.loads(one.response_body)["status"] for one in answers)


def assert_failed_once(runs: list[CheckRun]) -> None:
    """One visible check run, failed, with an annotation at each line of a failed test and no second one."""
    newest = {run.name: run for run in runs}
    assert [(run.status, run.conclusion) for run in newest.values()] == [("completed", "failure")]
    (run,) = newest.values()
    assert Counter(one["start_line"] for one in run.annotations) == FAILED_LINES


@pytest.fixture
def hooks(everything: Running) -> Hooks:
    everything.world.app.events = ["pull_request", "workflow_run"]
    return everything.world.github.part(Hooks)


async def test_each_delivery_twice_at_once_is_each_once(everything: Running, hooks: Hooks) -> None:
    hooks.disturb(Mischief.DUPLICATE, times=None)
    runs, heard = await a_failed_change(everything)
    assert_failed_once(runs)
    assert len(runs) == 1
    assert len({one.sent.guid for one in heard}) * 2 == len(heard)
    assert said(heard) == ["accepted"] * (len(heard) // 2) + ["duplicate"] * (len(heard) // 2)


async def test_the_same_event_under_two_guids_is_said_once(everything: Running, hooks: Hooks) -> None:
    hooks.disturb(Mischief.TWICE, times=None)
    runs, heard = await a_failed_change(everything)
    assert_failed_once(runs)
    assert len(runs) == 1
    assert said(heard) == ["accepted"] * len({one.sent.guid for one in heard})


@pytest.mark.parametrize("late", ["pull_request", "workflow_run"])
async def test_an_event_that_is_overtaken_by_the_next_takes_nothing_back(
    everything: Running, hooks: Hooks, late: str
) -> None:
    hooks.disturb(Mischief.LATE, event=late, times=None, seconds=3)
    runs, _ = await a_failed_change(everything)
    sent = [one.sent.event for one in hooks.deliveries if one.sent.event in {"pull_request", "workflow_run"}]
    assert sent[-1] == late
    assert sent[0] != late
    assert_failed_once(runs)
