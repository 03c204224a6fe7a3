"""The judgement on a release; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, Effect, PublishCheckRun, WakeAt
from app.domain.markdown import clean
from app.domain.release_codes import ReleaseCode
from app.domain.repo import Repository, SubjectKind, Target
from handlers.release_verification import quarantine_text, text
from handlers.release_verification.annotations import refused_lines
from handlers.release_verification.judgement import Judgement, deadline, judge, seen_now
from handlers.release_verification.models import Place, ReleaseEvidence, ReleaseState, Unfinished
from handlers.release_verification.notes import marks
from handlers.release_verification.quarantine import measures
from handlers.release_verification.quarantine_findings import findings_of
from handlers.release_verification.quarantine_settling import is_called_back, is_hidden_draft
from handlers.release_verification.receipts.making import receipts_of
from handlers.release_verification.signers import accepted, button
from handlers.release_verification.watching import WATCH, Watch

CHECK_NAME = "hephaestus/release-verification"
CHECK_PREFIX = f"{CHECK_NAME} ("
RERUN, GO_ON = "re-run", "go on"
LONGEST_TAG = 100
DIGITS = 16
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
ONLY_INFORMS = frozenset({Verdict.FAIL, Verdict.MISSING, Verdict.INCONCLUSIVE, Verdict.ACTION_REQUIRED})
CURABLE = frozenset({ReleaseCode.UNCOVERED, ReleaseCode.PENDING, ReleaseCode.VERIFIER_ERROR})


def decide(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """Every asset covered, or named; no asset at all is never a pass. A commit only passes the question on to its releases."""
    if evidence.subject.kind is SubjectKind.SHA:
        return _again(evidence)
    release = evidence.release if evidence.policy.configured else None
    if release is None or release.commit is None:
        return _silent(evidence)
    here = Place(release.commit, release.tag)
    if is_called_back(evidence):
        return _hidden(evidence, "it is judged again once it is restored", quarantine_text.called_back)
    if evidence.is_unchanged and evidence.watch is not None:
        return _unchanged(evidence, here, evidence.watch)
    if evidence.unfinished is not None:
        return _going_on(evidence, here, evidence.unfinished)
    judgement = judge(evidence)
    reasons = judgement.reasons + tuple(
        Reason("CONFIG", f"line {error.line}: {error.message}") for error in evidence.policy.errors
    )
    watch = _watch(evidence, judgement)
    measured = measures(evidence, findings_of(evidence, judgement.assets, judgement.reasons))
    effects: tuple[Effect, ...] = (
        *_left_behind(evidence, here),
        measured.on(_check(evidence, here, judgement)),
        *measured.effects,
        *marks(evidence, judgement),
        *_wake(evidence, judgement, watch),
    )
    state = replace(_state(evidence, here), watch=watch, accepted=accepted(evidence, judgement.assets))
    state = replace(state, quarantine=measured.record)
    receipts = receipts_of(evidence, judgement)
    return Decision(judgement.verdict, (*reasons, *measured.reasons), effects, state, receipts)


def _unchanged(evidence: ReleaseEvidence, here: Place, watch: Watch) -> Decision[ReleaseState]:
    """GitHub shows what it showed when the release was judged: nothing is said anew."""
    reason = Reason("release.unchanged", f"nothing changed since {watch.settled_at:%Y-%m-%d %H:%M:%S} UTC")
    state = replace(_state(evidence, here), watch=watch, accepted=evidence.accepted)
    return Decision(watch.verdict, (reason,), _watching(evidence, watch), state)


def _going_on(evidence: ReleaseEvidence, here: Place, unfinished: Unfinished) -> Decision[ReleaseState]:
    """Not all of it is read yet: nothing is said of the release but that, so that no verdict of before stands meanwhile."""
    said = text.unfinished(here.tag, unfinished)
    effects: tuple[Effect, ...] = (
        *_left_behind(evidence, here),
        replace(_saying(evidence.repository, here, said, None), asked=evidence.asked),
        WakeAt(evidence.repository, CAPABILITY, evidence.subject, unfinished.at, GO_ON),
    )
    reason = Reason(ReleaseCode.PENDING, f"{unfinished.left} assets are still to be read: {unfinished.why}")
    state = replace(_state(evidence, here), watch=evidence.watch, accepted=evidence.accepted)
    return Decision(Verdict.WAITING, (reason,), effects, state)


def check_name(tag: str) -> str:
    """One check run a release: a commit can have several, and the verdict on one must not hide that on another.

    Tags that are shown shorter than they are, or without what cannot be seen, are told apart by a digest.
    """
    shown = clean(tag, LONGEST_TAG)
    if shown != tag:
        shown += f" {sha256(tag.encode(errors='surrogatepass')).hexdigest()[:DIGITS]}"
    return f"{CHECK_PREFIX}{shown})"


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
    if not evidence.passed_on:
        reason = Reason(
            "release.unknown",
            "no release is remembered whose check run lies on this commit: edit the release instead",
        )
        return Decision(Verdict.NOT_APPLICABLE, (reason,), ())
    wakes = tuple(
        WakeAt(evidence.repository, CAPABILITY, subject, evidence.now, what)
        for subject, what in evidence.passed_on
    )
    return Decision(Verdict.ACTED, (Reason("release.again", "somebody asked to look at it again"),), wakes)


def _silent(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """Nothing asked for, or no commit to judge: only what was said before is withdrawn. Nothing new is said."""
    if not evidence.policy.configured:
        reason = Reason("not_configured", "the repository's file has no section release_verification")
        return _over(evidence, Verdict.NOT_CONFIGURED, reason, CheckConclusion.NEUTRAL)
    if is_hidden_draft(evidence):
        return _hidden(evidence, "the release is a draft because it is in quarantine", quarantine_text.draft)
    if evidence.release is None:
        return _unseen(evidence)
    if evidence.release.draft:
        # GitHub makes a draft of a release whose tag is deleted.
        reason = Reason("release.draft", "drafts are not verified")
        return _over(evidence, Verdict.NOT_APPLICABLE, reason, CheckConclusion.FAILURE)
    reason = Reason("release.no_tag", f"the tag {evidence.release.tag} does not exist")
    at = _look_again(evidence)
    again = (
        () if at is None else (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, "look again"),)
    )
    effects: tuple[Effect, ...] = (*_withdrawn(evidence, reason, CheckConclusion.FAILURE), *again)
    state = replace(_state(evidence, evidence.previous), watch=evidence.watch, accepted=evidence.accepted)
    return Decision(Verdict.MISSING, (reason,), effects, state)


def _hidden(
    evidence: ReleaseEvidence, why: str, report: Callable[[str], text.Report]
) -> Decision[ReleaseState]:
    """A release in quarantine that is not judged now: what it was hidden for stands, and a person can take it back."""
    measured, place = measures(evidence, ()), evidence.previous
    checks: tuple[Effect, ...] = ()
    if place is not None:
        check = _saying(evidence.repository, place, report(place.tag), CheckConclusion.FAILURE)
        checks = (replace(measured.on(check), asked=evidence.asked),)
    state = replace(_state(evidence, place), watch=evidence.watch, accepted=evidence.accepted)
    state = replace(state, quarantine=measured.record)
    reasons = (Reason("release.hidden", why), *measured.reasons)
    return Decision(Verdict.FAIL, reasons, (*checks, *measured.effects), state)


def _unseen(evidence: ReleaseEvidence) -> Decision[ReleaseState]:
    """A release that GitHub told to be deleted never comes back; a draft, which it does not show us either, may."""
    if evidence.is_deleted:
        reason = Reason("release.gone", "the release does not exist any more")
        return _over(evidence, Verdict.NOT_APPLICABLE, reason, CheckConclusion.NEUTRAL)
    reason = Reason("release.unseen", "GitHub does not show the release: it is a draft now, or was deleted")
    return _over(evidence, Verdict.NOT_APPLICABLE, reason, CheckConclusion.FAILURE)


def _over(
    evidence: ReleaseEvidence, verdict: Verdict, reason: Reason, conclusion: CheckConclusion
) -> Decision[ReleaseState]:
    """What is remembered is where our check run lies, so that the next evaluation, or its failure, can speak there again."""
    if evidence.previous is None:
        return Decision(verdict, (reason,), ())
    state = replace(
        _state(evidence, evidence.previous),
        memory=None,
        is_over=True,
        is_deleted=evidence.is_deleted,
        watch=evidence.watch,
        accepted=evidence.accepted,
    )
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
    record = evidence.quarantine.record if evidence.quarantine else None
    if place is None:
        return ReleaseState(evidence.since, memory=evidence.memory, quarantine=record)
    return ReleaseState(evidence.since, place.commit, place.tag, evidence.memory, quarantine=record)


def _check(evidence: ReleaseEvidence, here: Place, judgement: Judgement) -> PublishCheckRun:
    said, verdict = text.report(evidence, judgement), judgement.verdict
    conclusion = None if verdict is Verdict.WAITING else CONCLUSIONS[verdict]
    if verdict in ONLY_INFORMS and evidence.policy.is_informational and not evidence.policy.errors:
        conclusion = CheckConclusion.NEUTRAL
    return replace(
        _saying(evidence.repository, here, said, conclusion),
        annotations=refused_lines(evidence, judgement),
        buttons=(button(judgement.strangers),) if judgement.strangers else (),
        asked=evidence.asked,
    )


def _watch(evidence: ReleaseEvidence, judgement: Judgement) -> Watch:
    """What the verdict rested on. The tag's commit is bound to it by a pass, and stays so until another pass."""
    old, release, now = evidence.watch, evidence.release, evidence.now
    is_same = old is not None and old.fingerprint == evidence.fingerprint
    watch = Watch(
        verdict=judgement.verdict,
        fingerprint=evidence.fingerprint,
        settled_at=old.settled_at if old is not None and is_same else now,
        looked_at=now,
        seen=seen_now(evidence, judgement),
    )
    if judgement.is_good and release is not None:
        is_bound = old is not None and (old.tag, old.commit) == (release.tag, release.commit)
        passed_at = old.passed_at if old is not None and is_bound else now
        return replace(watch, tag=release.tag, commit=release.commit, passed_at=passed_at)
    return watch if old is None else replace(watch, tag=old.tag, commit=old.commit, passed_at=old.passed_at)


def _wake(evidence: ReleaseEvidence, judgement: Judgement, watch: Watch) -> tuple[WakeAt, ...]:
    """Look again, with growing pauses, while time may still cure what is wrong: GitHub announces no upload. Then, watch."""
    unsettled = {Verdict.WAITING, Verdict.MISSING}
    curable = judgement.verdict in unsettled or any(each.code in CURABLE for each in judgement.assets)
    at = _look_again(evidence) if curable else None
    if at is None:
        return _watching(evidence, watch)
    return (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, "look again"),)


def _look_again(evidence: ReleaseEvidence) -> datetime | None:
    """While something may still arrive."""
    end = deadline(evidence)
    if evidence.now >= end:
        return None
    pause = min(max(evidence.now - evidence.since, SHORTEST_WAIT), LONGEST_WAIT)
    return min(evidence.now + pause, end)


def _watching(evidence: ReleaseEvidence, watch: Watch) -> tuple[WakeAt, ...]:
    section = evidence.policy.section
    if section is None or section.watch == "off":
        return ()
    at = watch.next_look(evidence.now)
    return (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, WATCH),)
