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
from handlers.builtin import ORGANISATIONS, SECTIONS

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
    assert await asked_for(database, file, {}) == capabilities


FLOOR = "version: 1\nquality_gate:\n  minimum:\n    tests: {}\n"


@pytest.mark.parametrize(
    ("file", "neighbours", "capabilities"),
    [
        (None, {".github": FLOOR}, {"quality_gate"}),
        ("version: 1\nremediation: {}\n", {".github": FLOOR}, {"quality_gate", "remediation"}),
        (None, {".github": "version: 1\nquality_gate: {}\n"}, set()),
        (None, {".github": "version: 2\n"}, set()),
        (None, {"rules": "version: 1\nquality_gate: {}\n"}, set()),
        (
            "version: 1\nextends: octo/rules\n",
            {"rules": "version: 1\nquality_gate: {}\n"},
            {"quality_gate"},
        ),
        ("version: 1\nextends: octo/rules\n", {}, set()),
    ],
)
async def test_an_organisations_floor_and_a_shared_file_ask_for_a_repository_too(
    database: Database, file: str | None, neighbours: dict[str, str], capabilities: set[str]
) -> None:
    assert await asked_for(database, file, neighbours) == capabilities


async def asked_for(database: Database, file: str | None, neighbours: dict[str, str]) -> set[str]:
    """The capabilities for which a repository counts as one that asked, with these files remembered."""
    if file is not None:
        await SqlPolicyMemory.of_repository(database, KEY, REPOSITORY).store(file.encode(), SOURCE)
    for name, text in neighbours.items():
        await SqlPolicyMemory.of_neighbour(database, KEY, REPOSITORY, name).store(text.encode(), SOURCE)
    sandbox, unused = Sandbox(), cast("Any", None)
    files = ParsedFiles(SECTIONS, sandbox, ORGANISATIONS)
    readings = Readings(unused, database, SystemClock(), unused, sandbox, files)
    target = Target(Subject(KEY, REPOSITORY.id, SubjectKind.SHA, "a" * 40), REPOSITORY)
    found = {
        name
        for name in SECTIONS
        if await readings.opted_in(EvaluationJob(EvaluationId("1"), 1, name, Lane.GATE, target, 1))
    }
    await sandbox.close()
    return found
