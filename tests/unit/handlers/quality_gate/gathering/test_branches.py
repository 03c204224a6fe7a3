"""A protected branch adds to the default branch's policy, and takes nothing away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from app.config.policies import CONFIG_PATH
from app.domain.events import PullRequestChanged
from app.domain.ids import CommitSha
from app.domain.pulls import ChangedFile
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.gates import judge
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.wording.places import rule_place
from tests.unit.handlers.quality_gate.commit import CI, NOW, OPENED, SHA, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import junit

STABLE = CommitSha("5" * 40)
BASE = "version: 1\nquality_gate:\n  gates:\n    tests: {min_tests: 1}\n"
PULL = replace(OPENED, base_ref="stable", base_sha=STABLE)


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(tmp_path, config=BASE, pulls=(PULL,), heads={"stable": STABLE})


async def section_with(github: AtGitHub, text: str | None) -> tuple[QualityGate, tuple[str, ...]]:
    github.files[CONFIG_PATH, STABLE] = text
    evidence = await evidence_of(github, PULL)
    assert evidence.policy.section is not None
    return evidence.policy.section, evidence.notes


async def test_a_stricter_rule_of_the_branch_counts_and_is_named(github: AtGitHub) -> None:
    section, notes = await section_with(github, BASE.replace("min_tests: 1", "min_tests: 9"))
    assert section.gates.tests is not None
    assert section.gates.tests.min_tests == 9
    assert [note.partition(", blob")[0] for note in notes] == [".github/hephaestus.yml of stable"]
    assert (await decided(github, PULL)).verdict.value == "fail"


async def test_a_weaker_rule_of_the_branch_does_not(github: AtGitHub) -> None:
    lax = "version: 1\nquality_gate: {gates: {tests: {min_tests: 0, missing: not_applicable}}, informational: [tests]}\n"
    section, notes = await section_with(github, lax)
    assert notes == ()
    assert section.gates.tests is not None
    assert (section.gates.tests.min_tests, section.gates.tests.missing) == (1, "fail")
    assert section.informational == ()


@pytest.mark.parametrize("text", [None, BASE, "version: 1\n"])
async def test_a_branch_that_says_nothing_of_its_own_changes_nothing(
    github: AtGitHub, text: str | None
) -> None:
    section, notes = await section_with(github, text)
    assert section.gates.tests is not None
    assert (section.gates.tests.min_tests, notes) == (1, ())


async def test_a_branch_without_protection_is_not_asked(github: AtGitHub) -> None:
    github.heads = {}
    github.files[CONFIG_PATH, SHA] = None
    assert (await evidence_of(github, PULL)).notes == ()


async def test_an_invalid_file_of_the_branch_is_named_and_adds_nothing(github: AtGitHub) -> None:
    _, notes = await section_with(github, "version: 2\n")
    assert notes == (".github/hephaestus.yml of stable is invalid at line 1, and adds nothing",)


async def test_a_file_of_the_branch_that_is_too_large_is_named_and_adds_nothing(github: AtGitHub) -> None:
    _, notes = await section_with(github, "#" * (1024 * 1024 + 1))
    assert notes == (".github/hephaestus.yml of stable is invalid at line 1, and adds nothing",)


HEAD = "version: 1\nquality_gate:\n"
LINES = f"{HEAD}  gates:\n    coverage: {{total: '>= 85%'}}\n"
DOCS = ChangedFile("docs/a.md", None, "modified", 1, 1, "@@ -1 +1 @@\n-a\n+b\n")
SPARING = "  paths: {'docs/**': {all: not_applicable}}\n"
WAIVED = "  waivers: [{gate: lint, until: 2027-01-01, by: octo, why: known}]\n"


async def judged(github: AtGitHub, default: str, branch: str) -> tuple[str, str]:
    """The verdict on a pull request to the protected branch, and the check's text."""
    github.config, github.files[CONFIG_PATH, STABLE] = default, branch
    decision = await decided(github, PULL)
    return decision.verdict.value, check_of(decision).summary


async def test_groups_of_the_branch_must_hold_beside_the_default_ones(github: AtGitHub) -> None:
    assert (await judged(github, LINES, LINES))[0] == "pass"
    verdict, summary = await judged(
        github, LINES, f"{LINES}  paths: {{'*.py': {{coverage: {{total: '>= 95%'}}}}}}\n"
    )
    assert verdict == "fail"
    assert "asked by the policy of the protected branch stable" in summary


async def test_another_metric_of_the_branch_must_hold_too(github: AtGitHub) -> None:
    verdict, _ = await judged(github, LINES, LINES.replace("total:", "metric: branch, total:"))
    assert verdict not in {"pass", "not_applicable"}


async def test_a_gate_that_only_the_branch_asks_for_is_not_spared_by_the_default_branch(
    github: AtGitHub,
) -> None:
    github.changed = (DOCS,)
    only = f"{BASE}    audit: {{}}\n"
    assert (await judged(github, BASE + SPARING, BASE + SPARING))[0] == "not_applicable"
    github.runs = [Run(conclusion="success")]
    verdict, summary = await judged(github, BASE + SPARING, only)
    assert verdict != "not_applicable"
    assert "| audit |" in summary
    assert (await judged(github, BASE + SPARING, only + SPARING))[0] == "not_applicable"


async def test_a_gate_of_both_is_spared_only_where_both_spare_it(github: AtGitHub) -> None:
    github.changed = (DOCS,)
    github.runs = [Run({"junit-py": {"junit.xml": junit("<failure/>")}})]
    assert (await judged(github, BASE + SPARING, BASE))[0] == "fail"


async def test_a_gate_that_informs_on_the_default_branch_counts_where_the_branch_asks_for_it(
    github: AtGitHub,
) -> None:
    github.runs = [Run({"junit-py": {"junit.xml": junit("<failure/>")}})]
    informing = BASE + "  informational: [tests]\n"
    assert (await judged(github, informing, informing))[0] != "fail"
    assert (await judged(github, informing, BASE))[0] == "fail"


async def place_of(github: AtGitHub, default: str, branch: str) -> tuple[str, str]:
    """The file and line that the check names for the gate `tests`: `default` or `branch`, and the line."""
    github.config, github.files[CONFIG_PATH, STABLE] = default, branch
    evidence = await evidence_of(github, PULL)
    found = {gate.gate: gate for gate in judge(evidence)}
    blob, _, line = rule_place(evidence.policy, found["tests"]).partition("@")[2].partition(":")
    of_branch, of_default = (sha256(each.encode()).hexdigest()[:12] for each in (branch, default))
    return {of_branch: "branch", of_default: "default"}[blob], line


async def test_the_place_of_a_rule_is_in_the_file_that_states_it(github: AtGitHub) -> None:
    stricter = "# of stable\n" + BASE.replace("min_tests: 1", "min_tests: 9")
    assert await place_of(github, BASE, stricter) == ("branch", "5")
    lax = "# of stable\n" + BASE.replace("min_tests: 1", "max_test_drop: 1%")
    assert await place_of(github, BASE, lax) == ("default", "4")
    only = "version: 1\nquality_gate:\n  gates:\n    audit: {}\n"
    assert await place_of(github, only, stricter) == ("branch", "5")


async def test_the_place_of_what_must_hold_beside_is_in_the_branchs_file(github: AtGitHub) -> None:
    github.runs = [Run({"junit-py": {"junit.xml": junit("<failure/>")}})]
    informing = BASE + "  informational: [tests]\n"
    assert await place_of(github, informing, f"# of stable\n{BASE}") == ("branch", "5")


async def test_a_waiver_of_the_branch_counts_for_its_own_gate_and_is_shown(github: AtGitHub) -> None:
    own = f"{BASE}    lint: {{missing: fail}}\n"
    evidence_now = NOW + timedelta(hours=2)
    github.config, github.files[CONFIG_PATH, STABLE] = BASE, own + WAIVED
    state = (await decided(github, PULL)).next_state
    decision = await decided(github, now=evidence_now, state=state)
    assert decision.verdict.value == "waived"
    assert "known" in check_of(decision).summary
    github.files[CONFIG_PATH, STABLE] = own
    assert (await decided(github, now=evidence_now, state=state)).verdict.value == "missing"


async def test_what_only_the_branch_reads_is_read(github: AtGitHub) -> None:
    named = f"{HEAD}  producers:\n    unit: {{workflow: {CI}, artifact: junit-*}}\n  gates: {{tests: {{from: unit}}}}\n"
    github.config, github.files[CONFIG_PATH, STABLE] = BASE, named
    evidence = await evidence_of(github, PULL)
    assert {each.name for each in evidence.producers} == {None, "unit"}
    assert QUALITY_GATE.decide(evidence).verdict.value == "pass"


@pytest.mark.parametrize("pull", [PULL, OPENED], ids=["a protected branch", "the default branch"])
async def test_a_protection_that_takes_our_check_from_anybody_is_told(
    github: AtGitHub, pull: PullRequestChanged
) -> None:
    github.pulls = (pull,)
    assert (await evidence_of(github, pull)).notes == ()
    github.from_anybody = ("ci", "hephaestus/quality-gate")
    (note,) = (await evidence_of(github, pull)).notes
    assert note.startswith(f"the protection of {pull.base_ref} takes hephaestus/quality-gate from any source")
    assert "choose the App as its source" in note
