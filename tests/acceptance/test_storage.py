"""Where the data lies: what cannot be used is one line and exit code 2; a disk that fills up is 503, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from app.standin.github.deliveries import Hooks
from app.standin.github.hooks import idle, redeliver
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import checks, deliveries, refused, serving, until
from tests.acceptance.tenants import commit, tenant


async def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path, new_world: NewWorld) -> None:
    (tmp_path / "file").write_text("no directory", encoding="utf-8")
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1") as serve:
        said = await refused(serve, HEPHAESTUS_DATA_DIR=str(tmp_path / "file" / "data"))
    assert "HEPHAESTUS_DATA_DIR" in said


async def test_a_database_in_a_folder_that_is_absent_is_named(tmp_path: Path, new_world: NewWorld) -> None:
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1") as serve:
        said = await refused(serve, HEPHAESTUS_DATABASE_URL=f"sqlite:///{tmp_path}/absent/h.db")
    assert "HEPHAESTUS_DATABASE_URL" in said


async def test_a_database_that_is_none_is_named(tmp_path: Path, new_world: NewWorld) -> None:
    (tmp_path / "h.db").write_bytes(b"this is no database at all" * 1_000)
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1") as serve:
        said = await refused(serve, HEPHAESTUS_DATABASE_URL=f"sqlite:///{tmp_path}/h.db")
    assert "HEPHAESTUS_DATABASE_URL" in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MiB, read-write; the test may remount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        no_disk("needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def no_disk(reason: str) -> NoReturn:
    """Skips where people work, fails where everything has to be proven."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI=true")
    pytest.skip(reason)


async def test_a_directory_that_is_read_only_is_named(
    tmp_path: Path, new_world: NewWorld, small_disk: Path
) -> None:
    await run("mount", "-o", "remount,ro", str(small_disk))
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1") as serve:
        said = await refused(serve, HEPHAESTUS_DATA_DIR=str(small_disk))
    assert "HEPHAESTUS_DATA_DIR" in said


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux's prlimit")
async def test_files_that_may_not_grow_answer_503_and_lose_nothing(
    tmp_path: Path, new_world: NewWorld
) -> None:
    """The same as a full disk for whoever may not mount one: the system refuses each write."""
    world = new_world()
    world.app.events = ["pull_request"]
    repository = tenant(world, "org")
    first, second = commit(repository, "b1"), commit(repository, "b2")
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start()
        assert serve.process is not None
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        first.propose()
        assert await until(lambda: checks(world, repository, first.sha))
        _, most = resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (1, most))
        second.propose()
        await idle(world.github)
        refusal = deliveries(world, "pull_request")[-1]
        resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (most, most))
        assert (refusal.status_code, refusal.response_headers.get("Retry-After")) == (503, "30")
        assert checks(world, repository, second.sha) == []
        redeliver(world.github.part(Hooks), refusal)
        assert await until(lambda: checks(world, repository, second.sha))
        assert deliveries(world, "pull_request")[-1].status_code == 202


async def test_a_full_disk_answers_503_and_loses_nothing(
    tmp_path: Path, new_world: NewWorld, small_disk: Path
) -> None:
    world = new_world()
    world.app.events = ["pull_request"]
    repository = tenant(world, "org")
    first, second = commit(repository, "b1"), commit(repository, "b2")
    settings = {"HEPHAESTUS_DATA_DIR": str(small_disk)}
    async with running(world.github) as github, serving(world, tmp_path, github.url, **settings) as serve:
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        first.propose()
        assert await until(lambda: checks(world, repository, first.sha))
        fill(small_disk / "filler")
        second.propose()
        await idle(world.github)
        refusal = deliveries(world, "pull_request")[-1]
        assert (refusal.status_code, refusal.response_headers.get("Retry-After")) == (503, "30")
        assert checks(world, repository, second.sha) == []
        (small_disk / "filler").unlink()
        redeliver(world.github.part(Hooks), refusal)
        assert await until(lambda: checks(world, repository, second.sha))
        assert deliveries(world, "pull_request")[-1].status_code == 202


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


def fill(path: Path) -> None:
    """Writes until the disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
