"""Quarantine as part of the decision on a release: what is published, done and remembered together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, EditRelease, PublishCheckRun
from app.domain.ids import Sha256Hex
from app.domain.release_marks import ReleaseMarks
from handlers.release_verification.models import (
    AssetFinding,
    BundleFinding,
    Click,
    Place,
    PolicyFacts,
    ReleaseEvidence,
    ReleaseFacts,
    Unfinished,
)
from handlers.release_verification.policy import decide
from handlers.release_verification.quarantine_settling import RESTORE
from handlers.release_verification.quarantine_state import Before, Quarantine, QuarantineFacts, Stage
from handlers.release_verification.section import ReleaseVerification
from tests.unit.handlers.release_verification.published import COMMIT, NOW, REPOSITORY, SUBJECT

TAMPERED = BundleFinding("tool.sigstore.json", False, "rejected", "TAMPERED", "it does not verify", (), None)  # noqa: FBT003 -- by_name
TOOL = AssetFinding("tool", 8, Sha256Hex("a" * 64), exempt=False, bundles=(TAMPERED,))
RECORD = Quarantine(
    Stage.HIDDEN,
    Before(draft=False, prerelease=False, latest=True),
    as_draft=True,
    edit="release|1",
    since=NOW,
)
FACTS = QuarantineFacts(None, ReleaseMarks("v1", draft=False, prerelease=False, updated_at=NOW), 11)
EVIDENCE = ReleaseEvidence(
    repository=REPOSITORY,
    subject=SUBJECT,
    now=NOW,
    since=NOW,
    policy=PolicyFacts(configured=True, section=ReleaseVerification.model_validate({"quarantine": "on"})),
    release=ReleaseFacts(11, "v1", draft=False, immutable=False, commit=COMMIT),
    assets=(TOOL,),
    quarantine=FACTS,
)
DRAFT = replace(
    EVIDENCE,
    release=ReleaseFacts(11, "v1", draft=True, immutable=False, commit=None),
    assets=(),
    previous=Place(COMMIT, "v1"),
    quarantine=QuarantineFacts(RECORD, ReleaseMarks("v1", draft=True, prerelease=True, updated_at=NOW), 10),
)


def test_people_are_told_before_the_release_is_hidden() -> None:
    decision = decide(EVIDENCE)
    first, second = decision.effects[:2]
    assert isinstance(first, PublishCheckRun)
    assert first.summary.startswith("**Quarantine:** `v1` is being made a prerelease")
    assert isinstance(second, EditRelease)
    assert [each.code for each in decision.reasons][-1] == "release.quarantined"
    assert decision.next_state is not None
    assert decision.next_state.quarantine is not None
    assert decision.next_state.quarantine.edit == second.key


@pytest.mark.parametrize("code", ["UNCOVERED", "TIME", "VERIFIER_ERROR", "PENDING"])
def test_what_is_missing_or_our_own_failure_hides_nothing(code: str) -> None:
    asset = replace(TOOL, bundles=(), problem=None if code == "UNCOVERED" else code, problem_text="because")
    decision = decide(replace(EVIDENCE, assets=(asset,)))
    assert not [effect for effect in decision.effects if isinstance(effect, EditRelease)]


def test_what_cannot_be_decided_hides_nothing() -> None:
    unsupported = replace(TAMPERED, outcome="unsupported", code="UNSUPPORTED_KEY_TYPE")
    decision = decide(replace(EVIDENCE, assets=(replace(TOOL, bundles=(unsupported,)),)))
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert not [effect for effect in decision.effects if isinstance(effect, EditRelease)]


def test_a_draft_of_ours_stays_red_and_has_the_button() -> None:
    decision = decide(DRAFT)
    (check,) = decision.effects
    assert isinstance(check, PublishCheckRun)
    assert (decision.verdict, check.buttons, check.head_sha) == (Verdict.FAIL, (RESTORE,), COMMIT)
    assert "**In quarantine**" in check.summary
    assert decision.next_state is not None
    assert (decision.next_state.quarantine, decision.next_state.is_over) == (RECORD, False)


def test_a_draft_that_is_not_shown_to_who_only_reads_is_no_other() -> None:
    assert decide(replace(DRAFT, release=None)) == decide(DRAFT)


def test_a_draft_of_ours_without_a_check_run_gets_none() -> None:
    decision = decide(replace(DRAFT, previous=None))
    assert (decision.verdict, decision.effects) == (Verdict.FAIL, ())


def test_a_draft_of_ours_is_published_again_when_a_maintainer_asks() -> None:
    pressed = replace(DRAFT, clicks=(Click(RESTORE.identifier, "keeper", 3, "admin"),))
    (edit,) = [effect for effect in decide(pressed).effects if isinstance(effect, EditRelease)]
    assert (edit.draft, edit.prerelease) == (False, False)


def test_a_press_restores_a_release_that_was_not_judged_again() -> None:
    marks = ReleaseMarks("v1", draft=False, prerelease=True, updated_at=NOW)
    record = replace(RECORD, as_draft=False, successor=10)
    pressed = Click(RESTORE.identifier, "keeper", 3, "maintain")
    facts = QuarantineFacts(record, marks, 10)
    back = replace(EVIDENCE, assets=(), quarantine=facts, clicks=(pressed,), previous=Place(COMMIT, "v1"))
    decision = decide(back)
    check, edit = decision.effects[:2]
    assert isinstance(check, PublishCheckRun)
    assert (check.title, check.conclusion) == ("Being restored", CheckConclusion.FAILURE)
    assert isinstance(edit, EditRelease)
    assert (edit.prerelease, edit.latest) == (False, True)
    assert decision.next_state is not None
    assert decision.next_state.quarantine is not None
    assert decision.next_state.quarantine.stage is Stage.RESTORING


def test_a_draft_of_somebody_else_is_withdrawn_as_ever() -> None:
    shown = replace(RECORD, stage=Stage.RESTORED)
    facts = replace(DRAFT.quarantine or FACTS, record=shown)
    decision = decide(replace(DRAFT, quarantine=facts))
    assert decision.verdict is Verdict.NOT_APPLICABLE
    assert decision.next_state is not None
    assert decision.next_state.quarantine == shown


@pytest.mark.parametrize(
    "evidence",
    [
        replace(DRAFT, release=None),
        replace(DRAFT, policy=PolicyFacts(configured=False)),
        replace(DRAFT, release=replace(EVIDENCE.release, commit=None) if EVIDENCE.release else None),
        replace(EVIDENCE, unfinished=Unfinished(1, "slow", NOW), previous=Place(COMMIT, "v1")),
    ],
    ids=["gone", "not configured", "no tag", "not read yet"],
)
def test_the_record_outlives_what_cannot_be_judged(evidence: ReleaseEvidence) -> None:
    decision = decide(replace(evidence, quarantine=QuarantineFacts(RECORD)))
    assert decision.next_state is not None
    assert decision.next_state.quarantine == RECORD
