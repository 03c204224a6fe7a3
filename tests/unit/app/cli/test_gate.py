"""`hephaestus gate evaluate` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.gate import Tools, gate
from app.config.composing import Layers
from app.domain.gates import GateFolders, GateOutcome
from handlers.quality_gate.directory import evaluate_directory
from handlers.quality_gate.section import QualityGate

GOOD = b"<testsuite><testcase name='a'/></testsuite>"
BAD = b"<testsuite><testcase name='a' file='a.py' line='3'><failure message='no'/></testcase></testsuite>"
COVERAGE = b"<coverage><class filename='a.py'><lines><line number='1' hits='1'/></lines></class></coverage>"


def evaluate_as_json(policy: Layers, folders: GateFolders) -> GateOutcome:
    return evaluate_directory(QualityGate.model_validate_json(policy.own), folders)


def run(tmp_path: Path, files: dict[str, bytes], *more: str, policy: str = "{}") -> Result:
    (tmp_path / "policy").write_text(policy, encoding="utf-8")
    reports = tmp_path / "reports"
    reports.mkdir()
    for name, raw in files.items():
        (reports / name).parent.mkdir(exist_ok=True)
        (reports / name).write_bytes(raw)
    arguments = ["evaluate", "--policy", str(tmp_path / "policy"), "--reports", str(reports), *more]
    return CliRunner().invoke(gate, arguments, obj=Tools(evaluate_as_json))


def repository(tmp_path: Path, **files: str) -> str:
    """A folder with a.py and these files; `_toml` at the end of a name is its suffix."""
    folder = tmp_path / "repo"
    folder.mkdir()
    for name, text in {"a_py": "", **files}.items():
        (folder / ".".join(name.rsplit("_", 1))).write_text(text, encoding="utf-8")
    return str(folder)


CLASS = "<class filename='{}'><lines>{}</lines></class>"
DIFF = b"""diff --git a/a.py b/a.py
index 1111111..2222222 100644
--- a/a.py
+++ b/a.py
@@ -1,2 +1,4 @@
 one
+two
+three
 four
"""
RUFF = b"""[{"code": "F401", "filename": "a.py", "location": {"row": 2, "column": 1}, "end_location": {"row": 2, "column": 4},
"message": "unused", "fix": null, "cell": null, "noqa_row": 2, "url": "u"}]"""


def coverage(**files: tuple[int, ...]) -> bytes:
    """Hits of the lines from 1 on, by module."""
    classes = "".join(
        CLASS.format(
            f"{name}.py",
            "".join(f"<line number='{n}' hits='{hits}'/>" for n, hits in enumerate(lines, start=1)),
        )
        for name, lines in files.items()
    )
    return f"<coverage>{classes}</coverage>".encode()


def against(
    tmp_path: Path, policy: dict[str, object], now: dict[str, bytes], *more: str, base: dict[str, bytes]
) -> tuple[dict[str, dict[str, object]], Result]:
    """The gates by name, judged against a base and the diff."""
    for name, raw in base.items():
        (tmp_path / "base" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "base" / name).write_bytes(raw)
    (tmp_path / "diff").write_bytes(DIFF)
    known = ["--base", str(tmp_path / "base"), "--diff", str(tmp_path / "diff"), "--json", *more]
    result = run(tmp_path, now, *known, policy=json.dumps({"gates": policy}))
    return {each["gate"]: each for each in json.loads(result.stdout)["gates"]}, result


@pytest.mark.parametrize("more", [(), ("--json",), ("--markdown",)])
def test_it_is_told_that_trust_is_not_judged_beside_the_answer(tmp_path: Path, more: tuple[str, ...]) -> None:
    result = run(tmp_path, {"junit/r.xml": GOOD}, *more)
    assert "trust is not judged offline" in result.stderr
    assert "trust is not judged" not in result.stdout


@pytest.mark.parametrize(
    ("files", "verdict", "code"),
    [
        ({"junit/r.xml": GOOD, "cov/c.xml": COVERAGE}, "pass", 0),
        ({"junit/r.xml": BAD, "cov/c.xml": COVERAGE}, "fail", 1),
        ({"junit/r.xml": GOOD}, "pass", 0),
        ({}, "missing", 3),
        ({"junit/r.xml": GOOD[:-1], "cov/c.xml": COVERAGE}, "inconclusive", 3),
    ],
)
def test_the_verdict_and_the_exit_code_agree(
    tmp_path: Path, files: dict[str, bytes], verdict: str, code: int
) -> None:
    result = run(tmp_path, files, "--json", "--repo", repository(tmp_path))
    document = json.loads(result.stdout)
    assert (document["verdict"], result.exit_code) == (verdict, code)
    assert list(document) == ["verdict", "gates", "annotations"]
    keys = {tuple(each) for each in document["gates"]}
    assert keys == {("gate", "state", "value", "threshold", "reason", "required", "remedy")}
    assert [each["gate"] for each in document["gates"]][:2] == ["tests", "coverage"]


def test_a_failed_test_is_an_annotation(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": BAD, "cov/c.xml": COVERAGE}, "--json")
    (annotation,) = json.loads(result.stdout)["annotations"]
    assert (annotation["path"], annotation["start_line"], annotation["message"]) == ("a.py", 3, "no")


def test_a_report_beside_the_artifacts_folders_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    policy = json.dumps({"gates": {"tests": {"when": "reported"}}})
    result = run(tmp_path, {"junit.xml": BAD}, "--json", policy=policy)
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, "input.unreadable")


def test_only_the_producers_artifacts_count(tmp_path: Path) -> None:
    policy = {
        "producers": {"unit": {"workflow": ".github/workflows/ci.yml", "artifact": "junit-*"}},
        "gates": {"tests": {"from": "unit"}},
    }
    result = run(tmp_path, {"other/r.xml": GOOD}, "--json", policy=json.dumps(policy))
    assert json.loads(result.stdout)["verdict"] == "missing"


def test_markdown_is_what_the_check_run_would_say(tmp_path: Path) -> None:
    files = {"junit/r.xml": GOOD, "cov/c.xml": COVERAGE}
    result = run(tmp_path, files, "--markdown", "--repo", repository(tmp_path))
    assert result.stdout.startswith("# tests: 1 of 1 passed; coverage: 100.00 % (1 of 1 line)\n")


def test_lines_that_the_diff_adds_are_counted(tmp_path: Path) -> None:
    gates, result = against(
        tmp_path,
        {"coverage": {"total": None, "diff": ">= 90%"}},
        {"cov/c.xml": coverage(a=(1, 1, 0, 1))},
        base={"cov/c.xml": coverage(a=(1, 1))},
    )
    assert (gates["coverage"]["state"], gates["coverage"]["value"]) == (
        "fail",
        "50.00 % (1 of 2 added lines)",
    )
    assert gates["coverage"]["remedy"] == "1 more covered added line needed, any of a.py:3"
    assert result.exit_code == 1


def test_a_drop_is_held_against_the_reports_of_the_base(tmp_path: Path) -> None:
    gates, result = against(
        tmp_path,
        {"coverage": {"total": None, "drop": "<= 1pt"}},
        {"cov/c.xml": coverage(a=(1, 0, 0, 1))},
        base={"cov/c.xml": coverage(a=(1, 1))},
    )
    assert (gates["coverage"]["state"], result.exit_code) == ("fail", 1)
    assert gates["coverage"]["value"] == "50.00 % (2 of 4 lines), 100.00 % (2 of 2 lines) at the base"


def test_findings_that_the_base_has_are_not_new(tmp_path: Path) -> None:
    policy: dict[str, object] = {"lint": {"new_findings": 0}}
    moved = RUFF.replace(b'"row": 2', b'"row": 4')
    gates, result = against(tmp_path, policy, {"lint/r.json": moved}, base={"lint/r.json": RUFF})
    assert (gates["lint"]["state"], result.exit_code) == ("pass", 0)


def test_a_finding_in_a_line_that_the_diff_adds_is_new_though_the_base_had_one_like_it(
    tmp_path: Path,
) -> None:
    policy: dict[str, object] = {"lint": {"new_findings": 0}}
    gates, result = against(tmp_path, policy, {"lint/r.json": RUFF}, base={"lint/r.json": RUFF})
    assert (gates["lint"]["state"], gates["lint"]["value"], result.exit_code) == ("fail", "1 new finding", 1)


def test_findings_that_the_base_has_not_are_new(tmp_path: Path) -> None:
    other = RUFF.replace(b"F401", b"F811")
    policy: dict[str, object] = {"lint": {"new_findings": 0}}
    gates, result = against(tmp_path, policy, {"lint/r.json": RUFF}, base={"lint/r.json": other})
    assert (gates["lint"]["state"], gates["lint"]["value"], result.exit_code) == ("fail", "1 new finding", 1)


def test_a_gate_that_the_base_had_evidence_for_is_missed(tmp_path: Path) -> None:
    both = {"junit/r.xml": GOOD, "cov/c.xml": COVERAGE}
    gates, result = against(
        tmp_path, {"tests": {}, "coverage": {"total": ">= 1%"}}, {"cov/c.xml": COVERAGE}, base=both
    )
    assert (gates["tests"]["state"], result.exit_code) == ("missing", 3)


def test_covered_files_that_went_away_are_named(tmp_path: Path) -> None:
    gates, result = against(
        tmp_path,
        {"coverage": {"total": ">= 1%"}},
        {"cov/c.xml": coverage(a=(1, 1))},
        base={"cov/c.xml": coverage(a=(1, 1), b=(0, 0))},
    )
    assert (gates["coverage"]["state"], result.exit_code) == ("inconclusive", 3)
    assert "b.py" in str(gates["coverage"]["reason"])


def test_paths_are_looked_up_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "src").mkdir()
    for name in ("src/a.py", ".git/config"):
        (tmp_path / "repo" / name).write_text("", encoding="utf-8")
    report = BAD.replace(b"file='a.py'", b"file='/ci/work/src/a.py'")
    result = run(tmp_path, {"junit/r.xml": report}, "--repo", str(tmp_path / "repo"), "--json")
    (annotation,) = json.loads(result.stdout)["annotations"]
    assert annotation["path"] == "src/a.py"


WAIVED = {"gate": "tests", "until": "2020-03-31", "by": "ana", "why": "the server moves"}
TRIAL = {"gate": "tests", "until": "2020-04-01"}


@pytest.mark.parametrize("policy", [{"waivers": [WAIVED]}, {"informational": [TRIAL]}])
@pytest.mark.parametrize(
    ("more", "code"), [((), 1), (("--on", "2020-04-01"), 1), (("--on", "2020-03-31"), 0)]
)
def test_what_need_not_hold_for_some_time_has_ended_today(
    tmp_path: Path, policy: dict[str, object], more: tuple[str, ...], code: int
) -> None:
    section = json.dumps({"gates": {"tests": {}}, **policy})
    result = run(tmp_path, {"junit/r.xml": BAD}, *more, policy=section)
    assert result.exit_code == code


def test_a_day_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, {"junit/r.xml": GOOD}, "--on", "31.3.2020").exit_code == 2


DRIFT = json.dumps({"gates": {"drift": {}}})
MADE_BY = b"""{"meta": {"format": 3, "version": "7.6.1"}, "files": {"a.py": {"executed_lines": [1], "missing_lines": [],
"summary": {"covered_lines": 1, "num_statements": 1}}}, "totals": {"covered_lines": 1, "num_statements": 1}}"""
PROJECT = "[dependency-groups]\ntest = ['coverage=={}']\n"


def drift_of(tmp_path: Path, *more: str, policy: str = DRIFT) -> tuple[dict[str, object], int]:
    result = run(tmp_path, {"cov/coverage.json": MADE_BY}, "--json", *more, policy=policy)
    (gate_,) = (each for each in json.loads(result.stdout)["gates"] if each["gate"] == "drift")
    return gate_, result.exit_code


@pytest.mark.parametrize(("declared", "state", "code"), [("7.6.1", "pass", 0), ("5.0", "fail", 1)])
def test_drift_is_judged_by_the_files_of_the_repository(
    tmp_path: Path, declared: str, state: str, code: int
) -> None:
    found, exit_code = drift_of(
        tmp_path, "--repo", repository(tmp_path, pyproject_toml=PROJECT.format(declared))
    )
    assert (found["state"], exit_code) == (state, code)


@pytest.mark.parametrize("policy", [DRIFT, "{}"])
def test_drift_is_not_judged_without_the_files_of_the_repository(tmp_path: Path, policy: str) -> None:
    found, exit_code = drift_of(tmp_path, policy=policy)
    assert (found["state"], exit_code) == ("inconclusive", 3)
    assert (
        found["reason"] == "not judged offline without the repository's files: name their folder with --repo"
    )


def test_files_that_the_service_would_not_read_are_a_problem(tmp_path: Path) -> None:
    folder = Path(repository(tmp_path, pyproject_toml=" " * 300_000))
    assert "larger than 256 KiB" in str(drift_of(tmp_path, "--repo", str(folder))[0]["reason"])


def test_links_are_a_problem(tmp_path: Path) -> None:
    folder = Path(repository(tmp_path))
    (folder / "pyproject.toml").symlink_to("/etc/hostname")
    assert "is a link" in str(drift_of(tmp_path, "--repo", str(folder))[0]["reason"])


@pytest.mark.parametrize("missing", ["fail", "not_applicable"])
def test_the_checks_of_others_are_not_judged(tmp_path: Path, missing: str) -> None:
    gates = {"checks": {"require": [{"app": 5, "name": "scan"}], "missing": missing}}
    result = run(tmp_path, {"junit/r.xml": GOOD}, "--json", policy=json.dumps({"gates": gates}))
    (found,) = json.loads(result.stdout)["gates"]
    assert (found["state"], result.exit_code) == ("inconclusive", 3)
    assert found["reason"] == "not judged offline: only GitHub knows the checks of others"


def test_the_files_that_a_report_may_mean_are_in_the_reason(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / "repo" / folder).mkdir(parents=True)
        (tmp_path / "repo" / folder / "a.py").write_text("", encoding="utf-8")
    section = json.dumps({"gates": {"coverage": {}}})
    files = {"cov/c.xml": COVERAGE}
    result = run(tmp_path, files, "--repo", str(tmp_path / "repo"), "--json", policy=section)
    (found,) = json.loads(result.stdout)["gates"]
    assert found["reason"] == "cov/c.xml: a.py may be any of x/a.py, y/a.py; write longer paths"


def test_everything_marked_is_written_for_reviewdog(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": BAD}, "--rdjson", str(tmp_path / "all.json"))
    (found,) = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["diagnostics"]
    assert (found["location"]["path"], found["severity"], result.exit_code) == ("a.py", "ERROR", 1)


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": GOOD}, "--rdjson", str(tmp_path / "absent" / "all.json"))
    assert (result.exit_code, "cannot write" in result.stderr) == (2, True)


def test_a_diff_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "diff").write_bytes(DIFF[:-8])
    result = run(tmp_path, {"junit/r.xml": GOOD}, "--diff", str(tmp_path / "diff"), "--json")
    document = json.loads(result.stdout)
    assert (document["verdict"], document["error"]["code"], result.exit_code) == (
        "error",
        "report.not_diff",
        2,
    )


def test_what_turns_it_green_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": BAD})
    assert "to turn it green: make it pass" in result.stderr


@pytest.mark.parametrize("option", ["--shared", "--organisation", "--base", "--diff", "--repo"])
def test_an_input_that_is_not_there_is_told_as_json(tmp_path: Path, option: str) -> None:
    result = run(tmp_path, {"junit/r.xml": GOOD}, option, str(tmp_path / "absent"), "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"], document["error"]["code"]) == (2, False, "input.unreadable")
    assert "absent" in document["error"]["message"]


def test_a_file_that_is_no_verdict_is_told_as_json(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(gate, ["verify", str(tmp_path / "verdict.json"), "--json"])
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"]) == (2, False)
    assert document["error"]["code"] == "verdict.unreadable"
