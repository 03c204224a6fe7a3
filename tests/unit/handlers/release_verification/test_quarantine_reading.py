"""What deciding on a quarantine rests on: who changed the release, and what became of our own edit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from app.domain.events import Actor, Event, ReleaseChanged, WokenUp
from app.domain.release import Release, TagTarget
from app.domain.release_marks import ReleaseMarks
from app.domain.repo import Subject
from app.ports.artifacts import Downloads
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.policies import Policies
from app.ports.records import EffectOutcome, Records
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.quarantine_reading import carried, quarantine_of, quarantine_of_unseen
from handlers.release_verification.quarantine_state import Before, Quarantine, QuarantineFacts, Stage
from handlers.release_verification.section import ReleaseVerification
from tests.unit.handlers.release_verification.published import APP, COMMIT, NOW, REPOSITORY, SUBJECT

ON, OFF = (ReleaseVerification.model_validate({"quarantine": mode}) for mode in ("on", "off"))
RELEASE = Release(11, "v1", "1", False, True, False, "main", (), "", NOW)  # noqa: FBT003 -- draft, prerelease, immutable
MARKS = ReleaseMarks("v1", draft=False, prerelease=True, updated_at=NOW)
BEFORE = Before(draft=False, prerelease=False, latest=True)
RECORD = Quarantine(Stage.HIDDEN, BEFORE, as_draft=False, edit="release|1001|11|then", since=NOW)
APPLIED = EffectOutcome(is_applied=True, result={"latest": 10})
OURS = Actor(70, "hephaestus[bot]", is_bot=True)
IMPOSTOR = Actor(71, "hephaestus[bot]", is_bot=True)
OCTOCAT = Actor(5, "octocat", is_bot=False)


@dataclass
class GitHub:
    """What is asked of GitHub and of our records; `asked` counts it."""

    asked: list[str] = field(default_factory=list)
    has_tag: bool = True

    async def latest_release(self) -> int | None:
        self.asked.append("latest")
        return 10

    async def tag(self, tag: str) -> TagTarget | None:
        self.asked.append(tag)
        return TagTarget(tag, COMMIT) if self.has_tag else None

    async def own_actor_id(self) -> int | None:
        self.asked.append("own")
        return OURS.id

    async def effect_outcome(self, subject: Subject, key: str) -> EffectOutcome | None:
        self.asked.append(key)
        return APPLIED if (subject, key) == (SUBJECT, RECORD.edit) else None


def reading(github: GitHub, record: Quarantine | None, *events: Event) -> Reading[ReleaseState]:
    return Reading(
        app_key=APP,
        own_app_id=7,
        subject=SUBJECT,
        repository=REPOSITORY,
        events=events,
        state=ReleaseState(NOW, quarantine=record),
        now=NOW,
        github=cast("GitHubReader", github),
        downloads=cast("Downloads", None),
        policies=cast("Policies", None),
        bundles=cast("BundleVerifier", None),
        compute=cast("Compute", None),
        records=cast("Records", github),
    )


def changed(actor: Actor | None) -> ReleaseChanged:
    return ReleaseChanged(REPOSITORY, "edited", 11, "v1", actor)


@pytest.mark.parametrize("section", [OFF, None], ids=["off", "no section"])
async def test_where_it_is_off_and_nothing_is_recorded_nobody_is_asked(
    section: ReleaseVerification | None,
) -> None:
    github = GitHub()
    assert await quarantine_of(reading(github, None), RELEASE, section) is None
    assert github.asked == []


async def test_where_it_is_on_only_the_latest_release_is_asked_for() -> None:
    github = GitHub()
    facts = await quarantine_of(reading(github, None, changed(OCTOCAT)), RELEASE, ON)
    assert facts == QuarantineFacts(None, MARKS, 10)
    assert github.asked == ["latest"]


@pytest.mark.parametrize("section", [ON, OFF, None], ids=["on", "off", "no section"])
async def test_what_is_recorded_is_looked_after_whatever_the_policy_says(
    section: ReleaseVerification | None,
) -> None:
    facts = await quarantine_of(reading(GitHub(), RECORD), RELEASE, section)
    assert facts == QuarantineFacts(RECORD, MARKS, 10, APPLIED)


@pytest.mark.parametrize(
    ("events", "editor"),
    [
        ((changed(OURS),), ""),
        ((changed(OCTOCAT),), "octocat"),
        ((changed(OCTOCAT), changed(OURS)), "octocat"),
        ((changed(IMPOSTOR),), "hephaestus[bot]"),
        ((changed(None),), ""),
        ((WokenUp(REPOSITORY, "release_verification", SUBJECT, "quarantine"),), ""),
    ],
    ids=["ours", "a person", "a person and then we", "our name, not our id", "nobody", "a timer"],
)
async def test_our_own_edit_is_known_by_the_id_of_our_account(events: tuple[Event, ...], editor: str) -> None:
    facts = await quarantine_of(reading(GitHub(), RECORD, *events), RELEASE, ON)
    assert facts is not None
    assert facts.editor == editor


@pytest.mark.parametrize("has_tag", [True, False])
async def test_of_a_draft_it_is_asked_whether_its_tag_is_still_there(*, has_tag: bool) -> None:
    github = GitHub(has_tag=has_tag)
    facts = await quarantine_of(reading(github, RECORD), replace(RELEASE, draft=True), ON)
    assert facts is not None
    assert (facts.has_tag, "v1" in github.asked) == (has_tag, True)


async def test_of_what_was_never_edited_there_is_no_outcome() -> None:
    github = GitHub()
    stopped = Quarantine(Stage.STOPPED, BEFORE, as_draft=False, edit="", since=NOW)
    facts = await quarantine_of(reading(github, stopped, changed(OCTOCAT)), RELEASE, ON)
    assert facts == QuarantineFacts(stopped, MARKS, 10)
    assert github.asked == ["latest"]


HIDDEN_DRAFT = replace(RECORD, as_draft=True, tag="v1")


async def test_a_draft_of_ours_that_is_not_shown_to_who_only_reads_is_still_known() -> None:
    facts = await quarantine_of_unseen(reading(GitHub(), HIDDEN_DRAFT))
    assert facts == QuarantineFacts(
        HIDDEN_DRAFT, ReleaseMarks("v1", draft=True, prerelease=True), 10, APPLIED, has_tag=True
    )


async def test_a_draft_of_ours_that_was_deleted_is_forgotten() -> None:
    deleted = ReleaseChanged(REPOSITORY, "deleted", 11, "v1", OCTOCAT)
    assert await quarantine_of_unseen(reading(GitHub(), HIDDEN_DRAFT, deleted)) is None


@pytest.mark.parametrize("record", [RECORD, None], ids=["a prerelease", "nothing"])
async def test_what_is_no_draft_of_ours_is_not_asked_for(record: Quarantine | None) -> None:
    github = GitHub()
    facts = await quarantine_of_unseen(reading(github, record))
    assert facts == (QuarantineFacts(record) if record else None)
    assert github.asked == []


def test_the_record_is_kept_where_the_release_is_not_read() -> None:
    assert carried(reading(GitHub(), RECORD)) == QuarantineFacts(RECORD)
    assert carried(reading(GitHub(), None)) is None
