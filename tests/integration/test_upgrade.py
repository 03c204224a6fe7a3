"""Processes end while they work, on purpose: a rolling upgrade, and the end of a loaded service."""

from __future__ import annotations

import asyncio
import signal
import time

import psycopg
import pytest

from app.standin.github.faults import Fault
from app.standin.github.repository import Repository
from tests.integration.cluster import Cluster, propose, until

EXIT_S = 30.0


@pytest.mark.slow
@pytest.mark.waits
@pytest.mark.postgres
async def test_work_that_an_old_version_leaves_is_finished_by_the_new_one_at_once(shared: Cluster) -> None:
    """The old worker's request takes longer than its grace, and another of its decisions never ends: it leaves both in flight."""
    (repository,) = shared.tenants(1)
    slow = shared.inject(Fault.SLOW, method="GET", path="/repos/org0/work/.*", seconds=28)
    newer, shared.module = shared.environ, "tests.acceptance.stuck"
    shared.environ = {**newer, "STUCK": "yes"}
    _, old = await shared.start("web", "worker")
    sha = propose(repository, "decide")
    await until(lambda: slow.hits and '"event": "gathered"' in old.log.read_text(encoding="utf-8"), 20)
    begin = time.monotonic()
    old.send(signal.SIGTERM)
    shared.environ = newer
    await shared.start("worker")
    assert await old.ended(EXIT_S) == 0
    assert time.monotonic() - begin < EXIT_S
    assert await until(lambda: len(shared.checks(repository, sha)) > 1, 15) < 15
    assert sorted(run.name for run in shared.checks(repository, sha)) == ["hephaestus/quality-gate", "stuck"]
    with psycopg.connect(shared.database_url) as connection:
        versions = connection.execute(
            "SELECT DISTINCT application_version FROM dbos.workflow_status"
        ).fetchall()
    assert versions == [("evaluations-1",)]


@pytest.mark.slow
@pytest.mark.alone
async def test_sigterm_under_load_ends_in_time_and_loses_nothing(embedded: Cluster) -> None:
    repositories = embedded.tenants(10)
    (first,) = await embedded.start("serve")
    proposed: list[tuple[Repository, str]] = []
    for number in range(3):
        proposed.extend((repository, propose(repository, f"change-{number}")) for repository in repositories)
        await asyncio.sleep(0.1)
    await until(lambda: any(embedded.checks(repository, sha) for repository, sha in proposed), 20)
    begin = time.monotonic()
    first.send(signal.SIGTERM)
    assert await first.ended(EXIT_S) == 0
    assert time.monotonic() - begin < EXIT_S
    accepted = [(repository, sha) for repository, sha in proposed if embedded.accepted(sha)]
    await embedded.start("serve")
    await until(lambda: all(embedded.checks(repository, sha) for repository, sha in accepted), 30)
    assert {len(embedded.checks(repository, sha)) for repository, sha in accepted} == {1}
