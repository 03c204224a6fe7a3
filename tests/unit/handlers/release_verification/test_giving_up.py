from __future__ import annotations

from datetime import UTC, datetime

from app.domain.decision import Reason
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from handlers.builtin import RELEASE_VERIFICATION
from handlers.release_verification.models import ReleaseState

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REPOSITORY = Repository(RepositoryId(1), "forge", "anvil", InstallationId(2))
TARGET = Target(Subject(AppKey("k/1"), REPOSITORY.id, SubjectKind.RELEASE, "9"), REPOSITORY)
REASON = Reason("github.unavailable", "GitHub did not answer @everyone")


def test_a_verdict_that_cannot_be_renewed_is_withdrawn() -> None:
    state = ReleaseState(NOW, CommitSha("c" * 40), "v1")
    (check,) = RELEASE_VERIFICATION.give_up(TARGET, state, REASON)
    assert isinstance(check, PublishCheckRun)
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert check.name == "hephaestus/release-verification (v1)"
    assert "@everyone" not in check.summary


def test_without_a_commit_there_is_nothing_to_withdraw() -> None:
    assert RELEASE_VERIFICATION.give_up(TARGET, ReleaseState(NOW), REASON) == ()


def test_while_a_failure_of_our_own_is_tried_again_the_check_is_open() -> None:
    state = ReleaseState(NOW, CommitSha("c" * 40), "v1")
    (check,) = RELEASE_VERIFICATION.retrying(TARGET, state, REASON, NOW)
    assert isinstance(check, PublishCheckRun)
    assert (check.name, check.status) == ("hephaestus/release-verification (v1)", CheckStatus.IN_PROGRESS)
    assert "Next try at 2026-11-23 00:00:00 UTC" in check.summary
    assert "@everyone" not in check.summary
    assert RELEASE_VERIFICATION.retrying(TARGET, ReleaseState(NOW), REASON, NOW) == ()
