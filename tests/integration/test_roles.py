"""The service in parts: who may run where, and that what one process accepts another one works on."""

from __future__ import annotations

import pytest

from tests.integration.cluster import Cluster, propose, until


@pytest.mark.parametrize("role", ["web", "worker"])
async def test_a_part_refuses_sqlite_and_says_what_to_do(embedded: Cluster, role: str) -> None:
    process = await embedded.launch(role)
    assert await process.ended(30) == 2
    said = process.log.read_text(encoding="utf-8").strip()
    assert said.startswith(f"hephaestus: hephaestus {role} shares its database")
    assert "HEPHAESTUS_DATABASE_URL" in said
    assert "\n" not in said


@pytest.mark.slow
async def test_a_second_serve_on_one_sqlite_database_is_refused(embedded: Cluster) -> None:
    await embedded.start("serve")
    second = await embedded.launch("serve")
    assert await second.ended(30) == 2
    assert "another process serves the SQLite database" in second.log.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.postgres
async def test_a_worker_soon_sees_what_the_web_process_accepted(shared: Cluster) -> None:
    (repository,) = shared.tenants(1)
    await shared.start("web", "worker")
    sha = propose(repository, "change")
    assert await until(lambda: shared.checks(repository, sha), 20) < 5
    rows = await shared.rows()
    assert {row.state.value for row in rows if row.event == "pull_request"} <= {"running", "done"}
