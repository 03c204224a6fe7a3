"""A deployment that adds an App: workers of before take its work up, cannot do it, and leave it to those of after."""

from __future__ import annotations

import signal

import pytest

from tests.integration.cluster import Cluster, propose, until


@pytest.mark.slow
@pytest.mark.postgres
async def test_what_an_old_worker_cannot_do_for_a_new_app_the_next_one_does(shared: Cluster) -> None:
    (repository,) = shared.tenants(1)
    settings = shared.environ
    shared.environ = {**settings, "HEPHAESTUS_APP_ID": "999"}
    (old,) = await shared.start("worker")
    shared.environ = settings
    await shared.start("web")
    sha = propose(repository, "change")
    await until(lambda: '"app_not_configured"' in old.log.read_text(encoding="utf-8"), 20)
    assert shared.checks(repository, sha) == []
    await shared.start("worker")
    old.send(signal.SIGTERM)
    await until(lambda: shared.checks(repository, sha), 60)
    assert len(shared.checks(repository, sha)) == 1
    assert await old.ended(30) == 0
