"""Several Apps in one process, two on one GitHub and one on another that uses the same ids: nothing of one reaches another."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from app.cli.demo_world import PERMISSIONS, World
from app.receiver.signature import sign
from app.standin.github.deliveries import Delivery
from app.standin.github.faults import Fault, Faults
from app.standin.github.hooks import idle
from app.standin.github.keys import key_pair
from app.standin.github.records import CheckRun
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import Serve, checks, deliveries, serving, until
from tests.acceptance.tenants import Commit, commit
from tests.conftest import REPOSITORY


@dataclass(frozen=True)
class Side:
    """One App: its world, and the key that the service gives it."""

    world: World
    key: str

    def propose(self) -> Commit:
        """A pull request in the one repository of its GitHub; every App there hears of it."""
        one = commit(self.world.repository, f"topic-{uuid.uuid4().hex[:8]}")
        one.propose()
        return one

    def said(self, one: Commit) -> list[CheckRun]:
        """Its own check runs on the commit."""
        return checks(self.world, one.repository, one.sha)

    def heard(self) -> list[Delivery]:
        """The deliveries of pull requests that were tried to it, oldest first."""
        return [each for each in deliveries(self.world, "pull_request") if each.sent.app is self.world.app]


@dataclass(frozen=True)
class Sides:
    """`first` and `second` share a GitHub; `twin` has the ids of `first` at another one."""

    first: Side
    second: Side
    twin: Side
    serve: Serve

    @property
    def all(self) -> tuple[Side, ...]:
        return self.first, self.second, self.twin

    async def idle(self) -> None:
        """Returns when everything was delivered."""
        await idle(self.first.world.github)
        await idle(self.twin.world.github)


@asynccontextmanager
async def three_apps(folder: Path, new_world: NewWorld) -> AsyncIterator[Sides]:
    """Two GitHubs with three Apps, and a service of all three that is not started yet."""
    one, other = new_world(), new_world()
    checker = one.github.add_app(
        "checker", owner="forge", permissions=PERMISSIONS, events=[], webhook_secret="the second's secret"
    )
    beside = replace(one, app=checker, installation=one.github.add_installation(checker, "forge"))
    one.app.webhook_secret, other.app.webhook_secret = "the first's secret", "the twin's secret"
    async with running(one.github) as here, running(other.github) as there:
        first, second, twin = (
            Side(world, f"{urlsplit(url).netloc}/{world.app.id}")
            for world, url in ((one, here.url), (beside, here.url), (other, there.url))
        )
        named = named_apps(folder / "apps.toml", (first, second, twin))
        async with serving(one, folder, here.url, HEPHAESTUS_APPS_FILE=named) as serve:
            for side in (first, second, twin):
                side.world.app.webhook_url = f"{serve.url}/webhooks/github"
                side.world.app.events = ["pull_request"]
            yield Sides(first, second, twin, serve)


def named_apps(path: Path, sides: Sequence[Side], keys: Mapping[str, str] | None = None) -> str:
    """A file of Apps, and its path; `keys` replaces private keys."""
    entries = []
    for side in sides:
        app, github = side.world.app, side.world.github
        pem = (keys or {}).get(side.key, app.private_key_pem)
        entries.append(
            f"[[app]]\nid = {app.id}\nprivate_key = '''{pem}'''\n"
            f'webhook_secrets = ["{app.webhook_secret}"]\ngithub_url = "{github.api_url}"\n'
        )
    path.write_text("\n".join(entries), encoding="utf-8")
    return str(path)


async def posted(serve: Serve, body: bytes, signer: Side, target: Side, guid: str = "") -> int:
    """The status for a `pull_request` that is signed with one App's secret and sent in the name of another."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": guid or str(uuid.uuid4()),
        "X-GitHub-Hook-Installation-Target-ID": str(target.world.app.id),
        "X-Hub-Signature-256": sign(body, signer.world.app.webhook_secret.encode()),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{serve.url}/webhooks/github", data=body, headers=headers) as answer,
    ):
        return answer.status


async def hephaestus(serve: Serve, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command beside the running service."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *words),
        env=serve.environ,
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.mark.slow
async def test_each_app_says_under_its_own_id_what_it_heard_itself(
    tmp_path: Path, new_world: NewWorld
) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, twin = sides.all
        assert first.world.app.id == twin.world.app.id
        assert first.world.installation.id == twin.world.installation.id
        assert first.world.repository.id == twin.world.repository.id
        await sides.serve.start()
        here, there = first.propose(), twin.propose()
        expected = [(first, here), (second, here), (twin, there)]
        assert await until(lambda: all(side.said(one) for side, one in expected)), sides.serve.log
        await sides.idle()
        assert [[run.status for run in side.said(one)] for side, one in expected] == [["in_progress"]] * 3
        once = sorted((side.key, 1) for side in sides.all)
        heard = "SELECT app_key, count(*) FROM delivery WHERE event = 'pull_request' GROUP BY app_key"
        judged = "SELECT app_key, count(*) FROM evaluation GROUP BY app_key"
        assert sorted(sides.serve.rows(heard)) == once
        assert sorted(sides.serve.rows(judged)) == once
        paced = {str(key) for (key,) in sides.serve.rows("SELECT DISTINCT key FROM budget")}
        assert paced == {
            f"{side.key}|{who}"
            for side in sides.all
            for who in ("app", f"installation:{side.world.installation.id}")
        }


async def test_the_target_id_names_the_candidates_and_the_secret_decides(
    tmp_path: Path, new_world: NewWorld
) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, twin = sides.all
        await sides.serve.start()
        assert await posted(sides.serve, b"{}", signer=second, target=first) == 401
        assert await posted(sides.serve, b"{}", signer=first, target=second) == 401
        assert sides.serve.rows("SELECT app_key FROM delivery") == []
        assert (
            await posted(sides.serve, b"{}", signer=twin, target=first) == 202
        )  # the same id: only the secret tells
        assert sides.serve.rows("SELECT app_key FROM delivery") == [(twin.key,)]


@pytest.mark.slow
async def test_each_app_asks_its_own_list_for_what_was_missed(tmp_path: Path, new_world: NewWorld) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, twin = sides.all
        here, there = first.propose(), twin.propose()
        await sides.idle()
        assert [[each.is_success for each in side.heard()] for side in sides.all] == [[False]] * 3
        await sides.serve.start()
        expected = [(first, here), (second, here), (twin, there)]
        assert await until(lambda: all(side.said(one) for side, one in expected)), sides.serve.log
        await sides.idle()
        for side in sides.all:
            missed, again = side.heard()
            assert (again.sent.guid, again.sent.redelivery, again.status_code) == (
                missed.sent.guid,
                True,
                202,
            )


async def test_an_app_whose_key_is_wrong_is_named_and_the_others_work(
    tmp_path: Path, new_world: NewWorld
) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, twin = sides.all
        named_apps(tmp_path / "apps.toml", sides.all, keys={twin.key: key_pair()[0]})
        await sides.serve.start()
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{sides.serve.url}/readyz") as answer,
        ):
            status, found = answer.status, (await answer.json())["checks"]
        assert (status, found) == (
            503,
            {
                "database": True,
                "engine": True,
                f"credentials {first.key}": True,
                f"credentials {second.key}": True,
                f"credentials {twin.key}": False,
            },
        )
        here = first.propose()
        assert await until(lambda: first.said(here) and second.said(here)), sides.serve.log


@pytest.mark.slow
async def test_work_for_an_app_that_is_left_out_waits_until_it_is_back(
    tmp_path: Path, new_world: NewWorld
) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, twin = sides.all
        serve, faults = sides.serve, twin.world.github.part(Faults)
        faults.inject(Fault.BAD_GATEWAY, path="/repos/.*", times=None)
        await serve.start()
        there = twin.propose()
        assert await until(lambda: (twin.key, "queued", 1) in state_of_work(serve)), serve.log
        await serve.terminate()
        faults.clear()
        without = named_apps(tmp_path / "without.toml", (first, second))
        await serve.start(HEPHAESTUS_APPS_FILE=without)
        assert await until(lambda: '"app_not_configured"' in serve.log), serve.log
        here = first.propose()
        assert await until(lambda: first.said(here) and second.said(here)), serve.log
        assert twin.said(there) == []
        await serve.terminate()
        await serve.start()
        assert await until(lambda: twin.said(there)), serve.log
        assert len(twin.said(there)) == 1


def state_of_work(serve: Serve) -> list[tuple[object, ...]]:
    """App, state and attempt of every evaluation."""
    return serve.rows("SELECT app_key, state, attempt FROM evaluation")


@pytest.mark.slow
async def test_a_delivery_of_the_second_app_is_rehearsed_also_where_the_first_has_the_same_id(
    tmp_path: Path, new_world: NewWorld
) -> None:
    async with three_apps(tmp_path, new_world) as sides:
        first, second, _ = sides.all
        serve = sides.serve
        await serve.start()
        here = first.propose()
        assert await until(lambda: first.said(here) and second.said(here)), serve.log
        await sides.idle()
        guid, (own,) = first.heard()[0].sent.guid, second.heard()
        assert await posted(serve, own.sent.body, signer=second, target=second, guid=guid) == 202
        settled = f"SELECT app_key FROM delivery WHERE guid = '{guid}' AND state = 'done'"  # noqa: S608 (a GUID)
        assert await until(lambda: len(serve.rows(settled)) == 2), serve.log
        code, _, said = await hephaestus(serve, "deliveries", "replay", guid, "--dry-run")
        assert (code, "--app" in said, second.key in said) == (2, True, True)
        asked = ("deliveries", "replay", guid, "--app", second.key, "--dry-run", "--json")
        code, out, said = await hephaestus(serve, *asked)
        assert code == 0, said
        found = json.loads(out)
        assert (found["app"], found["state"]) == (second.key, "done")
        assert [one["handler"] for one in found["handlers"]] == ["quality_gate"]
        assert len(second.said(here)) == 1
