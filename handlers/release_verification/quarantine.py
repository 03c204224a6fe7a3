"""Which releases are hidden, and which are shown again. Pure.

A release is hidden only for what was found in it: an outage, a form that cannot be read, or assets that are not there yet hide
nothing. Hiding it is a mark, which a person takes back with one press; nothing is deleted. Each step is one event and one
decision: what was planned counts only once the ledger says that it was applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.decision import Reason
from app.domain.effects import (
    CheckButton,
    EditRelease,
    Effect,
    OpenIssue,
    PublishCheckRun,
    Reservation,
    WakeAt,
)
from app.domain.release_marks import ReleaseMarks
from handlers.release_verification import quarantine_text as text
from handlers.release_verification.judgement import deadline
from handlers.release_verification.models import Click, ReleaseEvidence
from handlers.release_verification.quarantine_findings import MAY_BE_EARLY, POSITIVE, Finding
from handlers.release_verification.quarantine_settling import NOT_WRITING, RESTORE, may_restore, settled
from handlers.release_verification.quarantine_state import (
    Before,
    Quarantine,
    QuarantineFacts,
    Stage,
)

OFF, DRY_RUN, ON = "off", "dry-run", "on"
"""What the policy says; while the check only informs, `on` is a dry run."""
A_REPOSITORY, AN_ORGANISATION = 3, 5
"""Releases an hour that are hidden before a person has to look: a policy that refuses everything must not hide everything."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUES = 5
"""Issues a day and repository."""
LOOK_AGAIN = timedelta(minutes=1)
CAPABILITY = "release_verification"
AWAITED = "quarantine"
"""Why a release is looked at again after an edit."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is done about a release, what people read of it, and what is remembered."""

    record: Quarantine | None = None
    effects: tuple[Effect, ...] = ()
    said: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def buttons(self) -> tuple[CheckButton, ...]:
        """*Restore*, where there is something to restore."""
        return (RESTORE,) if self.record is not None and self.record.stage is Stage.HIDDEN else ()

    def on(self, check: PublishCheckRun) -> PublishCheckRun:
        """The check run with what is said, and the button."""
        if not self.said:
            return check
        summary = f"{self.said}\n\n{check.summary}"
        return replace(check, summary=summary, buttons=(*check.buttons, *self.buttons))


NOTHING = Measures()


def measures(evidence: ReleaseEvidence, findings: tuple[Finding, ...]) -> Measures:
    """What is done about a release with these findings; without any it is at most restored."""
    facts = evidence.quarantine
    if facts is None or facts.marks is None:
        return Measures(facts.record if facts else None)
    step = _Step(evidence, facts, facts.marks, findings)
    return step.of_a_new() if step.record is None else step.of_a_known(step.record)


class _Step:
    """One decision about one release."""

    def __init__(
        self,
        evidence: ReleaseEvidence,
        facts: QuarantineFacts,
        marks: ReleaseMarks,
        findings: tuple[Finding, ...],
    ) -> None:
        self.evidence, self.facts, self.marks, self.findings = evidence, facts, marks, findings
        self.record = settled(facts, marks)
        self.digests = tuple(sorted({each.digest for each in findings}))
        section, informs = evidence.policy.section, evidence.policy.is_informational
        self.mode = OFF if section is None else section.quarantine
        self.mode = DRY_RUN if self.mode == ON and informs else self.mode
        self.as_draft = section is not None and section.quarantine_draft

    def of_a_new(self, tries: int = 0) -> Measures:
        """A release that is not hidden, and of which nothing speaks against hiding it."""
        release = self.evidence.release
        if not self.findings or self.mode == OFF or release is None:
            return NOTHING
        if release.immutable:
            return self._stopped(text.IMMUTABLE)
        if self.marks.prerelease and not self.as_draft:
            return Measures(said=text.already(self.marks.tag))
        until = deadline(self.evidence)
        if self.evidence.now < until and all(each.code in MAY_BE_EARLY for each in self.findings):
            said = text.waiting(self.marks.tag, self._why(), until, is_dry=self.mode == DRY_RUN)
            return Measures(effects=(self._look(until),), said=said)
        if self.mode == DRY_RUN:
            return Measures(said=text.would_hide(self.marks.tag, self._why(), as_draft=self.as_draft))
        return self._hide(tries)

    def of_a_known(self, record: Quarantine) -> Measures:
        """A release that we wanted to hide at some time."""
        if record.stage is Stage.HIDING:
            return self.of_a_new(record.tries) if self.findings else self._cured(record)
        if record.stage is Stage.HIDDEN:
            measured = self._of_a_hidden(replace(record, is_told=False))
            return replace(measured, effects=(*measured.effects, *self._told_no_more(record, text.HIDDEN)))
        if record.stage is Stage.STOPPED:
            return self._of_a_stopped(record)
        if not set(self.digests) <= set(record.findings):
            measured = self.of_a_new()
            return measured if measured.record else replace(measured, record=record)
        said = text.restored(record.who, record.why) if self.findings else ""
        return Measures(record, said=said)

    def _why(self) -> tuple[str, ...]:
        return tuple(sorted({f"{each.code}: {POSITIVE[each.code]}" for each in self.findings}))

    def _hide(self, tries: int) -> Measures:
        evidence, marks, as_draft = self.evidence, self.marks, self.as_draft
        edit = EditRelease(
            evidence.repository,
            int(evidence.subject.ident),
            marks,
            draft=as_draft,
            prerelease=True,
            latest=False,
            asked_at=evidence.now,
            reservations=self._breakers(),
        )
        record = Quarantine(
            Stage.HIDING,
            Before(marks.draft, marks.prerelease, latest=self.facts.latest == edit.release_id),
            as_draft,
            edit.key,
            evidence.now,
            self.digests,
            marks.tag,
            tries=tries,
            is_told=self.record is not None and self.record.is_told,
        )
        reason = Reason("release.quarantined", f"{marks.tag} is hidden: {'; '.join(self._why())}")
        said = text.hiding(marks.tag, self._why(), as_draft=as_draft)
        return Measures(record, (edit, *self._wake()), said, (reason,))

    def _breakers(self) -> tuple[Reservation, ...]:
        evidence = self.evidence
        key = evidence.subject.app_key
        owner = f"{key}|owner:{evidence.repository.owner_id}|quarantine"
        return (
            Reservation(f"{key}|{evidence.repository.id}|quarantine", HOUR, A_REPOSITORY),
            Reservation(owner, HOUR, AN_ORGANISATION),
        )

    def _wake(self) -> tuple[WakeAt, ...]:
        """A look at what came of an edit; an App that may not write would only look, and plan it again, for ever."""
        evidence, outcome = self.evidence, self.facts.outcome
        if outcome is not None and outcome.code.startswith(NOT_WRITING):
            return ()
        return (self._look(evidence.now + LOOK_AGAIN),)

    def _look(self, at: datetime) -> WakeAt:
        return WakeAt(self.evidence.repository, CAPABILITY, self.evidence.subject, at, AWAITED)

    def _of_a_hidden(self, record: Quarantine) -> Measures:
        presses = [each for each in self.evidence.clicks if each.identifier == RESTORE.identifier]
        allowed = [each for each in presses if may_restore(each)]
        if allowed and not self.facts.has_tag:
            # GitHub would make the tag anew, wherever the branch is by now.
            record = replace(record, why=text.NO_TAG)
        elif allowed:
            return self._restore(record, allowed[-1])
        refused = tuple(each.by for each in presses if not may_restore(each))
        said = text.hidden(record, self.marks.tag, self._why(), refused)
        return Measures(replace(record, findings=self._known(record)), said=said)

    def _known(self, record: Quarantine) -> tuple[str, ...]:
        """All that was found: what a person saw who restores the release."""
        return tuple(sorted({*record.findings, *self.digests}))

    def _restore(self, record: Quarantine, press: Click) -> Measures:
        evidence, before = self.evidence, record.before
        latest = before.latest and self.facts.latest == record.successor
        edit = EditRelease(
            evidence.repository,
            int(evidence.subject.ident),
            self.marks,
            draft=before.draft,
            prerelease=before.prerelease,
            latest=latest and not (before.draft or before.prerelease),
            asked_at=evidence.now,
        )
        kept = replace(
            record, stage=Stage.RESTORING, edit=edit.key, who=press.by, why="", findings=self._known(record)
        )
        by = f"{press.by} (account {press.by_id}, role {press.role})"
        reason = Reason("release.restored", f"{by} restores {self.marks.tag}")
        said = text.restoring(press.by, is_latest=latest, was_latest=before.latest)
        return Measures(kept, (edit, *self._wake()), said, (reason,))

    def _of_a_stopped(self, record: Quarantine) -> Measures:
        if not self.findings:
            return self._cured(record)
        release = self.evidence.release
        if self.evidence.asked and self.mode == ON and release is not None and not release.immutable:
            return self._hide(tries=0)
        return self._stopped(record.why, record)

    def _cured(self, record: Quarantine) -> Measures:
        return Measures(effects=self._told_no_more(record, text.CURED))

    def _stopped(self, why: str, record: Quarantine | None = None) -> Measures:
        """Nothing is hidden, and people are told once: in the check run, and in an issue."""
        marks, evidence = self.marks, self.evidence
        before = Before(marks.draft, marks.prerelease, latest=False)
        known = record or Quarantine(Stage.STOPPED, before, as_draft=False, edit="", since=evidence.now)
        is_on = self.mode == ON
        kept = replace(known, why=why, findings=self.digests, is_told=known.is_told or is_on)
        issue = (self._issue(why),) if is_on else ()
        return Measures(kept, issue, text.stopped(marks.tag, why))

    def _told_no_more(self, record: Quarantine, why: str) -> tuple[OpenIssue, ...]:
        """Closes the issue that was asked for, if one was."""
        return (self._issue(record.why, cured=why),) if record.is_told else ()

    def _issue(self, why: str, cured: str = "") -> OpenIssue:
        evidence, tag = self.evidence, self.marks.tag
        found = tuple((each.asset, each.code, each.reason) for each in self.findings)
        scope = f"{evidence.subject.app_key}|{evidence.repository.id}|quarantine issues"
        return OpenIssue(
            evidence.repository,
            f"hephaestus:release:{evidence.subject.ident}",
            text.issue_title(tag),
            text.issue_body(tag, why, found),
            cured=cured,
            reservations=() if cured else (Reservation(scope, DAY, ISSUES),),
        )
