"""An App that was made from the manifest, without `workflows: write`: remediation says what it may not do, and where."""

from __future__ import annotations

from pathlib import Path

from app.bootstrap.service import running_service
from app.cli.deliveries import block
from app.cli.demo import environment
from app.cli.demo_world import CI, LOG
from app.settings import Settings
from app.standin.github.runs import PlannedJob
from app.standin.github.server import running
from app.standin.github.workflows import complete_run
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import checks, quiet

NEEDED = "contents: write, pull_requests: write, workflows: write"


async def test_a_pull_request_that_github_refuses_is_told_to_the_repository_and_to_the_operator(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    del world.app.permissions["workflows"]
    del world.installation.permissions["workflows"]
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            before = len(world.repository.pulls)
            jobs = [PlannedJob("test", "failure", log=LOG)]
            complete_run(world.repository, CI, world.policy_sha, jobs, head_branch="main")
            rows = await quiet(world, settings)
    assert len(world.repository.pulls) == before
    (run,) = [
        each
        for each in checks(world, world.repository, world.policy_sha)
        if each.name == "hephaestus/remediation"
    ]
    assert (run.status, run.conclusion) == ("completed", "neutral")
    assert NEEDED in (run.summary or "")
    told = "\n".join(block(row) for row in rows)
    assert "open pull request: refused (github.permission: " in told
    assert NEEDED in told
