"""Workflow runs, jobs, logs and artifacts, as seeded and as the API starts them again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.standin.github import workflows
from app.standin.github.actions import Outcome, PlannedJob, Step, Trigger, complete_run, finish_run, start_run
from app.standin.github.runs import Actions
from tests.contract.standin.test_payloads import complaints

if TYPE_CHECKING:
    from pathlib import Path

    from app.standin.github.runs import WorkflowRun
    from tests.contract.standin.conftest import Reply, World

BASE = "/repos/forge/anvil"
CI = ".github/workflows/ci.yml"
RELEASE = """\
name: Release
on:
  workflow_dispatch:
    inputs:
      tag: {required: true}
      dry: {default: 'no'}
jobs:
  publish: {runs-on: ubuntu-latest}
"""
JOBS = (
    PlannedJob("lint", log="2026-11-02T10:00:00.0000000Z clean\n"),
    PlannedJob(
        "test", "failure", b"2026-11-02T10:00:01.0000000Z ##[error]boom\n", (Step("pytest", "failure"),)
    ),
)


def head(world: World) -> str:
    sha = world.anvil.git.resolve("main")
    assert sha is not None
    return sha


def failed(world: World) -> WorkflowRun:
    return complete_run(world.anvil, CI, head(world), JOBS, {"reports": {"junit.xml": b"<testsuites/>"}})


async def follow(world: World, path: str, token: str) -> Reply:
    """What lies behind a 302, asked for without a token as the blob host wants."""
    reply = await world.call("GET", path, token=token)
    assert reply.status == 302, reply.body
    assert not reply.headers["Location"].startswith(world.server.url)
    return await world.call("GET", reply.headers["Location"], accept="*/*")


async def test_a_completed_run_tells_its_whole_story_in_order(world: World) -> None:
    failed(world)
    told = [f"{e.name}.{e.action}" for e in world.github.events]
    assert told == [
        "workflow_run.requested",
        *("check_run.created", "workflow_job.queued", "workflow_job.in_progress") * 2,
        "workflow_run.in_progress",
        *("check_run.completed", "workflow_job.completed") * 2,
        "check_suite.completed",
        "workflow_run.completed",
    ]


@pytest.mark.corpus
async def test_what_actions_tells_is_githubs_shape(world: World, corpus: Path) -> None:
    bundle: dict[str, Any] = json.loads((corpus / "webhooks/schemas/webhooks.bundle.json").read_bytes())
    world.anvil.commit("main", {".github/workflows/release.yml": RELEASE}, "Add a release workflow")
    token = await world.token()
    run = failed(world)
    await world.call("POST", f"{BASE}/actions/runs/{run.id}/rerun-failed-jobs", token=token)
    asked = {"ref": "main", "inputs": {"tag": "v1"}}
    await world.call("POST", f"{BASE}/actions/workflows/release.yml/dispatches", token=token, json=asked)
    found = [line for event in world.github.events for line in complaints(bundle, world, event)]
    assert not found, "\n".join(dict.fromkeys(found))
    assert world.events("workflow_dispatch") == [None]


async def test_a_run_is_found_by_its_commit_and_shows_its_jobs(world: World) -> None:
    token, run = await world.token(), failed(world)
    other = world.anvil.commit("main", {"a": "b"}, "Other")
    complete_run(world.anvil, CI, other)
    listed = await world.call("GET", f"{BASE}/actions/runs?head_sha={run.head_sha}", token=token)
    assert [r["id"] for r in listed.body["workflow_runs"]] == [run.id]
    one = listed.body["workflow_runs"][0]
    assert (one["name"], one["conclusion"], one["path"], one["run_attempt"]) == ("CI", "failure", CI, 1)
    jobs = await world.call("GET", f"{BASE}/actions/runs/{run.id}/jobs", token=token)
    assert [(j["name"], j["conclusion"]) for j in jobs.body["jobs"]] == [
        ("lint", "success"),
        ("test", "failure"),
    ]
    assert jobs.body["jobs"][1]["steps"][0]["conclusion"] == "failure"
    one_job = await world.call("GET", f"{BASE}/actions/jobs/{jobs.body['jobs'][1]['id']}", token=token)
    assert one_job.body["check_run_url"].endswith(f"/check-runs/{one_job.body['id']}")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=failure", 1),
        ("status=completed", 2),
        ("branch=other", 0),
        ("event=pull_request", 1),
        ("actor=smith", 1),
        ("created=>=2026-01-01", 2),
        ("created=<2026-01-01", 0),
        ("created=2026-01-01..2099-01-01", 2),
        ("created=>2099-01-01", 0),
        ("created=<=2099-01-01", 2),
        ("exclude_pull_requests=true", 2),
    ],
)
async def test_runs_are_filtered_as_asked(world: World, query: str, count: int) -> None:
    failed(world)
    smith = world.github.add_account("smith")
    complete_run(world.anvil, CI, head(world), event="pull_request", actor=smith)
    reply = await world.call("GET", f"{BASE}/actions/runs?{query.replace('>', '%3E').replace('<', '%3C')}")
    assert reply.body["total_count"] == count


async def test_a_date_that_is_none_is_refused(world: World) -> None:
    assert (await world.call("GET", f"{BASE}/actions/runs?created=yesterday")).status == 422


async def test_each_run_has_a_suite_of_its_own(world: World) -> None:
    first, second = failed(world), complete_run(world.anvil, CI, head(world))
    assert first.suite is not second.suite
    assert (first.suite.conclusion, second.suite.conclusion) == ("failure", "success")
    assert first.suite.app.id == 15368
    assert (first.number, second.number) == (1, 2)


async def test_a_job_log_lies_behind_a_link_that_dies_after_a_minute(world: World) -> None:
    token, run = await world.token(), failed(world)
    job = workflows.latest_jobs(world.anvil, run)[1]
    path = f"{BASE}/actions/jobs/{job.id}/logs"
    log = await follow(world, path, token)
    assert (log.status, log.body) == (200, JOBS[1].log)
    place = (await world.call("GET", path, token=token)).headers["Location"]
    assert (await world.call("GET", place, token=token)).status == 400
    world.clock.offset = timedelta(minutes=2)
    assert (await world.call("GET", place)).status == 403


async def test_the_logs_of_a_run_are_a_zip_with_a_text_a_job(world: World) -> None:
    token, run = await world.token(), failed(world)
    for path in (f"{BASE}/actions/runs/{run.id}/logs", f"{BASE}/actions/runs/{run.id}/attempts/1/logs"):
        archive = zipfile.ZipFile(io.BytesIO((await follow(world, path, token)).body))
        assert archive.namelist() == ["0_lint.txt", "1_test.txt"]
        assert archive.read("1_test.txt") == JOBS[1].log


async def test_logs_are_gone_after_ninety_days_or_when_deleted(world: World) -> None:
    token, run = await world.token(), failed(world)
    logs = f"{BASE}/actions/runs/{run.id}/logs"
    assert (await world.call("DELETE", logs, token=token)).status == 204
    assert (await world.call("GET", logs, token=token)).status == 410
    other = complete_run(world.anvil, CI, head(world))
    world.clock.offset = timedelta(days=90, seconds=1)
    job = workflows.latest_jobs(world.anvil, other)[0]
    assert (await world.call("GET", f"{BASE}/actions/jobs/{job.id}/logs")).status == 410


async def test_a_job_in_progress_has_no_log_yet(world: World) -> None:
    run = start_run(world.anvil, CI, head(world), ["build"])
    job = workflows.latest_jobs(world.anvil, run)[0]
    assert (await world.call("GET", f"{BASE}/actions/jobs/{job.id}/logs")).status == 404
    assert (await world.call("GET", f"{BASE}/actions/runs/{run.id}/logs")).status == 404
    finish_run(world.anvil, run, Outcome([PlannedJob("build")]))
    assert (await world.call("GET", f"{BASE}/actions/jobs/{job.id}/logs")).status == 302


async def test_an_artifact_is_a_zip_whose_digest_and_size_are_told(world: World) -> None:
    token, run = await world.token(), failed(world)
    listed = await world.call("GET", f"{BASE}/actions/runs/{run.id}/artifacts?name=reports", token=token)
    [told] = listed.body["artifacts"]
    zipped = (await follow(world, f"{BASE}/actions/artifacts/{told['id']}/zip", token)).body
    assert zipfile.ZipFile(io.BytesIO(zipped)).read("junit.xml") == b"<testsuites/>"
    assert told["digest"] == f"sha256:{hashlib.sha256(zipped).hexdigest()}"
    assert (told["size_in_bytes"], told["expired"]) == (len(zipped), False)
    assert told["workflow_run"]["head_sha"] == run.head_sha
    every = await world.call("GET", f"{BASE}/actions/artifacts", token=token)
    assert every.body["artifacts"] == [told]


async def test_an_expired_artifact_says_so_and_is_gone(world: World) -> None:
    run = failed(world)
    artifact = workflows.add_artifact(world.anvil, run, "broken", b"PK no zip")
    world.clock.offset = timedelta(days=91)
    shown = await world.call("GET", f"{BASE}/actions/artifacts/{artifact.id}")
    gone = await world.call("GET", f"{BASE}/actions/artifacts/{artifact.id}/zip")
    assert (shown.body["expired"], gone.status) == (True, 410)


async def test_failed_jobs_run_again_as_the_next_attempt_and_the_others_stand(world: World) -> None:
    token, run = await world.token(), failed(world)
    reply = await world.call("POST", f"{BASE}/actions/runs/{run.id}/rerun-failed-jobs", token=token)
    assert (reply.status, reply.body, run.last.number, run.last.status) == (201, {}, 2, "in_progress")
    finish_run(world.anvil, run, Outcome([PlannedJob("test")]))
    jobs = (await world.call("GET", f"{BASE}/actions/runs/{run.id}/jobs", token=token)).body["jobs"]
    assert [(j["name"], j["conclusion"], j["run_attempt"]) for j in jobs] == [
        ("lint", "success", 1), ("test", "success", 2)
    ]  # fmt: skip
    shown = (await world.call("GET", f"{BASE}/actions/runs/{run.id}", token=token)).body
    assert (shown["conclusion"], shown["run_attempt"]) == ("success", 2)
    assert shown["triggering_actor"]["login"] == "hephaestus[bot]"
    before = (await world.call("GET", f"{BASE}/actions/runs/{run.id}/attempts/1", token=token)).body
    assert (before["conclusion"], before["run_attempt"]) == ("failure", 1)
    first = await world.call("GET", f"{BASE}/actions/runs/{run.id}/attempts/1/jobs", token=token)
    assert [j["conclusion"] for j in first.body["jobs"]] == ["success", "failure"]
    every = await world.call("GET", f"{BASE}/actions/runs/{run.id}/jobs?filter=all", token=token)
    assert every.body["total_count"] == 3
    assert world.events("workflow_run").count("completed") == 2
    assert world.events("check_suite").count("completed") == 2


async def test_the_runner_decides_what_a_rerun_comes_to(world: World) -> None:
    token, run = await world.token(), failed(world)
    world.github.part(Actions).runner = lambda _: Outcome([PlannedJob("lint"), PlannedJob("test")])
    assert (await world.call("POST", f"{BASE}/actions/runs/{run.id}/rerun", token=token)).status == 201
    assert (run.last.number, run.last.conclusion) == (2, "success")


async def test_one_job_runs_again(world: World) -> None:
    token, run = await world.token(), failed(world)
    job = workflows.latest_jobs(world.anvil, run)[0]
    assert (await world.call("POST", f"{BASE}/actions/jobs/{job.id}/rerun", token=token)).status == 201
    assert [j.check.name for j in world.anvil.jobs.values() if j.attempt == 2] == ["lint"]
    assert (await world.call("POST", f"{BASE}/actions/jobs/{job.id}/rerun", token=token)).status == 403


async def test_a_rerun_needs_the_permission_and_something_that_failed(world: World) -> None:
    good = complete_run(world.anvil, CI, head(world))
    path = f"{BASE}/actions/runs/{good.id}/rerun-failed-jobs"
    reader = await world.token(permissions={"actions": "read"})
    refused = await world.call("POST", path, token=reader)
    assert (refused.status, refused.body["message"]) == (403, "Resource not accessible by integration")
    assert (await world.call("POST", path, token=await world.token())).status == 403
    assert good.last.number == 1


async def test_a_run_is_repeated_at_most_fifty_times_and_for_thirty_days(world: World) -> None:
    token, run = await world.token(), failed(world)
    world.github.part(Actions).runner = lambda _: Outcome([PlannedJob("test", "failure")])
    path = f"{BASE}/actions/runs/{run.id}/rerun-failed-jobs"
    statuses = [(await world.call("POST", path, token=token)).status for _ in range(51)]
    assert (statuses[:50], statuses[50]) == ([201] * 50, 403)
    other = failed(world)
    world.clock.offset = timedelta(days=30)
    late = await world.call("POST", f"{BASE}/actions/runs/{other.id}/rerun", token=await _fresh(world))
    assert "over a month ago" in late.body["message"]


async def _fresh(world: World) -> str:
    """A token minted by hand: the clock of the stand-in is a month ahead of the JWT's."""
    return world.github.add_user_token(world.anvil.owner)


async def test_a_run_in_progress_can_be_cancelled_and_not_repeated(world: World) -> None:
    token = await world.token()
    run = start_run(world.anvil, CI, head(world), ["build"], Trigger("pull_request"))
    base = f"{BASE}/actions/runs/{run.id}"
    assert (await world.call("POST", f"{base}/rerun", token=token)).status == 403
    assert (await world.call("POST", f"{base}/cancel", token=token)).status == 202
    assert run.last.conclusion == "cancelled"
    assert (await world.call("POST", f"{base}/cancel", token=token)).status == 409


async def test_a_dispatch_starts_the_workflow_and_may_tell_the_runs_number(world: World) -> None:
    world.anvil.commit("main", {".github/workflows/release.yml": RELEASE}, "Add a release workflow")
    token, path = await world.token(), f"{BASE}/actions/workflows/release.yml/dispatches"
    asked = {"ref": "main", "inputs": {"tag": "v1"}}
    assert (await world.call("POST", path, token=token, json=asked)).status == 204
    told = await world.call("POST", path, token=token, json={**asked, "return_run_details": True})
    assert told.status == 200
    run = world.anvil.runs[told.body["workflow_run_id"]]
    assert (run.event, run.name, run.inputs) == ("workflow_dispatch", "Release", {"tag": "v1", "dry": "no"})
    assert [j.check.name for j in workflows.latest_jobs(world.anvil, run)] == ["publish"]


@pytest.mark.parametrize(
    ("workflow", "body", "status", "word"),
    [
        ("ci.yml", {"ref": "main"}, 422, "Workflow does not have 'workflow_dispatch' trigger"),
        ("release.yml", {"ref": "main"}, 422, "Required input 'tag' not provided"),
        (
            "release.yml",
            {"ref": "main", "inputs": {"tag": "1", "x": 1}},
            422,
            'Unexpected inputs provided: ["x"]',
        ),
        ("release.yml", {"ref": "gone", "inputs": {"tag": "1"}}, 422, "No ref found for: gone"),
        ("release.yml", {"ref": "main", "inputs": {str(n): 1 for n in range(26)}}, 422, "limited to 25"),
        ("absent.yml", {"ref": "main"}, 404, "Not Found"),
    ],
)
async def test_a_dispatch_that_cannot_be_is_refused(
    world: World, workflow: str, body: dict[str, Any], status: int, word: str
) -> None:
    world.anvil.commit("main", {".github/workflows/release.yml": RELEASE}, "Add a release workflow")
    token = await world.token()
    reply = await world.call(
        "POST", f"{BASE}/actions/workflows/{workflow}/dispatches", token=token, json=body
    )
    assert reply.status == status
    assert word in reply.body["message"]


async def test_workflows_are_the_files_of_the_default_branch(world: World) -> None:
    world.anvil.commit("main", {".github/workflows/bad.yml": "a: [", ".github/workflows/x.md": "no"}, "More")
    listed = (await world.call("GET", f"{BASE}/actions/workflows")).body["workflows"]
    assert [(w["path"], w["name"]) for w in listed] == [
        (".github/workflows/bad.yml", ".github/workflows/bad.yml"), (CI, "CI")
    ]  # fmt: skip
    one = await world.call("GET", f"{BASE}/actions/workflows/ci.yml")
    assert one.body == listed[1]
    run = failed(world)
    runs = await world.call("GET", f"{BASE}/actions/workflows/{one.body['id']}/runs")
    assert [r["id"] for r in runs.body["workflow_runs"]] == [run.id]


@pytest.mark.parametrize("path", ["runs/1", "jobs/1", "artifacts/1", "runs/x", "jobs/1/logs"])
async def test_what_is_not_there_is_404(world: World, path: str) -> None:
    assert (await world.call("GET", f"{BASE}/actions/{path}")).status == 404


async def test_an_attempt_that_was_not_is_404(world: World) -> None:
    run = failed(world)
    assert (await world.call("GET", f"{BASE}/actions/runs/{run.id}/attempts/2")).status == 404


async def test_a_forks_run_names_the_fork_and_no_pull_request(world: World) -> None:
    fork = world.anvil.fork("stranger")
    fork.commit("fix", {"a": "b"}, "Fix")
    pull = world.anvil.open_pull("Fix", "stranger:fix")
    run = complete_run(
        world.anvil, CI, pull.head_sha, event="pull_request", head_branch="fix", head_repository=fork
    )
    shown = (await world.call("GET", f"{BASE}/actions/runs/{run.id}")).body
    assert (shown["head_repository"]["full_name"], shown["pull_requests"]) == ("stranger/anvil", [])


async def test_a_start_up_failure_has_no_jobs(world: World) -> None:
    run = complete_run(world.anvil, CI, head(world), [], conclusion="startup_failure")
    assert (run.last.conclusion, run.suite.conclusion) == ("startup_failure", "startup_failure")
    assert world.events("check_suite")[-1] == "completed"
