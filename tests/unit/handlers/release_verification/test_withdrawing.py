"""Where a release is not verified any more, its check run on a commit does not go on saying that it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from pydantic import TypeAdapter

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun, WakeAt
from app.domain.events import ReleaseChanged, WokenUp
from app.domain.ids import CommitSha
from app.domain.repo import Target
from app.ports.bundles import BundleVerifier
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.models import ReleaseState
from tests.unit.handlers.release_verification.published import (
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
ELSEWHERE = CommitSha("2" * 40)
SHOWN = ReleaseState(NOW, COMMIT, "v1.0.0")
STATE = TypeAdapter(ReleaseState)
LATER = NOW + timedelta(days=1)
RERUN = WokenUp(REPOSITORY, "release_verification", SUBJECT, "re-run")


async def decided(
    published: Published, folder: Path, state: ReleaseState | None, *events: WokenUp | ReleaseChanged
) -> Decision[ReleaseState]:
    """The decision on stored evidence, with the state as the ledger gives it back."""
    before = state and STATE.validate_json(STATE.dump_json(state))
    unused = cast("BundleVerifier", None)  # nothing is signed
    evidence = await gathered(published, unused, folder, now=LATER, state=before, events=events)
    adapter = TypeAdapter(RELEASE_VERIFICATION.evidence_type)
    return RELEASE_VERIFICATION.decide(adapter.validate_json(adapter.dump_json(evidence)))


def checks_of(decision: Decision[ReleaseState]) -> list[PublishCheckRun]:
    return [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]


@pytest.mark.parametrize(
    ("change", "name"),
    [({"commit": ELSEWHERE}, NAME), ({"tag_name": "v2"}, "hephaestus/release-verification (v2)")],
)
async def test_what_was_said_elsewhere_is_withdrawn_before_the_new_verdict(
    tmp_path: Path, change: dict[str, str], name: str
) -> None:
    published = replace(Published({"tool": TOOL}), **change)  # type: ignore[arg-type] # one field a case
    old, new = checks_of(await decided(published, tmp_path, SHOWN))
    assert (old.head_sha, old.name) == (COMMIT, NAME)
    assert (old.status, old.conclusion) == (CheckStatus.COMPLETED, CheckConclusion.FAILURE)
    assert old.title == "No longer holds: this commit is not verified as v1.0.0"
    assert (new.head_sha, new.name) == (published.commit, name)


async def test_after_a_move_only_the_new_place_is_spoken_of(tmp_path: Path) -> None:
    moved = Published({"tool": TOOL}, commit=ELSEWHERE)
    state = (await decided(moved, tmp_path, SHOWN)).next_state
    assert state is not None
    assert (state.commit, state.tag) == (ELSEWHERE, "v1.0.0")
    assert check_of(await decided(moved, tmp_path, state)).head_sha == ELSEWHERE


async def test_a_release_that_stays_where_it_is_has_one_check_run(tmp_path: Path) -> None:
    assert check_of(await decided(Published({"tool": TOOL}), tmp_path, SHOWN)).head_sha == COMMIT


GONE = {
    "the section": ({"section": None}, CheckConclusion.NEUTRAL),
    "the release": ({"exists": False}, CheckConclusion.FAILURE),
    "the publication": ({"draft": True}, CheckConclusion.FAILURE),
    "the tag": ({"commit": None}, CheckConclusion.FAILURE),
}


@pytest.mark.parametrize(("change", "conclusion"), GONE.values(), ids=GONE)
async def test_what_was_said_of_something_that_is_gone_is_withdrawn(
    tmp_path: Path, change: dict[str, object], conclusion: CheckConclusion
) -> None:
    published = replace(Published({"tool": TOOL}), **change)  # type: ignore[arg-type] # one field a case
    decision = await decided(published, tmp_path, SHOWN, RERUN)
    check = check_of(decision)
    assert (check.head_sha, check.name, check.conclusion) == (COMMIT, NAME, conclusion)
    assert check.asked
    again = await decided(published, tmp_path, decision.next_state)
    assert check_of(again) == replace(check, asked=False)


async def test_only_a_release_that_github_told_to_be_deleted_is_over_for_good(tmp_path: Path) -> None:
    """GitHub shows drafts to those who may push, and we only read: what is not shown may come back."""
    gone = Published({"tool": TOOL}, exists=False)
    told = ReleaseChanged(REPOSITORY, "deleted", int(SUBJECT.ident), "v1.0.0")
    decision = await decided(gone, tmp_path, SHOWN, told)
    assert check_of(decision).conclusion is CheckConclusion.NEUTRAL
    again = await decided(gone, tmp_path, decision.next_state, RERUN)
    assert check_of(again).conclusion is CheckConclusion.NEUTRAL


@pytest.mark.parametrize(("change", "conclusion"), GONE.values(), ids=GONE)
async def test_a_failure_of_our_own_is_said_also_where_a_verdict_was_withdrawn(
    tmp_path: Path,
    change: dict[str, object],
    conclusion: CheckConclusion,  # noqa: ARG001 (a table's column)
) -> None:
    published = replace(Published({"tool": TOOL}), **change)  # type: ignore[arg-type] # one field a case
    state = (await decided(published, tmp_path, SHOWN)).next_state
    assert state is not None
    (check,) = RELEASE_VERIFICATION.give_up(Target(SUBJECT, REPOSITORY), state, Reason("x", "y"))
    assert isinstance(check, PublishCheckRun)
    assert (check.head_sha, check.name) == (COMMIT, NAME)


@pytest.mark.parametrize(("change", "conclusion"), GONE.values(), ids=GONE)
async def test_where_nothing_was_said_nothing_is_withdrawn(
    tmp_path: Path,
    change: dict[str, object],
    conclusion: CheckConclusion,  # noqa: ARG001 (a table's column)
) -> None:
    published = replace(Published({"tool": TOOL}), **change)  # type: ignore[arg-type] # one field a case
    assert checks_of(await decided(published, tmp_path, None)) == []
    assert checks_of(await decided(published, tmp_path, ReleaseState(NOW))) == []


@pytest.mark.parametrize("change", [{"section": None}, {"draft": True}])
async def test_what_comes_back_has_its_time_to_wait_anew(tmp_path: Path, change: dict[str, object]) -> None:
    gone = replace(Published(), **change)  # type: ignore[arg-type] # one field a case
    state = (await decided(gone, tmp_path, SHOWN)).next_state
    back = await decided(Published(), tmp_path, state)
    assert back.verdict is Verdict.WAITING
    assert [effect for effect in back.effects if isinstance(effect, WakeAt)]
    assert back.next_state is not None
    assert not back.next_state.is_over


async def test_a_release_without_its_tag_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    decision = await decided(Published(commit=None), tmp_path, SHOWN)
    assert not [effect for effect in decision.effects if isinstance(effect, WakeAt)]


def test_a_state_of_an_older_version_is_read() -> None:
    old = (
        b'{"since":"2026-11-01T12:00:00Z","commit":"1111111111111111111111111111111111111111","tag":"v1.0.0"}'
    )
    assert STATE.validate_json(old) == SHOWN
