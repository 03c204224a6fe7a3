"""The judgement on a release; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import (
    Annotation,
    AnnotationLevel,
    CheckConclusion,
    CheckStatus,
    Effect,
    PublishCheckRun,
    WakeAt,
)
from app.domain.markdown import clean
from app.domain.release_codes import ReleaseCode
from app.domain.repo import Repository, SubjectKind, Target
from handlers.release_verification import text
from handlers.release_verification.models import Place, ReleaseEvidence, ReleaseState
from handlers.release_verification.verdicts import AssetVerdict, Standing, verdict_on

CHECK_NAME = "hephaestus/release-verification"
CHECK_PREFIX = f"{CHECK_NAME} ("
RERUN = "re-run"
LONGEST_TAG = 100
CAPABILITY = "release_verification"
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=10)

CONCLUSIONS = {
    Verdict.PASS: CheckConclusion.SUCCESS,
    Verdict.FAIL: CheckConclusion.FAILURE,
    Verdict.MISSING: CheckConclusion.FAILURE,
    Verdict.INCONCLUSIVE: CheckConclusion.FAILURE,
    Verdict.ERROR: CheckConclusion.ACTION_REQUIRED,
    Verdict.ACTION_REQUIRED: CheckConclusion.ACTION_REQUIRED,
}
PRECEDENCE = (
    (Standing.REFUSED, Verdict.FAIL),
    (Standing.BROKEN, Verdict.ERROR),
    (Standing.UNDECIDED, Verdict.INCONCLUSIVE),
)
CURABLE = frozenset({ReleaseCode.UNCOVERED, ReleaseCode.PENDING, ReleaseCode.VERIFIER_ERROR})


def decide(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """Every asset covered, or named; no asset at all is never a pass. A commit only passes the question on to its releases."""
    if evidence.subject.kind is SubjectKind.SHA:
        return _again(evidence)
    release = evidence.release if evidence.policy.configured else None
    if release is None or release.commit is None:
        return _silent(evidence)
    assets = tuple(verdict_on(asset) for asset in evidence.assets)
    verdict = _verdict(evidence, assets)
    reasons = tuple(
        Reason(each.code, f"{each.asset.name}: {each.reason}")
        for each in assets
        if each.standing not in {Standing.GOOD, Standing.EXEMPT}
    )
    if verdict in {Verdict.WAITING, Verdict.MISSING} and not reasons:
        reasons = (Reason(ReleaseCode.PENDING, text.NOTHING_TO_VERIFY),)
    reasons += tuple(
        Reason("CONFIG", f"line {error.line}: {error.message}") for error in evidence.policy.errors
    )
    here = Place(release.commit, release.tag)
    effects: tuple[Effect, ...] = (
        *_left_behind(evidence, here),
        _check(evidence, here, assets, verdict),
        *_wake(evidence, assets, verdict),
    )
    return Decision(verdict, reasons, effects, _state(evidence, here))


def check_name(tag: str) -> str:
    """One check run a release: a commit can have several, and the verdict on one must not hide that on another."""
    return f"{CHECK_PREFIX}{clean(tag, LONGEST_TAG)})"


def retrying(target: Target, state: ReleaseState | None, reason: Reason, at: datetime) -> tuple[Effect, ...]:
    """The check run while a failure of our own is tried again, where there is one: open, so that it passes nothing."""
    return _without_verdict(target, state, text.retrying(reason, at), None)


def give_up(target: Target, state: ReleaseState | None, reason: Reason) -> tuple[Effect, ...]:
    """The check run after a failure of our own, where there is one: an unverified release must not stay green."""
    return _without_verdict(target, state, text.failed(reason), CheckConclusion.ACTION_REQUIRED)


def _without_verdict(
    target: Target, state: ReleaseState | None, said: text.Report, conclusion: CheckConclusion | None
) -> tuple[Effect, ...]:
    if state is None or state.place is None:  # which commit it would be about, only GitHub could say
        return ()
    return (_saying(target.repository, state.place, said, conclusion),)


def _saying(
    repository: Repository, place: Place, said: text.Report, conclusion: CheckConclusion | None
) -> PublishCheckRun:
    return PublishCheckRun(
        repository=repository,
        head_sha=place.commit,
        name=check_name(place.tag),
        status=CheckStatus.IN_PROGRESS if conclusion is None else CheckStatus.COMPLETED,
        conclusion=conclusion,
        title=said.title,
        summary=said.summary,
        text=said.details,
    )


def _again(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """Each release of the commit is evaluated again, as if its time had come."""
    if not evidence.releases:
        reason = Reason(
            "release.unknown",
            "no release is remembered whose check run lies on this commit: edit the release instead",
        )
        return Decision(Verdict.NOT_APPLICABLE, (reason,), ())
    wakes = tuple(
        WakeAt(evidence.repository, CAPABILITY, subject, evidence.now, RERUN) for subject in evidence.releases
    )
    return Decision(Verdict.ACTED, (Reason("release.again", "somebody asked to run it again"),), wakes)


def _silent(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """Nothing asked for, or no commit to judge: only what was said before is withdrawn. Nothing new is said."""
    if not evidence.policy.configured:
        reason = Reason("not_configured", "the repository's file has no section release_verification")
        return _over(evidence, Verdict.NOT_CONFIGURED, reason, CheckConclusion.NEUTRAL)
    if evidence.release is None:
        reason = Reason("release.gone", "the release does not exist any more")
        return _over(evidence, Verdict.NOT_APPLICABLE, reason, CheckConclusion.NEUTRAL)
    if evidence.release.draft:
        # GitHub makes a draft of a release whose tag is deleted.
        reason = Reason("release.draft", "drafts are not verified")
        return _over(evidence, Verdict.NOT_APPLICABLE, reason, CheckConclusion.FAILURE)
    reason = Reason("release.no_tag", f"the tag {evidence.release.tag} does not exist")
    effects: tuple[Effect, ...] = (
        *_withdrawn(evidence, reason, CheckConclusion.FAILURE),
        *_wake(evidence, (), Verdict.MISSING),
    )
    return Decision(Verdict.MISSING, (reason,), effects, _state(evidence, evidence.previous))


def _over(
    evidence: ReleaseEvidence, verdict: Verdict, reason: Reason, conclusion: CheckConclusion
) -> Decision[ReleaseState]:
    """What is remembered is where our check run lies, so that the next evaluation, or its failure, can speak there again."""
    if evidence.previous is None:
        return Decision(verdict, (reason,), ())
    state = replace(_state(evidence, evidence.previous), memory=None, is_over=True)
    return Decision(verdict, (reason,), _withdrawn(evidence, reason, conclusion), state)


def _left_behind(evidence: ReleaseEvidence, here: Place) -> tuple[PublishCheckRun, ...]:
    """Where the release was before its tag moved, or it got another: that commit is not what is released as this any more."""
    previous = evidence.previous
    if previous is None or (previous.commit, check_name(previous.tag)) == (here.commit, check_name(here.tag)):
        return ()
    reason = Reason("release.moved", f"the release is now {here.tag} of commit {here.commit}")
    return _withdrawn(evidence, reason, CheckConclusion.FAILURE)


def _withdrawn(
    evidence: ReleaseEvidence, reason: Reason, conclusion: CheckConclusion
) -> tuple[PublishCheckRun, ...]:
    """The check run of an earlier verdict, where there is one, says that it no longer holds."""
    previous = evidence.previous
    if previous is None:
        return ()
    said = text.withdrawn(previous.tag, reason)
    return (replace(_saying(evidence.repository, previous, said, conclusion), asked=evidence.asked),)


def _state(evidence: ReleaseEvidence, place: Place | None) -> ReleaseState:
    if place is None:
        return ReleaseState(evidence.since, memory=evidence.memory)
    return ReleaseState(evidence.since, place.commit, place.tag, evidence.memory)


def _verdict(evidence: ReleaseEvidence, assets: tuple[AssetVerdict, ...]) -> Verdict:
    if not evidence.policy.signers:
        return Verdict.ACTION_REQUIRED  # the configuration was never valid
    standings = {each.standing for each in assets}
    for standing, verdict in PRECEDENCE:
        if standing in standings:
            return verdict
    if Standing.PENDING in standings or Standing.GOOD not in standings:
        return Verdict.WAITING if evidence.now < _deadline(evidence) else Verdict.MISSING
    return Verdict.ACTION_REQUIRED if evidence.policy.errors else Verdict.PASS


def _check(
    evidence: ReleaseEvidence, here: Place, assets: tuple[AssetVerdict, ...], verdict: Verdict
) -> PublishCheckRun:
    report = text.report(evidence, assets, verdict)
    conclusion = None if verdict is Verdict.WAITING else CONCLUSIONS[verdict]
    check = _saying(evidence.repository, here, report, conclusion)
    return replace(check, annotations=_annotations(evidence), asked=evidence.asked)


def _annotations(evidence: ReleaseEvidence) -> tuple[Annotation, ...]:
    broken = evidence.policy.broken
    if broken is None or broken.repository:
        return ()  # another repository's file has no lines here
    return tuple(
        Annotation(
            broken.path, error.line, error.line, AnnotationLevel.FAILURE, f"{error.path}: {error.message}"
        )
        for error in evidence.policy.errors
    )


def _wake(
    evidence: ReleaseEvidence, assets: tuple[AssetVerdict, ...], verdict: Verdict
) -> tuple[WakeAt, ...]:
    """Look again, with growing pauses, while time may still cure what is wrong: GitHub announces no upload."""
    curable = verdict in {Verdict.WAITING, Verdict.MISSING} or any(each.code in CURABLE for each in assets)
    deadline = _deadline(evidence)
    if not curable or evidence.now >= deadline:
        return ()
    pause = min(max(evidence.now - evidence.since, SHORTEST_WAIT), LONGEST_WAIT)
    at = min(evidence.now + pause, deadline)
    return (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, "look again"),)


def _deadline(evidence: ReleaseEvidence) -> datetime:
    return evidence.since + timedelta(minutes=evidence.policy.wait_minutes)
