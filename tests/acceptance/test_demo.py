"""The demo as its user runs it: a process of its own, JSON lines, and a branch that real git can clone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.slow
def test_the_demo_plays_all_scenes_and_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "demo", "--once", "--json", "--keep", str(tmp_path / "kept")]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=110, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-1]["kind"] == "summary"
    assert lines[-1]["ok"] is True
    facts = {line["kind"]: line["facts"] for line in lines[:-1] if line["scene"] == 1}
    assert facts["check_run"] == {"conclusion": "failure", "annotations": 2, "pull": 1}
    assert {line["scene"] for line in lines[:-1]} == {1, 2, 3, 4}


async def test_git_clones_the_pull_request_and_only_the_version_changed(tmp_path: Path) -> None:
    from app.bootstrap.service import running_service
    from app.cli.demo import environment
    from app.cli.demo_scenes import SCENES, Stage
    from app.cli.demo_world import CI, WORKFLOW, build
    from app.settings import Settings
    from app.standin.github.server import running

    world = build(tmp_path / "git", "secret")
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, "secret"))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            stage = Stage(world, service.url, github.url)
            lines = [line async for line in SCENES[3](stage)]
            assert all(line.ok for line in lines)
            number = lines[-2].facts["number"]
            clone = tmp_path / "clone"
            await git("clone", "-q", f"{github.url}/forge/anvil.git", str(clone))
            await git("-C", str(clone), "fetch", "-q", "origin", f"pull/{number}/head")
            await git("-C", str(clone), "checkout", "-q", "FETCH_HEAD")
            await git("-C", str(clone), "fsck", "--strict")
    changed = (clone / CI).read_text(encoding="utf-8")
    assert changed == WORKFLOW.replace("upload-artifact@v3", "upload-artifact@v4")


async def git(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec("git", *arguments)
    assert await process.wait() == 0
