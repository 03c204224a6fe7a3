"""`hephaestus reports read` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
import os
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.reports import Tools, reports
from handlers.quality_gate.reports.counting import count

KEYS = ["file", "ok", "format", "tests", "coverage", "findings", "diff", "audit", "warnings"]
JUNIT = b"<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>"
COVERAGE = b"<coverage><class filename='a.py'><lines><line number='1' hits='1'/></lines></class></coverage>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "junit.xml").write_bytes(JUNIT)
    (tmp_path / "coverage.xml").write_bytes(COVERAGE)
    (tmp_path / "cut.xml").write_bytes(JUNIT[:-3])
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(reports, ["read", *map(str, arguments)], obj=Tools(lambda: nullcontext(count)))


def test_each_file_is_one_json_object_on_one_line(folder: Path) -> None:
    result = run(folder / "junit.xml", folder / "coverage.xml", "--json")
    tests, coverage = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert list(tests) == list(coverage) == KEYS
    assert tests["tests"] == {"tests": 2, "passed": 1, "failed": 1, "errors": 0, "skipped": 0, "suites": 1}
    assert coverage["coverage"] == {
        "lines_covered": 1,
        "lines_valid": 1,
        "branches_covered": 0,
        "branches_valid": 0,
        "files": 1,
    }
    assert (tests["format"], coverage["format"]) == ("junit", "cobertura")


def test_a_refused_report_does_not_stop_the_others_and_exits_2(folder: Path) -> None:
    result = run(folder / "cut.xml", folder / "absent.xml", folder / "junit.xml", "--json")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 2
    assert [document["ok"] for document in documents] == [False, False, True]
    assert list(documents[0]) == ["file", "ok", "error"]
    assert [document["error"]["code"] for document in documents[:2]] == ["report.xml", "report.unreadable"]


def test_a_format_can_be_demanded(folder: Path) -> None:
    result = run(folder / "coverage.xml", "--format", "junit", "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, "report.not_junit")


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(JUNIT,))
    writing.start()
    result = run(pipe, "--json")
    writing.join()
    assert json.loads(result.stdout)["tests"]["tests"] == 2


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "--json").stdout)["error"]["code"] == "report.unreadable"


def test_text_for_people_goes_to_standard_error(folder: Path) -> None:
    result = run(folder / "junit.xml")
    assert result.stdout == ""
    assert "tests 2, passed 1, failed 1" in result.stderr
