"""The same judgement over a folder: for the command line, without GitHub and its attestations."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.release import Asset, Attestation, AttestationList, Outcome, VerificationOutcome
from app.domain.release_files import Hashed, JudgedFile, ReleaseFolder
from app.domain.repo import Repository, Subject, SubjectKind
from app.domain.simulations import SimulatedRelease
from app.errors import InvalidInput, NotFound
from app.ports.artifacts import Download
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from handlers.release_verification.assets import AssetJudge, Judged
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.hashing import UPLOADED
from handlers.release_verification.identity import PUBLIC_API, expected_identities, release_identity
from handlers.release_verification.judgement import judge
from handlers.release_verification.memory import Memory
from handlers.release_verification.models import PolicyFacts, ReleaseEvidence, ReleaseFacts
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.simulation import LONG, summarised
from handlers.release_verification.sittings import Sitting
from handlers.release_verification.standing import SourceBranch, TagStanding, source_branches
from handlers.release_verification.verdicts import AssetVerdict, Standing, verdicts_on

PIECE_BYTES = 1024 * 1024
PUBLIC = AppKey(f"{PUBLIC_API}/0")
OUTCOMES = {
    Standing.GOOD: Outcome.VERIFIED,
    Standing.UNDECIDED: Outcome.UNSUPPORTED,
}


async def judge_folder(
    folder: ReleaseFolder,
    section: ReleaseVerification,
    verifier: BundleVerifier,
    compute: Compute,
    hashed: Hashed,
) -> tuple[JudgedFile, ...]:
    """The verdict on each file of the folder that is not a bundle, by name; sub-folders and links are refused.

    `hashed` sees how far it is. What only GitHub knows is not judged: branches, and who signed earlier releases.

    Raises:
        InvalidInput: the folder cannot be read, or holds something else than files.
    """
    judged = await _read(folder, section, verifier, compute, hashed)
    return tuple(_judged(verdict) for verdict in verdicts_on(judged.findings, section))


async def simulate_folder(
    folder: ReleaseFolder,
    section: ReleaseVerification,
    verifier: BundleVerifier,
    compute: Compute,
    hashed: Hashed,
) -> SimulatedRelease:
    """What the section would say of a release on disk as a whole. Raises as `judge_folder`."""
    judged = await _read(folder, section, verifier, compute, hashed)
    repository, now = _repository(folder), datetime.now(UTC)
    branches = tuple(
        SourceBranch(name, is_protected=True, has_commit=True) for name in source_branches(section)
    )
    evidence = ReleaseEvidence(
        repository=repository,
        subject=Subject(PUBLIC, repository.id, SubjectKind.RELEASE, "0"),
        now=now,
        since=now - LONG,
        policy=PolicyFacts(configured=True, section=section, wait_minutes=section.wait_minutes),
        release=ReleaseFacts(0, folder.tag, draft=False, immutable=False, commit=CommitSha(folder.commit)),
        assets=judged.findings,
        bundle_files=judged.bundle_files,
        standing=TagStanding("", branches),
    )
    return summarised(folder.tag, CommitSha(folder.commit), judge(evidence))


async def _read(
    folder: ReleaseFolder,
    section: ReleaseVerification,
    verifier: BundleVerifier,
    compute: Compute,
    hashed: Hashed,
) -> Judged:
    repository, commit = _repository(folder), CommitSha(folder.commit)
    source = FolderSource(folder.directory, hashed)
    signers = expected_identities(section, PUBLIC, repository, folder.tag, commit)
    # Who has GitHub's attestation of the release at all has it in a file.
    whole = release_identity(repository, folder.tag, commit)
    judge_assets = AssetJudge(
        attestations=source.attestations_of,
        known=KnownBytes(source, Memory(repository.installation_id)),
        compute=compute,
        verifier=verifier,
        section=section,
        signers=(*signers, whole) if section.takes_release_attestations else signers,
    )
    assets = await asyncio.to_thread(source.assets)
    return await judge_assets.judge(assets, Sitting(datetime.now(UTC), float("inf")))


def _repository(folder: ReleaseFolder) -> Repository:
    owner, _, name = folder.repository.partition("/")
    return Repository(RepositoryId(folder.repository_id or 0), owner, name, InstallationId(0))


class FolderSource:
    """Bytes from a folder, in the shape of downloads; nothing is fetched from anywhere."""

    def __init__(self, directory: Path, hashed: Hashed) -> None:
        self._directory, self._hashed = directory, hashed

    def assets(self) -> tuple[Asset, ...]:
        """The files of the folder as if they were assets, by name."""
        try:
            entries = sorted(self._directory.iterdir(), key=lambda path: path.name)
            return tuple(self._asset(number, path) for number, path in enumerate(entries, start=1))
        except OSError as error:
            message = f"cannot read {error.filename}: {error.strerror}"
            raise InvalidInput("release.unreadable", message) from error

    @asynccontextmanager
    async def asset(self, asset: Asset, max_bytes: int) -> AsyncIterator[Download]:  # noqa: ARG002 (the shape of downloads)
        """The file, hashed where it lies; it is as large as its listing says."""
        path = self._directory / asset.name
        yield Download(path, asset.size_bytes, await asyncio.to_thread(self._sha256_of, path))

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:  # noqa: ARG002 (likewise)
        """There is none: `attestations` finds none."""
        raise NotFound("release.no_attestation", "a folder has no attestations")

    async def attestations_of(
        self,
        subjects: tuple[str, ...],  # noqa: ARG002 (the shape of the reader)
        *,
        predicate_type: str = "",  # noqa: ARG002 (likewise)
        limit: int = 30,  # noqa: ARG002 (likewise)
    ) -> dict[str, AttestationList]:
        """None: only the bundles in the folder count."""
        return {}

    def _sha256_of(self, path: Path) -> Sha256Hex:
        found = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                found.update(piece)
                self._hashed(len(piece))
        return Sha256Hex(found.hexdigest())

    def _asset(self, number: int, path: Path) -> Asset:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInput("release.not_a_file", f"{path} is not a file: a release has only files")
        changed_at = datetime.fromtimestamp(status.st_mtime, UTC)
        return Asset(number, path.name, status.st_size, None, UPLOADED, changed_at)


def _judged(verdict: AssetVerdict) -> JudgedFile:
    if verdict.standing is Standing.EXEMPT:
        return JudgedFile(verdict.asset.name, None, None)
    bundle = verdict.bundle
    outcome = VerificationOutcome(
        outcome=OUTCOMES.get(verdict.standing, Outcome.REJECTED),
        code=verdict.code.value,
        reason=verdict.reason,
        claims=bundle.claims if bundle else (),
        digest=f"sha256:{verdict.asset.sha256}" if verdict.asset.sha256 else "",
        trusted_root_sha256=Sha256Hex(bundle.trusted_root_sha256)
        if bundle and bundle.trusted_root_sha256
        else None,
    )
    return JudgedFile(verdict.asset.name, bundle.source if bundle else None, outcome)
