"""What is said once in a repository's life is known for good, of that App and repository alone."""

from __future__ import annotations

from dataclasses import replace

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.ids import AppKey, InstallationId, RepositoryId
from app.domain.repo import Repository
from app.ports.records import said_name

KEY = AppKey("api.github.com/1")
REPOSITORY = Repository(RepositoryId(7), "octo", "tool", InstallationId(5))


async def test_what_was_said_is_known_of_its_own_repository_and_app_alone(database: Database) -> None:
    ledger = SqlLedger(database, SystemClock())
    await ledger.set_cursor(said_name(KEY, REPOSITORY.id, "hello"), "there")
    mine = SqlRecords(database, SystemClock(), KEY, REPOSITORY)
    other = SqlRecords(database, SystemClock(), KEY, replace(REPOSITORY, id=RepositoryId(71)))
    other_app = SqlRecords(database, SystemClock(), AppKey("api.github.com/11"), REPOSITORY)
    said = [await records.was_said("hello") for records in (mine, other, other_app)]
    assert said == [True, False, False]
    assert not await mine.was_said("hell")
