"""The four scenes: something happens at GitHub, a signed webhook goes out, and the app answers through the API."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

from app.cli.demo_transcript import Line
from app.cli.demo_world import CI, COBERTURA, JUNIT, LOG, World, identity
from app.standin.github.deliveries import Hooks, Outgoing, headers_of
from app.standin.github.diffs import unified
from app.standin.github.hooks import deliver_raw, idle, redeliver
from app.standin.github.pulling import fork_point
from app.standin.github.records import CheckRun
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from app.standin.sigstore import Form

T = TypeVar("T")
PATIENCE_S = 20.0
ACCEPTED, UNAUTHORIZED = 202, 401
FAILING_TESTS = 3


@dataclass(frozen=True)
class Stage:
    """The world, and where people find it."""

    world: World
    git_url: str

    async def wait(self, look: Callable[[], T | None]) -> T | None:
        """What `look` finds, as soon as it finds it; None after twenty seconds."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if (found := look()) is not None:
                return found
            await asyncio.sleep(0.05)
        return None

    def check(self, name: str, sha: str) -> CheckRun | None:
        """The app's completed check run of that name."""
        for run in self.world.repository.check_runs.values():
            mine = run.suite.app.id == self.world.app.id and run.head_sha == sha
            if mine and run.name == name and run.status == "completed":
                return run
        return None

    async def delivered(self, scene: int, since: int, wanted: str) -> AsyncIterator[Line]:
        """The deliveries of the wanted events since then, one line each."""
        await idle(self.world.github)
        for one in self.world.github.part(Hooks).deliveries[since:]:
            name = f"{one.sent.event}.{one.sent.action}" if one.sent.action else one.sent.event
            if name in wanted.split():
                signature = "signature ok" if one.status_code == ACCEPTED else "not accepted"
                facts = {"event": name, "delivery": one.sent.guid, "status": one.status_code}
                yield Line(
                    scene,
                    "delivery",
                    f"→ {name:24} delivery {one.sent.guid[:8]}…  {signature}, answered {one.status_code}",
                    ok=one.status_code == ACCEPTED,
                    facts=facts,
                )

    def count(self) -> int:
        """How many deliveries went out so far."""
        return len(self.world.github.part(Hooks).deliveries)


async def quality_gate(stage: Stage) -> AsyncIterator[Line]:
    """A pull request whose tests fail and whose coverage is too low."""
    repository, since = stage.world.repository, stage.count()
    sha = repository.commit("temper", {"CHANGES.md": "Temper the edge.\n"}, "Temper the edge")
    pull = repository.open_pull("Temper the edge", "temper")
    artifacts = {"test-report": {"report.xml": JUNIT}, "coverage": {"coverage.xml": COBERTURA}}
    jobs = [PlannedJob("test", "failure")]
    complete_run(repository, CI, sha, jobs, artifacts, event="pull_request", head_branch="temper")
    async for line in stage.delivered(1, since, "pull_request.opened workflow_run.completed"):
        yield line
    check = await stage.wait(lambda: stage.check("hephaestus/quality-gate", sha))
    if check is None:
        yield Line(1, "check_run", "← no check run came", ok=False)
        return
    notes = [{"path": a["path"], "line": a["start_line"], "message": a["message"]} for a in check.annotations]
    yield Line(
        1,
        "check_run",
        f"← check run {check.name}: {check.conclusion}, {len(notes)} annotations",
        ok=check.conclusion == "failure" and len(notes) == FAILING_TESTS,
        facts={"name": check.name, "conclusion": check.conclusion, "annotations": notes, "pull": pull.number},
    )
    for note in notes:
        place = f"{note['path']}:{note['line']}"
        said = str(note["message"]).splitlines()[0]
        yield Line(1, "annotation", f"    {place:26} {said}", facts=note)


async def release(stage: Stage) -> AsyncIterator[Line]:
    """A release with three assets, one of which was changed after it was signed."""
    world, since = stage.world, stage.count()
    signer = identity(world, "v1.0.0", world.policy_sha)
    good = {
        f"anvil-1.0.0-{part}.bin": f"anvil {part}\n".encode() * 64 for part in ("linux", "macos", "windows")
    }
    bundles = {
        f"{name}.sigstore.json": world.sigstore.sign_artifact(data, signer, Form.REKOR_V1)
        for name, data in good.items()
    }
    assets = {**good, "anvil-1.0.0-windows.bin": good["anvil-1.0.0-windows.bin"] + b"and a little extra"}
    repository_release(world.repository, "v1.0.0", {**assets, **bundles}, target=world.policy_sha)
    async for line in stage.delivered(2, since, "release.published"):
        yield line
    check = await stage.wait(
        lambda: stage.check("hephaestus/release-verification (v1.0.0)", world.policy_sha)
    )
    if check is None:
        yield Line(2, "check_run", "← no check run came", ok=False)
        return
    yield Line(
        2,
        "check_run",
        f"← check run {check.name}: {check.conclusion}",
        ok=check.conclusion == "failure" and "windows" in f"{check.title}",
        facts={"name": check.name, "conclusion": check.conclusion, "title": check.title},
    )
    yield Line(2, "verdict", f"    {check.title}", facts={"refused": ["anvil-1.0.0-windows.bin"]})


async def remediation(stage: Stage) -> AsyncIterator[Line]:
    """A workflow that fails because GitHub retired the action it uses."""
    repository, since = stage.world.repository, stage.count()
    before = set(repository.pulls)
    jobs = [PlannedJob("test", "failure", log=LOG)]
    complete_run(repository, CI, stage.world.policy_sha, jobs, head_branch="main")
    async for line in stage.delivered(3, since, "workflow_run.completed"):
        yield line
    pull = await stage.wait(
        lambda: next((p for number, p in repository.pulls.items() if number not in before), None)
    )
    if pull is None:
        yield Line(3, "pull_request", "no pull request came", ok=False)
        return
    author = pull.issue.user.login
    yield Line(
        3,
        "pull_request",
        f'← pull request #{pull.number} "{pull.issue.title}" by {author}',
        facts={"number": pull.number, "title": pull.issue.title, "branch": pull.head_ref, "author": author},
    )
    base = fork_point(repository, pull)
    diff = await asyncio.to_thread(unified, repository.git, base, pull.head_sha)
    for changed in diff.splitlines():
        if changed.startswith(("+", "-")) and not changed.startswith(("+++", "---")):
            yield Line(3, "change", f"    {changed}", facts={"path": CI, "line": changed})


async def forgery(stage: Stage) -> AsyncIterator[Line]:
    """A delivery signed with another secret, and a true one sent twice."""
    github, since = stage.world.github, stage.count()
    hooks, body = github.part(Hooks), b'{"action": "published"}'
    stranger = Outgoing(stage.world.app, str(uuid.uuid4()), "release", "published", body, None, None)
    forged = await deliver_raw(github, stranger, headers_of(stranger, secret=secrets.token_hex(20)))
    yield Line(
        4,
        "forged",
        f"→ {'release.published':24} signed with another secret  refused, answered {forged.status_code}",
        ok=forged.status_code == UNAUTHORIZED,
        facts={"status": forged.status_code, "answer": forged.response_body},
    )
    stage.world.repository.commit("quench", {"NOTES.md": "Quench it.\n"}, "Quench the edge")
    async for line in stage.delivered(4, since, "push"):
        yield line
    push = next(one for one in hooks.deliveries[since:] if one.sent.event == "push")
    redeliver(hooks, push)
    await idle(github)
    again = next(one for one in hooks.deliveries[::-1] if one.sent.guid == push.sent.guid)
    became = str(json.loads(again.response_body).get("status"))
    yield Line(
        4,
        "duplicate",
        f"→ {'push':24} the same delivery again  ignored: {became}, answered {again.status_code}",
        ok=again.status_code == ACCEPTED and again.sent.redelivery and became == "duplicate",
        facts={"delivery": push.sent.guid, "status": again.status_code, "became": became},
    )


SCENES = {1: quality_gate, 2: release, 3: remediation, 4: forgery}
TITLES = {
    1: "A pull request fails its tests",
    2: "A release has a tampered asset",
    3: "A workflow uses a retired action",
    4: "Somebody forges a delivery",
}
