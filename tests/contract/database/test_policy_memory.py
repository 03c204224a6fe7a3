"""The last good versions of policy files; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

from app.adapters.database.connection import Database
from app.adapters.database.memories import SqlPolicyMemory
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.ports.policies import PolicySource
from tests.contract.database.given import KEY, REPOSITORY

SOURCE = PolicySource("hephaestus.yml", "HEAD", CommitSha("a" * 40), "b" * 40, "forge/.github")


async def test_a_neighbours_file_is_shared_by_all_repositories_of_the_installation(
    database: Database,
) -> None:
    other = replace(REPOSITORY, id=RepositoryId(2), name="other")
    await SqlPolicyMemory.of_neighbour(database, KEY, REPOSITORY, ".github").store(b"version: 1", SOURCE)
    memory = SqlPolicyMemory.of_neighbour(database, KEY, other, ".GitHub")
    assert await memory.load() == (b"version: 1", SOURCE)
    newer = replace(SOURCE, blob_sha="c" * 40)
    await memory.store(b"version: 1 # newer", newer)
    assert await memory.load() == (b"version: 1 # newer", newer)


async def test_each_app_installation_and_file_has_its_own(database: Database) -> None:
    await SqlPolicyMemory.of_neighbour(database, KEY, REPOSITORY, ".github").store(b"version: 1", SOURCE)
    foreign = replace(REPOSITORY, installation_id=InstallationId(2))
    for memory in (
        SqlPolicyMemory.of_neighbour(database, AppKey("api.github.com/2"), REPOSITORY, ".github"),
        SqlPolicyMemory.of_neighbour(database, KEY, foreign, ".github"),
        SqlPolicyMemory.of_neighbour(database, KEY, REPOSITORY, "policies"),
        SqlPolicyMemory.of_repository(database, KEY, REPOSITORY),
    ):
        assert await memory.load() is None
