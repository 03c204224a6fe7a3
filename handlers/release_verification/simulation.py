"""Another policy, tried on releases that were verified: their bundles are verified again, and what they amount to is judged anew.

Nothing is asked of GitHub. What was not read then, because the policy of then did not ask for it, stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from app.domain.decision import Verdict
from app.domain.ids import AppKey, CommitSha, Sha256Hex
from app.domain.receipts import Attachment
from app.domain.release import ExpectedIdentity
from app.domain.simulations import SimulatedAsset, SimulatedRelease, Simulation
from app.ports.bundles import BundleVerifier
from handlers.release_verification.bundles import BundleJudge, Found
from handlers.release_verification.identity import expected_identities, workflow_file
from handlers.release_verification.judgement import Judgement, judge
from handlers.release_verification.models import AssetFinding, BundleFinding, ReleaseEvidence
from handlers.release_verification.pairing import Candidate
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.standing import source_branches
from handlers.release_verification.verdicts import Standing, kinds_of

EVIDENCE: TypeAdapter[ReleaseEvidence] = TypeAdapter(ReleaseEvidence)
LONG = timedelta(days=2)
"""Longer than any policy waits: what is not there is missing."""
OPEN = frozenset({Verdict.PASS, Verdict.ACTION_REQUIRED, Verdict.MISSING})
"""What is said of a release may be said otherwise once more of it is known."""


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """What the ledger has of a release: the evidence of its evaluations, the newest first, and the bundles that were judged."""

    history: tuple[bytes, ...]
    bundles: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Before:
    """What was judged, and the tag and the commit that it was about."""

    evidence: ReleaseEvidence
    tag: str
    commit: CommitSha


@dataclass(frozen=True, slots=True)
class _Anew:
    """Findings under the other policy, and what is not known of them."""

    findings: tuple[AssetFinding, ...]
    unknown: tuple[str, ...]


async def simulated(
    section: ReleaseVerification, kept: Sequence[KeptRelease], verifier: BundleVerifier
) -> Simulation:
    """The policy on each release that is kept, the newest first, as they are given."""
    read = [_read(each) for each in kept]
    releases: list[SimulatedRelease] = []
    signed: set[str] = set()
    # From the oldest on: who signed one release is no stranger to the next.
    for before, one in reversed([(found, one) for found, one in zip(read, kept, strict=True) if found]):
        release, signers = await _simulated(before, one, section, verifier, frozenset(signed))
        signed |= signers
        releases.append(release)
    return Simulation(releases[::-1], sum(found is None for found in read))


def summarised(
    tag: str, commit: CommitSha, judgement: Judgement, then: str | None = None, unknown: Sequence[str] = ()
) -> SimulatedRelease:
    """A judgement as a simulation tells it; where something is not known, only a refusal for what is known is certain."""
    is_open = bool(unknown) and judgement.verdict in OPEN
    bad = [each for each in judgement.assets if each.standing not in {Standing.GOOD, Standing.EXEMPT}]
    told = {f"{each.asset.name}: {each.reason}" for each in bad}
    return SimulatedRelease(
        tag=tag,
        commit=commit,
        then=then,
        now=None if is_open else judgement.verdict.value,
        assets=tuple(
            SimulatedAsset(each.asset.name, each.code.value, each.reason, bool(kinds_of(each.asset)))
            for each in bad
        ),
        reasons=tuple(each.text for each in judgement.reasons if each.text not in told),
        unknown=tuple(unknown),
    )


def _read(kept: KeptRelease) -> _Before | None:
    """The newest evidence that was judged as a whole."""
    for raw in kept.history:
        try:
            evidence = EVIDENCE.validate_json(raw)
        except ValidationError:
            continue
        release = evidence.release
        is_judged = evidence.policy.section is not None and not evidence.is_unchanged
        if release is not None and release.commit and is_judged and evidence.unfinished is None:
            return _Before(evidence, release.tag, release.commit)
    return None


async def _simulated(
    before: _Before,
    kept: KeptRelease,
    section: ReleaseVerification,
    verifier: BundleVerifier,
    signed: frozenset[str],
) -> tuple[SimulatedRelease, set[str]]:
    """The release under the policy, and who signed it if it passes."""
    evidence, contents = before.evidence, {each.sha256: each.content for each in kept.bundles}
    app_key = AppKey(evidence.subject.app_key)
    signers = expected_identities(section, app_key, evidence.repository, before.tag, before.commit)
    anew = await _anew(evidence, section, signers, BundleJudge(verifier, section.match_names), contents)
    of_tag = _unknown_of_tag(evidence, section)
    policy = replace(evidence.policy, section=section, signers=signers, errors=(), broken=None)
    judgement = judge(
        replace(
            evidence,
            policy=replace(policy, wait_minutes=section.wait_minutes),
            since=evidence.now - LONG,
            assets=anew.findings,
            watch=None,
            standing=None if of_tag else evidence.standing,
            known_signers=tuple(sorted({*signed, *(evidence.known_signers or ())})),
            clicks=(),
        )
    )
    passed = {
        workflow_file(each.bundle.signer)
        for each in judgement.assets
        if judgement.is_good and each.bundle is not None
    }
    unknown = (*of_tag, *anew.unknown)
    return summarised(before.tag, before.commit, judgement, judge(evidence).verdict.value, unknown), passed


async def _anew(
    evidence: ReleaseEvidence,
    section: ReleaseVerification,
    signers: tuple[ExpectedIdentity, ...],
    judging: BundleJudge,
    contents: Mapping[Sha256Hex, bytes],
) -> _Anew:
    findings, unknown = [], []
    for asset in evidence.assets:
        if section.is_exempt(asset.name) or asset.problem is not None:
            findings.append(replace(asset, exempt=section.is_exempt(asset.name), bundles=()))
        elif asset.sha256 is None:
            unknown.append(f"{asset.name}: it was exempt, so its bytes were not read")
        else:
            found = replace(
                asset,
                bundles=await _verified(
                    asset, asset.sha256, signers, judging, contents, takes_late=section.backfill is not None
                ),
            )
            gone = sorted({each.source for each in asset.bundles if _content(each, contents) is None})
            if gone and section.rule_for(asset.name)[1].lacking(kinds_of(found)):
                unknown.append(f"{asset.name}: no longer kept: {', '.join(gone)}")
            else:
                findings.append(found)
    return _Anew(tuple(findings), tuple(unknown))


async def _verified(
    asset: AssetFinding,
    sha256: Sha256Hex,
    signers: tuple[ExpectedIdentity, ...],
    judging: BundleJudge,
    contents: Mapping[Sha256Hex, bytes],
    *,
    takes_late: bool,
) -> tuple[BundleFinding, ...]:
    """Each bundle once, held against the policy's signers; one of the whole release against what it was held against then."""
    made: list[BundleFinding] = []
    for bundle in _each_once(asset.bundles):
        raw, asked = _content(bundle, contents), bundle.asked
        if raw is not None and asked is not None:
            found = Found(bundle.source, None, Candidate(raw, ()))
            # Neither GitHub nor the backfill is a signer that the policy describes by itself.
            late = (asked.expected,) if bundle.kind is Kind.BACKFILL and takes_late else ()
            tried = (*signers, *late) if asked.expected.release is None else (asked.expected,)
            made += await judging.judge(found, tried, asset.name, sha256, by_name=bundle.by_name)
    return tuple(made)


def _each_once(bundles: Iterable[BundleFinding]) -> list[BundleFinding]:
    """One finding for each bundle of several, which there is for each signer that it was held against."""
    found = {
        (
            each.source,
            each.asked and each.asked.bundle_sha256,
            each.asked and each.asked.expected.release,
        ): each
        for each in bundles
    }
    return list(found.values())


def _content(bundle: BundleFinding, contents: Mapping[Sha256Hex, bytes]) -> bytes | None:
    return None if bundle.asked is None else contents.get(bundle.asked.bundle_sha256)


def _unknown_of_tag(evidence: ReleaseEvidence, section: ReleaseVerification) -> tuple[str, ...]:
    """What of the repository's branches the policy of then did not look at."""
    before = evidence.policy.section
    found = []
    if (
        before is None
        or evidence.standing is None
        or before.reachable_from == "any" != section.reachable_from
    ):
        found.append("where the tag's commit is was not looked at")
    if before is None or not set(source_branches(section)) <= set(source_branches(before)):
        found.append("the branches that signers name as their source were not looked at")
    return tuple(found)
