"""A pull request that changes the policy shows what would be, and is judged by what is in force."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.config.policies import CONFIG_PATH
from app.domain.decision import Verdict
from app.domain.effects import AnnotationLevel
from app.domain.pulls import ChangedFile
from handlers.quality_gate.backtest.simulation import simulated
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import CI, DECLARED, OPENED, SHA, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import cobertura, junit

EVIDENCE = TypeAdapter(GateEvidence)
STRICT = DECLARED.replace("85%", "95%")
LAX = DECLARED.replace("85%", "10%")
CHANGE = ChangedFile(CONFIG_PATH, None, "modified", 1, 1, "@@ -9 +9 @@\n-a\n+b\n")


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """A pull request that edits the policy; its tests pass, and 9 of 10 lines are covered."""
    return AtGitHub(tmp_path, pulls=(OPENED,), changed=(CHANGE,))


def covered(lines: int) -> Run:
    return Run({"junit-py": {"junit.xml": junit("", "")}, "coverage": {"c.xml": cobertura(lines, 10)}})


async def judged_before(github: AtGitHub, lines: int, config: str = DECLARED) -> bytes:
    """The evidence of a commit with so many of ten lines covered."""
    other = AtGitHub(github.folder, runs=[covered(lines)], pulls=(OPENED,), config=config)
    return EVIDENCE.dump_json(await evidence_of(other, OPENED))


async def said(github: AtGitHub, text: str | None) -> tuple[Verdict, str]:
    github.files[CONFIG_PATH, SHA] = text
    decision = await decided(github, OPENED)
    return decision.verdict, check_of(decision).summary


async def test_a_stricter_policy_is_shown_and_does_not_decide(github: AtGitHub) -> None:
    verdict, summary = await said(github, STRICT)
    assert verdict is Verdict.PASS
    assert "With this pull request's policy the verdict would be: **fail**." in summary
    assert "- coverage: pass would be fail: " in summary


async def test_a_laxer_policy_does_not_let_its_own_pull_request_pass(github: AtGitHub) -> None:
    github.runs = [covered(5)]
    verdict, summary = await said(github, LAX)
    assert verdict is Verdict.FAIL
    assert "the verdict would be: **pass**." in summary
    assert "- coverage: fail would be pass: " in summary


async def test_a_gate_that_the_policy_gives_up_or_adds_is_named(github: AtGitHub) -> None:
    added = f"version: 1\nquality_gate:\n  producers: {{unit: {{workflow: {CI}, artifact: 'junit-*'}}}}\n"
    _, summary = await said(github, f"{added}  gates: {{tests: {{from: unit}}, lint: {{from: unit}}}}\n")
    assert "- lint: not asked for would be missing" in summary
    assert "- coverage: would not be asked for" in summary


async def test_mistakes_of_the_proposed_file_are_warnings_at_their_lines(github: AtGitHub) -> None:
    github.files[CONFIG_PATH, SHA] = "version: 1\nquality_gate: {gaits: 1}\n"
    decision = await decided(github, OPENED)
    check = check_of(decision)
    assert decision.verdict is Verdict.PASS
    (warning,) = [each for each in check.annotations if each.path == CONFIG_PATH]
    assert (warning.start_line, warning.level) == (2, AnnotationLevel.WARNING)
    assert "Merged, it would be invalid" in check.summary


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "deletes `.github/hephaestus.yml`"), ("version: 1\n", "takes quality_gate out of the file")],
)
async def test_a_policy_that_is_given_up_is_said(github: AtGitHub, text: str | None, words: str) -> None:
    verdict, summary = await said(github, text)
    assert verdict is Verdict.PASS
    assert words in summary


async def test_a_pull_request_that_leaves_the_file_alone_is_not_simulated(github: AtGitHub) -> None:
    github.changed = (replace(CHANGE, path="a.py"),)
    _, summary = await said(github, STRICT)
    assert "changes the policy" not in summary
    assert github.recollections == 0


async def test_what_the_policy_would_have_said_of_merged_pull_requests_is_counted(github: AtGitHub) -> None:
    github.past = tuple([await judged_before(github, lines) for lines in (9, 10, 9, 8)])
    _, summary = await said(github, STRICT)
    assert "It would have blocked 2 of the last 4 pull requests, and let pass 0 that were blocked." in summary
    _, summary = await said(github, LAX)
    assert "It would have blocked 0 of the last 4 pull requests, and let pass 1 that was blocked." in summary


async def test_evidence_that_does_not_hold_what_the_policy_asks_for_is_counted_apart(
    github: AtGitHub,
) -> None:
    github.past = (await judged_before(github, 9), b'{"of": "another version"}')
    _, summary = await said(github, STRICT.replace('artifact: "junit-*"', 'artifact: "unit-*"'))
    assert "of the last 0 pull requests" in summary
    assert "Of 2 more the recorded evidence does not hold what it asks for." in summary


async def test_without_any_recorded_pull_request_nothing_is_claimed(github: AtGitHub) -> None:
    _, summary = await said(github, STRICT)
    assert "No merged or closed pull request is recorded yet" in summary


async def test_an_unchanged_proposal_is_judged_again_without_a_download_or_a_look_at_the_past(
    github: AtGitHub,
) -> None:
    github.past = (await judged_before(github, 9),)
    github.files[CONFIG_PATH, SHA] = STRICT.replace("artifact: coverage", 'artifact: "cov*"')
    first = await decided(github, OPENED)
    github.downloads = github.recollections = 0
    github.past = ()
    again = await decided(github, OPENED, state=first.next_state)
    assert (github.downloads, github.recollections) == (0, 0)
    assert again.effects == first.effects


async def test_evidence_is_judged_the_same_each_time(github: AtGitHub) -> None:
    stored = tuple([await judged_before(github, lines) for lines in (7, 9)])
    section = (await evidence_of(AtGitHub(github.folder, config=STRICT))).policy.section
    assert isinstance(section, QualityGate)
    found = simulated(section, stored)
    assert found == simulated(section, stored)
    assert [(each.then, each.now) for each in found.past] == [("fail", "fail"), ("pass", "fail")]


async def test_a_proposal_cannot_make_the_gate_read_without_end(github: AtGitHub) -> None:
    names = [f"p{number}" for number in range(11)]
    producers = "".join(f"    {name}: {{workflow: {CI}}}\n" for name in names)
    text = f"version: 1\nquality_gate:\n  producers:\n{producers}  gates: {{tests: {{from: [{', '.join(names)}]}}}}\n"
    verdict, summary = await said(github, text)
    assert (verdict, github.downloads) == (Verdict.PASS, 2)
    assert "It is not tried here: it names 11 producers that the one in force does not." in summary
