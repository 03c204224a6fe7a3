"""The engine's database is disposable: the ledger knows what is still to be done."""

from __future__ import annotations

import signal

import psycopg
import pytest

from tests.integration.cluster import Cluster, propose, until


@pytest.mark.slow
async def test_without_its_sqlite_file_nothing_is_lost_or_doubled(embedded: Cluster) -> None:
    await killed_amid_work(embedded)
    for path in (embedded.folder / "data").glob("engine.db*"):
        path.unlink()
    await finished(embedded)


@pytest.mark.slow
@pytest.mark.postgres
async def test_without_its_postgresql_schema_nothing_is_lost_or_doubled(shared: Cluster) -> None:
    await killed_amid_work(shared)
    with psycopg.connect(shared.database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA dbos CASCADE")
    await finished(shared)


async def killed_amid_work(cluster: Cluster) -> None:
    """A service that was killed after it took some of the work on."""
    repositories = cluster.tenants(6)
    (service,) = await cluster.start("serve")
    proposed = [(repository, propose(repository, f"n{n}")) for n in range(3) for repository in repositories]
    await until(lambda: all(cluster.accepted(sha) for _, sha in proposed), 20)
    await until(lambda: any(cluster.checks(repository, sha) for repository, sha in proposed), 20)
    service.send(signal.SIGKILL)
    await service.ended(5)


async def finished(cluster: Cluster) -> None:
    """After a new start each pull request has its one check run."""
    await cluster.start("serve")
    proposed = [
        (repository, pull.head_sha)
        for repository in cluster.world.github.repositories.values()
        for pull in repository.pulls.values()
        if repository.full_name.startswith("org")
    ]
    assert len(proposed) == 18
    await until(lambda: all(cluster.checks(repository, sha) for repository, sha in proposed), 45)
    assert {len(cluster.checks(repository, sha)) for repository, sha in proposed} == {1}
