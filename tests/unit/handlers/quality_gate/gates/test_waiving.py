"""What need not hold for some time: whole gates, and parts of them; what is said of it, and what happens when it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.decision import Decision, Verdict
from app.domain.effects import AnnotationLevel, CheckConclusion, WakeAt
from app.domain.events import MergeGroupRequested
from handlers.quality_gate.evidence.people import GrantedWaiver
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import (
    CI,
    DECLARED,
    MAIN,
    NOW,
    OPENED,
    REPOSITORY,
    SHA,
    AtGitHub,
    Run,
)
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

FAILED = '<failure message="expected 1">assert 1 == 2</failure>'
GRANTED = GrantedWaiver(
    "tests", date(2026, 11, 1), date(2026, 11, 10), "keeper", 2, "the runner is broken", 3, 70
)
AUDIT = f"""version: 1
quality_gate:
  producers: {{audit: {{workflow: {CI}, format: pip-audit-json}}}}
  gates: {{audit: {{from: audit}}}}
"""
LINT = f"""version: 1
quality_gate:
  producers: {{lint: {{workflow: {CI}, format: ruff-json}}}}
  gates: {{lint: {{from: lint}}}}
"""
UNTIL = "until: 2026-11-10, by: keeper, why: no time before the release"


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """A pull request whose tests fail."""
    runs = [Run(GOOD | {"junit-py": {"r.xml": junit("", FAILED)}}, conclusion="failure")]
    return AtGitHub(tmp_path, runs=runs, pulls=(OPENED,))


def waiver(text: str) -> str:
    return f"  waivers:\n    - {{{text}, {UNTIL}}}\n"


def grant(github: AtGitHub, *waivers: GrantedWaiver) -> None:
    github.kept = tuple((str(each.number), GateState(NOW, waivers=(each,))) for each in waivers)


def wakes(decision: Decision[GateState]) -> list[datetime]:
    return [each.at for each in decision.effects if isinstance(each, WakeAt)]


def audited(*ids: str) -> Run:
    found = [
        {"id": each, "aliases": [f"CVE-{each}"], "fix_versions": ["2"], "description": ""} for each in ids
    ]
    report = {"dependencies": [{"name": "left", "version": "1", "vulns": found}], "fixes": []}
    return Run({"audit": {"audit.json": json.dumps(report).encode()}}, conclusion="failure")


def linted(*paths: str) -> Run:
    place = {"row": 1, "column": 1}
    found = [
        {"code": "E501", "message": "too long", "filename": path, "location": place, "end_location": place}
        | {"fix": None, "noqa_row": 1, "url": None, "cell": None}
        for path in paths
    ]
    return Run({"ruff": {"ruff.json": json.dumps(found).encode()}}, conclusion="failure")


async def test_a_waived_gate_lets_the_commit_pass_and_says_which_state_it_covers(github: AtGitHub) -> None:
    github.config = DECLARED + waiver("gate: tests")
    decision = await decided(github, OPENED)
    check = check_of(decision)
    assert decision.verdict is Verdict.WAIVED
    assert check.conclusion is CheckConclusion.SUCCESS
    assert "waived until 2026\\-11\\-10; without that fail: 1 test does not pass" in check.summary
    assert "by keeper: no time before the release" in check.summary
    assert {each.level for each in check.annotations} == {AnnotationLevel.NOTICE}


async def test_a_waiver_holds_up_to_the_end_of_its_last_day_and_the_commit_is_judged_again_then(
    github: AtGitHub,
) -> None:
    github.config = DECLARED + waiver("gate: tests")
    end = datetime(2026, 11, 11, tzinfo=UTC)
    assert wakes(await decided(github, OPENED)) == [end]
    last = await decided(github, OPENED, now=end - timedelta(seconds=1))
    assert last.verdict is Verdict.WAIVED
    after = await decided(github, OPENED, now=end)
    assert after.verdict is Verdict.FAIL
    assert "**Waivers that ended:**" in check_of(after).summary
    assert wakes(after) == []
    assert "ended" not in check_of(await decided(github, OPENED, now=end + timedelta(days=14))).summary


async def test_a_waiver_that_nothing_needs_is_not_shown(github: AtGitHub) -> None:
    github.runs = [Run()]
    github.config = DECLARED + waiver("gate: tests")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "Waivers" not in check_of(decision).summary
    assert wakes(decision) == []


async def test_what_was_granted_on_the_pull_request_counts_for_its_commit(github: AtGitHub) -> None:
    grant(github, GRANTED)
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.WAIVED
    assert "pull request 3, until 2026-11-10, by keeper: the runner is broken" in check_of(decision).summary


@pytest.mark.parametrize(
    "other", [replace(GRANTED, gate="coverage"), replace(GRANTED, until=date(2026, 10, 31)), None]
)
async def test_another_gates_or_an_ended_waiver_waives_nothing(
    github: AtGitHub, other: GrantedWaiver | None
) -> None:
    grant(github, *([other] if other else []))
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL


async def test_a_commit_of_two_pull_requests_needs_a_waiver_of_each(github: AtGitHub) -> None:
    github.pulls = (OPENED, replace(OPENED, number=4))
    grant(github, GRANTED)
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    grant(github, GRANTED, replace(GRANTED, number=4))
    assert (await decided(github, OPENED)).verdict is Verdict.WAIVED


async def test_what_was_granted_does_not_follow_into_a_merge_queue(github: AtGitHub) -> None:
    grant(github, GRANTED)
    group = MergeGroupRequested(REPOSITORY, SHA, MAIN, "refs/heads/main")
    assert (await decided(github, OPENED, group)).verdict is Verdict.FAIL


async def test_missing_evidence_can_be_waived_and_is_named(github: AtGitHub) -> None:
    github.runs = [Run({"coverage": GOOD["coverage"]})]
    github.config = DECLARED + waiver("gate: tests")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.WAIVED
    assert "without that missing" in check_of(decision).summary


async def test_a_waived_vulnerability_is_taken_out_by_any_of_its_ids(github: AtGitHub) -> None:
    github.runs = [audited("PYSEC-1")]
    github.config = AUDIT
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    github.config = AUDIT + waiver("gate: audit, rule: cve-pysec-1")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert r"for cve\-pysec\-1, until 2026-11-10" in check_of(decision).summary
    assert wakes(decision) == [datetime(2026, 11, 11, tzinfo=UTC)]


async def test_the_other_vulnerabilities_still_count(github: AtGitHub) -> None:
    github.runs = [audited("PYSEC-1", "PYSEC-2")]
    github.config = AUDIT + waiver("gate: audit, rule: PYSEC-1")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.FAIL
    assert "PYSEC-2" in check_of(decision).title
    assert "PYSEC-1" not in check_of(decision).title


@pytest.mark.parametrize("part", ["rule: E501", "path: 'src/**'", "rule: E501, path: src/a.py"])
async def test_waived_findings_are_taken_out_by_rule_or_path(github: AtGitHub, part: str) -> None:
    github.runs, github.config = [linted("src/a.py")], LINT + waiver(f"gate: lint, {part}")
    assert (await decided(github, OPENED)).verdict is Verdict.PASS


@pytest.mark.parametrize("part", ["rule: E502", "path: 'tests/**'", "rule: E502, path: src/a.py"])
async def test_a_waiver_of_another_rule_or_path_takes_nothing_out(github: AtGitHub, part: str) -> None:
    github.runs, github.config = [linted("src/a.py")], LINT + waiver(f"gate: lint, {part}")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.FAIL
    assert "Waivers" not in check_of(decision).summary


async def test_waived_files_are_in_neither_part_of_the_share(github: AtGitHub) -> None:
    bad = cobertura(0, 10).replace(b'filename="a.py"', b'filename="src/a.py"')
    github.runs = [Run(GOOD | {"coverage": {"good.xml": cobertura(9, 10), "bad.xml": bad}})]
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    github.config = DECLARED + waiver("gate: coverage, path: 'src/**'")
    decision = await decided(github, OPENED)
    assert decision.verdict is Verdict.PASS
    assert "90.00 % (9 of 10 lines)" in check_of(decision).title
    assert "Waivers in use" in check_of(decision).summary


async def test_what_a_waiver_says_is_not_spoken_by_us(github: AtGitHub) -> None:
    github.config = DECLARED + waiver("gate: tests").replace(
        "no time before the release", "'@octo/all fixes #1'"
    )
    assert "@octo" not in check_of(await decided(github, OPENED)).summary


async def test_a_waiver_that_is_longer_than_the_policy_lets_one_be_does_not_hold(github: AtGitHub) -> None:
    longer = DECLARED + "  longest_waiver_days: 8\n"
    github.config = longer
    grant(github, GRANTED)
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    github.config = longer.replace("days: 8", "days: 9")
    assert (await decided(github, OPENED)).verdict is Verdict.WAIVED


async def test_a_waiver_does_not_get_longer_by_being_written_anew_each_day(github: AtGitHub) -> None:
    granted = replace(GRANTED, since=NOW.date() - timedelta(days=8), until=NOW.date() + timedelta(days=1))
    grant(github, granted)
    github.config = DECLARED + "  longest_waiver_days: 8\n"
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    github.config = DECLARED + "  longest_waiver_days: 9\n"
    assert (await decided(github, OPENED)).verdict is Verdict.WAIVED


@pytest.mark.parametrize(
    ("since", "verdict"),
    [("since: 2026-11-02, ", Verdict.FAIL), ("since: 2026-11-01, ", Verdict.WAIVED)],
)
async def test_a_waiver_does_not_hold_before_it_was_granted(
    github: AtGitHub, since: str, verdict: Verdict
) -> None:
    github.config = DECLARED + f"  waivers: [{{gate: tests, {since}{UNTIL}}}]\n"
    assert (await decided(github, OPENED)).verdict is verdict


@pytest.mark.parametrize("part", ["gate: tests, rule: x", "gate: audit, path: x", "gate: coverage, rule: x"])
async def test_a_part_that_a_gate_does_not_have_is_a_mistake_of_the_file(github: AtGitHub, part: str) -> None:
    github.config = DECLARED + waiver(part)
    check = check_of(await decided(github, OPENED))
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert "to waive; those that have are" in check.summary


async def test_what_was_granted_does_not_hold_where_only_the_file_may_waive(github: AtGitHub) -> None:
    grant(github, GRANTED)
    github.config = DECLARED + "  waived_in_file_only: [tests]\n"
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL
    github.config += waiver("gate: tests")
    assert (await decided(github, OPENED)).verdict is Verdict.WAIVED
