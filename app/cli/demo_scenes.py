"""The four scenes: something happens at GitHub, a signed webhook goes out, and the app answers through the API."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.cli.demo_world import CI, COBERTURA, JUNIT, LOG, World, identity
from app.standin.github.deliveries import Hooks
from app.standin.github.hooks import deliver_raw, idle
from app.standin.github.records import CheckRun
from app.standin.github.releases import repository_release
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from app.standin.sigstore import Form

T = TypeVar("T")
PATIENCE_S = 20.0
ACCEPTED, UNAUTHORIZED = 202, 401


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, for people and as JSON."""

    scene: int
    kind: str
    text: str
    ok: bool = True
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """The world, and where the app listens."""

    world: World
    app_url: str
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
                yield Line(
                    scene,
                    "delivery",
                    f"→ {name:28} delivery {one.sent.guid[:8]}…  answered {one.status_code}",
                    ok=one.status_code == ACCEPTED,
                    facts={"event": name, "delivery": one.sent.guid, "status": one.status_code},
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
    ok = check is not None and check.conclusion == "failure" and len(check.annotations) > 0
    text = "no check run came"
    facts: dict[str, object] = {}
    if check is not None:
        places = ", ".join(f"{a['path']}:{a['start_line']}" for a in check.annotations)
        text = (
            f"← check run {check.name}: {check.conclusion}, {len(check.annotations)} annotations ({places})"
        )
        facts = {"conclusion": check.conclusion, "annotations": len(check.annotations), "pull": pull.number}
    yield Line(1, "check_run", text, ok, facts)


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
    check = await stage.wait(lambda: stage.check("hephaestus/release-verification", world.policy_sha))
    refused = check is not None and check.conclusion == "failure"
    named = refused and check is not None and "windows" in f"{check.summary}{check.text}"
    text = "no check run came"
    facts: dict[str, object] = {}
    if check is not None:
        text = f"← check run {check.name}: {check.conclusion}, {check.title}"
        facts = {"conclusion": check.conclusion, "title": check.title}
    yield Line(2, "check_run", text, bool(named), facts)


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
    yield Line(
        3,
        "pull_request",
        f'← pull request #{pull.number} "{pull.issue.title}"',
        facts={"number": pull.number, "title": pull.issue.title, "branch": pull.head_ref},
    )
    clone = (
        f"git clone {stage.git_url}/forge/anvil.git && cd anvil && git fetch origin pull/{pull.number}/head"
    )
    yield Line(3, "clone", f"  {clone}", facts={"command": clone})


async def forgery(stage: Stage) -> AsyncIterator[Line]:
    """A delivery with a wrong signature, and a true one sent twice."""
    url = f"{stage.app_url}/webhooks/github"
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "release",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + "0" * 64,
    }
    forged = await deliver_raw(url, b'{"action": "published"}', headers)
    yield Line(
        4,
        "forged",
        f"→ forged release.published              answered {forged.status_code}",
        ok=forged.status_code == UNAUTHORIZED,
        facts={"status": forged.status_code},
    )
    last = next(d for d in reversed(stage.world.github.part(Hooks).deliveries) if d.is_success)
    again = await deliver_raw(url, last.sent.body, last.request_headers)
    duplicate = again.status_code == ACCEPTED and "duplicate" in again.body
    yield Line(
        4,
        "duplicate",
        f"→ the same delivery again               answered {again.status_code} {again.body}",
        ok=duplicate,
        facts={"status": again.status_code, "answer": again.body},
    )


SCENES = {1: quality_gate, 2: release, 3: remediation, 4: forgery}
TITLES = {
    1: "A pull request fails its tests",
    2: "A release has a tampered asset",
    3: "A workflow uses a retired action",
    4: "Somebody forges a delivery",
}
