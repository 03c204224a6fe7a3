"""What people read on a commit: golden files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.effects import PublishCheckRun
from tests.conftest import Golden
from tests.unit.handlers.quality_gate.commit import DECLARED, DEFAULT, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura, junit

HOSTILE = '<failure message="@octo/all closes #1 &lt;img src=x&gt; [a](http://evil.example) | `x` &#x202e;"/>'
FAILED = '<failure message="expected 1">E assert 1 == 2</failure>'
CASES = {
    "pass": (DECLARED, [Run()]),
    "fail": (
        DECLARED,
        [Run({"junit-py": {"r.xml": junit("", FAILED, HOSTILE)}, "coverage": {"c.xml": cobertura(8, 10)}})],
    ),
    "waiting": (DECLARED, [Run(status="in_progress")]),
    "missing": (DECLARED, [Run({"coverage": GOOD["coverage"]})]),
    "inconclusive": (DEFAULT, [Run(GOOD | {"junit-py": {"r`@octo`.xml": junit("")[:-5]}})]),
    "informational": (
        DECLARED + "  informational: [tests]\n",
        [Run(GOOD | {"junit-py": {"r.xml": junit(FAILED)}})],
    ),
    "invalid_configuration": ("version: 1\nquality_gate: {gaits: {}}\n", [Run()]),
    "not_configured": (None, [Run()]),
}


def written(check: PublishCheckRun) -> str:
    lines = [f"{check.conclusion or check.status}: {check.title}", "", check.summary, "", check.text, ""]
    lines += [
        f"{each.path}:{each.start_line}: {each.level}: {each.title}: {each.message}"
        for each in check.annotations
    ]
    lines += [f"button {each.identifier}: {each.label}: {each.description}" for each in check.buttons]
    return "\n".join(lines).rstrip() + "\n"


@pytest.mark.parametrize("name", CASES)
async def test_the_check_run_reads_as_agreed(name: str, tmp_path: Path, golden: Golden) -> None:
    config, runs = CASES[name]
    decision = await decided(AtGitHub(tmp_path, runs, config), OPENED)
    golden.check(f"quality_gate/{name}.md", written(check_of(decision)))


async def test_gates_that_only_inform_apply_though_no_required_one_does(tmp_path: Path) -> None:
    config = DECLARED + "  informational: [tests, coverage]\n"
    check = check_of(await decided(AtGitHub(tmp_path, [Run()], config), OPENED))
    assert check.summary.startswith("No required gate applies here; the gates below only inform.")


async def test_the_last_good_version_is_named(tmp_path: Path, golden: Golden) -> None:
    github = AtGitHub(tmp_path)
    await decided(github)
    github.config = "version: 2\n"
    golden.check("quality_gate/last_good.md", written(check_of(await decided(github))))


async def test_the_same_evidence_gives_the_same_words(tmp_path: Path) -> None:
    github = AtGitHub(tmp_path)
    assert check_of(await decided(github)) == check_of(await decided(github, OPENED))


async def test_many_failures_are_counted_not_listed_for_ever(tmp_path: Path) -> None:
    github = AtGitHub(tmp_path, [Run(GOOD | {"junit-py": {"r.xml": junit(*[FAILED] * 60)}})])
    check = check_of(await decided(github))
    assert "… and 10 more" in check.text
    assert len(check.annotations) == 60
