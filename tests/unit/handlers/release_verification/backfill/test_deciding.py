"""Each command is one decision: what it came to is the answer, and nothing is signed that nobody approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.decision import Verdict
from app.domain.effects import DeleteAttestation, DispatchWorkflow, Effect, WakeAt
from app.domain.ids import AppKey, Sha256Hex
from app.domain.repo import Subject, SubjectKind
from handlers.release_verification.backfill.deciding import decide
from handlers.release_verification.backfill.documents import digest_of, id_of
from handlers.release_verification.backfill.models import (
    BackfillEvidence,
    BackfillState,
    Inventory,
    Progress,
    RunFacts,
    Signed,
    Stage,
)
from handlers.release_verification.section import Backfill, ReleaseVerification
from tests.unit.handlers.release_verification.backfill.items import (
    HEAD,
    MISSING,
    NOW,
    PIN,
    REPOSITORY,
    inventory,
    several,
)

APP = AppKey("api.github.com/7")
SUBJECT = Subject(APP, REPOSITORY.id, SubjectKind.REPOSITORY, str(REPOSITORY.id))
SECTION = ReleaseVerification(backfill=Backfill())
WAITING = RunFacts(Progress.WAITING, 77)


def asked(*words: str, state: BackfillState | None = None) -> BackfillEvidence:
    return BackfillEvidence(REPOSITORY, SUBJECT, NOW, words, state, SECTION, pin=PIN)


def signed(*digests: Sha256Hex) -> RunFacts:
    """A run that attested these digests."""
    found = tuple(
        Signed(each, f"run of {each}", HEAD, Sha256Hex("d" * 64), None, NOW, (("log_index", "41"),))
        for each in digests
    )
    return RunFacts(Progress.ENDED, 77, signed=found, attestation_id=31)


class Story:
    """What is remembered and asked for, step by step."""

    def __init__(self) -> None:
        self.state: BackfillState | None = None
        self.effects: tuple[Effect, ...] = ()
        self.verdict = Verdict.NOT_APPLICABLE

    def take(self, evidence: BackfillEvidence) -> str:
        """One decision; its answer."""
        decision = decide(replace(evidence, state=self.state))
        self.state, self.effects, self.verdict = decision.next_state, decision.effects, decision.verdict
        return self.kept.answer.text

    @property
    def kept(self) -> BackfillState:
        assert self.state is not None
        return self.state

    @property
    def plan_sha256(self) -> str:
        assert self.kept.plan is not None
        return digest_of(self.kept.plan)

    @property
    def plan_id(self) -> str:
        return self.plan_sha256[:16]

    def planned(self, items: Inventory) -> Story:
        self.take(replace(asked("inventory"), inventory=items))
        self.take(asked("plan"))
        return self

    def approved(self) -> Story:
        self.take(asked(f"approve {self.plan_sha256} keeper root"))
        return self

    def running(self) -> Story:
        self.take(asked("run"))
        return self

    def dispatched(self) -> list[DispatchWorkflow]:
        return [each for each in self.effects if isinstance(each, DispatchWorkflow)]


@pytest.fixture
def story() -> Story:
    """One asset is planned."""
    return Story().planned(inventory(MISSING))


def test_an_inventory_that_is_not_complete_goes_on_by_itself() -> None:
    story = Story()
    story.take(replace(asked("inventory"), inventory=Inventory(NOW, (MISSING,), (11,))))
    assert (story.verdict, story.kept.is_working) == (Verdict.WAITING, True)
    assert [each.what for each in story.effects if isinstance(each, WakeAt)] == ["continue"]


def test_an_inventory_tells_how_many_assets_stand_how() -> None:
    text = Story().take(replace(asked("inventory"), inventory=inventory(MISSING)))
    assert text.startswith("1 assets of 1 releases: 0 VERIFIED, 0 PRESENT_INVALID, 0 UNSUPPORTED, 1 MISSING")


def test_nothing_is_planned_without_an_inventory_or_a_workflow() -> None:
    assert "backfill inventory first" in Story().take(asked("plan"))
    story = Story()
    story.take(replace(asked("inventory"), inventory=inventory(MISSING)))
    assert story.take(replace(asked("plan"), pin=None, why_not="no workflow")) == "no workflow"


def test_a_policy_with_mistakes_stops_everything(story: Story) -> None:
    assert story.take(replace(asked("plan"), problem="no section")) == "no section"
    assert story.verdict is Verdict.FAIL


def test_the_approved_plan_is_exactly_the_one_that_was_looked_at(story: Story) -> None:
    assert "look at it again" in story.take(asked(f"approve {'0' * 64} keeper root"))
    late = replace(asked(f"approve {story.plan_sha256} keeper root"), now=NOW + timedelta(days=7))
    assert "expired" in story.take(late)
    assert "nobody has approved" in story.take(asked("run"))
    assert "keeper approved" in story.approved().kept.answer.text
    assert story.kept.approval is not None
    assert (story.kept.approval.by, story.kept.approval.said_by) == ("keeper", "root")


def test_a_new_plan_has_to_be_approved_anew(story: Story) -> None:
    story.approved().take(replace(asked("plan"), now=NOW + timedelta(minutes=1)))
    assert "nobody has approved" in story.take(asked("run"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"now": NOW + timedelta(days=8)}, "expired"),
        ({"pin": replace(PIN, blob_sha="c" * 40)}, "not the file that was approved"),
        ({"pin": None, "why_not": "it is gone"}, "it is gone"),
        ({"changed": ("v1 tool.tar.gz: it was changed",)}, "it was changed"),
    ],
)
def test_what_is_not_as_it_was_approved_is_not_run(
    story: Story, changes: dict[str, object], why: str
) -> None:
    story.approved()
    text = story.take(replace(asked("run"), **changes))  # type: ignore[arg-type]  # a table of fields
    assert why in text
    assert story.dispatched() == []


def test_nothing_is_run_without_a_plan_and_an_approval(story: Story) -> None:
    assert "no plan" in Story().take(asked("run"))
    assert "nobody has approved" in story.take(asked("run"))
    assert story.dispatched() == []


def test_a_run_is_told_ids_and_digests_only_and_is_one_at_a_time(story: Story) -> None:
    story.approved().running()
    (dispatch,) = story.dispatched()
    assert dict(dispatch.inputs)["assets"] == f"5/11/{'1' * 40}/{'a' * 64}/E1"
    assert dispatch.blob_sha == PIN.blob_sha
    story.running()
    assert story.dispatched() == []


def test_a_run_that_goes_on_is_looked_at_again(story: Story) -> None:
    story.approved().running().take(replace(asked("continue"), facts=WAITING))
    assert (story.verdict, story.kept.is_working) == (Verdict.WAITING, True)


def test_a_run_that_never_ends_is_given_up(story: Story) -> None:
    late = replace(asked("continue"), facts=WAITING, now=NOW + timedelta(hours=7))
    assert "did not end in time" in story.approved().running().take(late)


def test_what_a_run_attested_is_a_line_of_the_ledger_and_its_release_is_judged_again(story: Story) -> None:
    text = story.approved().running().take(replace(asked("continue"), facts=signed(Sha256Hex("a" * 64))))
    assert text == "all 1 assets of the plan are attested"
    (line,) = story.kept.added
    assert (line.run_id, line.attestation_id, line.plan_id) == (77, 31, story.plan_id)
    woken = [(each.capability, each.subject.ident) for each in story.effects if isinstance(each, WakeAt)]
    assert ("release_verification", "11") in woken
    story.running()
    assert story.dispatched() == []


def test_a_run_that_attested_a_part_failed_and_only_the_rest_is_signed_again() -> None:
    one, two = several(2)
    story = Story().planned(inventory(one, replace(two, sha256=Sha256Hex("e" * 64)))).approved().running()
    facts = replace(signed(Sha256Hex("a" * 64)), why="it ended: failure")
    assert "1 of 2 assets" in story.take(replace(asked("continue"), facts=facts))
    assert [run.stage for run in story.kept.runs] == [Stage.FAILED]
    (dispatch,) = story.running().dispatched()
    assert dict(dispatch.inputs)["assets"] == f"2/11/{'1' * 40}/{'e' * 64}/E1"
    assert dispatch.correlation.endswith("-2")


def test_what_github_does_not_list_yet_is_waited_for_some_minutes(story: Story) -> None:
    ended = RunFacts(Progress.ENDED, 77, problems=("sha256:aa: no attestation is there",))
    story.approved().running().take(replace(asked("continue"), facts=ended))
    assert story.verdict is Verdict.WAITING
    late = replace(asked("continue"), facts=ended, now=NOW + timedelta(minutes=6))
    assert "no attestation is there" in story.take(late)


def test_a_plan_of_many_assets_goes_on_run_by_run() -> None:
    story = Story().planned(inventory(*several(101))).approved().running()
    story.take(replace(asked("continue"), facts=signed(Sha256Hex("a" * 64))))
    assert [run.stage for run in story.kept.runs] == [Stage.COLLECTED, Stage.STARTED]


def test_a_rollback_deletes_what_the_ledger_added_and_denies_its_runs_for_good(story: Story) -> None:
    story.approved().running().take(replace(asked("continue"), facts=signed(Sha256Hex("a" * 64))))
    text = story.take(asked(f"rollback {story.plan_id} keeper root"))
    assert "entries of the transparency log stay for ever: 41" in text
    assert [each.attestation_id for each in story.effects if isinstance(each, DeleteAttestation)] == [31]
    assert [each.run_ids for each in story.kept.revoked] == [(77,)]
    assert story.kept.added[0].revoked_by == "keeper"
    assert "rolled back" in story.take(asked("run"))
    again = story.take(asked(f"rollback {story.plan_id} keeper root"))
    assert (again, len(story.kept.revoked)) == (text, 1)


def test_a_run_that_goes_on_is_denied_too(story: Story) -> None:
    story.approved().running()
    story.take(replace(asked(f"rollback {story.plan_id} keeper root"), facts=WAITING))
    assert [each.run_ids for each in story.kept.revoked] == [(77,)]
    assert [run.stage for run in story.kept.runs] == [Stage.FAILED]


def test_nothing_is_rolled_back_that_was_never_run(story: Story) -> None:
    assert "knows no run" in story.take(asked(f"rollback {story.plan_id} keeper root"))
    assert story.effects == ()


def test_what_was_added_or_revoked_is_kept_from_being_forgotten(story: Story) -> None:
    story.approved().running().take(replace(asked("continue"), facts=signed(Sha256Hex("a" * 64))))
    assert any(isinstance(each, WakeAt) and each.what == "remember" for each in story.effects)


def test_the_id_of_a_plan_is_how_its_digest_begins(story: Story) -> None:
    assert story.kept.plan is not None
    assert id_of(story.kept.plan) == story.plan_id
