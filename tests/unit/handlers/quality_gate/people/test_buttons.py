"""The buttons of the check run: when they are there, and what a press leads to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.decision import Decision
from app.domain.effects import Comment
from app.domain.events import Actor, ButtonClicked
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import OPENED, REPOSITORY, SHA, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura

WRITER, READER = Actor(3, "writer", is_bot=False), Actor(4, "reader", is_bot=False)
RED = GOOD | {"coverage": {"c.xml": cobertura(1, 10)}}


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, runs=[Run(RED)], pulls=(OPENED,), roles={WRITER.id: "write"})


def click(what: str, by: Actor) -> ButtonClicked:
    return ButtonClicked(REPOSITORY, SHA, 7, 4, "hephaestus/quality-gate", "", what, by)


def comments(decision: Decision[GateState]) -> list[Comment]:
    return [each for each in decision.effects if isinstance(each, Comment)]


async def test_every_button_is_within_githubs_limits_and_leads_somewhere(github: AtGitHub) -> None:
    buttons = check_of(await decided(github, OPENED)).buttons
    assert [each.label for each in buttons] == ["Re-evaluate", "Request waiver"]
    for each in buttons:
        assert (len(each.label) <= 20, len(each.description) <= 40, len(each.identifier) <= 20) == (True,) * 3


async def test_a_green_commit_has_nothing_to_waive(github: AtGitHub) -> None:
    github.runs = [Run()]
    assert [each.label for each in check_of(await decided(github, OPENED)).buttons] == ["Re-evaluate"]


async def test_an_open_check_has_no_buttons(github: AtGitHub) -> None:
    github.runs = [Run(status="queued")]
    assert check_of(await decided(github, OPENED)).buttons == ()


async def test_a_request_posts_the_command_on_each_pull_request(github: AtGitHub) -> None:
    github.pulls = (OPENED, replace(OPENED, number=4))
    found = comments(await decided(github, click("request-waiver", WRITER)))
    assert [each.number for each in found] == [3, 4]
    assert {each.head_sha for each in found} == {SHA}
    assert "/hephaestus waive coverage until 2026-11-15 because TEXT" in found[0].body
    assert "waive tests" not in found[0].body


async def test_a_reader_may_not_press_and_is_told_so(github: AtGitHub) -> None:
    plain = await decided(github, OPENED)
    for what in ("request-waiver", "re-evaluate"):
        decision = await decided(github, click(what, READER))
        assert comments(decision) == []
        assert "reader may not use this button: it takes the role write" in check_of(decision).summary
        assert check_of(decision).conclusion is check_of(plain).conclusion


async def test_an_unknown_button_changes_nothing(github: AtGitHub) -> None:
    assert check_of(await decided(github, click("x", WRITER))) == check_of(await decided(github, OPENED))
