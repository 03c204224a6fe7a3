"""The same failed attempt is dealt with once, and looked at again only where that can change anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.decision import Decision, Verdict
from app.domain.effects import OpenPullRequest, RerunFailedJobs
from app.errors import InvalidInput
from app.ports.policies import ConfigError
from handlers.remediation.models import Mode, Remediation, RemediationState
from tests.unit.handlers.remediation.failed import DISK_FULL, SHUTDOWN, Failed, decided


async def twice(failed: Failed, folder: Path, later: Failed | None = None) -> Decision[RemediationState]:
    """The decision on the run as it is `later`, after that on the run as it was first."""
    first = await decided(failed, folder)
    return await again(first, later or failed, folder)


async def again(first: Decision[RemediationState], later: Failed, folder: Path) -> Decision[RemediationState]:
    """The next decision, once all effects of the first one came true."""
    done = (*later.done, *(effect.key for effect in first.effects))
    return await decided(replace(later, done=done, asked=later.asked), folder, first.next_state)


def is_settled(decision: Decision[RemediationState]) -> bool:
    codes = [reason.code for reason in decision.reasons]
    return (codes, decision.verdict, decision.effects) == (
        ["attempt.settled"],
        Verdict.NOT_APPLICABLE,
        (),
    )


SETTLED = {
    "a pull request": Failed(),
    "another attempt of the failed jobs": Failed(log=SHUTDOWN),
    "an explanation": Failed(log=DISK_FULL),
    "an unknown cause": Failed(log="hello\n"),
    "mode off": Failed(section=Remediation(mode=Mode.OFF)),
    "mode observe": Failed(section=Remediation(mode=Mode.OBSERVE)),
}


@pytest.mark.parametrize("failed", SETTLED.values(), ids=SETTLED)
async def test_an_attempt_is_settled_once(failed: Failed, tmp_path: Path) -> None:
    later = replace(failed, asked=[])
    assert is_settled(await twice(failed, tmp_path, later))
    assert later.asked == []


async def test_it_stays_settled_when_its_effect_is_forgotten(tmp_path: Path) -> None:
    second = await twice(Failed(), tmp_path)
    assert is_settled(await decided(Failed(), tmp_path, second.next_state))


JUDGED_ANEW = {
    "a new attempt": (Failed(log=SHUTDOWN), Failed(log=SHUTDOWN, attempt=2), "guard.attempt"),
    "another policy": (Failed(), Failed(section=Remediation(mode=Mode.OFF)), "mode.off"),
    "jobs that were not there": (Failed(log="hello\n", job_count=0), Failed(log=DISK_FULL), "remedy.explain"),
    "a log that was not there": (Failed(log=None), Failed(log=DISK_FULL), "remedy.explain"),
    "a log that nobody could read": (
        Failed(refusal=InvalidInput("compute.crashed", "died")),
        Failed(log=DISK_FULL),
        "remedy.explain",
    ),
    "a bot's head before": (
        Failed(branch_name="hephaestus/x"),
        Failed(log=DISK_FULL),
        "remedy.explain",
    ),
}


@pytest.mark.parametrize(("first", "later", "code"), JUDGED_ANEW.values(), ids=JUDGED_ANEW)
async def test_what_may_have_changed_is_judged_anew(
    first: Failed, later: Failed, code: str, tmp_path: Path
) -> None:
    decision = await twice(first, tmp_path, later)
    assert [reason.code for reason in decision.reasons] == [code]


async def test_other_signatures_judge_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await decided(Failed(log=DISK_FULL), tmp_path)
    monkeypatch.setattr("handlers.remediation.settling.catalogue", lambda: "another")
    assert not is_settled(await again(first, Failed(log=DISK_FULL), tmp_path))


@pytest.mark.parametrize(
    ("failed", "kind"), [(Failed(), OpenPullRequest), (Failed(log=SHUTDOWN), RerunFailedJobs)]
)
async def test_an_effect_that_never_came_true_is_wanted_again(
    failed: Failed, kind: type, tmp_path: Path
) -> None:
    first = await decided(failed, tmp_path)
    (effect,) = (await decided(failed, tmp_path, first.next_state)).effects
    assert isinstance(effect, kind)
    assert effect == first.effects[0]


async def test_a_state_of_an_older_version_settles_nothing(tmp_path: Path) -> None:
    before = RemediationState(1, "gha.artifact-deprecated")
    assert (await decided(Failed(), tmp_path, before)).verdict is Verdict.ACTED


async def test_errors_elsewhere_in_the_file_change_nothing(tmp_path: Path) -> None:
    mistake = ConfigError(9, 1, "tests", "unknown key")
    assert is_settled(await twice(Failed(), tmp_path, Failed(errors=(mistake,))))
