from __future__ import annotations

from datetime import UTC, datetime

from app.domain.decision import Reason
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun
from app.domain.ids import AppKey, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.state import GateState

REPOSITORY = Repository(RepositoryId(1), "forge", "anvil", InstallationId(2))
TARGET = Target(Subject(AppKey("k/1"), REPOSITORY.id, SubjectKind.SHA, "c" * 40), REPOSITORY)


def test_a_failure_of_our_own_is_neither_green_nor_neutral_nor_a_failed_gate() -> None:
    state = GateState(datetime(2026, 11, 23, tzinfo=UTC))
    (check,) = QUALITY_GATE.give_up(TARGET, state, Reason("internal.error", "KeyError in quality_gate"))
    assert isinstance(check, PublishCheckRun)
    assert (check.head_sha, check.conclusion) == ("c" * 40, CheckConclusion.ACTION_REQUIRED)
    assert check.title == "Hephaestus failed, not the commit"


def test_while_a_failure_of_our_own_is_tried_again_the_check_is_open() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    reason = Reason("github.unavailable", "GitHub did not answer @everyone")
    (check,) = QUALITY_GATE.retrying(TARGET, GateState(now), reason, now)
    assert isinstance(check, PublishCheckRun)
    assert (check.head_sha, check.status, check.conclusion) == ("c" * 40, CheckStatus.IN_PROGRESS, None)
    assert "Next try at 2026-11-23 12:00:00 UTC" in check.summary
    assert "@everyone" not in check.summary
