from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.standin.conftest import World

IDENTITY = {
    "GIT_AUTHOR_NAME": "Smith", "GIT_AUTHOR_EMAIL": "smith@example.com", "GIT_COMMITTER_NAME": "Smith",
    "GIT_COMMITTER_EMAIL": "smith@example.com", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"],
}  # fmt: skip


async def git(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Real git, off the loop that the stand-in runs on."""
    return await asyncio.to_thread(
        subprocess.run,
        ["git", *arguments],
        cwd=cwd,
        env=IDENTITY,
        capture_output=True,
        text=True,
        check=False,
    )


def address(world: World, token: str = "") -> str:
    user = f"x-access-token:{token}@" if token else ""
    return world.server.url.replace("http://", f"http://{user}") + "/forge/anvil.git"


async def test_git_clones_fetches_a_pull_request_and_finds_nothing_wrong(
    world: World, tmp_path: Path
) -> None:
    sha = world.anvil.commit("topic", {"anvil/strike.py": "def strike():\n    return 4\n"}, "Harder")
    world.anvil.open_pull("Harder", "topic")
    cloned = await git("clone", address(world), "copy", cwd=tmp_path)
    assert cloned.returncode == 0, cloned.stderr
    fetched = await git("fetch", "origin", "pull/1/head:review", cwd=tmp_path / "copy")
    assert fetched.returncode == 0, fetched.stderr
    assert (await git("rev-parse", "review", cwd=tmp_path / "copy")).stdout.strip() == sha
    checked = await git("fsck", "--strict", cwd=tmp_path / "copy")
    assert (checked.returncode, checked.stdout) == (0, "")


async def pushed(
    world: World, tmp_path: Path, token: str, path: str = "new.txt"
) -> subprocess.CompletedProcess[str]:
    await git("clone", address(world, token), "copy", cwd=tmp_path)
    copy = tmp_path / "copy"
    (copy / path).parent.mkdir(parents=True, exist_ok=True)
    (copy / path).write_text("on: []\n", encoding="utf-8")
    await git("add", "-A", cwd=copy)
    await git("commit", "-m", "By hand", cwd=copy)
    return await git("push", "origin", "HEAD:main", cwd=copy)


async def test_a_push_with_a_token_lands_and_is_told(world: World, tmp_path: Path) -> None:
    token = world.github.add_user_token(world.anvil.owner)
    done = await pushed(world, tmp_path, token)
    assert done.returncode == 0, done.stderr
    assert world.anvil.git.read("main", "new.txt") == b"on: []\n"
    event = next(e for e in world.github.events if e.name == "push")
    assert event.payload["after"] == world.anvil.git.resolve("main")
    assert event.payload["commits"][0]["added"] == ["new.txt"]
    assert world.events("check_suite") == ["requested"]


async def test_a_push_needs_contents_write(world: World, tmp_path: Path) -> None:
    before = world.anvil.git.resolve("main")
    refused = await pushed(world, tmp_path, await world.token(permissions={"contents": "read"}))
    assert refused.returncode != 0
    assert "403" in refused.stderr
    assert world.anvil.git.resolve("main") == before


async def test_a_push_of_a_workflow_needs_its_own_permission(world: World, tmp_path: Path) -> None:
    before = world.anvil.git.resolve("main")
    refused = await pushed(world, tmp_path, await world.token(), ".github/workflows/new.yml")
    assert refused.returncode != 0
    assert (
        "refusing to allow a GitHub App to create or update workflow `.github/workflows/new.yml`"
        in refused.stderr
    )
    assert world.anvil.git.resolve("main") == before


async def test_a_private_repository_asks_for_a_password(world: World, tmp_path: Path) -> None:
    world.anvil.private = True
    assert (await git("clone", address(world), "copy", cwd=tmp_path)).returncode != 0
    reply = await world.call("GET", "/forge/anvil.git/info/refs?service=git-upload-pack")
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Basic realm="GitHub"')
    token = await world.token()
    assert (await git("clone", address(world, token), "copy", cwd=tmp_path)).returncode == 0


async def test_a_gzipped_negotiation_is_answered_with_a_pack(world: World) -> None:
    sha = world.anvil.git.resolve("main")
    body = f"0032want {sha}\n00000009done\n".encode()
    async with world.session.post(
        f"{world.server.url}/forge/anvil.git/git-upload-pack",
        data=gzip.compress(body),
        headers={"Content-Encoding": "gzip", "Content-Type": "application/x-git-upload-pack-request"},
    ) as response:
        assert response.status == 200
        assert b"PACK" in await response.read()


@pytest.mark.parametrize(
    "path", ["/forge/anvil.git/config", "/forge/anvil.git/objects/info/packs", "/forge/../x.git/info/refs"]
)
async def test_nothing_but_the_smart_protocol_is_served(world: World, path: str) -> None:
    assert (await world.call("GET", path)).status in {401, 404}


async def test_what_a_push_leaves_as_a_pack_is_read_through_the_api(world: World, tmp_path: Path) -> None:
    token = world.github.add_user_token(world.anvil.owner)
    await git("clone", address(world, token), "copy", cwd=tmp_path)
    copy = tmp_path / "copy"
    for number in range(150):
        (copy / f"file{number}").write_text(str(number), encoding="utf-8")
    await git("add", "-A", cwd=copy)
    await git("commit", "-m", "Many", cwd=copy)
    assert (await git("push", "origin", "HEAD:main", cwd=copy)).returncode == 0
    raw = "application/vnd.github.raw+json"
    reply = await world.call("GET", "/repos/forge/anvil/contents/file149", token=token, accept=raw)
    assert reply.body == b"149"
