"""The judgement on a release as a whole: its assets, its tag, who signed, and what was there before. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.decision import Reason, Verdict
from app.domain.release import Outcome
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.models import AssetFinding, BundleFinding, ReleaseEvidence
from handlers.release_verification.section.values import BRANCH, Kind
from handlers.release_verification.signers import asked_for, strangers_in
from handlers.release_verification.standing import TagStanding, unreachable
from handlers.release_verification.verdicts import AssetVerdict, Standing, verdicts_on
from handlers.release_verification.watching import Seen, Watch

PRECEDENCE = (
    (Standing.REFUSED, Verdict.FAIL),
    (Standing.BROKEN, Verdict.ERROR),
    (Standing.UNDECIDED, Verdict.INCONCLUSIVE),
)
NOTHING_TO_VERIFY = "the release has no asset that could be verified"
SOURCE_REF = "source_repository_ref"
KEPT_GONE = 1000
"""Assets that are not there any more: as many as a release can have."""
BOUND_TO_COMMIT = frozenset({Kind.PROVENANCE, Kind.RELEASE_ATTESTATION})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a release comes to. `reasons` say what is wrong; `notes` what else people should know.

    `strangers` are workflows that never signed a verified release before, and that a person has to accept.
    """

    verdict: Verdict
    assets: tuple[AssetVerdict, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the whole release passed."""
        return self.verdict is Verdict.PASS


def judge(evidence: ReleaseEvidence) -> Judgement:
    """The judgement on a release whose assets were all read."""
    section, watch = evidence.policy.section, evidence.watch
    if section is None:
        return Judgement(Verdict.ACTION_REQUIRED)  # the configuration was never valid
    findings = tuple(bound_to_branches(each, evidence.standing) for each in evidence.assets)
    assets = verdicts_on(
        findings,
        section,
        watch.seen if watch else (),
        has_passed=watch is not None and watch.passed_at is not None,
    )
    moved, notes = _tag(evidence, watch, assets)
    moved += _reach(evidence)
    strangers = strangers_in(evidence, assets)
    assets = tuple(asked_for(each, strangers) for each in assets)
    reasons = tuple(
        Reason(each.code, f"{each.asset.name}: {each.reason}")
        for each in assets
        if each.standing not in {Standing.GOOD, Standing.EXEMPT}
    )
    verdict = _verdict(evidence, assets, is_moved=bool(moved), is_strange=bool(strangers))
    if verdict in {Verdict.WAITING, Verdict.MISSING} and not reasons:
        reasons = (Reason(ReleaseCode.PENDING, NOTHING_TO_VERIFY),)
    return Judgement(verdict, assets, (*moved, *reasons), (*notes, *_changes(watch, assets)), strangers)


def deadline(evidence: ReleaseEvidence) -> datetime:
    """Until when assets and signatures may arrive."""
    return evidence.since + timedelta(minutes=evidence.policy.wait_minutes)


def bound_to_branches(asset: AssetFinding, standing: TagStanding | None) -> AssetFinding:
    """The asset without what was signed from a branch that nobody looks after, or that does not have the tag's commit."""
    return replace(asset, bundles=tuple(_from_branch(each, standing) for each in asset.bundles))


def _from_branch(bundle: BundleFinding, standing: TagStanding | None) -> BundleFinding:
    ref = next((check.actual or "" for check in bundle.claims if check.claim == SOURCE_REF), "")
    if bundle.kind is not Kind.PROVENANCE or not ref.startswith(BRANCH):
        return bundle
    name = ref.removeprefix(BRANCH)
    problem = standing.problem_of(name) if standing is not None else "is not known"
    if not problem:
        return bundle
    reason = f"built from the branch {name}, which {problem}"
    return replace(bundle, outcome=Outcome.REJECTED.value, code=ReleaseCode.REF, reason=reason, kind=None)


def _reach(evidence: ReleaseEvidence) -> tuple[Reason, ...]:
    section, standing = evidence.policy.section, evidence.standing
    if section is None or standing is None:
        return ()
    problem = unreachable(section, standing)
    return () if problem is None else (Reason(ReleaseCode.UNREACHABLE, problem),)


def seen_now(evidence: ReleaseEvidence, judgement: Judgement) -> tuple[Seen, ...]:
    """The assets that passed, each since when.

    What passed before and does not now is kept as it was, and so is what is gone: to replace an asset is to delete it first.
    """
    before = {each.name: each for each in evidence.watch.seen} if evidence.watch else {}
    there = {each.asset.name for each in judgement.assets}
    gone = [name for name in before if name not in there]
    now = {name: before[name] for name in gone[-KEPT_GONE:]}
    for each in judgement.assets:
        known, asset = before.get(each.asset.name), each.asset
        if each.standing is not Standing.GOOD:
            if known is not None and each.standing is not Standing.EXEMPT:
                now[asset.name] = known
            continue
        is_same = known is not None and known.sha256 == asset.sha256
        now[asset.name] = Seen(
            id=asset.id,
            name=asset.name,
            size_bytes=asset.size_bytes,
            recorded=asset.recorded,
            updated_at=asset.updated_at,
            sha256=asset.sha256,
            grade=each.grade,
            source=each.bundle.source if each.bundle else each.listed_in,
            at=known.at if known is not None and is_same else evidence.now,
            before=known.before if known is not None and is_same else known.sha256 if known else None,
        )
    return tuple(now.values())


def _verdict(
    evidence: ReleaseEvidence, assets: tuple[AssetVerdict, ...], *, is_moved: bool, is_strange: bool
) -> Verdict:
    standings = {each.standing for each in assets}
    if is_moved:
        return Verdict.FAIL
    for standing, verdict in PRECEDENCE:
        if standing in standings:
            return verdict
    if not _is_complete(evidence, standings):
        return Verdict.WAITING if evidence.now < deadline(evidence) else Verdict.MISSING
    return Verdict.ACTION_REQUIRED if evidence.policy.errors or is_strange else Verdict.PASS


def _is_complete(evidence: ReleaseEvidence, standings: set[Standing]) -> bool:
    section = evidence.policy.section
    if Standing.PENDING in standings:
        return False
    if not standings and not evidence.bundle_files and section is not None and section.no_assets == "pass":
        return evidence.now >= deadline(evidence)
    return bool({Standing.GOOD, Standing.ASKED} & standings)


def _tag(
    evidence: ReleaseEvidence, watch: Watch | None, assets: tuple[AssetVerdict, ...]
) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Whether the tag names another commit than when the release passed; evidence for the new one makes good for it."""
    release = evidence.release
    if watch is None or watch.commit is None or release is None or watch.passed_at is None:
        return (), ()
    if release.tag != watch.tag or release.commit == watch.commit:
        return (), ()
    said = (
        f"the tag {release.tag} named {watch.commit} when the release was verified on "
        f"{watch.passed_at:%Y-%m-%d %H:%M:%S} UTC; it names {release.commit} now"
    )
    needed = [each for each in assets if each.standing is not Standing.EXEMPT]
    is_bound = all(
        each.standing is Standing.GOOD and each.bundle is not None and each.bundle.kind in BOUND_TO_COMMIT
        for each in needed
    )
    if needed and is_bound:
        return (), (f"{said}. All evidence is of the new commit.",)
    return (Reason(ReleaseCode.TAG_MOVED, said),), ()


def _changes(watch: Watch | None, assets: tuple[AssetVerdict, ...]) -> tuple[str, ...]:
    """What is not wrong, and yet not as it was: assets that were replaced by verified ones, or are gone."""
    if watch is None:
        return ()
    there = {each.asset.name for each in assets}
    gone = [
        f"{each.name} was verified on {each.at:%Y-%m-%d %H:%M:%S} UTC and is not there any more"
        for each in watch.seen
        if each.name not in there
    ]
    replaced = []
    for each in assets:
        known = each.before
        was = None
        if known is not None:
            was = known.sha256 if known.sha256 != each.asset.sha256 else known.before
        if was is not None and each.standing is Standing.GOOD:
            replaced.append(
                f"{each.asset.name} was verified as sha256:{was} before, and was replaced by verified bytes"
            )
    return (*replaced, *gone)
