"""Releases of many assets before the stand-in: seconds to the verdict, and what was asked of GitHub for it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from app.cli.demo_world import World, build, identity
from app.standin.github.attestations import add_attestation
from app.standin.github.contract import Contract
from app.standin.github.hooks import idle
from app.standin.github.releases import repository_release
from app.standin.github.server import running
from app.standin.sigstore import Form
from tests.acceptance.process import checks, serving
from tests.benchmarks.load import SECRET
from tests.benchmarks.requests import settled
from tests.benchmarks.service import ready

SIZES = (20, 200)
LIMIT_S = 20.0
LOOK_S, PATIENCE_S = 0.01, 300.0
FIXED_CALLS = 20
"""What a release costs at all, whatever its size: the release, its tag, the policy, the branches, the check run."""
SLSA = "https://slsa.dev/provenance/v1"
BUNDLES, ATTESTATIONS = "a bundle each beside them", "one attestation of GitHub's each"


@dataclass(frozen=True)
class Verified:
    """One release: its assets, where their evidence lies, seconds to the verdict, calls of the API and downloads among them."""

    assets: int
    evidence: str
    seconds: float
    calls: int
    downloads: int


def measure() -> list[Verified]:
    """Starts the service as a process of its own, with the stand-in in this one."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        return asyncio.run(measured(Path(folder)))


async def measured(folder: Path) -> list[Verified]:
    """One release after the other, the small ones first."""
    world = build(folder / "git", SECRET.decode())
    world.app.events = ["release"]
    settings = {"HEPHAESTUS_WEBHOOK_SECRETS": SECRET.decode(), "HEPHAESTUS_LOG_LEVEL": "warning"}
    found = []
    async with running(world.github) as github, serving(world, folder, github.url, **settings) as serve:
        await ready(serve)
        await idle(world.github)
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        for evidence in (BUNDLES, ATTESTATIONS):
            for assets in SIZES:
                found.append(await verified(world, assets, evidence))
                await settled(serve)
    return found


async def verified(world: World, assets: int, evidence: str) -> Verified:
    """From the publication of a release to its green check run."""
    tag = f"v{assets}.{len(evidence)}"
    files = prepared(world, tag, assets, evidence)
    calls = world.github.part(Contract).operations
    calls.clear()
    begin = time.perf_counter()
    repository_release(world.repository, tag, files, target=world.policy_sha)
    name = f"hephaestus/release-verification ({tag})"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            mine = [run for run in checks(world, world.repository, world.policy_sha) if run.name == name]
            if mine and mine[-1].conclusion is not None:
                break
            await asyncio.sleep(LOOK_S)
    seconds = time.perf_counter() - begin
    assert mine[-1].conclusion == "success", mine[-1].summary
    real = {name: number for name, number in calls.items() if "access_tokens" not in name}
    downloads = sum(number for name, number in real.items() if "/releases/assets/" in name)
    return Verified(assets, evidence, seconds, sum(real.values()), downloads)


def prepared(world: World, tag: str, assets: int, evidence: str) -> dict[str, bytes]:
    """The assets of a release and, beside them or at GitHub, their signatures."""
    signer = identity(world, tag, world.policy_sha)
    files = {f"anvil-{number}.bin": f"{tag} {number}\n".encode() * 64 for number in range(assets)}
    if evidence == BUNDLES:
        return files | {
            f"{name}.sigstore.json": world.sigstore.sign_artifact(data, signer, Form.REKOR_V1)
            for name, data in files.items()
        }
    for name, data in files.items():
        subject = (name, sha256(data).hexdigest())
        add_attestation(world.repository, world.sigstore.attest([subject], SLSA, {}, signer, Form.REKOR_V1))
    return files


def table(found: Iterable[Verified]) -> Iterable[str]:
    """Markdown."""
    yield "| assets | evidence | s | calls of the API | of them downloads of assets | other calls |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        others = one.calls - one.downloads
        yield f"| {one.assets} | {one.evidence} | {one.seconds:.1f} | {one.calls} | {one.downloads} | {others} |"


def bars(found: Iterable[Verified]) -> Iterable[str]:
    """Rows of what is to be reached, for the large releases."""
    for one in found:
        if one.assets != max(SIZES):
            continue
        is_quick, others = one.seconds <= LIMIT_S, one.calls - one.downloads
        most = one.assets // 100 + FIXED_CALLS
        what = f"{one.assets} assets, {one.evidence}"
        yield f"| {what}: s | {one.seconds:.1f} | <= {LIMIT_S:g} | {'yes' if is_quick else 'no'} |"
        yield f"| {what}: calls beside downloads | {others} | <= {most} | {'yes' if others <= most else 'no'} |"
