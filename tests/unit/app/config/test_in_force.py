"""Who is told of a failure of ours, as far as is remembered; with real files see `tests/unit/app/bootstrap/test_readings.py`."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.config.in_force import was_in_force
from app.config.parsed import ParsedFiles
from app.domain.ids import CommitSha
from app.errors import TransientError
from app.ports.policies import PolicySource
from tests.unit.app.config.test_parsed import Counting

SOURCE = PolicySource(".github/hephaestus.yml", "main", CommitSha("a" * 40), "b" * 40)


@dataclass
class Memory:
    """Remembers one file; `broken` is a database that cannot be read."""

    raw: bytes | None = None
    broken: bool = False

    async def load(self) -> tuple[bytes, PolicySource] | None:
        if self.broken:
            raise TransientError("ledger.unavailable", "the database cannot be used now")
        return None if self.raw is None else (self.raw, SOURCE)

    async def store(self, raw: bytes, source: PolicySource) -> None:
        assert source == SOURCE
        self.raw = raw


@pytest.fixture
def files() -> ParsedFiles:
    """Of a process whose readers die."""
    compute = Counting()
    compute.killed = "compute.crashed"
    return ParsedFiles({}, compute)


async def test_of_a_file_that_cannot_be_judged_it_counts_as_asked_for(files: ParsedFiles) -> None:
    assert await was_in_force("quality_gate", files, Memory(b"version: 1\n"), lambda _: Memory())
    assert await was_in_force("quality_gate", files, Memory(), lambda _: Memory(b"version: 1\n"))


async def test_without_any_file_nothing_was_asked_for(files: ParsedFiles) -> None:
    assert not await was_in_force("quality_gate", files, Memory(), lambda _: Memory())


async def test_a_database_that_cannot_be_read_is_no_answer(files: ParsedFiles) -> None:
    with pytest.raises(TransientError, match="database"):
        await was_in_force("quality_gate", files, Memory(broken=True), lambda _: Memory())
