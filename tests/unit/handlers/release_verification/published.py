"""A release at GitHub as its reader and downloads answer, and the way from there to a decision."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter

from app.domain.decision import Decision
from app.domain.effects import PublishCheckRun
from app.domain.events import Actor, Event
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.pulls import Branch, Comparison
from app.domain.receipts import VerifiedSigner
from app.domain.release import Asset, Attestation, AttestationList, Release, TagTarget
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import InvalidInput
from app.ports.artifacts import Download, Downloads
from app.ports.bundles import BundleVerifier
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.policies import ConfigError, Policy, PolicySource
from app.ports.records import Records
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from app.standin.sigstore.canonical import JsonValue
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.models import ReleaseEvidence, ReleaseState
from handlers.release_verification.section import ReleaseVerification, Signer

P = ParamSpec("P")
T = TypeVar("T")

APP = AppKey("api.github.com/7")
REPOSITORY = Repository(RepositoryId(1001), "octo", "tool", InstallationId(5), owner_id=2002)
SUBJECT = Subject(APP, REPOSITORY.id, SubjectKind.RELEASE, "11")
COMMIT, HEAD = CommitSha("1" * 40), CommitSha("9" * 40)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SLSA = "https://slsa.dev/provenance/v1"
IDENTITY = GitHubIdentity(repository="octo/tool", sha=COMMIT)
NAMED = ReleaseVerification(signers=(Signer(workflow=".github/workflows/release.yml"),))
TOOL, OTHER = b"the tool", b"another tool"


def hexdigest(raw: bytes) -> Sha256Hex:
    return Sha256Hex(sha256(raw).hexdigest())


def attached(release_id: int = 11, commit: str = COMMIT, raw: bytes = TOOL) -> JsonValue:
    """What the backfill workflow says of bytes that it saw attached to a release."""
    return {"assets": [{"release_id": release_id, "tag_commit": commit, "sha256": hexdigest(raw)}]}


@dataclass
class Published:
    """A release at GitHub: what the reader and the downloads of it answer."""

    files: dict[str, bytes] = field(default_factory=dict)
    attested: dict[str, list[bytes]] = field(default_factory=dict)
    commit: CommitSha | None = COMMIT
    tag_name: str = "v1.0.0"
    draft: bool = False
    exists: bool = True
    uploads: dict[str, str] = field(default_factory=dict)
    kept: tuple[tuple[Subject, bytes], ...] = ()
    recorded: dict[str, Sha256Hex | None] = field(default_factory=dict)
    first_id: int = 0
    updated_at: datetime = NOW
    listed: int = 0
    downloaded: list[str] = field(default_factory=list)
    broken: dict[str, Exception] = field(default_factory=dict)
    folder: Path = Path()
    section: ReleaseVerification | None = NAMED
    errors: tuple[ConfigError, ...] = ()
    immutable: bool = False
    attested_release: list[bytes] = field(default_factory=list)
    merged: bool = True
    known_signers: tuple[VerifiedSigner, ...] = (VerifiedSigner(IDENTITY.san, 1, "v0.9.0"),)
    roles: dict[int, str] = field(default_factory=dict)
    asked_in_bulk: list[tuple[str, ...]] = field(default_factory=list)
    lines: tuple[tuple[str, int], ...] = ()
    branches: dict[str, bool] = field(default_factory=dict)
    unlisted: Exception | None = None
    elsewhere: str = ""

    async def release(self, release_id: int) -> Release | None:
        if not self.exists:
            return None
        assets = tuple(
            Asset(
                number,
                name,
                len(raw),
                self.recorded.get(name, hexdigest(raw)),
                self.uploads.get(name, "uploaded"),
                self.updated_at,
            )
            for number, (name, raw) in enumerate(self.files.items(), start=self.first_id)
        )
        return Release(
            id=release_id,
            tag=self.tag_name,
            name="1.0.0",
            draft=self.draft,
            prerelease=False,
            immutable=self.immutable,
            target_commitish="main",
            assets=assets,
            url="",
        )

    async def tag(self, tag: str) -> TagTarget | None:
        return TagTarget(tag, self.commit) if self.commit else None

    async def default_branch(self) -> Branch:
        return Branch("main", HEAD, protected=False)

    async def branch(self, name: str) -> Branch | None:
        return Branch(name, HEAD, self.branches[name]) if name in self.branches else None

    async def protected_branches(self, limit: int) -> tuple[Branch, ...]:  # noqa: ARG002 (the shape of the reader)
        return ()

    async def compare(self, base: str, head: str) -> Comparison:  # noqa: ARG002 (likewise)
        ahead_by = 0 if self.merged else 1
        return Comparison(COMMIT, ahead_by, 1, (), complete=True)

    async def latest_release(self) -> int | None:
        return None

    async def permission(self, person: Actor) -> str:
        return self.roles.get(person.id, "none")

    async def states(
        self,
        capability: str,  # noqa: ARG002 (the shape of the records)
        subjects: tuple[Subject, ...],  # noqa: ARG002 (likewise)
    ) -> tuple[tuple[Subject, bytes], ...]:
        return self.kept

    async def verified_signers(self) -> tuple[VerifiedSigner, ...]:
        return self.known_signers

    async def attestations_of(
        self,
        subjects: tuple[str, ...],
        *,
        predicate_type: str = "",  # noqa: ARG002 (likewise)
        limit: int = 30,
    ) -> dict[str, AttestationList]:
        """Each time under other signed addresses, as GitHub does."""
        if self.unlisted is not None:
            raise self.unlisted
        self.listed += 1
        self.asked_in_bulk.append(subjects)
        return {subject: self._list_of(subject, limit) for subject in subjects}

    def _list_of(self, subject: str, limit: int) -> AttestationList:
        algorithm, _, digest = subject.partition(":")
        bundles = self.attested_release if algorithm == "sha1" else self.attested.get(digest, [])
        found = [
            Attestation(None, f"https://blobs.test/{digest}/{number}.json.sn?sig={self.listed}")
            for number, _ in enumerate(bundles)
        ]
        return AttestationList(tuple(found[:limit]), is_cut=len(found) > limit)

    @asynccontextmanager
    async def asset(self, asset: Asset, max_bytes: int) -> AsyncIterator[Download]:
        if error := self.broken.get(asset.name):
            raise error
        raw = self.files[asset.name]
        self.downloaded.append(asset.name)
        assert len(raw) <= max_bytes
        path = self.folder / str(asset.id)
        path.write_bytes(raw)
        yield Download(path, len(raw), hexdigest(raw))

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        digest, number = urlsplit(attestation.bundle_url or "").path.split("/")[1:]
        bundles = self.attested_release if digest == self.commit else self.attested[digest]
        raw = bundles[int(number.removesuffix(".json.sn"))]
        if error := self.broken.get(digest):
            raise error
        self.downloaded.append(number)
        if len(raw) > max_bytes:
            raise InvalidInput("download.too_large", "too large")
        return raw

    async def load(self, name: str, section: type[BaseModel]) -> Policy[BaseModel]:
        assert (name, section) == ("release_verification", ReleaseVerification)
        source = PolicySource(".github/hephaestus.yml", "main", COMMIT, "b" * 40, self.elsewhere)
        configured = self.section is not None or bool(self.errors)
        broken = source if self.errors else None
        return Policy(
            configured, self.section, source if self.section else None, self.errors, broken, self.lines
        )

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


async def gathered(
    published: Published,
    verifier: BundleVerifier,
    tmp_path: Path,
    *,
    now: datetime = NOW,
    since: datetime | None = None,
    events: tuple[Event, ...] = (),
    state: ReleaseState | None = None,
    repository: Repository = REPOSITORY,
) -> ReleaseEvidence:
    published.folder = tmp_path
    reading = Reading(
        app_key=APP,
        own_app_id=7,
        subject=SUBJECT,
        repository=repository,
        events=events,
        state=ReleaseState(since) if since else state,
        now=now,
        github=cast("GitHubReader", published),
        downloads=cast("Downloads", published),
        policies=published,  # type: ignore[arg-type] # a double of one section, not generic
        bundles=verifier,
        compute=published,
        records=cast("Records", published),
        versions=(("hephaestus", "0.1.0"), ("sigstore", "4.5.1"), ("verifier", "sha256:aa")),
    )
    return await RELEASE_VERIFICATION.gather(reading)


def check_of(decision: Decision[ReleaseState]) -> PublishCheckRun:
    (check,) = [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]
    return check


def codes(decision: Decision[ReleaseState]) -> list[str]:
    return [reason.code for reason in decision.reasons]


@dataclass
class Outcome:
    """Runs gather and decide, and proves on the way that stored evidence replays to the same decision."""

    verifier: BundleVerifier
    tmp_path: Path

    async def of(
        self, published: Published, *, now: datetime = NOW, since: datetime | None = None
    ) -> Decision[ReleaseState]:
        evidence = await gathered(published, self.verifier, self.tmp_path, now=now, since=since)
        adapter = TypeAdapter(RELEASE_VERIFICATION.evidence_type)
        stored = adapter.dump_json(evidence)
        again = adapter.validate_json(stored)
        assert adapter.dump_json(again) == stored
        decision = RELEASE_VERIFICATION.decide(evidence)
        state = decision.next_state and replace(decision.next_state, memory=None)
        # Bundles are kept with the receipts, once, and not with the evidence.
        receipts = tuple(replace(each, attachments=()) for each in decision.receipts)
        replayed = replace(decision, next_state=state, receipts=receipts)
        assert RELEASE_VERIFICATION.decide(again) == replayed
        return decision


def signed(sigstore: LocalSigstore, identity: GitHubIdentity = IDENTITY) -> Published:
    return Published({"tool": TOOL, "tool.sigstore.json": sigstore.sign_artifact(TOOL, identity)})
