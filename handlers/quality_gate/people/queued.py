"""A merge group and the pull requests that it holds: what is granted or taken back on these reaches its commit. Pure.

GitHub does not say by the commit of a pull request which groups hold it. So a group's first verdict wakes their own subjects,
which remember it, and wake its commit whenever their waivers change.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.effects import WakeAt
from app.domain.events import Event, WokenUp
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind
from handlers.quality_gate.evidence import GateEvidence

CAPABILITY = "quality_gate"
HOLDS = "held by the merge group "
REMEMBERED = 20
"""Groups of one pull request; older ones were merged or dissolved long ago."""


def told(evidence: GateEvidence) -> tuple[WakeAt, ...]:
    """The pull requests that do not know yet that the group holds them, woken."""
    app_key, repository = evidence.subject.app_key, evidence.repository
    subjects = (Subject(app_key, repository.id, SubjectKind.PULL, str(each)) for each in evidence.joined)
    what = f"{HOLDS}{evidence.head_sha}"
    return tuple(WakeAt(repository, CAPABILITY, each, evidence.now, what) for each in subjects)


def groups_in(events: Iterable[Event]) -> tuple[CommitSha, ...]:
    """The commits of the groups that said so to a pull request."""
    whats = [event.what for event in events if isinstance(event, WokenUp) and event.what.startswith(HOLDS)]
    return tuple(dict.fromkeys(CommitSha(what.removeprefix(HOLDS)) for what in whats))


def remembered(groups: Iterable[CommitSha]) -> tuple[CommitSha, ...]:
    """The newest of them, each once."""
    return tuple(dict.fromkeys(groups))[-REMEMBERED:]
