"""How many requests to GitHub a subject costs, by capability: the first time, and again when nothing has changed since."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from app.cli.demo_world import CI, LOG, WORKFLOW, World, identity
from app.receiver.signature import sign
from app.standin.github.contract import Contract
from app.standin.github.deliveries import Delivery
from app.standin.github.hooks import idle
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from app.standin.sigstore import Form
from tests.acceptance.process import Serve, deliveries
from tests.acceptance.tenants import tenant
from tests.benchmarks.load import SECRET

EVENTS = 10
PATIENCE_S = 300.0
ASSETS = 3
PROPOSE = "version: 1\nremediation: {mode: propose}\n"


@dataclass(frozen=True)
class Requests:
    """Requests for one commit, release or run, whatever number of webhooks tells of it; those for tokens are left out."""

    reads: float
    writes: float


async def releases(world: World, serve: Serve) -> tuple[Requests, Requests]:
    """Each release has three assets with a bundle each; all of them are downloaded and verified."""
    world.app.events = ["release"]
    for number in range(EVENTS):
        tag = f"v2.{number}"
        signer = identity(world, tag, world.policy_sha)
        assets = {f"anvil-{number}-{part}.bin": f"{tag} {part}\n".encode() * 64 for part in range(ASSETS)}
        bundles = {
            f"{name}.sigstore.json": world.sigstore.sign_artifact(data, signer, Form.REKOR_V1)
            for name, data in assets.items()
        }
        repository_release(world.repository, tag, {**assets, **bundles}, target=world.policy_sha)
    return await first_and_again(world, serve, "release")


async def remediations(world: World, serve: Serve) -> tuple[Requests, Requests]:
    """Each is the failed run of a workflow that a pull request mends, in a repository of its own."""
    world.app.events = ["workflow_run"]
    for number in range(EVENTS):
        repository = tenant(world, f"mended{number}", PROPOSE)
        sha = repository.commit("main", {CI: WORKFLOW}, "Keep the report")
        jobs = [PlannedJob("test", "failure", log=LOG)]
        complete_run(repository, CI, sha, jobs, head_branch="main")
    return await first_and_again(world, serve, "workflow_run")


async def first_and_again(world: World, serve: Serve, event: str) -> tuple[Requests, Requests]:
    """What the events that wait to be sent cost, and what the same ones cost under new ids."""
    calls = world.github.part(Contract).operations
    calls.clear()
    sent = len(deliveries(world, event))
    await idle(world.github)
    await settled(serve)
    first = counted(calls, EVENTS)
    return first, await repeated(world, serve, deliveries(world, event)[sent:], EVENTS)


async def repeated(world: World, serve: Serve, sent: Sequence[Delivery], subjects: int) -> Requests:
    """The same webhooks once more under new ids: nothing has changed since."""
    calls = world.github.part(Contract).operations
    calls.clear()
    async with aiohttp.ClientSession() as session:
        for one in sent:
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": one.sent.event,
                "X-GitHub-Delivery": str(uuid.uuid4()),
                "X-Hub-Signature-256": sign(one.sent.body, SECRET),
            }
            async with session.post(
                f"{serve.url}/webhooks/github", data=one.sent.body, headers=headers
            ) as answer:
                answer.raise_for_status()
    await settled(serve)
    return counted(calls, subjects)


async def settled(serve: Serve) -> None:
    """Waits until no delivery is open."""
    open_ = "SELECT count(*) FROM delivery WHERE state IN ('received', 'running')"
    async with asyncio.timeout(PATIENCE_S):
        while (await asyncio.to_thread(serve.rows, open_))[0][0]:  # noqa: ASYNC110 (another process: nothing to wait on)
            await asyncio.sleep(0.1)


def counted(calls: dict[str, int], subjects: int) -> Requests:
    """Reads and writes a subject; tokens are neither."""
    real = {name: number for name, number in calls.items() if "access_tokens" not in name}
    reads = sum(number for name, number in real.items() if name.startswith(("GET ", "HEAD ")))
    return Requests(reads / subjects, (sum(real.values()) - reads) / subjects)


def table(found: dict[str, tuple[Requests, Requests]]) -> list[str]:
    """Markdown."""
    return [
        "| capability | reads a subject | writes | nothing changed: reads | writes (to reach: 0) |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {first.reads:.1f} | {first.writes:.1f} | {again.reads:.1f} | {again.writes:.1f} |"
            for name, (first, again) in found.items()
        ),
    ]
