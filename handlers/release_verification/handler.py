"""Release verification: reads a release again, downloads every asset, and has every signature judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import CheckRerequested, Event, ReleaseChanged, WokenUp
from app.domain.ids import AppKey, app_id_of
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane, Reading
from handlers.release_verification import policy
from handlers.release_verification.assets import AssetJudge
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.identity import expected_identities
from handlers.release_verification.memory import Memory
from handlers.release_verification.models import PolicyFacts, ReleaseEvidence, ReleaseFacts, ReleaseState
from handlers.release_verification.section import ReleaseVerification

NAME = "release_verification"
ACTIONS = frozenset({"published", "released", "prereleased", "edited", "created", "unpublished", "deleted"})
Read = Reading[ReleaseState]


class ReleaseVerificationCapability:
    """Every asset of a release is signed by whom the policy names, or is named in a red check."""

    name = NAME
    lane = Lane.GATE
    time_limit = timedelta(minutes=30)
    evidence_type = ReleaseEvidence
    state_type = ReleaseState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The release of a `release` event, or of a timer of ours; the commit whose checks somebody wants to run again."""
        if isinstance(event, ReleaseChanged) and event.action in ACTIONS:
            subject = Subject(app_key, event.repository.id, SubjectKind.RELEASE, str(event.release_id))
            return (Target(subject, event.repository),)
        if isinstance(event, WokenUp) and event.capability == NAME:
            return (Target(event.subject, event.repository),)
        if isinstance(event, CheckRerequested) and is_ours(app_key, event):
            subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.head_sha)
            return (Target(subject, event.repository),)
        return ()

    async def gather(self, reading: Read) -> ReleaseEvidence:
        """The release as it is now, never as an event described it; of a commit only which releases it concerns."""
        if reading.subject.kind is SubjectKind.SHA:
            return await releases_of(reading)
        loaded = await reading.policies.load(NAME, ReleaseVerification)
        facts = PolicyFacts(
            configured=loaded.section is not None or bool(loaded.errors),
            wait_minutes=loaded.section.wait_minutes if loaded.section else 0,
            source=loaded.source,
            errors=loaded.errors,
            broken=loaded.broken,
        )
        evidence = ReleaseEvidence(
            repository=reading.repository,
            subject=reading.subject,
            now=reading.now,
            since=reading.now if reading.state is None or reading.state.is_over else reading.state.since,
            policy=facts,
            release=None,
            asked=any(isinstance(event, WokenUp) and event.what == policy.RERUN for event in reading.events),
            memory=remembered(reading),
            previous=reading.state.place if reading.state else None,
        )
        if not facts.configured:
            return evidence
        release = await reading.github.release(int(reading.subject.ident))
        if release is None:
            return evidence
        target = None if release.draft else await reading.github.tag(release.tag)
        commit = target.commit if target else None
        evidence = replace(
            evidence,
            release=ReleaseFacts(release.id, release.tag, release.draft, release.immutable, commit),
        )
        if commit is None or loaded.section is None:
            return evidence
        signers = expected_identities(
            loaded.section, reading.app_key, reading.repository, release.tag, commit
        )
        evidence = replace(evidence, policy=replace(facts, signers=signers))
        known = KnownBytes(reading.downloads, remembered(reading))
        judge = AssetJudge(
            attestations=reading.github.attestations,
            known=known,
            compute=reading.compute,
            verifier=reading.bundles,
            section=loaded.section,
            signers=signers,
        )
        findings, bundle_files = await judge.judge(release.assets)
        return replace(evidence, assets=findings, bundle_files=bundle_files, memory=known.kept)

    def decide(self, evidence: ReleaseEvidence) -> Decision[ReleaseState]:
        """See `policy.decide`."""
        return policy.decide(evidence)

    def reopening(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: ReleaseState,  # noqa: ARG002 (likewise)
        events: tuple[Event, ...],  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: a release is not proposed."""
        return ()

    def retrying(
        self, target: Target, state: ReleaseState | None, reason: Reason, at: datetime
    ) -> tuple[Effect, ...]:
        """See `policy.retrying`."""
        return policy.retrying(target, state, reason, at)

    def give_up(self, target: Target, state: ReleaseState | None, reason: Reason) -> tuple[Effect, ...]:
        """See `policy.give_up`."""
        return policy.give_up(target, state, reason)


def is_ours(app_key: AppKey, event: CheckRerequested) -> bool:
    """Whether it is a check run of a release, or the whole suite of this App."""
    name = event.check_name
    is_known = name is None or name.startswith(policy.CHECK_PREFIX)
    return is_known and event.app_id == app_id_of(app_key)


def remembered(reading: Read) -> Memory:
    """What this installation downloaded for the release before; never another's, from which the repository may have moved."""
    memory = reading.state.memory if reading.state else None
    installation_id = reading.repository.installation_id
    if memory is None or memory.installation_id != installation_id:
        return Memory(installation_id)
    return memory


async def releases_of(reading: Read) -> ReleaseEvidence:
    """The releases whose check runs, of the names that were asked for, lie on the commit."""
    asked = [event for event in reading.events if isinstance(event, CheckRerequested)]
    names = {event.check_name or policy.CHECK_PREFIX for event in asked}
    found = {
        subject.key: subject
        for name in sorted(names)
        for subject in await reading.records.subjects_of_effects(
            NAME, f"check|{reading.repository.id}|{reading.subject.sha}|{name}"
        )
    }
    return ReleaseEvidence(
        repository=reading.repository,
        subject=reading.subject,
        now=reading.now,
        since=reading.now,
        policy=PolicyFacts(configured=False),
        release=None,
        releases=tuple(found.values()),
    )
