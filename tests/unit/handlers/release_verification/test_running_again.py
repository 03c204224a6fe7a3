"""*Re-run* on the check run of a release: the commit is what GitHub names, the releases are what is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain.decision import Verdict
from app.domain.effects import WakeAt
from app.domain.events import Actor, ButtonClicked, CheckRerequested, Event, TagMoved, WokenUp
from app.domain.ids import AppKey
from app.domain.repo import Subject, SubjectKind
from app.ports.bundles import BundleVerifier
from app.ports.handler import Reading
from app.ports.records import Records
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.models import ReleaseState
from tests.unit.handlers.release_verification.published import (
    APP,
    COMMIT,
    NOW,
    REPOSITORY,
    SUBJECT,
    TOOL,
    Published,
    check_of,
    gathered,
)

NAME = "hephaestus/release-verification (v1.0.0)"
PRESSED = CheckRerequested(REPOSITORY, COMMIT, 7, NAME, "", None)
COMMIT_SUBJECT = Subject(APP, REPOSITORY.id, SubjectKind.SHA, COMMIT)


@dataclass
class Remembered:
    """Records of a commit with two releases."""

    asked: list[str] = field(default_factory=list)

    async def subjects_of_effects(self, capability: str, key_prefix: str) -> tuple[Subject, ...]:
        assert capability == "release_verification"
        self.asked.append(key_prefix)
        effects = {
            f"check|1001|{COMMIT}|{NAME}": SUBJECT,
            f"check|1001|{COMMIT}|hephaestus/release-verification (v1)": replace(SUBJECT, ident="12"),
        }
        return tuple(subject for key, subject in effects.items() if key.startswith(key_prefix))


def reading(*events: Event, subject: Subject = COMMIT_SUBJECT) -> Reading[ReleaseState]:
    unused = cast("Any", None)  # nothing else may be read
    return Reading(
        app_key=APP,
        own_app_id=7,
        subject=subject,
        repository=REPOSITORY,
        events=events,
        state=None,
        now=NOW,
        github=unused,
        downloads=unused,
        policies=unused,
        bundles=unused,
        compute=unused,
        records=cast("Records", Remembered()),
    )


async def woken(*events: Event) -> list[str]:
    """The releases that are evaluated again, at once."""
    decision = RELEASE_VERIFICATION.decide(await RELEASE_VERIFICATION.gather(reading(*events)))
    wakes = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert (decision.verdict, decision.next_state) == (Verdict.ACTED, None)
    assert {(wake.at, wake.what) for wake in wakes} == {(NOW, "re-run")}
    assert len(wakes) == len(decision.effects)
    return [wake.subject.ident for wake in wakes]


@pytest.mark.parametrize(
    ("event", "is_target"),
    [
        (PRESSED, True),
        (replace(PRESSED, check_name=None), True),
        (replace(PRESSED, app_id=8), False),
        (replace(PRESSED, check_name="hephaestus/quality-gate"), False),
    ],
)
def test_the_commit_of_our_own_check_run_or_suite_is_the_subject(event: Event, *, is_target: bool) -> None:
    subjects = [target.subject for target in RELEASE_VERIFICATION.targets(APP, event)]
    assert subjects == ([COMMIT_SUBJECT] if is_target else [])
    assert RELEASE_VERIFICATION.targets(AppKey("api.github.com/9"), PRESSED) == ()


async def test_the_release_of_a_check_run_is_evaluated_again() -> None:
    assert await woken(PRESSED) == ["11"]


async def test_every_release_of_a_suite_is_evaluated_again_once() -> None:
    assert sorted(await woken(PRESSED, replace(PRESSED, check_name=None))) == ["11", "12"]


async def test_a_button_is_passed_on_to_the_release_of_its_check_run_and_to_no_other() -> None:
    clicked = ButtonClicked(REPOSITORY, COMMIT, 7, 5, NAME, "", "restore", Actor(3, "keeper", is_bot=False))
    again = replace(PRESSED, check_name="hephaestus/release-verification (v1)")
    decision = RELEASE_VERIFICATION.decide(await RELEASE_VERIFICATION.gather(reading(clicked, again)))
    wakes = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert {(wake.subject.ident, wake.what) for wake in wakes} == {
        ("11", "click restore 3 keeper"),
        ("12", "re-run"),
    }


async def test_a_tag_that_moved_concerns_the_release_whose_check_run_lies_where_it_was() -> None:
    moved = TagMoved(REPOSITORY, "v1.0.0", COMMIT)
    (target,) = RELEASE_VERIFICATION.targets(APP, moved)
    assert target.subject == COMMIT_SUBJECT
    decision = RELEASE_VERIFICATION.decide(await RELEASE_VERIFICATION.gather(reading(moved)))
    (wake,) = [effect for effect in decision.effects if isinstance(effect, WakeAt)]
    assert (wake.subject, wake.what, wake.at) == (SUBJECT, "tag moved", NOW)


async def test_a_check_run_of_a_release_that_is_forgotten_says_what_to_do() -> None:
    gone = replace(PRESSED, check_name="hephaestus/release-verification (v0.1)")
    decision = RELEASE_VERIFICATION.decide(await RELEASE_VERIFICATION.gather(reading(gone)))
    assert (decision.verdict, decision.effects) == (Verdict.NOT_APPLICABLE, ())
    assert "edit the release" in decision.reasons[0].text


@pytest.mark.parametrize("what", ["re-run", "look again"])
async def test_who_asked_is_answered_also_where_nothing_changed(tmp_path: Path, what: str) -> None:
    event = WokenUp(REPOSITORY, "release_verification", SUBJECT, what)
    unsigned = Published({"tool": TOOL})
    evidence = await gathered(unsigned, cast("BundleVerifier", None), tmp_path, events=(event,))
    assert check_of(RELEASE_VERIFICATION.decide(evidence)).asked is (what == "re-run")
