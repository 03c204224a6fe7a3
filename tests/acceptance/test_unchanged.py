"""The same events again, when nothing has changed: no write, and GitHub is asked for news only."""

from __future__ import annotations

import uuid

import aiohttp

from app.cli.demo_world import CI, COBERTURA, LOG, WORKFLOW, World, identity
from app.receiver.signature import sign
from app.standin.github.contract import Contract
from app.standin.github.hooks import Hooks
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from app.standin.sigstore import Form
from tests.acceptance.conftest import SECRET, Running
from tests.acceptance.process import quiet
from tests.acceptance.tenants import commit, junit

NOT_MODIFIED, NOT_FOUND = 304, 404
GOOD = b"anvil linux\n" * 64


def gate(world: World) -> None:
    """A pull request with reports, one of them red."""
    one = commit(world.repository, "topic")
    one.propose()
    one.report({"test-report": {"r.xml": junit(2)}, "coverage": {"coverage.xml": COBERTURA}})


def release(world: World) -> None:
    """An asset with its bundle, and one without any."""
    bundle = world.sigstore.sign_artifact(GOOD, identity(world, "v1", world.policy_sha), Form.REKOR_V1)
    files = {"anvil.bin": GOOD, "anvil.bin.sigstore.json": bundle, "bare.bin": b"bare"}
    repository_release(world.repository, "v1", files, target=world.policy_sha)


def remedy(world: World) -> None:
    """The failed run of a workflow that a pull request mends."""
    sha = world.repository.commit("main", {CI: WORKFLOW}, "Keep the report")
    complete_run(world.repository, CI, sha, [PlannedJob("test", "failure", log=LOG)], head_branch="main")


async def test_unchanged_subjects_cost_no_write_and_only_conditional_reads(everything: Running) -> None:
    world = everything.world
    for tell in (gate, release, remedy):
        tell(world)
        await quiet(world, everything.settings)
    calls = world.github.part(Contract).calls
    calls.clear()
    await repeat(everything)
    assert {call.method for call in calls} == {"GET"}
    # Our own downloads were news: GitHub counts them in the release.
    calls.clear()
    await repeat(everything)
    answered = {(call.method, call.status, call.path.partition("sha256")[0]) for call in calls}
    # That there is no attestation is an answer without a validator.
    answered.discard(("GET", NOT_FOUND, "/repos/forge/anvil/attestations/"))
    assert answered
    assert [each for each in sorted(answered) if each[:2] != ("GET", NOT_MODIFIED)] == []


async def repeat(everything: Running) -> None:
    """Every webhook so far once more, under a new id."""
    async with aiohttp.ClientSession() as session:
        for one in tuple(everything.world.github.part(Hooks).deliveries):
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": one.sent.event,
                "X-GitHub-Delivery": str(uuid.uuid4()),
                "X-Hub-Signature-256": sign(one.sent.body, SECRET.encode()),
            }
            url = f"{everything.service.url}/webhooks/github"
            async with session.post(url, data=one.sent.body, headers=headers) as answer:
                answer.raise_for_status()
    await quiet(everything.world, everything.settings)
