"""A write whose outcome nobody knows is found again by whoever says the next word, not written a second time."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from app.cli.demo_world import COBERTURA, JUNIT
from app.standin.github.faults import Fault, Faults
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, quiet, until
from tests.acceptance.tenants import commit

AGAIN = 2
"""The second attempt also fails; meanwhile the newer evaluation has become due."""
REPORTS = {"test-report": {"report.xml": JUNIT}, "coverage": {"coverage.xml": COBERTURA}}


async def test_a_newer_evaluation_does_not_repeat_what_an_older_one_began(everything: Running) -> None:
    world, faults = everything.world, everything.world.github.part(Faults)
    world.app.events = ["pull_request", "workflow_run"]
    written = faults.inject(Fault.BAD_GATEWAY_AFTER, method="POST", path=".*/check-runs")
    faults.inject(Fault.BAD_GATEWAY, method="GET", path=".*/check-runs", times=None)
    one = commit(world.repository, "topic")
    one.propose()
    assert await until(lambda: written.hits)
    one.report(REPORTS)
    assert await until(lambda: max(attempts(everything)) > AGAIN), attempts(everything)
    faults.clear()
    await quiet(world, everything.settings)
    runs = checks(world, one.repository, one.sha)
    assert [(run.status, run.conclusion) for run in runs] == [("completed", "failure")]
    places = [(each["path"], each["start_line"]) for each in runs[0].annotations]
    assert len(places) == len(set(places)) > 0


def attempts(everything: Running) -> list[int]:
    """How often each evaluation was begun."""
    path = everything.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return [attempt for (attempt,) in connection.execute("select attempt from evaluation")]
