"""The subject of a backfill is its repository, moved on by operators' rows, its own timers, and runs of the template."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.decision import Reason
from app.domain.events import Event, WokenUp, WorkflowRunCompleted
from app.domain.ids import AppKey
from app.domain.repo import Subject, SubjectKind, Target
from handlers.builtin import BACKFILL
from handlers.release_verification.backfill.commands import Named, named
from tests.unit.handlers.release_verification.backfill.items import HEAD, NOW, PIN, REPOSITORY
from tests.unit.handlers.release_verification.backfill.test_deciding import APP, SUBJECT

WOKEN = WokenUp(REPOSITORY, "release_backfill", SUBJECT, "inventory")
RAN = WorkflowRunCompleted(
    repository=REPOSITORY,
    run_id=77,
    attempt=1,
    head_sha=HEAD,
    head_branch="main",
    head_repository_id=REPOSITORY.id,
    path=PIN.workflow,
    trigger="workflow_dispatch",
    conclusion="success",
    actor=None,
)


@pytest.mark.parametrize("event", [WOKEN, RAN])
def test_an_operators_row_and_the_end_of_a_run_concern_the_repository(event: Event) -> None:
    assert BACKFILL.targets(APP, event) == (Target(SUBJECT, REPOSITORY),)


@pytest.mark.parametrize(
    "event",
    [
        replace(WOKEN, capability="release_verification"),
        replace(WOKEN, subject=Subject(APP, REPOSITORY.id, SubjectKind.RELEASE, "11")),
        replace(WOKEN, subject=replace(SUBJECT, app_key=AppKey("api.github.com/8"))),
        replace(RAN, trigger="push"),
        replace(RAN, path=".github/workflows/ci.yml"),
    ],
)
def test_what_is_somebody_elses_does_not(event: Event) -> None:
    assert BACKFILL.targets(APP, event) == ()


def test_no_check_run_speaks_of_a_backfill() -> None:
    target, why = Target(SUBJECT, REPOSITORY), Reason("internal.error", "no")
    assert BACKFILL.retrying(target, None, why, NOW) == BACKFILL.give_up(target, None, why) == ()


def test_an_approval_names_a_plan_a_person_and_who_said_so() -> None:
    said = Named("approve", "a" * 64, "keeper", "root")
    assert named(said.words) == said


@pytest.mark.parametrize(
    "words",
    [
        "approve",
        "approve xyz keeper root",
        f"approve {'a' * 64} keeper",
        f"approve {'a' * 64} -k root",
        "run",
    ],
)
def test_an_approval_without_one_of_them_is_none(words: str) -> None:
    assert named(words) is None
