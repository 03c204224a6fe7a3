"""Quarantine: what is known when it is decided, and what is remembered of a release that was hidden."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.release_marks import ReleaseMarks
from app.ports.records import EffectOutcome


class Stage(StrEnum):
    """How far a quarantine is. What was planned is only true once its effect was applied."""

    HIDING = "hiding"
    HIDDEN = "hidden"
    RESTORING = "restoring"
    RESTORED = "restored"
    STOPPED = "stopped"  # it could not be hidden, and a person decides


@dataclass(frozen=True, slots=True)
class Before:
    """How people saw the release; `latest`: as the latest one."""

    draft: bool
    prerelease: bool
    latest: bool


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The record by which a quarantine is undone.

    `edit` is the key of our last edit. `successor` is the release that GitHub showed as the latest once this one was hidden.
    `findings` are digests of what it rests on: a person who restores the release pardons these and no others. `who` restored
    it, `why` says what went wrong. `is_told`: an issue was asked for. `tries` counts edits that somebody came before.
    """

    stage: Stage
    before: Before
    as_draft: bool
    edit: str
    since: datetime
    findings: tuple[str, ...] = ()
    tag: str = ""
    successor: int | None = None
    who: str = ""
    why: str = ""
    is_told: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class QuarantineFacts:
    """What deciding rests on besides the verdict: the release as people see it, our record, what became of our last edit.

    `marks` None: there was nothing to decide on. `latest` is the id of the release that GitHub shows as the latest one. `editor`
    is who edited the release since the last look, where that was not our own App. `has_tag` is asked of drafts only.
    """

    record: Quarantine | None = None
    marks: ReleaseMarks | None = None
    latest: int | None = None
    outcome: EffectOutcome | None = None
    editor: str = ""
    has_tag: bool = True
