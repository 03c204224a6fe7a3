"""Gather: a release as it is now, never as an event described it; reads only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from app.domain.events import Actor, ButtonClicked, CheckRerequested, TagMoved, WokenUp
from app.domain.release import Release, TagTarget
from app.domain.repo import SubjectKind
from app.errors import TransientError
from app.ports.handler import Reading
from app.ports.policies import Policy
from handlers.release_verification import policy
from handlers.release_verification.assets import AssetJudge
from handlers.release_verification.backfill.ledger import late_signers, ledger_of, without_revoked
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.finding import Whole
from handlers.release_verification.identity import (
    attached_to,
    expected_identities,
    release_identity,
    workflow_file,
)
from handlers.release_verification.memory import Memory
from handlers.release_verification.models import (
    Click,
    PolicyFacts,
    ReleaseEvidence,
    ReleaseFacts,
    ReleaseState,
    Unfinished,
)
from handlers.release_verification.quarantine_reading import (
    carried,
    is_told_deleted,
    quarantine_of,
    quarantine_of_unseen,
)
from handlers.release_verification.quarantine_settling import is_called_back
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.sittings import Sitting
from handlers.release_verification.standing import standing_of
from handlers.release_verification.watching import WATCH, fingerprint_of

NAME = "release_verification"
CLICK = re.compile(r"click ([a-z0-9-]{1,20}) (\d{1,19}) (\S{1,100})")
MOVED = "tag moved"
PAUSE = timedelta(seconds=5)
LONGEST_SITTING_S = 120.0
"""What a crash costs at most: what one sitting read is remembered at its end."""
Read = Reading[ReleaseState]


def click(identifier: str, actor: Actor) -> str:
    """A press on a button of the check run, as it is passed on to the releases of the commit."""
    return f"click {identifier} {actor.id} {actor.login}"


async def gathered(reading: Read) -> ReleaseEvidence:
    """The evidence about one release."""
    loaded = await reading.policies.load(NAME, ReleaseVerification)
    state, facts = reading.state, facts_of(reading, loaded)
    evidence = ReleaseEvidence(
        repository=reading.repository,
        subject=reading.subject,
        now=reading.now,
        since=reading.now if state is None or state.is_over else state.since,
        policy=facts,
        release=None,
        asked=policy.RERUN in woken_for(reading),
        memory=remembered(reading),
        previous=state.place if state else None,
        watch=state.watch if state else None,
        accepted=state.accepted if state else (),
        quarantine=carried(reading),
        is_deleted=is_told_deleted(reading) or (state is not None and state.is_deleted),
    )
    if not facts.configured:
        return evidence
    release = await reading.github.release(int(reading.subject.ident))
    if release is None:
        unseen = await quarantine_of_unseen(reading)
        return replace(evidence, quarantine=unseen, clicks=await clicks_of(reading))
    target = None if release.draft else await reading.github.tag(release.tag)
    known = ReleaseFacts(
        release.id, release.tag, release.draft, release.immutable, target.commit if target else None
    )
    quarantine = await quarantine_of(reading, release, loaded.section)
    evidence = replace(evidence, release=known, quarantine=quarantine)
    if quarantine is not None:
        evidence = replace(evidence, clicks=await clicks_of(reading))
    if target is None or loaded.section is None or is_called_back(evidence):
        return evidence
    return await _judged(reading, evidence, release, target, loaded.section)


def facts_of(reading: Read, loaded: Policy[ReleaseVerification]) -> PolicyFacts:
    """What of the policy was in force."""
    section = loaded.section
    return PolicyFacts(
        configured=section is not None or bool(loaded.errors),
        wait_minutes=section.wait_minutes if section else 0,
        source=loaded.source,
        errors=loaded.errors,
        broken=loaded.broken,
        section=section,
        # Which keys were written is not told any more by what is stored of the section.
        is_informational=section is not None and section.is_informational(reading.now.date()),
        lines=tuple(each for each in loaded.lines if each[0].split(".")[0] == NAME),
    )


async def _judged(
    reading: Read,
    evidence: ReleaseEvidence,
    release: Release,
    target: TagTarget,
    section: ReleaseVerification,
) -> ReleaseEvidence:
    facts = (release.tag, target.commit, section.model_dump_json(), str(evidence.policy.is_informational))
    errors = [str(error) for error in evidence.policy.errors]
    evidence = replace(evidence, fingerprint=fingerprint_of(release.assets, *facts, *errors))
    watch, memory = evidence.watch, remembered(reading)
    is_only_a_look = bool(reading.events) and woken_for(reading) == {WATCH}
    if watch is not None and is_only_a_look and watch.is_enough(evidence.fingerprint, reading.now):
        return replace(evidence, is_unchanged=True)
    known = KnownBytes(reading.downloads, memory)
    left = sum(not known.knows(asset) for asset in release.assets if not section.is_exempt(asset.name))
    is_other = watch is not None and bool(watch.seen) and watch.fingerprint != evidence.fingerprint
    if is_other and left and not memory.is_partial:
        # The verdict of before must not stand while other bytes are read.
        told = Unfinished(left, "the release has changed since it was verified", reading.now)
        return replace(evidence, unfinished=told, memory=replace(memory, is_partial=True))
    standing = await standing_of(reading.github, section, target.commit)
    # Whether a branch that a signer names is one to sign from, is judged when everything is read.
    signers = expected_identities(section, reading.app_key, reading.repository, release.tag, target.commit)
    ledger = await ledger_of(reading.records, reading.app_key, reading.repository)
    if section.backfill is not None:
        branch = (await reading.github.default_branch()).name
        late = late_signers(ledger, section, reading.app_key, reading.repository, branch)
        signers += attached_to(late, release.id, target.commit)
    evidence = replace(evidence, standing=standing, policy=replace(evidence.policy, signers=signers))
    judge = AssetJudge(
        attestations=reading.github.attestations_of,
        known=known,
        compute=reading.compute,
        verifier=without_revoked(reading.bundles, ledger),
        section=section,
        signers=signers,
        whole=whole_of(reading, release, target, section),
    )
    seconds = min(section.limits.minutes * 60.0, LONGEST_SITTING_S)
    judged = await judge.judge(release.assets, Sitting(reading.now, seconds))
    if judged.left:
        told = _unfinished(reading, judged.left, judged.trouble)
        return replace(evidence, unfinished=told, memory=known.kept(is_partial=True))
    evidence = replace(
        evidence,
        assets=judged.findings,
        bundle_files=judged.bundle_files,
        memory=known.kept(),
        versions=reading.versions,
        bundles=judged.bundles,
    )
    return await with_people(reading, evidence, section)


def whole_of(
    reading: Read, release: Release, target: TagTarget, section: ReleaseVerification
) -> Whole | None:
    """GitHub's attestation of the release: every immutable one has it, and of others a rule may ask for it."""
    is_asked_for = any(Kind.RELEASE_ATTESTATION in (rule.needs or ()) for rule in section.assets)
    if not release.immutable and not is_asked_for:
        return None
    signer = release_identity(reading.repository, release.tag, target.commit, release.id)
    if signer.release is not None:
        signer = replace(signer, release=replace(signer.release, tag_object=target.object_sha))
    named = (target.object_sha or target.commit, target.commit)
    return Whole(signer, tuple(dict.fromkeys(f"sha1:{sha}" for sha in named)))


async def with_people(
    reading: Read, evidence: ReleaseEvidence, section: ReleaseVerification
) -> ReleaseEvidence:
    """The evidence with who signed verified releases before, and who pressed a button, each with the role of now."""
    if section.new_signers == "ask" and any(
        bundle.is_by_pattern for one in evidence.assets for bundle in one.bundles
    ):
        signed = await reading.records.verified_signers()
        own = int(reading.subject.ident)
        known = {workflow_file(each.identity) for each in signed if each.release_id != own}
        evidence = replace(evidence, known_signers=tuple(sorted(known)))
    return replace(evidence, clicks=evidence.clicks or await clicks_of(reading))


async def clicks_of(reading: Read) -> tuple[Click, ...]:
    """The presses that this evaluation answers."""
    found = []
    for what in sorted(woken_for(reading)):
        pressed = CLICK.fullmatch(what)
        if pressed is not None:
            actor = Actor(int(pressed[2]), pressed[3], is_bot=False)
            role = await reading.github.permission(actor)
            found.append(Click(pressed[1], actor.login, actor.id, role))
    return tuple(found)


def woken_for(reading: Read) -> set[str]:
    """Why the release is looked at; an event of GitHub is empty."""
    return {event.what if isinstance(event, WokenUp) else "" for event in reading.events}


def _unfinished(reading: Read, left: int, trouble: TransientError | None) -> Unfinished:
    if trouble is None:
        return Unfinished(left, "the time of one sitting is over", reading.now)
    return Unfinished(left, str(trouble), max(trouble.retry_at or reading.now + PAUSE, reading.now))


async def releases_of(reading: Read) -> ReleaseEvidence:
    """The releases whose check runs, of the names that were asked for, lie on the commit, and what to wake them for."""
    wishes: set[tuple[str, str]] = set()
    for event in reading.events:
        if isinstance(event, CheckRerequested):
            wishes.add((event.check_name or policy.CHECK_PREFIX, policy.RERUN))
        elif isinstance(event, ButtonClicked) and event.actor is not None:
            wishes.add((event.check_name, click(event.identifier, event.actor)))
        elif isinstance(event, TagMoved):
            wishes.add((policy.check_name(event.tag), MOVED))
    found = {
        (subject.key, what): (subject, what)
        for name, what in sorted(wishes)
        for subject in await reading.records.subjects_of_effects(
            NAME, f"check|{reading.repository.id}|{reading.subject.sha}|{name}"
        )
        if subject.kind is SubjectKind.RELEASE
    }
    return ReleaseEvidence(
        repository=reading.repository,
        subject=reading.subject,
        now=reading.now,
        since=reading.now,
        policy=PolicyFacts(configured=False),
        release=None,
        passed_on=tuple(found.values()),
    )


def remembered(reading: Read) -> Memory:
    """What this installation downloaded for the release before; never another's, from which the repository may have moved."""
    memory = reading.state.memory if reading.state else None
    installation_id = reading.repository.installation_id
    if memory is None or memory.installation_id != installation_id:
        return Memory(installation_id)
    return memory
