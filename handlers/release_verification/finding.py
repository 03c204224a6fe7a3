"""The evidence about hashed assets: the release's own bundles, GitHub's attestations, and its attestation of the release.

What is nearest is tried first, and each further place only for assets that still lack something that their rule asks for.
Only where nothing is about the bytes, bundles are paired by name: to tell a changed asset from an unsigned one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.domain.release import Attestation, AttestationList, ExpectedIdentity
from app.errors import Gone, InvalidInput, NotFound
from handlers.release_verification.bundles import BundleJudge, Found
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.models import AssetFinding
from handlers.release_verification.pairing import Candidate
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.sittings import Sitting
from handlers.release_verification.verdicts import kinds_of

MAX_BUNDLE_BYTES = 1024 * 1024
AT_ONCE = 4
Findings = tuple[AssetFinding, ...]


class Attestations(Protocol):
    """Asks for the attestations of subjects: the part of the port `github_reader` that this needs."""

    def __call__(
        self, subjects: tuple[str, ...], *, predicate_type: str = "", limit: int = 30
    ) -> Awaitable[dict[str, AttestationList]]:
        """As `GitHubReader.attestations_of`."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """What attests a release as a whole: `signer` is GitHub, `subjects` what the release's tag names (`sha1:…`)."""

    signer: ExpectedIdentity
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceFinder:
    """Finds evidence for the assets of one release; `whole` is None where no attestation of the release is looked for."""

    attestations: Attestations
    known: KnownBytes
    judge: BundleJudge
    section: ReleaseVerification
    signers: tuple[ExpectedIdentity, ...]
    whole: Whole | None
    sitting: Sitting

    async def of(self, findings: Findings, found: Sequence[Found]) -> Findings:
        """The findings with every bundle that was tried. Where the sitting met trouble, they are not complete."""

        async def paired(each: AssetFinding) -> AssetFinding:
            about = [one for one in found if each.sha256 in one.candidate.digests]
            return await self._tried(each, about, self.signers)

        async def named(each: AssetFinding) -> AssetFinding:
            about = [] if each.bundles else [one for one in found if one.name == each.name]
            return await self._tried(each, about, self.signers, by_name=True)

        findings = await self._all(findings, paired)
        findings = await self._attested(findings)
        findings = await self._of_release(findings)
        return await self._all(findings, named)

    async def _attested(self, findings: Findings) -> Findings:
        digests = tuple(f"sha256:{each.sha256}" for each in findings if self._lacks(each))
        if not digests:
            return findings
        lists = await self.attestations(digests, limit=self.section.limits.attestations)

        async def attested(each: AssetFinding) -> AssetFinding:
            listed = lists.get(f"sha256:{each.sha256}", AttestationList())
            if not self._lacks(each) or not listed.found:
                return each
            about = await self._fetched(listed.found, "attestation")
            counted = replace(each, attestations=len(about), is_cut=listed.is_cut)
            return await self._tried(counted, about, self.signers)

        return await self._all(findings, attested)

    async def _of_release(self, findings: Findings) -> Findings:
        if self.whole is None or not any(self._lacks(each) for each in findings):
            return findings
        signer, subjects = self.whole.signer, self.whole.subjects
        lists = await self.attestations(
            subjects, predicate_type="release", limit=self.section.limits.attestations
        )
        listed = tuple(each for one in lists.values() for each in one.found)
        about = await self._fetched(listed, "release attestation")

        async def member(each: AssetFinding) -> AssetFinding:
            return await self._tried(each, about, (signer,)) if self._lacks(each) else each

        return await self._all(findings, member)

    async def _tried(
        self,
        finding: AssetFinding,
        about: Sequence[Found],
        signers: tuple[ExpectedIdentity, ...],
        *,
        by_name: bool = False,
    ) -> AssetFinding:
        """The finding with the verdicts on these bundles, as far as they are needed until its rule is met."""
        if finding.sha256 is None or finding.problem is not None:
            return finding
        for each in about:
            made = await self.judge.judge(each, signers, finding.name, finding.sha256, by_name=by_name)
            finding = replace(finding, bundles=(*finding.bundles, *made))
            if kinds_of(finding) and not self._lacks(finding):
                break
        return finding

    async def _all(
        self, findings: Findings, work: Callable[[AssetFinding], Awaitable[AssetFinding]]
    ) -> Findings:
        made = await self.sitting.each(findings, work, AT_ONCE)
        return tuple(after or before for before, after in zip(findings, made, strict=True))

    def _lacks(self, finding: AssetFinding) -> bool:
        """Whether an asset whose bytes could be judged has less evidence than its rule asks for."""
        if finding.sha256 is None or finding.problem is not None:
            return False
        return bool(self.section.rule_for(finding.name)[1].lacking(kinds_of(finding)))

    async def _fetched(self, attestations: Sequence[Attestation], what: str) -> list[Found]:
        found: list[Found] = []
        for position, attestation in enumerate(attestations, start=1):
            source = f"{what} {position}"
            try:
                raw = await self.known.bundle(attestation, MAX_BUNDLE_BYTES)
            except (InvalidInput, NotFound, Gone) as error:
                # Judged like any bundle, and refused: what cannot be fetched must not look like nothing.
                source, raw = f"{source} ({error.code})", b""
            found.append(Found(source, None, Candidate(raw, ())))
        return found
