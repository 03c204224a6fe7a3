"""Every asset of a release: its bytes hashed, the evidence about them found, and had judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.receipts import Attachment
from app.domain.release import Asset, ExpectedIdentity
from app.errors import TransientError
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from handlers.release_verification.bundles import BundleJudge, Found
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.finding import Attestations, EvidenceFinder, Whole
from handlers.release_verification.hashing import AssetReader, beyond_budget
from handlers.release_verification.models import AssetFinding
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.sittings import Sitting


@dataclass(frozen=True, slots=True)
class Judged:
    """The findings on all assets that are not bundles, and the names of those that are. `bundles` are those judged.

    With `left`, the sitting ended before so many were read: nothing is judged yet. `trouble` is what ended it.
    """

    findings: tuple[AssetFinding, ...] = ()
    bundle_files: tuple[str, ...] = ()
    bundles: tuple[Attachment, ...] = ()
    left: int = 0
    trouble: TransientError | None = None


@dataclass(frozen=True, slots=True)
class AssetJudge:
    """Judges the assets of one release; `known` has the bytes, `whole` is None where no release attestation is looked for.

    Outages (`TransientError`, `AccessDenied`) pass through unless the sitting got further: then nothing is known, and the whole
    release is tried again.
    """

    attestations: Attestations
    known: KnownBytes
    compute: Compute
    verifier: BundleVerifier
    section: ReleaseVerification
    signers: tuple[ExpectedIdentity, ...]
    whole: Whole | None = None

    async def judge(self, assets: Sequence[Asset], sitting: Sitting) -> Judged:
        """What is known of the assets by the end of the sitting."""
        reader = AssetReader(self.known, self.compute, self.section, beyond_budget(assets, self.section))
        opened = await sitting.each(assets, reader.bundles_in)
        artifacts = [asset for asset, inside in zip(assets, opened, strict=True) if not inside]
        hashed = await sitting.each(artifacts, reader.hashed)
        strays = _strays(assets, opened, hashed)
        hashed += await sitting.each(strays, reader.hashed)
        findings = tuple(finding for finding in hashed if finding is not None)
        left = sum(inside is None for inside in opened) + len(hashed) - len(findings)
        if left:
            return self._cut_short(left, sitting.trouble)
        # What is there by now is judged to its end: a verdict on a part of the evidence is none.
        steady = replace(sitting, seconds=float("inf"))
        judge = BundleJudge(self.verifier, self.section.match_names)
        finder = EvidenceFinder(
            attestations=self.attestations,
            known=self.known,
            judge=judge,
            section=self.section,
            signers=self.signers,
            whole=self.whole,
            sitting=steady,
        )
        try:
            findings = await finder.of(findings, [each for inside in opened for each in inside or ()])
        except TransientError as error:
            return self._cut_short(1, error)
        if steady.trouble is not None:
            return self._cut_short(1, steady.trouble)
        files = tuple(
            asset.name for asset, inside in zip(assets, opened, strict=True) if inside and asset not in strays
        )
        bundles = tuple(Attachment(digest, raw) for digest, raw in judge.kept.items())
        return Judged(await reader.listed(findings, artifacts), files, bundles)

    def _cut_short(self, left: int, trouble: TransientError | None) -> Judged:
        if trouble is not None and not self.known.downloads:
            raise trouble  # it got no further: others say how long that may go on
        return Judged(left=left, trouble=trouble)


def _strays(
    assets: Sequence[Asset], opened: Sequence[list[Found] | None], hashed: Sequence[AssetFinding | None]
) -> list[Asset]:
    """What looks like bundles and is about no asset, by digest or by name: it needs evidence itself, or anything could hide so.

    Where there are bundles only, the assets may be yet to come.
    """
    if not hashed:
        return []
    names = {asset.name for asset in assets}
    digests = {finding.sha256 for finding in hashed if finding is not None}
    return [
        asset
        for asset, inside in zip(assets, opened, strict=True)
        if inside
        and not any(each.name in names or digests.intersection(each.candidate.digests) for each in inside)
    ]
