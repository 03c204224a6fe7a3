"""What people read about a failed run and its remedy. Pure; golden-tested."""

from __future__ import annotations

from textwrap import fill

from app.domain.decision import Reason
from app.domain.markdown import block, code
from app.domain.remediation import Signature
from handlers.remediation.models import Proposal, RemediationEvidence, RunFacts

SHOWN_JOBS = 10
SHOWN_LINES = 3
UNREAD_TITLE = "Logs of failed jobs could not be read"


def pull_body(evidence: RemediationEvidence, run: RunFacts, signature: Signature, proposal: Proposal) -> str:
    """The pull request's body: cause, evidence, change, way back."""
    rows = [f"| {edit.line} | {code(edit.before)} | {code(edit.after)} |" for edit in proposal.edits]
    return "\n\n".join(
        (
            f"## Cause\n\n{signature.cause}{_references(signature)}",
            f"## Evidence\n\n{_found(evidence, run, signature)}",
            f"## Change\n\n{signature.change}",
            f"In {code(proposal.path)}; nothing else changes:",
            "\n".join(("| Line | Before | After |", "|---:|---|---|", *rows)),
            f"Risk: {signature.risk}. Its own checks say whether the change holds; nothing is merged by itself.",
            f"## Way back\n\n{signature.rollback} Once closed, it is not proposed again.",
            f"<sub>Signature {code(signature.id)} version {signature.version}; remedy {code(proposal.fix_key)}.</sub>\n",
        )
    )


def explanation(evidence: RemediationEvidence, signature: Signature, held_back: Reason) -> str:
    """The summary of the check run that only explains."""
    assert evidence.run is not None  # noqa: S101 (decide explains nothing without a run)
    parts = [
        f"**Cause.** {signature.cause}{_references(signature)}",
        _found(evidence, evidence.run, signature),
        f"**Remedy.** {signature.change}",
        f"Hephaestus does not do this by itself here: {code(held_back.text)} ({held_back.code}).",
        f"<sub>Signature {code(signature.id)} version {signature.version}.</sub>",
    ]
    return "\n\n".join(parts)


def unread(evidence: RemediationEvidence, run: RunFacts) -> str:
    """The summary of the check run that says whose logs nobody could look into."""
    jobs = [job for job in evidence.jobs if job.refused]
    lines = [f"- Job {code(job.name)}: {code(job.problem)}" for job in jobs[:SHOWN_JOBS]]
    if len(jobs) > SHOWN_JOBS:
        lines.append(f"- … and {len(jobs) - SHOWN_JOBS} more jobs.")
    parts = [
        f"Run {run.id}, attempt {run.attempt}, on commit {run.head_sha}.",
        "Hephaestus looks for known causes in the logs of failed jobs, and could not read these:",
        "\n".join(lines),
        "So the cause is not known, and nothing was done. Hephaestus looks again when the failed jobs run again.",
    ]
    return "\n\n".join(parts)


def commit_body(signature: Signature, fix_key: str) -> str:
    """The commit's body: only words of the playbook, nothing from a log or a repository."""
    return f"{fill(signature.cause, 72)}\n\n{fill(signature.change, 72)}\n\nHephaestus-Fix: {fix_key}"


def _references(signature: Signature) -> str:
    return f" ([source]({signature.references[0]}))" if signature.references else ""


def _found(evidence: RemediationEvidence, run: RunFacts, signature: Signature) -> str:
    jobs = [job for job in evidence.jobs if any(match.signature == signature.id for match in job.matches)]
    parts = [f"Run {run.id}, attempt {run.attempt}, on commit {run.head_sha}."]
    for job in jobs[:SHOWN_JOBS]:
        matches = [match for match in job.matches if match.signature == signature.id][:SHOWN_LINES]
        lines = "\n".join(f"{match.line}: {match.text}" for match in matches)
        parts.append(f"Job {code(job.name)}:\n\n{block(lines)}")
    if len(jobs) > SHOWN_JOBS:
        parts.append(f"… and {len(jobs) - SHOWN_JOBS} more jobs.")
    return "\n\n".join(parts)
