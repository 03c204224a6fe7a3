"""Which repositories asked for a capability, as far as the ledger knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.memories import SqlPolicyMemory
from app.adapters.database.migrate import migrate
from app.adapters.sandbox import Sandbox
from app.bootstrap.readings import Readings
from app.config.parsed import ParsedFiles
from app.domain.ids import AppKey, CommitSha, EvaluationId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob
from app.ports.policies import PolicySource
from handlers import SECTIONS

KEY = AppKey("api.github.com/1")
REPOSITORY = Repository(RepositoryId(7), "octo", "tool", InstallationId(5))
SOURCE = PolicySource(".github/hephaestus.yml", "main", CommitSha("a" * 40), "b" * 40)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    yield database
    await database.close()


@pytest.mark.parametrize(
    ("file", "capabilities"),
    [
        (None, set()),
        ("version: 1\n", set()),
        ("version: 1\nrelease_verification: {}\n", {"release_verification"}),
        ("version: 1\nuse: default\n", set(SECTIONS)),
        ("version: 2\n", set()),
    ],
)
async def test_a_repository_asked_for_what_its_last_good_file_has(
    database: Database, file: str | None, capabilities: set[str]
) -> None:
    if file is not None:
        await SqlPolicyMemory.of_repository(database, KEY, REPOSITORY).store(file.encode(), SOURCE)
    sandbox, unused = Sandbox(), cast("Any", None)
    readings = Readings(unused, database, SystemClock(), unused, sandbox, ParsedFiles(SECTIONS, sandbox))
    target = Target(Subject(KEY, REPOSITORY.id, SubjectKind.SHA, "a" * 40), REPOSITORY)
    asked_for = {
        name
        for name in SECTIONS
        if await readings.opted_in(EvaluationJob(EvaluationId("1"), 1, name, Lane.GATE, target, 1))
    }
    await sandbox.close()
    assert asked_for == capabilities
