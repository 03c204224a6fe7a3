from __future__ import annotations

import hashlib

import pytest

from app.domain.ids import CommitSha, Sha256Hex
from app.errors import PermanentError
from app.standin.github.attestations import add_attestation
from app.standin.github.releases import repository_release
from app.standin.github.workflows import start_attempt
from tests.contract.github.conftest import Client
from tests.contract.github.seeds import CI, failed_run

DIGEST = Sha256Hex("ab" * 32)
SUBJECT = f"sha256:{DIGEST}"


async def test_a_run_is_read_with_its_jobs_and_artifacts(client: Client) -> None:
    made, reader = failed_run(client.world), client.reader
    run = await reader.workflow_run(made.id)
    assert run is not None
    assert (run.path, run.conclusion, run.attempt) == (CI, "failure", 1)
    assert [one.id for one in await reader.workflow_runs(run.head_sha)] == [made.id]
    jobs = await reader.jobs(made.id, 1)
    assert [(one.name, one.conclusion, one.check_run_id) for one in jobs] == [
        ("lint", "success", jobs[0].id),
        ("test", "failure", jobs[1].id),
    ]
    (artifact,) = await reader.artifacts(made.id)
    assert (artifact.name, artifact.run_id, artifact.expired) == ("reports", made.id, False)
    assert len(await reader.check_runs(CommitSha(run.head_sha))) == 2
    assert await reader.run_annotations(jobs[0].id) == ()


async def test_checks_of_one_name_are_told_apart_by_the_run_that_made_them(client: Client) -> None:
    made = [failed_run(client.world) for _ in range(2)]
    runs = [run for run in await client.reader.check_runs(CommitSha(made[0].head_sha)) if run.name == "test"]
    assert [run.check_suite_id for run in runs] == [each.suite.id for each in made]


async def test_of_a_job_that_ran_again_the_newest_check_is_read(client: Client) -> None:
    made, repository = failed_run(client.world), client.world.anvil
    start_attempt(repository, made, ["test"], repository.owner)
    runs = await client.reader.check_runs(CommitSha(made.head_sha))
    assert sorted((run.name, run.status) for run in runs) == [("lint", "completed"), ("test", "in_progress")]


async def test_a_job_that_did_not_run_again_keeps_the_times_of_the_attempt_in_which_it_ran(
    client: Client,
) -> None:
    made, repository = failed_run(client.world), client.world.anvil
    (before, _) = await client.reader.jobs(made.id, 1)
    start_attempt(repository, made, ["test"], repository.owner)
    run = await client.reader.workflow_run(made.id)
    assert run is not None
    assert run.started_at == made.last.started_at
    carried, again = await client.reader.jobs(made.id, 2)
    assert (carried.started_at, carried.completed_at) == (before.started_at, before.completed_at)
    assert before.completed_at is not None
    assert again.started_at is not None
    assert (again.started_at >= made.last.started_at, again.completed_at) == (True, None)


async def test_a_run_that_does_not_exist_is_none(client: Client) -> None:
    assert await client.reader.workflow_run(99) is None
    assert await client.writer(actions="write").run_attempt(99) is None


async def test_failed_jobs_start_again_once_and_not_while_they_run(client: Client) -> None:
    made, writer = failed_run(client.world), client.writer(actions="write")
    assert await writer.run_attempt(made.id) == 1
    await writer.rerun_failed_jobs(made.id)
    assert await writer.run_attempt(made.id) == 2
    with pytest.raises(PermanentError, match="rerun_refused"):
        await writer.rerun_failed_jobs(made.id)


async def test_the_latest_release_is_neither_a_prerelease_nor_missing(client: Client) -> None:
    assert await client.reader.latest_release() is None
    made = repository_release(client.world.anvil, "v1.0", {"a.txt": "a"})
    repository_release(client.world.anvil, "v1.1", {"a.txt": "b"}, prerelease=True)
    assert await client.reader.latest_release() == made.id


async def test_our_own_account_is_known_by_its_id_and_asked_for_once(client: Client) -> None:
    assert await client.reader.own_actor_id() == client.world.app.bot.id
    asked = len(client.seen)
    assert await client.reader.own_actor_id() == client.world.app.bot.id
    assert len(client.seen) == asked


async def test_a_release_is_read_with_all_its_assets(client: Client) -> None:
    files: dict[str, bytes | str] = {f"part-{number}.bin": f"{number}" for number in range(40)}
    made = repository_release(client.world.anvil, "v1.0", files)
    release = await client.reader.release(made.id)
    assert release is not None
    assert (release.tag, release.draft, len(release.assets)) == ("v1.0", False, 40)
    first = next(one for one in release.assets if one.name == "part-0.bin")
    assert first.sha256 == hashlib.sha256(b"0").hexdigest()
    assert [one.id async for one in client.reader.releases()] == [made.id]
    tag = await client.reader.tag("v1.0")
    assert tag is not None
    assert tag.commit == client.world.anvil.git.resolve("main")


async def test_attestations_come_with_the_address_of_their_bundle(client: Client) -> None:
    for number in range(3):
        add_attestation(
            client.world.anvil,
            {"n": number},
            digests=[f"sha256:{DIGEST}"],
            predicate_type="https://p.example",
        )
    found = (await client.reader.attestations_of((SUBJECT,), limit=2))[SUBJECT].found
    assert [(one.bundle, one.bundle_url is not None) for one in found] == [(None, True), (None, True)]


async def test_attestations_are_asked_for_in_the_newest_version_and_which_github_it_is_only_once(
    client: Client,
) -> None:
    for digest in ("ab" * 32, "cd" * 32):
        subject = f"sha256:{digest}"
        assert (await client.reader.attestations_of((subject,)))[subject].found == ()
    assert [one.route for one in client.seen].count("/meta") == 1
