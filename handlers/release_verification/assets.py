"""Downloading assets, finding the bundles about each, and having them judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from app.domain.ids import Sha256Hex
from app.domain.release import Asset, Attestation, ExpectedIdentity, Outcome, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.errors import Gone, InvalidInput, NotFound
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from handlers.release_verification.downloads import TOO_LARGE, KnownBytes
from handlers.release_verification.models import AssetFinding, BundleFinding
from handlers.release_verification.pairing import MAX_FILE_BYTES, Candidate, artifact_name, candidates
from handlers.release_verification.section import ReleaseVerification

MAX_BUNDLE_BYTES = 1024 * 1024
MAX_ATTESTATIONS = 30
UPLOADED = "uploaded"


@dataclass(frozen=True, slots=True)
class _Found:
    """A bundle found somewhere. `name` is the asset that its file name points to."""

    source: str
    name: str | None
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class AssetJudge:
    """Judges the assets of one release; `attestations` asks for those of a digest, at most so many; `known` has the bytes.

    Outages (`TransientError`, `AccessDenied`) pass through: then nothing is known, and the whole release is tried again.
    """

    attestations: Callable[[Sha256Hex, int], Awaitable[Sequence[Attestation]]]
    known: KnownBytes
    compute: Compute
    verifier: BundleVerifier
    section: ReleaseVerification
    signers: tuple[ExpectedIdentity, ...]

    async def judge(self, assets: Sequence[Asset]) -> tuple[tuple[AssetFinding, ...], tuple[str, ...]]:
        """The findings on all assets that are not bundles, and the names of those that are."""
        found: list[_Found] = []
        bundle_files: list[str] = []
        artifacts: list[Asset] = []
        for asset in assets:
            if inside := await self._bundles_in(asset):
                bundle_files.append(asset.name)
                found.extend(inside)
            else:
                artifacts.append(asset)
        findings = [await self._judge_asset(asset, found) for asset in artifacts]
        return tuple(findings), tuple(bundle_files)

    async def _bundles_in(self, asset: Asset) -> list[_Found]:
        name = artifact_name(asset.name)
        if name is None or asset.size_bytes > MAX_FILE_BYTES or asset.state != UPLOADED:
            return []
        try:
            raw = await self.known.content(asset, MAX_FILE_BYTES)
            inside = await self.compute.run(candidates, raw)
        except (InvalidInput, NotFound, Gone):
            return []  # then it is an asset like any other, and will be named
        return [_Found(asset.name, name, candidate) for candidate in inside]

    async def _judge_asset(self, asset: Asset, found: list[_Found]) -> AssetFinding:
        finding = AssetFinding(asset.name, asset.size_bytes, None, self._is_exempt(asset.name))
        if finding.exempt:
            return finding
        if asset.state != UPLOADED:
            return replace(finding, problem=ReleaseCode.PENDING, problem_text=f"its upload is {asset.state}")
        try:
            sha256 = await self.known.digest(asset, self.section.limits.asset_mib * 1024 * 1024)
        except InvalidInput as error:
            code = ReleaseCode.TOO_LARGE if error.code == TOO_LARGE else ReleaseCode.TAMPERED
            return replace(finding, problem=code, problem_text=error.message)
        except (NotFound, Gone) as error:
            return replace(finding, problem=ReleaseCode.PENDING, problem_text=error.message)
        finding = replace(finding, sha256=sha256)
        if asset.sha256 is not None and asset.sha256 != sha256:
            text = f"GitHub recorded the digest {asset.sha256}, the bytes have {sha256}"
            return replace(finding, problem=ReleaseCode.TAMPERED, problem_text=text)
        return await self._with_bundles(finding, sha256, found)

    async def _with_bundles(
        self, finding: AssetFinding, sha256: Sha256Hex, found: list[_Found]
    ) -> AssetFinding:
        """By digest from the release's own bundles, then from GitHub's attestations; by name only if there are none."""
        paired = [each for each in found if sha256 in each.candidate.digests]
        bundles = await self._verify_each(paired, finding.name, sha256, by_name=False)
        attested: list[_Found] = []
        if not any(bundle.outcome == Outcome.VERIFIED for bundle in bundles):
            attested = await self._attested(sha256)
            bundles += await self._verify_each(attested, finding.name, sha256, by_name=False)
        if not bundles:
            named = [each for each in found if each.name == finding.name]
            bundles = await self._verify_each(named, finding.name, sha256, by_name=True)
        return replace(finding, bundles=tuple(bundles), attestations=len(attested))

    async def _attested(self, sha256: Sha256Hex) -> list[_Found]:
        found: list[_Found] = []
        for position, attestation in enumerate(await self.attestations(sha256, MAX_ATTESTATIONS), start=1):
            source = f"attestation {position}"
            try:
                raw = await self.known.bundle(attestation, MAX_BUNDLE_BYTES)
            except (InvalidInput, NotFound, Gone) as error:
                # Judged like any bundle, and refused: what cannot be fetched must not look like nothing.
                source, raw = f"{source} ({error.code})", b""
            found.append(_Found(source, None, Candidate(raw, ())))
        return found

    async def _verify_each(
        self, found: list[_Found], name: str, sha256: Sha256Hex, *, by_name: bool
    ) -> list[BundleFinding]:
        """The verdict on each bundle for each signer; stops at the first that verifies."""
        expected_name = name if self.section.match_names else None
        findings: list[BundleFinding] = []
        for each in found:
            for signer in self.signers:
                request = VerificationRequest(each.candidate.raw, sha256, signer, expected_name)
                outcome = await self.verifier.verify(request)
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

    def _is_exempt(self, name: str) -> bool:
        """Whether the whole name fits a pattern of the policy; brackets mean themselves."""
        return any(fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in self.section.exempt)
