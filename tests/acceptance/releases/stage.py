"""Where releases are attacked: one running service, one Sigstore, and for each attack an organisation of its own.

The roots of both of GitHub's trust domains are pinned, so that nothing is refused only because a root is missing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.cli.demo_world import World, build
from app.settings import Settings
from app.standin.github.attestations import add_attestation
from app.standin.github.contract import Contract
from app.standin.github.exchange import ApiCall
from app.standin.github.records import CheckRun
from app.standin.github.releases import repository_release
from app.standin.github.releasing import Release, tell
from app.standin.github.repository import Repository
from app.standin.github.server import running
from app.standin.sigstore import Form, GitHubIdentity, LocalSigstore
from tests.acceptance.conftest import SECRET
from tests.acceptance.process import checks, quiet
from tests.held_to_contract import hold, kept

SLSA = "https://slsa.dev/provenance/v1"
GOOD, OTHER = b"the bytes that were built\n" * 64, b"other bytes\n" * 64
TAG = "v1.0.0"
ASSET, BUNDLE = "tool.bin", "tool.bin.sigstore.json"
HEADING = re.compile(r"^### `([^`\n]+)`: ([A-Z_]+)$", re.MULTILINE)
GREEN = frozenset({"success", "neutral", "skipped"})
POLICY = """\
version: 1
release_verification:
  signers:
    - workflow: .github/workflows/release.yml
  server_url: https://github.com
  wait_minutes: 0
"""
Json = dict[str, Any]
Files = Mapping[str, bytes]


def hexdigest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def edited(raw: bytes, edit: Callable[[Json], object]) -> bytes:
    """A bundle with something changed in it."""
    bundle = json.loads(raw)
    edit(bundle)
    return json.dumps(bundle).encode()


def entry(bundle: Json) -> Json:
    """The only log entry of a parsed bundle."""
    found: Json = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def raw(name: str) -> bytes:
    """The bytes of an asset of this name, which no other has."""
    return f"{name}\n".encode() * 64


@dataclass
class Stage:
    """The service and the stand-in."""

    world: World
    settings: Settings
    folder: Path

    @property
    def sigstore(self) -> LocalSigstore:
        return self.world.sigstore

    def scene(self, name: str, policy: str = "", *, base: str = POLICY) -> Scene:
        """A repository of an organisation of that name; `policy` are further lines of its section."""
        lines = "".join(f"  {line}\n" for line in policy.splitlines())
        return Scene(self, name, f"{base}{lines}")


@dataclass
class Scene:
    """One repository, and what people see of its releases. Nothing it publishes may ever be green but what says so."""

    stage: Stage
    name: str
    policy: str
    repository: Repository = field(init=False)
    head: str = field(init=False)

    def __post_init__(self) -> None:
        world = self.stage.world
        files: dict[str, bytes | str] = {".github/hephaestus.yml": self.policy, "a.txt": "a\n"}
        self.repository = world.github.add_repository(f"{self.name}/tool", files)
        world.github.add_installation(world.app, self.name)
        self.head = self.repository.git.refs("refs/heads/")["refs/heads/main"]

    @property
    def signer(self) -> GitHubIdentity:
        """The release workflow's run for the tag."""
        return GitHubIdentity(
            repository=self.repository.full_name,
            sha=self.head,
            ref=f"refs/tags/{TAG}",
            repository_id=self.repository.id,
            owner_id=self.repository.owner.id,
        )

    def tagged(self, tag: str) -> GitHubIdentity:
        """The same for another tag."""
        return replace(self.signer, ref=f"refs/tags/{tag}")

    def sign(
        self, raw: bytes = GOOD, form: Form = Form.REKOR_V1, *, by: GitHubIdentity | None = None
    ) -> bytes:
        """A plain signature of bytes."""
        return self.stage.sigstore.sign_artifact(raw, by or self.signer, form)

    def attest(
        self,
        raw: bytes = GOOD,
        *,
        name: str = ASSET,
        kind: str = SLSA,
        form: Form = Form.REKOR_V1,
        by: GitHubIdentity | None = None,
    ) -> bytes:
        """A statement about bytes."""
        return self.stage.sigstore.attest([(name, hexdigest(raw))], kind, {}, by or self.signer, form)

    def store(self, bundle: bytes, about: bytes = GOOD) -> None:
        """Puts a bundle into GitHub's store under the digest of these bytes, whatever it says itself."""
        add_attestation(self.repository, bundle, digests=[f"sha256:{hexdigest(about)}"], predicate_type=SLSA)

    def publish(self, files: Files, tag: str = TAG, *, prerelease: bool = False) -> Release:
        """A release at the head of the default branch."""
        return repository_release(self.repository, tag, files, target=self.head, prerelease=prerelease)

    def touch(self, one: Release, action: str = "edited") -> None:
        """GitHub says that something happened to a release."""
        one.updated_at = self.stage.world.github.now()
        tell(self.repository, one, action, self.repository.owner)

    async def settled(self) -> None:
        """Everything that happened is told, and answered."""
        await quiet(self.stage.world, self.stage.settings)

    def runs(self, tag: str = TAG, sha: str = "") -> list[CheckRun]:
        """Our check runs about a release, oldest first."""
        found = checks(self.stage.world, self.repository, sha or self.head)
        return [run for run in found if run.name == f"hephaestus/release-verification ({tag})"]

    def check(self, tag: str = TAG, sha: str = "") -> CheckRun:
        """The check run that GitHub shows about a release."""
        return max(self.runs(tag, sha), key=lambda run: run.id)

    def words(self, tag: str = TAG) -> str:
        """All that it says, without the escapes of Markdown."""
        run = self.check(tag)
        return "\n".join((run.title or "", run.summary or "", run.text or "")).replace("\\", "")

    def said(self, tag: str = TAG) -> list[str]:
        """What the check runs about a release said in turn, as GitHub told it."""
        name = f"hephaestus/release-verification ({tag})"
        told = [
            event.payload["check_run"]
            for event in self.stage.world.github.events
            if event.name == "check_run" and event.repository_id == self.repository.id
        ]
        return [run["conclusion"] or run["status"] for run in told if run["name"] == name]

    async def passes(self, tag: str = TAG) -> None:
        """Fails the test unless the release is green: without this, all that is red proves nothing."""
        await self.settled()
        run = self.check(tag)
        assert run.conclusion == "success", f"{run.title}\n{self.words(tag)}"

    async def refuses(self, code: str, tag: str = TAG, *, conclusion: str = "failure") -> None:
        """Fails the test unless the release is red for exactly this, and never was green."""
        await self.settled()
        run = self.check(tag)
        assert (run.conclusion, f"({code})" in (run.title or "")) == (conclusion, True), self.words(tag)
        assert not GREEN & set(self.said(tag)), self.said(tag)

    async def attacked(self, files: Files, code: str, tag: str = TAG) -> None:
        """Publishes a release that must be refused for exactly this."""
        self.publish(files, tag)
        await self.refuses(code, tag)

    def codes(self, tag: str = TAG) -> dict[str, str]:
        """The code of each asset, as the details of the check run say it."""
        text = (self.check(tag).text or "").replace("\\", "")
        return dict(HEADING.findall(text))

    async def each_refused(self, found: Mapping[str, tuple[str, bytes]], tag: str = TAG) -> None:
        """Publishes a release of assets `raw(name)` with their bundles; each must be refused for exactly its code."""
        files: dict[str, bytes] = {}
        for name, (_, bundle) in found.items():
            files |= {name: raw(name), f"{name}.sigstore.json": bundle}
        self.publish(files, tag)
        await self.settled()
        codes = self.codes(tag)
        wrong = {
            name: (code, codes.get(name)) for name, (code, _) in found.items() if codes.get(name) != code
        }
        assert not wrong, wrong
        assert self.check(tag).conclusion == "failure"
        assert not GREEN & set(self.said(tag)), self.said(tag)

    def calls(self) -> list[ApiCall]:
        """Every request about this repository."""
        prefix = f"/repos/{self.repository.full_name}/"
        return [each for each in self.stage.world.github.part(Contract).calls if each.path.startswith(prefix)]


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """A stage with a running service."""
    world = build(folder / "git", SECRET)
    hold(world.github)
    root = folder / "github_root.json"
    await asyncio.to_thread(root.write_bytes, world.sigstore.github_trusted_root_json())
    async with running(world.github) as github:
        settings = Settings.load(
            {
                **environment(world, folder, github.url, SECRET),
                "HEPHAESTUS_GITHUB_TRUSTED_ROOT": str(root),
                "HEPHAESTUS_GITHUB_TRUSTED_ROOT_SHA256": hexdigest(root.read_bytes()),
            }
        )
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            yield Stage(world, settings, folder)
    kept([world.github])
