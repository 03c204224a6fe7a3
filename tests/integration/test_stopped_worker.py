"""A worker stands still until another has done its work, then wakes up: it must not write."""

from __future__ import annotations

import signal

import pytest

from app.standin.github.faults import Fault
from tests.integration.cluster import Cluster, propose, until

pytestmark = pytest.mark.waits

LEASE_LOST = 75
FIRST, SECOND = 1, 2


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("method", "path", "nth"),
    [
        pytest.param("GET", "/repos/org0/work/.*", FIRST, id="while it gathers"),
        pytest.param(
            "POST", ".*/access_tokens", SECOND, id="between the effect's look at the lease and its request"
        ),
    ],
)
async def test_a_worker_that_wakes_up_writes_nothing_and_ends(
    shared: Cluster, method: str, path: str, nth: int
) -> None:
    (repository,) = shared.tenants(1)
    writes = shared.count("POST", ".*/check-runs"), shared.count("PATCH", ".*/check-runs/.*")
    slow = shared.inject(Fault.SLOW, method=method, path=path, nth=nth, seconds=3)
    _, stopped = await shared.start("web", "worker")
    sha = propose(repository, "change")
    await until(lambda: slow.hits, 20)
    stopped.send(signal.SIGSTOP)
    assert not shared.checks(repository, sha)
    await shared.start("worker")
    await until(lambda: shared.checks(repository, sha), 45)
    done = [rule.seen for rule in writes]
    stopped.send(signal.SIGCONT)
    assert await stopped.ended(15) == LEASE_LOST
    assert [rule.seen for rule in writes] == done
    assert len(shared.checks(repository, sha)) == 1
