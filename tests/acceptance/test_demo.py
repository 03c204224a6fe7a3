"""The demo as its user runs it: a process of its own, JSON lines, and a branch that real git can clone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import SECRET, NewWorld
from tests.conftest import CORPUS, REPOSITORY

DEMO = [sys.executable, "-m", "app", "demo"]


def play(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.run(
        [*DEMO, *options], cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.mark.slow
def test_the_demo_plays_all_scenes_and_says_so(tmp_path: Path) -> None:
    done = play(tmp_path, "--once", "--json", "--keep", str(tmp_path / "kept"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert (lines[-1]["kind"], lines[-1]["ok"]) == ("summary", True)
    assert all(set(line) == {"scene", "kind", "text", "ok", "facts"} for line in lines[:-1])
    facts = {line["kind"]: line["facts"] for line in lines[:-1] if line["scene"] == 1}
    assert facts["check_run"]["conclusion"] == "failure"
    assert [note["line"] for note in facts["check_run"]["annotations"]] == [4, 8, 16]
    assert {line["scene"] for line in lines[:-1]} == {0, 1, 2, 3, 4}
    contract = next(line["facts"] for line in lines if line["kind"] == "contract")
    assert contract.get("deviations", []) == []
    assert contract["checked"] is CORPUS.is_dir()
    clone = next(line["facts"]["command"] for line in lines if line["kind"] == "clone")
    subprocess.run(clone, shell=True, cwd=tmp_path, check=True, capture_output=True)  # noqa: S602 (what a person pastes)


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["2", "4"])
def test_a_scene_can_be_played_alone(tmp_path: Path, scene: str) -> None:
    done = play(tmp_path, "--once", "--json", "--scene", scene)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert {line["scene"] for line in lines[:-1]} == {0, int(scene)}


@pytest.mark.slow
def test_ctrl_c_ends_the_demo_without_an_error(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    demo = subprocess.Popen(
        [*DEMO, "--scene", "4"],
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with demo:
        assert demo.stderr is not None
        assert demo.stderr.readline() == "Ctrl-C stops.\n"
        os.killpg(demo.pid, signal.SIGINT)
        _, said = demo.communicate(timeout=30)
    assert (demo.returncode, said) == (0, "")


async def test_git_clones_the_pull_request_and_only_the_version_changed(
    tmp_path: Path, new_world: NewWorld
) -> None:
    from app.bootstrap.service import running_service
    from app.cli.demo import environment
    from app.cli.demo_scenes import SCENES, Stage
    from app.cli.demo_world import CI, WORKFLOW
    from app.settings import Settings
    from app.standin.github.server import running

    world = new_world()
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            stage = Stage(world, github.url)
            lines = [line async for line in SCENES[3](stage)]
            assert all(line.ok for line in lines)
            number = next(line.facts["number"] for line in lines if line.kind == "pull_request")
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
