"""What an operator gets wrong: one line that names the setting and says what to do, and exit code 2; or not ready, and why."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest

from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.settings import Settings
from app.standin.github.keys import key_pair
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld, Running
from tests.acceptance.process import Serve, checks, quiet, refused, serving, until
from tests.acceptance.tenants import commit, tenant
from tests.conftest import REPOSITORY


def has_ipv6() -> bool:
    """Whether ::1 can be listened on."""
    try:
        with closing(socket.create_server(("::1", 0), family=socket.AF_INET6)):
            return True
    except OSError:
        return False


async def not_ready(serve: Serve) -> tuple[Mapping[str, bool], str]:
    """The checks of `/readyz`, and the line of the log that says why it answered 503."""
    async with aiohttp.ClientSession() as session, session.get(f"{serve.url}/readyz") as answer:
        assert answer.status == 503
        said = [json.loads(line) for line in serve.log.splitlines() if '"not_ready"' in line]
        return (await answer.json())["checks"], str(said[-1]["error"]) if said else ""


async def test_another_apps_private_key_is_not_ready_and_the_log_says_why(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world, (pem, _) = new_world(), key_pair()
    async with (
        running(world.github) as github,
        serving(world, tmp_path, github.url, HEPHAESTUS_PRIVATE_KEY=pem) as serve,
    ):
        await serve.start()
        found, why = await not_ready(serve)
    assert found == {"database": True, "engine": True, "credentials": False}
    assert "HEPHAESTUS_PRIVATE_KEY" in why
    assert "HEPHAESTUS_APP_ID" in why


async def test_a_wrong_app_id_is_not_ready_and_the_log_says_why(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    async with (
        running(world.github) as github,
        serving(world, tmp_path, github.url, HEPHAESTUS_APP_ID="999") as serve,
    ):
        await serve.start()
        found, why = await not_ready(serve)
    assert found["credentials"] is False
    assert "HEPHAESTUS_APP_ID" in why


async def test_a_clock_that_is_wrong_does_not_stop_the_work(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    world.github.clock = lambda: datetime.now(UTC) + timedelta(hours=3)
    one = commit(tenant(world, "org"), "b")
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        one.propose()
        assert await until(lambda: checks(world, one.repository, one.sha)), serve.log


async def test_a_port_that_is_taken_is_named(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        with closing(socket.create_server(("127.0.0.1", serve.port))):
            said = await refused(serve)
    assert f"127.0.0.1:{serve.port}" in said
    assert "HEPHAESTUS_PORT" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("HEPHAESTUS_HOST", "192.0.2.1"), ("HEPHAESTUS_HOST", f"{'a' * 70}.b"), ("HEPHAESTUS_ADMIN_BIND", "192.0.2.1:1")],
)  # fmt: skip
async def test_an_address_that_is_not_this_machines_is_named(
    tmp_path: Path, new_world: NewWorld, name: str, value: str
) -> None:
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1", **{name: value}) as serve:
        said = await refused(serve)
    named = {word for word in ("HEPHAESTUS_HOST", "HEPHAESTUS_ADMIN_BIND") if word in said}
    assert (named, value in said) == ({name}, True)


@pytest.mark.parametrize("content", [None, "{}"])
async def test_a_trusted_root_that_cannot_be_used_stops_the_start(
    tmp_path: Path, new_world: NewWorld, content: str | None
) -> None:
    root = tmp_path / "root.json"
    if content is not None:
        root.write_text(content, encoding="utf-8")
    pin = sha256((content or "").encode()).hexdigest()
    settings = {"HEPHAESTUS_TRUSTED_ROOT": str(root), "HEPHAESTUS_TRUSTED_ROOT_SHA256": pin}
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1", **settings) as serve:
        said = await refused(serve)
    assert "HEPHAESTUS_TRUSTED_ROOT" in said
    assert str(root) in said


async def test_a_trusted_root_that_nobody_confirmed_for_long_is_told_and_changes_nothing(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        long_ago = time.time() - timedelta(days=100).total_seconds()
        os.utime(settings.trust.public_good, (long_ago, long_ago))
        async with running_service(settings) as service, aiohttp.ClientSession() as session:
            async with asyncio.timeout(10):
                while "warnings" not in (  # noqa: ASYNC110 (a probe is asked from outside)
                    status := await (await session.get(f"{service.url}/readyz")).json()
                ):
                    await asyncio.sleep(0.05)
    assert status["status"] == "ready"
    (said,) = status["warnings"]
    assert said.startswith("the trusted root of public-good was last confirmed 100 days ago: ")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_ipv6_addresses_are_listened_on_and_told(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    async with running(world.github) as github:
        given = {"HEPHAESTUS_HOST": "[::1]", "HEPHAESTUS_ADMIN_BIND": "[::1]:0"}
        settings = Settings.load({**environment(world, tmp_path, github.url, SECRET), **given})
        async with running_service(settings) as service, aiohttp.ClientSession() as session:
            for url in (service.url, service.admin_url):
                async with session.get(f"{url}/healthz") as answer:
                    assert (url.startswith("http://[::1]:"), answer.status) == (True, 200)


async def test_a_private_key_that_is_none_stops_the_start_and_is_not_shown(
    tmp_path: Path, new_world: NewWorld
) -> None:
    broken = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"
    async with serving(new_world(), tmp_path, "http://127.0.0.1:1", HEPHAESTUS_PRIVATE_KEY=broken) as serve:
        said = await refused(serve)
    assert "HEPHAESTUS_PRIVATE_KEY" in said
    assert "AAAA" not in serve.log


async def test_an_invalid_configuration_is_shown_on_its_line(everything: Running) -> None:
    world, broken = everything.world, "version: 1\nquality_gate:\n  gates:\n    tests: {min_test: 3}\n"
    clumsy = tenant(world, "clumsy", broken)
    one = commit(clumsy, "topic")
    one.propose()
    await quiet(world, everything.settings)
    (run,) = checks(world, clumsy, one.sha)
    assert run.conclusion == "action_required"
    assert [(each["path"], each["start_line"]) for each in run.annotations] == [(".github/hephaestus.yml", 4)]
    assert "min_test" in run.annotations[0]["message"]


def test_a_database_is_brought_up_to_date_without_any_credentials(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "migrate"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HEPHAESTUS_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "the database has the newest schema\n")
    assert (tmp_path / "data" / "hephaestus.db").stat().st_mode & 0o777 == 0o600
