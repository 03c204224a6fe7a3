"""Remediation: reads a failed run again, classifies its failed jobs' logs, and prepares at most one remedy."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.ci import Job, WorkflowRun
from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import Event, WokenUp, WorkflowRunCompleted
from app.domain.ids import AppKey
from app.domain.remediation import Classification, Remedy, Signature
from app.domain.repo import Subject, SubjectKind, Target
from app.errors import Gone, InvalidInput, NotFound
from app.ports.handler import Lane, Reading
from handlers.remediation import policy
from handlers.remediation.guards import ineligible
from handlers.remediation.matcher import classify_file, classify_lines, shipped_rules
from handlers.remediation.models import (
    JobFinding,
    PolicyFacts,
    Remediation,
    RemediationEvidence,
    RemediationState,
    RunFacts,
)
from handlers.remediation.playbooks import signatures
from handlers.remediation.proposing import propose
from handlers.remediation.settling import basis_of, is_settled

NAME = "remediation"
MAX_LOG_BYTES = 64 * 1024 * 1024
MAX_JOBS = 20
RECENT_COMMITS = 4
TRAILER = re.compile(r"^Hephaestus-Fix: (\S{1,200})$", re.MULTILINE)
Read = Reading[RemediationState]


class RemediationCapability:
    """A failed run of known cause gets a pull request, one more attempt, or an explanation."""

    name = NAME
    lane = Lane.REMEDIATION
    time_limit = timedelta(minutes=10)
    evidence_type = RemediationEvidence
    state_type = RemediationState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The run of a failed `workflow_run.completed`, or of a timer of ours."""
        if isinstance(event, WorkflowRunCompleted) and event.conclusion == "failure":
            subject = Subject(app_key, event.repository.id, SubjectKind.RUN, str(event.run_id))
            return (Target(subject, event.repository),)
        if isinstance(event, WokenUp) and event.capability == NAME:
            return (Target(event.subject, event.repository),)
        return ()

    async def gather(self, reading: Read) -> RemediationEvidence:
        """The run as it is now, its failed jobs' logs, and the edit where one is called for."""
        loaded = await reading.policies.load(NAME, Remediation)
        evidence = RemediationEvidence(
            app_key=reading.app_key,
            repository=reading.repository,
            subject=reading.subject,
            now=reading.now,
            policy=PolicyFacts(
                loaded.section is not None or bool(loaded.errors),
                loaded.section,
                loaded.source,
                loaded.errors,
            ),
            previous=reading.state,
        )
        if loaded.section is None:
            return evidence
        run = await reading.github.workflow_run(int(reading.subject.ident))
        if run is None:
            return evidence
        facts, basis = _facts(reading, run), basis_of(loaded.section)
        evidence = replace(evidence, run=facts, basis=basis, settled=await is_settled(reading, run, basis))
        if evidence.settled:
            return evidence
        facts = await _with_head(reading, facts)
        evidence = replace(evidence, run=facts)
        if ineligible(facts):
            return evidence
        jobs = [job for job in await reading.github.jobs(run.id, run.attempt) if job.conclusion == "failure"]
        findings = [await _finding(reading, job) for job in jobs[:MAX_JOBS]]
        signature = _signature(findings)
        evidence = replace(evidence, jobs=tuple(findings), signature=signature)
        if signature is None or signature.remedy is not Remedy.EDIT or facts.from_fork:
            return evidence
        return replace(evidence, proposal=await propose(reading, facts, signature))

    def decide(self, evidence: RemediationEvidence) -> Decision[RemediationState]:
        """See `policy.decide`."""
        return policy.decide(evidence)

    def reopening(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: RemediationState,  # noqa: ARG002 (likewise)
        events: tuple[Event, ...],  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: it says no verdict that could be believed."""
        return ()

    def retrying(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: RemediationState | None,  # noqa: ARG002 (likewise)
        reason: Reason,  # noqa: ARG002 (likewise)
        at: datetime,  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: it says no verdict that could be believed."""
        return ()

    def give_up(self, target: Target, state: RemediationState | None, reason: Reason) -> tuple[Effect, ...]:  # noqa: ARG002 (the port's shape)
        """Nothing: a remedy that did not come blocks nobody."""
        return ()


def _facts(reading: Read, run: WorkflowRun) -> RunFacts:
    return RunFacts(
        id=run.id,
        attempt=run.attempt,
        path=run.path,
        status=run.status,
        conclusion=run.conclusion,
        head_sha=run.head_sha,
        head_branch=run.head_branch,
        from_fork=run.head_repository_id != reading.repository.id,
    )


async def _with_head(reading: Read, facts: RunFacts) -> RunFacts:
    """Who made the head, and which remedies of ours are in it; of a fork's head neither matters."""
    if facts.from_fork:
        return facts
    commits = await reading.github.commits(facts.head_sha, RECENT_COMMITS)
    author = commits[0].author if commits else None
    fixes = tuple(key for commit in commits for key in TRAILER.findall(commit.message))
    return replace(facts, head_is_bots=author is not None and author.is_bot, fixes=fixes)


async def _finding(reading: Read, job: Job) -> JobFinding:
    try:
        try:
            async with reading.downloads.job_log(job.id, MAX_LOG_BYTES) as log:
                found = await reading.compute.run(classify_file, log.path)
        except (Gone, NotFound):
            return await _from_annotations(reading, job)
    except InvalidInput as error:
        return JobFinding(job.id, job.name, None, problem=str(error), refused=True)
    return _of(job, found)


async def _from_annotations(reading: Read, job: Job) -> JobFinding:
    """What the runner left beside a log that it could not keep."""
    if job.check_run_id is None:
        return JobFinding(job.id, job.name, None, problem="the log is not kept")
    notes = await reading.github.run_annotations(job.check_run_id)
    lines = tuple(f"##[error]{note.message}" for note in notes if note.level == "failure")
    found = await reading.compute.run(classify_lines, lines)
    return replace(_of(job, found), problem="the log is not kept; these are the job's annotations")


def _of(job: Job, found: Classification) -> JobFinding:
    return JobFinding(job.id, job.name, found.signature, found.matches)


def _signature(findings: list[JobFinding]) -> Signature | None:
    best = shipped_rules().best({job.signature for job in findings if job.signature})
    return next((each for each in signatures() if each.id == best), None)
