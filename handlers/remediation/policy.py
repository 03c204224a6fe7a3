"""The judgement on a failed run; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import (
    CheckConclusion,
    CheckStatus,
    Effect,
    FileChange,
    OpenPullRequest,
    PublishCheckRun,
    RerunFailedJobs,
    Reservation,
)
from app.domain.remediation import Remedy, Signature
from handlers.remediation import text
from handlers.remediation.guards import ineligible, mode_of, only_explain
from handlers.remediation.models import (
    Mode,
    Proposal,
    Remediation,
    RemediationEvidence,
    RemediationState,
    RunFacts,
)
from handlers.remediation.settling import state_after

CHECK_NAME = "hephaestus/remediation"
DAY = timedelta(days=1)
RERUNS_PER_COMMIT = 2
FORBIDDEN = Reason("permission.missing", "GitHub does not let the App do it")
RemediationDecision = Decision[RemediationState]


def decide(evidence: RemediationEvidence) -> RemediationDecision:
    """One remedy for one run at most; every reason not to act is named."""
    section, run, signature = evidence.policy.section, evidence.run, evidence.signature
    if section is None:
        return _without_section(evidence)
    if run is None:
        return _silent(evidence, Reason("run.gone", "the run does not exist any more"))
    if evidence.settled and evidence.previous is not None:
        return _settled(evidence.previous)
    if unfit := ineligible(run):
        return _silent(evidence, unfit)
    if signature is None:
        return _without_cause(evidence, section, run)
    return _remedy(evidence, section, run, signature)


def _without_section(evidence: RemediationEvidence) -> RemediationDecision:
    if evidence.policy.errors:
        return _silent(evidence, Reason("CONFIG", "the configuration was never valid; see its check run"))
    reason = Reason("not_configured", "the repository's file has no section remediation")
    return Decision(Verdict.NOT_CONFIGURED, (reason,), ())


def _remedy(
    evidence: RemediationEvidence, section: Remediation, run: RunFacts, signature: Signature
) -> RemediationDecision:
    mode = mode_of(signature, section)
    if mode is Mode.OFF:
        return _silent(evidence, Reason("mode.off", f"{signature.id} is switched off"))
    held_back = only_explain(run, signature, evidence.proposal)
    if mode is Mode.OBSERVE:
        would = held_back.text if held_back else f"the remedy {signature.remedy} would have been applied"
        return _silent(evidence, Reason("mode.observe", f"{signature.id}: {would}"))
    if held_back is None and mode is Mode.EXPLAIN:
        held_back = Reason("mode.explain", "the configuration asks only for explanations")
    if held_back is not None:
        check = _explanation(evidence, run, signature, held_back)
        return Decision(Verdict.EXPLAINED, (held_back,), (check,), state_after(evidence, check))
    instead = _explanation(evidence, run, signature, FORBIDDEN)
    effect: Effect = _rerun(evidence, run, section, instead)
    if signature.remedy is Remedy.EDIT and evidence.proposal is not None:
        effect = _pull(evidence, run, signature, evidence.proposal, section, instead)
    reason = Reason(f"acted.{signature.remedy}", f"{signature.id}: {signature.title}")
    return Decision(Verdict.ACTED, (reason,), (effect,), state_after(evidence, effect))


def _settled(before: RemediationState) -> RemediationDecision:
    found = f"showed {before.signature}" if before.signature else "showed no known cause"
    reason = Reason(
        "attempt.settled",
        f"attempt {before.attempt} {found} and was dealt with, under the same policy and signatures",
    )
    # Seen applied is remembered: the effect's row may be pruned before this.
    return Decision(Verdict.NOT_APPLICABLE, (reason,), (), replace(before, awaits=""))


def _silent(evidence: RemediationEvidence, *reasons: Reason) -> RemediationDecision:
    return Decision(Verdict.NOT_APPLICABLE, reasons, (), state_after(evidence))


def _without_cause(evidence: RemediationEvidence, section: Remediation, run: RunFacts) -> RemediationDecision:
    """No known cause is nothing to speak of; logs that nobody could look into are."""
    refused = any(job.refused for job in evidence.jobs)
    if not refused or section.mode in {Mode.OFF, Mode.OBSERVE}:
        return _silent(evidence, *_unknown(evidence))
    check = _neutral(evidence, run, text.UNREAD_TITLE, text.unread(evidence, run))
    return Decision(Verdict.EXPLAINED, _unknown(evidence), (check,), state_after(evidence, check))


def _unknown(evidence: RemediationEvidence) -> tuple[Reason, ...]:
    unread = tuple(Reason("log.unread", f"{job.name}: {job.problem}") for job in evidence.jobs if job.problem)
    return (Reason("signature.none", "no known cause in the failed jobs' logs"), *unread)


def _explanation(
    evidence: RemediationEvidence, run: RunFacts, signature: Signature, held_back: Reason
) -> PublishCheckRun:
    return _neutral(evidence, run, signature.title, text.explanation(evidence, signature, held_back))


def _neutral(evidence: RemediationEvidence, run: RunFacts, title: str, summary: str) -> PublishCheckRun:
    return PublishCheckRun(
        repository=evidence.repository,
        head_sha=run.head_sha,
        name=CHECK_NAME,
        status=CheckStatus.COMPLETED,
        conclusion=CheckConclusion.NEUTRAL,
        title=title,
        summary=summary,
    )


def _pull(
    evidence: RemediationEvidence,
    run: RunFacts,
    signature: Signature,
    proposal: Proposal,
    section: Remediation,
    instead: PublishCheckRun,
) -> OpenPullRequest:
    return OpenPullRequest(
        repository=evidence.repository,
        base_branch=proposal.base_branch,
        base_sha=proposal.base_sha,
        branch=proposal.branch,
        title=signature.headline,
        body=text.pull_body(evidence, run, signature, proposal),
        commit_headline=signature.headline,
        commit_body=text.commit_body(signature, proposal.fix_key),
        changes=(FileChange(proposal.path, (proposal.content or "").encode(), proposal.mode),),
        reservations=(Reservation(f"{_scope(evidence)}|pulls", DAY, section.pulls_per_day),),
        instead=instead,
    )


def _rerun(
    evidence: RemediationEvidence, run: RunFacts, section: Remediation, instead: PublishCheckRun
) -> RerunFailedJobs:
    scope = f"{_scope(evidence)}|reruns"
    return RerunFailedJobs(
        repository=evidence.repository,
        run_id=run.id,
        attempt=run.attempt,
        branch=run.head_branch or "",
        head_sha=run.head_sha,
        reservations=(
            Reservation(scope, DAY, section.reruns_per_day),
            Reservation(f"{scope}|{run.head_sha}", DAY, RERUNS_PER_COMMIT),
        ),
        instead=instead,
    )


def _scope(evidence: RemediationEvidence) -> str:
    return f"{evidence.app_key}|{evidence.repository.id}|remediation"
