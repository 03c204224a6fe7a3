"""Gather: what became of the run that goes on, with every attestation of it verified by the gate's verifier; reads only."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from app.domain.ci import WorkflowRun
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import (
    AttestationList,
    ExpectedIdentity,
    Outcome,
    VerificationOutcome,
    VerificationRequest,
)
from app.errors import Gone, InvalidInput, NotFound
from handlers.release_verification.backfill.inventory import Read
from handlers.release_verification.backfill.models import PREDICATE_TYPE, Progress, Run, RunFacts, Signed
from handlers.release_verification.finding import MAX_BUNDLE_BYTES
from handlers.release_verification.identity import attached_to, backfill_identity
from handlers.release_verification.section import ReleaseVerification

COMPLETED, BY_HAND = "completed", "workflow_dispatch"
NOTICE = "hephaestus-backfill"
ATTESTATION = re.compile(r"attestation (\d{1,18})")
LISTED = 30
SHOWN = 5


async def facts_of(reading: Read, section: ReleaseVerification, run: Run) -> RunFacts:
    """What is known of a run."""
    outcome = await reading.records.effect_outcome(reading.subject, run.effect)
    if outcome is None:
        return RunFacts(Progress.WAITING)
    run_id = outcome.result.get("run_id")
    if not outcome.is_applied or not isinstance(run_id, int):
        return RunFacts(Progress.LOST, why=f"it was not started: {outcome.reason}")
    found = await reading.github.workflow_run(run_id)
    if found is None:
        return RunFacts(Progress.LOST, run_id, f"the run {run_id} is gone")
    if found.status != COMPLETED:
        return RunFacts(Progress.WAITING, run_id)
    if (why := await _stranger(reading, run, found)) is not None:
        return RunFacts(Progress.LOST, run_id, why)
    return await _signed(reading, section, run, found)


async def _stranger(reading: Read, run: Run, found: WorkflowRun) -> str | None:
    """Why a run is not the one that was approved: it started from a branch, and branches move."""
    said = (found.path, found.trigger, found.head_branch, found.head_repository_id)
    if said != (run.pin.workflow, BY_HAND, run.pin.branch, reading.repository.id):
        return f"the run {found.id} is of {found.path} by {found.trigger} at {found.head_branch}"
    file = await reading.github.file(run.pin.workflow, found.head_sha)
    if file is None or file.blob_sha != run.pin.blob_sha:
        return f"at {found.head_sha}, where the run {found.id} began, {run.pin.workflow} is not the approved file"
    return None


async def _signed(reading: Read, section: ReleaseVerification, run: Run, found: WorkflowRun) -> RunFacts:
    wanted = run_identity(reading, section, run, found)
    ended = RunFacts(
        Progress.ENDED, found.id, "" if found.conclusion == "success" else f"it ended: {found.conclusion}"
    )
    if wanted is None:
        return replace(ended, why="release_verification.backfill is gone from the policy")
    digests = sorted({item.sha256 for item in run.items})
    subjects = tuple(f"sha256:{digest}" for digest in digests)
    lists = await reading.github.attestations_of(subjects, predicate_type=PREDICATE_TYPE, limit=LISTED)
    signed, problems = [], []
    for digest in digests:
        listed = lists.get(f"sha256:{digest}", AttestationList())
        one, why = await _of_digest(reading, run, digest, listed, wanted)
        signed += [one] if one else []
        problems += [] if one else [f"sha256:{digest}: {why}"]
    return replace(
        ended,
        signed=tuple(signed),
        problems=tuple(problems[:SHOWN]),
        attestation_id=await _attestation_id(reading, found),
    )


async def _of_digest(
    reading: Read, run: Run, digest: Sha256Hex, listed: AttestationList, wanted: ExpectedIdentity
) -> tuple[Signed | None, str]:
    """The first attestation of a digest that counts; else what was wrong with the last one."""
    why = "no attestation is there"
    for attestation in listed.found:
        try:
            raw = await reading.downloads.bundle(attestation, MAX_BUNDLE_BYTES)
        except (InvalidInput, NotFound, Gone) as error:
            why = error.message
            continue
        one, why = await _judged(reading, run, raw, digest, wanted)
        if one is not None:
            return one, ""
    return None, why


async def _judged(
    reading: Read, run: Run, raw: bytes, digest: Sha256Hex, wanted: ExpectedIdentity
) -> tuple[Signed | None, str]:
    """The attestation where it verifies for each planned asset of the digest, and speaks of nothing that was not planned."""
    found: list[VerificationOutcome] = []
    for item in run.items:
        if item.sha256 != digest:
            continue
        (expected,) = attached_to((wanted,), item.release_id, item.commit)
        outcome = await reading.bundles.verify(VerificationRequest(raw, digest, expected, item.name))
        if outcome.outcome is not Outcome.VERIFIED:
            return None, f"{outcome.code}: {outcome.reason}"
        found.append(outcome)
    if strangers := subjects_of(raw) - {item.sha256 for item in run.items}:
        return None, f"it speaks of {len(strangers)} digests that were not planned for the run"
    last = found[-1]
    bundle = Sha256Hex(sha256(raw).hexdigest())
    commit = CommitSha(dict(wanted.claims)["source_repository_digest"])
    uri = dict(last.facts).get("run_invocation_uri", "")
    return Signed(digest, uri, commit, bundle, last.trusted_root_sha256, last.signed_at, last.facts), ""


def run_identity(
    reading: Read, section: ReleaseVerification, run: Run, found: WorkflowRun
) -> ExpectedIdentity | None:
    """Who must have signed: this run, at this commit, and nobody else."""
    if section.backfill is None:
        return None
    policy = section.backfill.model_copy(update={"workflow": run.pin.workflow, "commits": (found.head_sha,)})
    strict = section.model_copy(update={"backfill": policy})
    identity = backfill_identity(strict, reading.app_key, reading.repository, run.pin.branch, PREDICATE_TYPE)
    if identity is None:
        return None
    source = dict(identity.claims)["source_repository_uri"]
    attempts = tuple(
        f"{source}/actions/runs/{found.id}/attempts/{number}" for number in range(1, found.attempt + 1)
    )
    return replace(
        identity,
        claims=(*identity.claims, ("source_repository_digest", found.head_sha)),
        one_of=(*identity.one_of, ("run_invocation_uri", attempts)),
    )


def subjects_of(raw: bytes) -> set[Sha256Hex]:
    """The digests that the statement of a verified bundle speaks of."""
    statement = json.loads(base64.b64decode(json.loads(raw)["dsseEnvelope"]["payload"]))
    named: Sequence[dict[str, dict[str, str]]] = statement["subject"]
    return {Sha256Hex(each["digest"]["sha256"]) for each in named}


async def _attestation_id(reading: Read, found: WorkflowRun) -> int | None:
    """What the run calls its attestation: only who made one is told its number."""
    for job in await reading.github.jobs(found.id, found.attempt):
        for note in await reading.github.run_annotations(job.check_run_id) if job.check_run_id else ():
            said = ATTESTATION.fullmatch(note.message)
            if note.title == NOTICE and said is not None:
                return int(said[1])
    return None
