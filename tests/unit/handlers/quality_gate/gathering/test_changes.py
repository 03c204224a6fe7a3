"""A commit that many pull requests propose: its check is green for all of them, so all of them are judged or none is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion
from app.domain.events import PullRequestChanged
from app.domain.pulls import ChangedFile
from handlers.quality_gate.evidence.changes import MAX_PULLS
from tests.unit.handlers.quality_gate.commit import DECLARED, OPENED, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of

SPARED = '  paths: {"docs/**": {all: not_applicable}}\n'


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path)


def proposed(times: int) -> tuple[PullRequestChanged, ...]:
    return tuple(replace(OPENED, number=number) for number in range(1, times + 1))


async def test_as_many_pull_requests_as_are_judged_pass(github: AtGitHub) -> None:
    github.pulls = proposed(MAX_PULLS)
    assert (await decided(github, OPENED)).verdict is Verdict.PASS


@pytest.mark.parametrize("policy", [DECLARED, DECLARED + SPARED])
async def test_one_more_is_never_green_and_the_remedy_is_said(github: AtGitHub, policy: str) -> None:
    github.config, github.pulls = policy, proposed(MAX_PULLS + 1)
    github.changed = (ChangedFile("docs/a.md", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),)
    check = check_of(await decided(github, OPENED))
    assert check.conclusion is CheckConclusion.FAILURE
    assert "more than 10 open pull requests propose this commit" in check.summary
    assert "close all but 10" in check.summary


async def test_pull_requests_whose_base_is_gone_leave_room_for_the_others(github: AtGitHub) -> None:
    gone = tuple(replace(OPENED, number=number, base_ref="gone") for number in range(1, MAX_PULLS + 1))
    github.pulls, github.gone = (*gone, replace(OPENED, number=99)), ("gone",)
    check = check_of(await decided(github, OPENED))
    assert check.conclusion is CheckConclusion.SUCCESS


async def test_of_the_added_lines_those_that_only_moved_are_known(github: AtGitHub) -> None:
    patch = "@@ -1,2 +1,2 @@\n-one\n-two\n+  two\n+three"
    github.pulls, github.changed = (OPENED,), (ChangedFile("a.py", None, "modified", 2, 2, patch),)
    ((read,),) = [each.files for each in (await evidence_of(github, OPENED)).changes]
    assert (read.added, read.kept) == (((1, 2),), ((1, 1),))
