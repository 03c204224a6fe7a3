"""Which releases are hidden, for what, and how they come back: each step one event and one decision."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from app.domain.decision import Reason
from app.domain.effects import CheckConclusion, CheckStatus, EditRelease, OpenIssue, PublishCheckRun, WakeAt
from app.domain.release_marks import ReleaseMarks
from app.ports.records import EffectOutcome
from handlers.release_verification.models import (
    Click,
    PolicyFacts,
    ReleaseEvidence,
    ReleaseFacts,
)
from handlers.release_verification.quarantine import Measures, measures
from handlers.release_verification.quarantine_findings import Finding
from handlers.release_verification.quarantine_settling import RESTORE, is_called_back, is_hidden_draft
from handlers.release_verification.quarantine_state import Quarantine, QuarantineFacts, Stage
from handlers.release_verification.section import ReleaseVerification
from tests.unit.handlers.release_verification.published import APP, COMMIT, NOW, REPOSITORY, SUBJECT

RELEASE, OLDER, NEWER = 11, 10, 12
BAD = Finding("TAMPERED", "tool", "a" * 64, "its bytes are not those that were signed under its name")
WORSE = Finding("SOURCE_REPO", "other", "b" * 64, "built by octo/evil")
KEEPER = Click(RESTORE.identifier, "keeper", 3, "maintain")
WRITER = Click(RESTORE.identifier, "writer", 4, "write")


@dataclass
class Play:
    """A release at GitHub, and what we remember of it between looks."""

    mode: str = "on"
    as_draft: bool = False
    informs: bool = False
    immutable: bool = False
    marks: ReleaseMarks = field(
        default_factory=lambda: ReleaseMarks("v1", draft=False, prerelease=False, updated_at=NOW)
    )
    latest: int | None = RELEASE
    record: Quarantine | None = None
    outcome: EffectOutcome | None = None
    minutes: int = 0
    has_tag: bool = True
    wait_minutes: int = 0

    def evidence(
        self, *, clicks: tuple[Click, ...] = (), asked: bool = False, editor: str = ""
    ) -> ReleaseEvidence:
        section = ReleaseVerification.model_validate(
            {"quarantine": self.mode, "quarantine_draft": self.as_draft}
        )
        facts = QuarantineFacts(self.record, self.marks, self.latest, self.outcome, editor, self.has_tag)
        return ReleaseEvidence(
            repository=REPOSITORY,
            subject=SUBJECT,
            now=NOW + timedelta(minutes=self.minutes),
            since=NOW,
            policy=PolicyFacts(
                configured=True,
                section=section,
                is_informational=self.informs,
                wait_minutes=self.wait_minutes,
            ),
            release=ReleaseFacts(RELEASE, "v1", self.marks.draft, self.immutable, COMMIT),
            asked=asked,
            clicks=clicks,
            quarantine=facts,
        )

    def look(
        self, *findings: Finding, clicks: tuple[Click, ...] = (), asked: bool = False, editor: str = ""
    ) -> Measures:
        """What is decided; the record is kept, and its effects are not applied yet."""
        evidence = self.evidence(clicks=clicks, asked=asked, editor=editor)
        adapter = TypeAdapter(ReleaseEvidence)
        assert adapter.validate_json(adapter.dump_json(evidence)).quarantine == evidence.quarantine
        decided = measures(evidence, findings)
        self.record, self.outcome = decided.record, None
        self.minutes += 1
        return decided

    def apply(self, decided: Measures) -> None:
        """GitHub takes the edit; another release becomes the latest one where ours is not any more."""
        (edit,) = edits(decided)
        assert edit.seen == self.marks
        at = NOW + timedelta(minutes=self.minutes)
        self.marks = replace(self.marks, draft=edit.draft, prerelease=edit.prerelease, updated_at=at)
        self.latest = RELEASE if edit.latest else OLDER if self.latest == RELEASE else self.latest
        self.outcome = EffectOutcome(is_applied=True, result={"latest": self.latest or 0})

    def refuse(self, reason: str) -> None:
        self.outcome = EffectOutcome(is_applied=False, reason=reason)

    def hidden(self) -> Play:
        """After the edit was seen to be there."""
        self.apply(self.look(BAD))
        assert self.look(BAD).buttons == (RESTORE,)
        return self


def edits(decided: Measures) -> list[EditRelease]:
    return [effect for effect in decided.effects if isinstance(effect, EditRelease)]


def issues(decided: Measures) -> list[OpenIssue]:
    return [effect for effect in decided.effects if isinstance(effect, OpenIssue)]


def wakes(decided: Measures) -> list[WakeAt]:
    return [effect for effect in decided.effects if isinstance(effect, WakeAt)]


def stage(play: Play) -> Stage | None:
    return play.record.stage if play.record else None


# Hiding


def test_a_bad_release_becomes_a_prerelease_that_is_not_the_latest_one() -> None:
    play = Play()
    decided = play.look(BAD)
    (edit,) = edits(decided)
    assert (edit.draft, edit.prerelease, edit.latest, edit.release_id) == (False, True, False, RELEASE)
    assert edit.seen == play.marks
    assert [each.code for each in decided.reasons] == ["release.quarantined"]
    assert "these bytes are not those that were signed" in decided.said
    assert decided.buttons == ()


def test_the_breakers_are_the_repository_s_and_the_owner_s() -> None:
    (edit,) = edits(Play().look(BAD))
    assert [(each.scope, each.window, each.limit) for each in edit.reservations] == [
        (f"{APP}|1001|quarantine", timedelta(hours=1), 3),
        (f"{APP}|owner:2002|quarantine", timedelta(hours=1), 5),
    ]


def test_what_came_of_the_edit_is_looked_at_a_minute_later() -> None:
    (wake,) = wakes(Play().look(BAD))
    assert (wake.at, wake.subject) == (NOW + timedelta(minutes=1), SUBJECT)


def test_a_good_release_is_left_alone() -> None:
    assert Play().look() == Measures()


def test_switched_off_nothing_is_done_or_said() -> None:
    assert Play(mode="off").look(BAD) == Measures()


@pytest.mark.parametrize("play", [Play(mode="dry-run"), Play(informs=True)], ids=["dry-run", "only informs"])
def test_in_a_dry_run_it_is_only_said(play: Play) -> None:
    decided = play.look(BAD)
    assert (decided.effects, decided.record) == ((), None)
    assert "would now be made a prerelease" in decided.said


def test_a_prerelease_is_left_as_it_is() -> None:
    play = Play(marks=ReleaseMarks("v1", draft=False, prerelease=True), latest=OLDER)
    decided = play.look(BAD)
    assert (decided.effects, decided.record) == ((), None)
    assert "is a prerelease already" in decided.said


def test_without_facts_nothing_is_decided_and_the_record_is_kept() -> None:
    record = Play().hidden().record
    evidence = Play().evidence()
    assert measures(replace(evidence, quarantine=None), (BAD,)) == Measures()
    assert measures(replace(evidence, quarantine=QuarantineFacts(record)), (BAD,)) == Measures(record)


def test_our_own_edit_leads_to_no_other() -> None:
    play = Play()
    play.apply(play.look(BAD))
    for _ in range(3):
        decided = play.look(BAD)
        assert (decided.effects, stage(play)) == ((), Stage.HIDDEN)
        assert "In quarantine" in decided.said


def test_an_edit_that_was_forgotten_is_believed_where_people_see_it() -> None:
    play = Play()
    play.apply(play.look(BAD))
    play.outcome = None
    assert (play.look(BAD).effects, stage(play)) == ((), Stage.HIDDEN)


def test_an_edit_that_was_forgotten_and_cannot_be_seen_is_made_again() -> None:
    play = Play()
    play.look(BAD)
    assert len(edits(play.look(BAD))) == 1


def test_while_the_right_signature_may_still_arrive_another_one_hides_nothing() -> None:
    play = Play(wait_minutes=30)
    decided = play.look(WORSE)
    assert (edits(decided), play.record) == ([], None)
    assert [each.at for each in wakes(decided)] == [NOW + timedelta(minutes=30)]
    assert "is hidden after 2026-11-01 12:30 UTC" in decided.said
    play.minutes = 30
    assert len(edits(play.look(WORSE))) == 1


def test_other_bytes_hide_a_release_at_once() -> None:
    assert len(edits(Play(wait_minutes=30).look(BAD, WORSE))) == 1


# Where it cannot be done


def test_where_somebody_came_before_it_is_tried_again_and_then_left_to_people() -> None:
    play = Play()
    keys = set()
    for _ in range(3):
        (edit,) = edits(play.look(BAD))
        keys.add(edit.key)
        play.refuse("stale: the release v1 was changed since it was looked at")
    decided = play.look(BAD)
    assert (len(keys), edits(decided), stage(play)) == (3, [], Stage.STOPPED)
    assert len(issues(decided)) == 1


def test_a_breaker_that_is_out_stops_it_and_tells_people_once() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("budget.exhausted: the budget is used up")
    decided = play.look(BAD)
    (issue,) = issues(decided)
    assert (edits(decided), stage(play)) == ([], Stage.STOPPED)
    assert "the breaker is out" in issue.body
    assert "should be hidden and is not" in decided.said
    assert issue.reservations[0].limit == 5
    again = play.look(BAD)
    assert (edits(again), [each.key for each in issues(again)]) == ([], [issue.key])


def test_a_refusal_that_has_no_words_of_ours_is_told_as_it_is() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("github.unprocessable: GitHub answered 422")
    assert "GitHub answered 422" in play.look(BAD).said


def test_an_issue_is_closed_when_the_release_is_good_before_it_was_hidden_after_all() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("budget.exhausted: the budget is used up")
    play.look(BAD)
    play.look(BAD, asked=True)
    play.refuse("stale: the release v1 was changed since it was looked at")
    (issue,) = issues(play.look())
    assert (bool(issue.cured), play.record) == (True, None)


def test_what_was_stopped_is_tried_again_when_somebody_asks() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("budget.exhausted: the budget is used up")
    play.look(BAD)
    assert len(edits(play.look(BAD, asked=True))) == 1
    assert play.record is not None
    assert play.record.is_told


def test_an_issue_is_closed_when_the_release_is_hidden_after_all() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("budget.exhausted: the budget is used up")
    play.look(BAD)
    play.apply(play.look(BAD, asked=True))
    (issue,) = issues(play.look(BAD))
    assert "is hidden" in issue.cured
    assert issues(play.look(BAD)) == []


def test_an_app_that_may_not_write_plans_it_at_each_look_and_does_not_wake_for_it() -> None:
    play = Play()
    play.look(BAD)
    for _ in range(2):
        play.refuse("mode.observe: HEPHAESTUS_MODE=observe: recorded, not written")
        decided = play.look(BAD)
        assert (len(edits(decided)), wakes(decided)) == (1, [])


def test_an_immutable_release_is_not_edited_and_people_get_an_issue() -> None:
    play = Play(immutable=True)
    decided = play.look(BAD)
    assert edits(decided) == []
    assert [each.title for each in issues(decided)] == ["Release v1 must not be trusted, and is not hidden"]
    assert edits(play.look(BAD, asked=True)) == []


def test_in_a_dry_run_an_immutable_release_gets_no_issue() -> None:
    assert issues(Play(mode="dry-run", immutable=True).look(BAD)) == []


def test_an_issue_about_a_cured_release_is_closed_with_a_word_and_forgotten() -> None:
    play = Play(immutable=True)
    (opened,) = issues(play.look(BAD))
    (closed,) = issues(play.look())
    assert (closed.key, bool(closed.cured), play.record) == (opened.key, True, None)
    assert play.look() == Measures()


def test_a_dry_run_that_ended_well_has_no_issue_to_close() -> None:
    play = Play(mode="dry-run", immutable=True)
    play.look(BAD)
    assert play.look().effects == ()


def test_a_release_that_is_good_again_before_it_was_hidden_is_left_alone() -> None:
    play = Play()
    play.look(BAD)
    play.refuse("stale: the release v1 was changed since it was looked at")
    assert (play.look(), play.record) == (Measures(), None)


# Restoring


def test_a_maintainer_gets_back_exactly_what_was_before() -> None:
    play = Play().hidden()
    decided = play.look(BAD, clicks=(KEEPER,))
    (edit,) = edits(decided)
    assert (edit.draft, edit.prerelease, edit.latest, edit.reservations) == (False, False, True, ())
    assert (stage(play), decided.reasons) == (
        Stage.RESTORING,
        (Reason("release.restored", "keeper (account 3, role maintain) restores v1"),),
    )
    play.apply(decided)
    shown = play.look(BAD)
    assert (shown.effects, stage(play)) == ((), Stage.RESTORED)
    assert "keeper restored this release" in shown.said


def test_what_was_not_the_latest_one_does_not_become_it() -> None:
    play = Play(latest=NEWER).hidden()
    (edit,) = edits(play.look(BAD, clicks=(KEEPER,)))
    assert (edit.prerelease, edit.latest) == (False, False)


def test_a_release_that_became_the_latest_one_meanwhile_stays_it() -> None:
    play = Play().hidden()
    play.latest = NEWER
    decided = play.look(BAD, clicks=(KEEPER,))
    assert [each.latest for each in edits(decided)] == [False]
    assert "Another release became the latest one meanwhile" in decided.said


def test_where_no_other_release_was_left_it_becomes_the_latest_again() -> None:
    play = Play()
    play.apply(play.look(BAD))
    play.latest, play.outcome = None, EffectOutcome(is_applied=True, result={"latest": 0})
    play.look(BAD)
    assert [each.latest for each in edits(play.look(BAD, clicks=(KEEPER,)))] == [True]


def test_who_only_writes_cannot_restore_and_is_told() -> None:
    play = Play().hidden()
    decided = play.look(BAD, clicks=(WRITER,))
    assert (decided.effects, stage(play)) == ((), Stage.HIDDEN)
    assert "writer may not restore it" in decided.said


def test_another_button_restores_nothing() -> None:
    other = replace(KEEPER, identifier="signer-1")
    assert Play().hidden().look(BAD, clicks=(other,)).effects == ()


def test_a_press_where_nothing_is_hidden_changes_nothing() -> None:
    assert Play().look(clicks=(KEEPER,)) == Measures()


@pytest.mark.parametrize(
    ("click", "is_back"),
    [(KEEPER, True), (WRITER, False), (replace(KEEPER, identifier="signer-1"), False)],
    ids=["a maintainer", "a writer", "another button"],
)
def test_only_who_may_restore_calls_a_hidden_release_back(click: Click, *, is_back: bool) -> None:
    assert is_called_back(Play().hidden().evidence(clicks=(click,))) is is_back


def test_what_is_not_hidden_is_not_called_back() -> None:
    assert not is_called_back(Play().evidence(clicks=(KEEPER,)))
    assert not is_called_back(replace(Play().hidden().evidence(clicks=(KEEPER,)), quarantine=None))


def test_who_restores_without_a_judgement_pardons_all_that_was_found_while_it_was_hidden() -> None:
    play = Play().hidden()
    play.look(BAD, WORSE)
    play.apply(play.look(clicks=(KEEPER,)))
    assert (play.look(BAD, WORSE).effects, stage(play)) == ((), Stage.RESTORED)


def test_it_can_be_restored_when_the_policy_is_off_by_then() -> None:
    play = Play().hidden()
    play.mode = "off"
    assert len(edits(play.look(clicks=(KEEPER,)))) == 1


def test_a_restored_release_is_not_hidden_again_for_the_same() -> None:
    play = Play().hidden()
    play.apply(play.look(BAD, clicks=(KEEPER,)))
    for _ in range(2):
        assert (play.look(BAD).effects, stage(play)) == ((), Stage.RESTORED)


def test_a_restored_release_is_hidden_again_for_something_else() -> None:
    play = Play().hidden()
    play.apply(play.look(BAD, clicks=(KEEPER,)))
    assert len(edits(play.look(BAD, WORSE))) == 1


def test_a_restored_release_that_became_a_prerelease_is_left_alone_and_its_record_kept() -> None:
    play = Play().hidden()
    play.apply(play.look(BAD, clicks=(KEEPER,)))
    play.look(BAD)
    play.marks = replace(play.marks, prerelease=True)
    assert (play.look(BAD, WORSE).effects, stage(play)) == ((), Stage.RESTORED)


def test_a_restored_release_that_is_good_says_nothing() -> None:
    play = Play().hidden()
    play.apply(play.look(BAD, clicks=(KEEPER,)))
    assert play.look().said == ""


def test_a_restoring_that_came_too_late_leaves_it_hidden_and_says_why() -> None:
    play = Play().hidden()
    play.look(BAD, clicks=(KEEPER,))
    play.refuse("stale: the release v1 was changed since it was looked at")
    decided = play.look(BAD)
    assert (decided.buttons, stage(play)) == ((RESTORE,), Stage.HIDDEN)
    assert "It could not be restored" in decided.said


def test_a_restoring_of_which_nothing_is_known_leaves_it_hidden() -> None:
    play = Play().hidden()
    play.look(BAD, clicks=(KEEPER,))
    assert (play.look(BAD).buttons, stage(play)) == ((RESTORE,), Stage.HIDDEN)


def test_what_a_person_showed_by_hand_is_not_hidden_again() -> None:
    play = Play().hidden()
    play.marks = replace(play.marks, prerelease=False)
    decided = play.look(BAD, editor="octocat")
    assert (decided.effects, stage(play)) == ((), Stage.RESTORED)
    assert "octocat restored this release by hand" in decided.said
    assert play.look(BAD).effects == ()


def test_a_hidden_release_that_is_good_now_waits_for_a_person() -> None:
    decided = Play().hidden().look()
    assert (decided.effects, decided.buttons) == ((), (RESTORE,))
    assert "is not found any more" in decided.said


# As a draft


def test_as_a_draft_it_is_said_that_downloads_answer_404() -> None:
    decided = Play(as_draft=True).look(BAD)
    assert [(each.draft, each.prerelease) for each in edits(decided)] == [(True, True)]
    assert "downloads answer 404" in decided.said


def test_a_draft_of_ours_is_known_as_such_and_can_be_restored() -> None:
    play = Play(as_draft=True)
    play.apply(play.look(BAD))
    assert is_hidden_draft(play.evidence())
    assert play.look().buttons == (RESTORE,)
    decided = play.look(clicks=(KEEPER,))
    (edit,) = edits(decided)
    assert (edit.draft, edit.prerelease, edit.latest) == (False, False, True)
    play.apply(decided)
    assert not is_hidden_draft(play.evidence())


def test_a_draft_whose_tag_is_gone_is_not_published_with_a_new_one() -> None:
    play = Play(as_draft=True)
    play.apply(play.look(BAD))
    play.look()
    play.has_tag = False
    decided = play.look(clicks=(KEEPER,))
    assert (decided.effects, stage(play)) == ((), Stage.HIDDEN)
    assert "push the tag first" in decided.said
    play.has_tag = True
    assert len(edits(play.look(clicks=(KEEPER,)))) == 1


def test_a_prerelease_becomes_a_draft_and_a_prerelease_again() -> None:
    play = Play(as_draft=True, marks=ReleaseMarks("v1", draft=False, prerelease=True), latest=OLDER)
    play.apply(play.look(BAD))
    play.look()
    (edit,) = edits(play.look(clicks=(KEEPER,)))
    assert (edit.draft, edit.prerelease, edit.latest) == (False, True, False)


def test_a_draft_of_somebody_else_is_not_ours() -> None:
    draft = Play(marks=ReleaseMarks("v1", draft=True, prerelease=False))
    assert not is_hidden_draft(draft.evidence())
    assert not is_hidden_draft(replace(draft.evidence(), quarantine=None))


# In the check run


CHECK = PublishCheckRun(
    REPOSITORY,
    COMMIT,
    "release (v1)",
    CheckStatus.COMPLETED,
    CheckConclusion.FAILURE,
    "Refused",
    "Asset by asset.",
)


def test_what_is_said_comes_first_in_the_check_run_with_the_button() -> None:
    check = Play().hidden().look(BAD).on(CHECK)
    assert check.summary.startswith(
        "**In quarantine** since 2026-11-01 12:00 UTC: `v1` was made a prerelease"
    )
    assert check.summary.endswith("\n\nAsset by asset.")
    assert check.buttons == (RESTORE,)


def test_where_nothing_is_said_the_check_run_stays_as_it_is() -> None:
    assert Measures().on(CHECK) is CHECK
