"""Whose effects lie on a commit, as the ledger remembers; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun
from app.domain.ids import AppKey, CommitSha
from app.ports.ledger import Plan
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received, started

SHA = CommitSha("a" * 40)


async def published(ledger: SqlLedger, guid: str, ident: str, name: str, capability: str = "release") -> None:
    """An evaluation of a subject that says a check run on the commit."""
    at = NOW + timedelta(hours=int(guid))
    await received(ledger, guid, [pair(ident, capability)], at)
    (job,) = await started(ledger, at)
    said = PublishCheckRun(REPOSITORY, SHA, name, CheckStatus.COMPLETED, CheckConclusion.SUCCESS, "t", "s")
    await ledger.commit_plan(job, Plan(Verdict.PASS, (), None, None, (said,)))
    await ledger.finish(job, at)


@pytest.fixture
async def ledger(database: Database) -> SqlLedger:
    """Two releases of a commit, one of them evaluated twice, and another capability's check run beside them."""
    one = SqlLedger(database, FrozenClock())
    await published(one, "1", "11", "release (v1.0)")
    await published(one, "2", "12", "release (v1_0)")
    await published(one, "3", "12", "release (v1_0)")
    await published(one, "4", str(SHA), "gate", "gate")
    return one


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("capability", "name", "idents"),
    [
        ("release", "release (", ["11", "12"]),
        ("release", "release (v1_0)", ["12"]),
        ("release", "gate", []),
        ("gate", "gate", [SHA]),
        ("release", "release (v2)", []),
    ],
)
async def test_the_subjects_are_found_by_the_check_runs_name(
    database: Database, capability: str, name: str, idents: list[str]
) -> None:
    records = SqlRecords(database, FrozenClock(), KEY, REPOSITORY)
    prefix = f"check|{REPOSITORY.id}|{SHA}|{name}"
    found = await records.subjects_of_effects(capability, prefix)
    assert sorted(subject.ident for subject in found) == idents
    others = SqlRecords(database, FrozenClock(), AppKey("api.github.com/11"), REPOSITORY)
    assert await others.subjects_of_effects(capability, prefix) == ()
