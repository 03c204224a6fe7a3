"""People decide where the gate cannot: evidence is accepted by a button, a gate is waived by a comment, and not by everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.demo_world import CI, COBERTURA, World
from app.standin.github.checks import request_action
from app.standin.github.comments import add_comment
from app.standin.github.records import Account, CheckRun, PullRequest
from app.standin.github.runs import PlannedJob
from app.standin.github.workflows import complete_run
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, quiet, until
from tests.acceptance.tenants import WORKFLOW

ALL_COVERED = (
    COBERTURA.replace(b'hits="0"', b'hits="1"')
    .replace(b"50% (1/2)", b"100% (2/2)")
    .replace(b'lines-covered="6"', b'lines-covered="8"')
    .replace(b'branches-covered="3"', b'branches-covered="4"')
    .replace(b'-rate="0.75"', b'-rate="1"')
)
PASSED = (
    b'<testsuite name="t" tests="3">'
    + b"".join(b'<testcase classname="t" name="test_%d"/>' % number for number in range(3))
    + b"</testsuite>"
)
GOOD = {"test-report": {"r.xml": PASSED}, "coverage": {"c.xml": ALL_COVERED}}
WEAK = GOOD | {"coverage": {"c.xml": COBERTURA}}
CONFIG = ".github/hephaestus.yml"
WAIVE = f"/hephaestus waive coverage until {(datetime.now(UTC) + timedelta(days=30)).date()} because the release is today"


@dataclass(frozen=True)
class People:
    """Who may do what, and the pull request that they talk about."""

    world: World
    author: Account
    keeper: Account
    writer: Account
    reader: Account

    def propose(
        self, files: dict[str, bytes | str | None], reports: dict[str, dict[str, bytes]]
    ) -> PullRequest:
        """A pull request of the author with the reports of its CI."""
        repository = self.world.repository
        sha = repository.commit("topic", files, "Change", author=self.author)
        pull = repository.open_pull("Change", "topic", author=self.author)
        complete_run(
            repository,
            CI,
            sha,
            [PlannedJob("test", "success")],
            reports,
            event="pull_request",
            head_branch="topic",
            actor=self.author,
        )
        return pull

    def check(self, pull: PullRequest) -> CheckRun:
        """What our check run says of it now."""
        return checks(self.world, self.world.repository, pull.head_sha)[-1]

    def press(self, pull: PullRequest, label: str, who: Account) -> None:
        run = self.check(pull)
        (identifier,) = [each["identifier"] for each in run.actions if each["label"] == label]
        request_action(self.world.repository, run, identifier, who)

    def say(self, pull: PullRequest, words: str, who: Account) -> None:
        add_comment(self.world.repository, pull.number, words, who)

    def answers(self, pull: PullRequest) -> list[str]:
        """What the App wrote on the pull request."""
        return [
            each.body
            for each in self.world.repository.comments.values()
            if each.issue_number == pull.number and each.app is self.world.app
        ]


@pytest.fixture
def people(everything: Running) -> People:
    world = everything.world
    names = ("ada", "keeper", "writer", "reader")
    author, keeper, writer, reader = (world.github.add_account(name) for name in names)
    roles = {author.id: "admin", keeper.id: "maintain", writer.id: "write"}
    world.repository.collaborators.update(roles)
    return People(world, author, keeper, writer, reader)


async def test_a_maintainer_accepts_the_evidence_of_an_edited_workflow(
    everything: Running, people: People
) -> None:
    pull = people.propose({CI: WORKFLOW + "# softer\n"}, GOOD)
    await quiet(everything.world, everything.settings)
    check = people.check(pull)
    assert (check.conclusion, "this change edits" in (check.summary or "")) == ("action_required", True)
    for who in (people.author, people.writer, people.reader):
        people.press(pull, "Accept evidence", who)
        await quiet(everything.world, everything.settings)
        check = people.check(pull)
        assert check.conclusion == "action_required"
        assert f"{who.login} may not accept the evidence" in (check.summary or "")
    people.press(pull, "Accept evidence", people.keeper)
    await quiet(everything.world, everything.settings)
    check = people.check(pull)
    assert (check.conclusion, "keeper accepted the evidence" in (check.summary or "")) == ("success", True)


async def test_a_maintainer_waives_a_gate_by_a_comment_and_takes_it_back(
    everything: Running, people: People
) -> None:
    pull = people.propose({"a.txt": "b\n"}, WEAK)
    await quiet(everything.world, everything.settings)
    assert people.check(pull).conclusion == "failure"
    people.say(pull, WAIVE, people.reader)
    people.say(pull, WAIVE, people.author)
    await quiet(everything.world, everything.settings)
    (answer,) = people.answers(pull)
    assert "ada may not waive `coverage`: nobody may for a change of their own" in answer
    assert people.check(pull).conclusion == "failure"
    people.say(pull, WAIVE, people.keeper)
    assert await until(lambda: people.check(pull).conclusion == "success")
    assert "by keeper: the release is today" in (people.check(pull).summary or "")
    people.say(pull, "/hephaestus unwaive coverage", people.keeper)
    assert await until(lambda: people.check(pull).conclusion == "failure")
    assert len(people.answers(pull)) == 3


async def test_a_request_for_a_waiver_posts_the_command_once(everything: Running, people: People) -> None:
    pull = people.propose({"a.txt": "b\n"}, WEAK)
    await quiet(everything.world, everything.settings)
    people.press(pull, "Request waiver", people.reader)
    await quiet(everything.world, everything.settings)
    assert people.answers(pull) == []
    for _ in range(2):
        people.press(pull, "Request waiver", people.writer)
        await quiet(everything.world, everything.settings)
    (request,) = people.answers(pull)
    assert "/hephaestus waive coverage until " in request


async def test_a_press_on_fix_commits_the_linters_own_fix_on_the_branch(
    everything: Running, people: People
) -> None:
    repository, start, end = people.world.repository, {"row": 1, "column": 1}, {"row": 2, "column": 1}
    repository.commit("main", {CONFIG: "version: 1\nquality_gate: {gates: {lint: {}}}\n"}, "Lint")
    edit = {"content": "", "location": start, "end_location": end}
    place = {"filename": "anvil/new.py", "location": start, "end_location": end}
    fix = {"applicability": "safe", "message": "Remove", "edits": [edit]}
    found = {
        "code": "F401",
        "message": "unused",
        "fix": fix,
        "noqa_row": 1,
        "url": None,
        "cell": None,
    } | place
    reports = {"ruff": {"ruff.json": json.dumps([found]).encode()}}
    pull = people.propose({"anvil/new.py": "import os\nx = 1\n"}, reports)
    await quiet(everything.world, everything.settings)
    before, check = pull.head_sha, people.check(pull)
    assert check.conclusion == "failure"
    for who in (people.reader, people.writer, people.writer):
        request_action(repository, check, "fix", who)
        await quiet(everything.world, everything.settings)
    assert await until(lambda: pull.head_sha != before)
    assert list(repository.git.log(pull.head_sha, exclude=before)) == [pull.head_sha]
    assert repository.git.read(pull.head_sha, "anvil/new.py") == b"x = 1\n"
