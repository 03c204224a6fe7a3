"""What deciding on a quarantine rests on; reads only."""

from __future__ import annotations

from app.domain.events import ReleaseChanged
from app.domain.release import Release
from app.domain.release_marks import ReleaseMarks
from app.ports.handler import Reading
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.quarantine_state import Quarantine, QuarantineFacts
from handlers.release_verification.section import ReleaseVerification

Read = Reading[ReleaseState]


def carried(reading: Read) -> QuarantineFacts | None:
    """Our record alone, where the release itself is not read: it is not to be forgotten."""
    record = reading.state.quarantine if reading.state else None
    return None if record is None else QuarantineFacts(record)


async def quarantine_of(
    reading: Read, release: Release, section: ReleaseVerification | None
) -> QuarantineFacts | None:
    """What people see of the release, and what became of our last edit; nothing is asked where nothing can come of it."""
    record = reading.state.quarantine if reading.state else None
    if record is None and (section is None or section.quarantine == "off"):
        return None
    marks = ReleaseMarks(release.tag, release.draft, release.prerelease, release.updated_at)
    latest = await reading.github.latest_release()
    if record is None:
        return QuarantineFacts(None, marks, latest)
    outcome = await reading.records.effect_outcome(reading.subject, record.edit) if record.edit else None
    has_tag = not release.draft or await reading.github.tag(release.tag) is not None
    return QuarantineFacts(record, marks, latest, outcome, await _editor(reading, record), has_tag)


async def quarantine_of_unseen(reading: Read) -> QuarantineFacts | None:
    """The same of a release that GitHub does not show: who only reads sees no drafts, ours among them.

    None where the release was deleted: then there is nothing to restore any more.
    """
    facts = carried(reading)
    if facts is None or facts.record is None or is_told_deleted(reading):
        return None
    record, github = facts.record, reading.github
    if not record.as_draft:
        return facts
    marks = ReleaseMarks(record.tag, draft=True, prerelease=True)
    outcome = await reading.records.effect_outcome(reading.subject, record.edit)
    has_tag = await github.tag(record.tag) is not None
    return QuarantineFacts(record, marks, await github.latest_release(), outcome, has_tag=has_tag)


def is_told_deleted(reading: Read) -> bool:
    """Whether GitHub said that the release was deleted; what it only does not show may be a draft and come back."""
    return any(isinstance(event, ReleaseChanged) and event.action == "deleted" for event in reading.events)


async def _editor(reading: Read, record: Quarantine) -> str:
    """The last who changed the release since we looked; our own App is told by the id of its account, not by its name."""
    actors = [
        event.actor
        for event in reading.events
        if isinstance(event, ReleaseChanged) and event.actor is not None
    ]
    if not actors or not record.edit:
        return ""
    own = await reading.github.own_actor_id()
    others = [each.login for each in actors if each.id != own]
    return others[-1] if others else ""
