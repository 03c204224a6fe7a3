"""A proposed policy that cannot be tried is told so, and holds up nobody's verdict."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.config.policies import CONFIG_PATH
from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion
from app.domain.events import CheckRerequested
from app.domain.pulls import ChangedFile, FileContent
from app.errors import TransientError
from handlers.quality_gate.gathering import proposing
from tests.unit.handlers.quality_gate.commit import DECLARED, OPENED, REPOSITORY, SHA, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided

DEADLY = DECLARED.replace("85%", "95%") + "# deadly\n"
SHARED = "hephaestus.yml"
NOT_TRIED = "It is not tried here: Hephaestus could not judge the configuration file: the worker that read these bytes died"
RERUN = CheckRerequested(REPOSITORY, SHA, 7, "hephaestus/quality-gate", "", None)


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """A pull request whose policy ends its readers; its tests pass, and 9 of 10 lines are covered."""
    change = ChangedFile(CONFIG_PATH, None, "modified", 1, 1, "@@ -9 +9 @@\n-a\n+b\n")
    at = AtGitHub(tmp_path, pulls=(OPENED,), changed=(change,), deadly=(b"# deadly",))
    at.files[CONFIG_PATH, SHA] = DEADLY
    return at


async def test_a_file_that_ends_its_readers_does_not_hold_up_the_verdict(github: AtGitHub) -> None:
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert NOT_TRIED in check_of(decision).summary


async def test_it_ends_no_more_of_them_until_somebody_asks(github: AtGitHub) -> None:
    first = await decided(github, OPENED)
    again = await decided(github, OPENED, state=first.next_state)
    assert github.tries == 1
    assert NOT_TRIED in check_of(again).summary
    await decided(github, RERUN, state=first.next_state)
    assert github.tries == 2


async def test_a_new_version_of_the_file_is_tried(github: AtGitHub) -> None:
    first = await decided(github, OPENED)
    github.files[CONFIG_PATH, SHA] = DECLARED.replace("85%", "95%")
    assert (
        "the verdict would be: **fail**"
        in check_of(await decided(github, OPENED, state=first.next_state)).summary
    )


async def test_a_file_that_cannot_be_tried_on_earlier_commits_is_still_tried_on_this_one(
    github: AtGitHub,
) -> None:
    github.deadly = ("simulated",)
    decision = await decided(github, OPENED)
    summary = check_of(decision).summary
    assert decision.verdict is Verdict.PASS
    assert "the verdict would be: **fail**" in summary
    assert "It is not tried on earlier pull requests: the worker that read these bytes died" in summary


async def test_a_trial_that_takes_too_long_is_ended(
    github: AtGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(AtGitHub):
        async def evidence_of_closed_pulls(self, capability: str, limit: int) -> tuple[bytes, ...]:
            await asyncio.Event().wait()
            return await super().evidence_of_closed_pulls(capability, limit)

    monkeypatch.setattr(proposing, "TRIAL_S", 0.05)
    slow = Slow(github.folder, pulls=github.pulls, changed=github.changed)
    slow.files[CONFIG_PATH, SHA] = DEADLY
    decision = await decided(slow, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "It is not tried here: trying it took longer than" in check_of(decision).summary


@pytest.mark.parametrize(
    ("before", "verdict"), [(None, Verdict.NOT_CONFIGURED), ("[", Verdict.ACTION_REQUIRED)]
)
async def test_where_no_policy_is_in_force_it_is_not_known_to_be_valid(
    github: AtGitHub, before: str | None, verdict: Verdict
) -> None:
    github.config = before
    decision = await decided(github, OPENED)
    assert decision.verdict is verdict
    assert "Whether it would be valid is not known: Hephaestus could not judge" in check_of(decision).summary
    assert "an administrator" not in check_of(decision).summary


async def test_a_file_for_others_that_ends_its_readers_holds_up_no_verdict_either(github: AtGitHub) -> None:
    github.changed = (ChangedFile(SHARED, None, "modified", 1, 1, "@@ -1 +1 @@\n-a\n+b\n"),)
    github.files[SHARED, SHA] = DEADLY
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "Whether it would be valid is not known" in check_of(decision).summary
    assert "it would be valid." not in check_of(decision).summary


HUGE = "#" * (1024 * 1024 + 1)


@pytest.mark.parametrize("size", [256 * 1024 + 1, len(HUGE)])
async def test_a_file_that_is_too_large_is_invalid_and_holds_up_no_verdict(
    github: AtGitHub, size: int
) -> None:
    github.files[CONFIG_PATH, SHA] = HUGE[:size]
    check = check_of(await decided(github, OPENED))
    assert check.conclusion is CheckConclusion.SUCCESS
    assert "the file is larger than 256 KiB" in check.summary


@pytest.mark.parametrize("before", [None, "["])
async def test_a_first_file_that_is_too_large_is_told_to_be_invalid(
    github: AtGitHub, before: str | None
) -> None:
    github.config, github.files[CONFIG_PATH, SHA] = before, HUGE
    summary = check_of(await decided(github, OPENED)).summary
    assert "Merged, it would be invalid" in summary


async def test_a_file_for_others_that_is_too_large_is_told_to_be_invalid(github: AtGitHub) -> None:
    github.changed = (ChangedFile(SHARED, None, "modified", 1, 1, "@@ -1 +1 @@\n-a\n+b\n"),)
    github.files[SHARED, SHA] = HUGE
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "the file is larger than 256 KiB" in check_of(decision).summary


async def test_the_policy_in_force_is_never_taken_for_a_proposal(github: AtGitHub) -> None:
    github.config = DEADLY
    with pytest.raises(TransientError):
        await decided(github, OPENED)


async def test_trouble_at_github_is_no_trouble_of_the_file(github: AtGitHub) -> None:
    class Down(AtGitHub):
        async def file(self, path: str, ref: str) -> FileContent | None:
            if path == CONFIG_PATH and ref == SHA:
                raise TransientError("github.unavailable", "GitHub is down")
            return await super().file(path, ref)

    with pytest.raises(TransientError):
        await decided(Down(github.folder, pulls=github.pulls, changed=github.changed), OPENED)
