"""Release verification: reads a release again, downloads every asset, and has every signature judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase

from app.domain.decision import Decision
from app.domain.events import Event, ReleaseChanged, WokenUp
from app.domain.ids import AppKey, Sha256Hex
from app.domain.release import Asset, ExpectedIdentity, Outcome, Release, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.domain.repo import Subject, SubjectKind, Target
from app.errors import Gone, InvalidInput, NotFound
from app.ports.handler import Lane, Reading
from handlers.release_verification import policy
from handlers.release_verification.identity import expected_identities
from handlers.release_verification.models import (
    AssetFinding,
    BundleFinding,
    PolicyFacts,
    ReleaseEvidence,
    ReleaseFacts,
    ReleaseState,
    ReleaseVerification,
)
from handlers.release_verification.pairing import MAX_FILE_BYTES, Candidate, artifact_name, candidates

NAME = "release_verification"
ACTIONS = frozenset({"published", "released", "prereleased", "edited", "created"})
MAX_BUNDLE_BYTES = 1024 * 1024
MAX_ATTESTATIONS = 30
UPLOADED = "uploaded"

Read = Reading[ReleaseState]


@dataclass(frozen=True, slots=True)
class _Found:
    """A bundle found somewhere. `name` is the asset that its file name points to."""

    source: str
    name: str | None
    candidate: Candidate


class ReleaseVerificationCapability:
    """Every asset of a release is signed by whom the policy names, or is named in a red check."""

    name = NAME
    lane = Lane.GATE
    time_limit = timedelta(minutes=30)
    evidence_type = ReleaseEvidence
    state_type = ReleaseState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The release of a `release` event, or of a timer of ours."""
        if isinstance(event, ReleaseChanged) and event.action in ACTIONS:
            subject = Subject(app_key, event.repository.id, SubjectKind.RELEASE, str(event.release_id))
            return (Target(subject, event.repository),)
        if isinstance(event, WokenUp) and event.capability == NAME:
            return (Target(event.subject, event.repository),)
        return ()

    async def gather(self, reading: Read) -> ReleaseEvidence:
        """The release as it is now, never as an event described it."""
        loaded = await reading.policies.load(NAME, ReleaseVerification)
        facts = PolicyFacts(
            configured=loaded.section is not None or bool(loaded.errors),
            wait_minutes=loaded.section.wait_minutes if loaded.section else 0,
            source=loaded.source,
            errors=loaded.errors,
            broken=loaded.broken,
        )
        evidence = ReleaseEvidence(
            repository=reading.repository,
            subject=reading.subject,
            now=reading.now,
            since=reading.state.since if reading.state else reading.now,
            policy=facts,
            release=None,
        )
        if not facts.configured:
            return evidence
        release = await reading.github.release(int(reading.subject.ident))
        if release is None:
            return evidence
        target = None if release.draft else await reading.github.tag(release.tag)
        commit = target.commit if target else None
        evidence = replace(
            evidence,
            release=ReleaseFacts(release.id, release.tag, release.draft, release.immutable, commit),
        )
        if commit is None or loaded.section is None:
            return evidence
        signers = expected_identities(
            loaded.section, reading.app_key, reading.repository, release.tag, commit
        )
        evidence = replace(evidence, policy=replace(facts, signers=signers))
        return await _with_assets(reading, evidence, release, loaded.section)

    def decide(self, evidence: ReleaseEvidence) -> Decision[ReleaseState]:
        """See `policy.decide`."""
        return policy.decide(evidence)


async def _with_assets(
    reading: Read, evidence: ReleaseEvidence, release: Release, section: ReleaseVerification
) -> ReleaseEvidence:
    found: list[_Found] = []
    bundle_files: list[str] = []
    artifacts: list[Asset] = []
    for asset in release.assets:
        inside = await _bundles_in(reading, asset)
        if inside:
            bundle_files.append(asset.name)
            found.extend(inside)
        else:
            artifacts.append(asset)
    findings = [
        await _judge_asset(reading, asset, section, evidence.policy.signers, found) for asset in artifacts
    ]
    return replace(evidence, assets=tuple(findings), bundle_files=tuple(bundle_files))


async def _bundles_in(reading: Read, asset: Asset) -> list[_Found]:
    name = artifact_name(asset.name)
    if name is None or asset.size_bytes > MAX_FILE_BYTES or asset.state != UPLOADED:
        return []
    try:
        async with reading.downloads.asset(asset, MAX_FILE_BYTES) as download:
            raw = download.path.read_bytes()
        inside = await reading.compute.run(candidates, raw)
    except (InvalidInput, NotFound, Gone):
        return []  # then it is an asset like any other, and will be named
    return [_Found(asset.name, name, candidate) for candidate in inside]


async def _judge_asset(
    reading: Read,
    asset: Asset,
    section: ReleaseVerification,
    signers: tuple[ExpectedIdentity, ...],
    found: list[_Found],
) -> AssetFinding:
    exempt = any(_fits(asset.name, pattern) for pattern in section.exempt)
    finding = AssetFinding(asset.name, asset.size_bytes, None, exempt)
    if exempt:
        return finding
    if asset.state != UPLOADED:
        return replace(finding, problem=ReleaseCode.PENDING, problem_text=f"its upload is {asset.state}")
    limit = section.max_asset_mib * 1024 * 1024
    try:
        async with reading.downloads.asset(asset, limit) as download:
            sha256 = download.sha256
    except InvalidInput as error:
        too_large = error.code == "download.too_large"
        code = ReleaseCode.TOO_LARGE if too_large else ReleaseCode.TAMPERED
        return replace(finding, problem=code, problem_text=error.message)
    except (NotFound, Gone) as error:
        return replace(finding, problem=ReleaseCode.PENDING, problem_text=error.message)
    if asset.sha256 is not None and asset.sha256 != sha256:
        text = f"GitHub recorded the digest {asset.sha256}, the bytes have {sha256}"
        return replace(finding, sha256=sha256, problem=ReleaseCode.TAMPERED, problem_text=text)
    name = asset.name if section.match_names else None
    paired = [each for each in found if sha256 in each.candidate.digests]
    bundles = await _judge(reading, paired, sha256, name, signers, by_name=False)
    attestations = 0
    if not _verified(bundles):
        attested = await _attested(reading, sha256)
        attestations = len(attested)
        bundles += await _judge(reading, attested, sha256, name, signers, by_name=False)
    if not bundles:
        named = [each for each in found if each.name == asset.name]
        bundles = await _judge(reading, named, sha256, name, signers, by_name=True)
    return replace(finding, sha256=sha256, bundles=tuple(bundles), attestations=attestations)


async def _attested(reading: Read, sha256: Sha256Hex) -> list[_Found]:
    attestations = await reading.github.attestations(sha256, MAX_ATTESTATIONS)
    found: list[_Found] = []
    for position, attestation in enumerate(attestations, start=1):
        try:
            raw = await reading.downloads.bundle(attestation, MAX_BUNDLE_BYTES)
        except (InvalidInput, NotFound, Gone) as error:
            raw = b""  # judged like any bundle, and refused by name
            found.append(_Found(f"attestation {position} ({error.code})", None, Candidate(raw, ())))
            continue
        found.append(_Found(f"attestation {position}", None, Candidate(raw, (sha256,))))
    return found


async def _judge(
    reading: Read,
    found: list[_Found],
    sha256: Sha256Hex,
    name: str | None,
    signers: tuple[ExpectedIdentity, ...],
    *,
    by_name: bool,
) -> list[BundleFinding]:
    """The verdict on each bundle, best signer first; stops at the first that verifies."""
    findings: list[BundleFinding] = []
    for each in found:
        for signer in signers:
            outcome = await reading.bundles.verify(
                VerificationRequest(each.candidate.raw, sha256, signer, name)
            )
            findings.append(
                BundleFinding(
                    source=each.source,
                    by_name=by_name,
                    outcome=outcome.outcome.value,
                    code=outcome.code,
                    reason=outcome.reason,
                    claims=outcome.claims,
                    trusted_root_sha256=outcome.trusted_root_sha256,
                )
            )
            if outcome.outcome is Outcome.VERIFIED:
                return findings
            if outcome.outcome is Outcome.UNSUPPORTED:
                break  # no other signer can change that
    return findings


def _verified(findings: list[BundleFinding]) -> bool:
    return any(finding.outcome == Outcome.VERIFIED for finding in findings)


def _fits(name: str, pattern: str) -> bool:
    """Whether the whole name fits; brackets mean themselves."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))
