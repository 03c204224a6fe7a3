"""Names that promise a report, against files that every project has."""

from __future__ import annotations

import pytest

from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.reports.promises import (
    broken,
    is_archive_of_reports,
    is_called_like,
    strange_files,
    unpacked_name,
)

LOST = {
    "TEST-shop.CartTest.xml": (b"Killed\n", "tests"),
    "results/junit.xml": (b"<html><body>502</body></html>", "tests"),
    "unit.junit.xml": (b"<html/>", "tests"),
    "coverage.xml": (b"<html/>", "coverage"),
    "run.trx": (b"Unhandled exception.", "tests"),
    "out.TAP": (b"Segmentation fault", "tests"),
    "scan.sarif": (b"Error: no rules", "findings"),
    "scan.sarif.json": (b"{}", "findings"),
    "lcov.info": (b"genhtml: ERROR", "coverage"),
    "cov.lcov": (b"no data", "coverage"),
    "shard.xml": (b"java.lang.OutOfMemoryError\n<testsuite>", ""),
    "eslint.json": (b'npm warn deprecated\n[{"filePath": "a.js"}]', ""),
    "go.jsonl": (b"panic: runtime error", ""),
    "empty.xml": (b" \n", ""),
    "empty.json": (b"", ""),
    "empty.sarif.json": (b"", "findings"),
    "empty.lcov": (b"", "coverage"),
    "junit.xml": (b"\n", "tests"),
}
HARMLESS = {
    "package.json": b'{"name": "shop"}',
    "node_modules/left/package.json": b'{"name": "left"}',
    "tsconfig.json": b'// who includes what\n{"files": []}',
    "devcontainer.json": b'/* see there */ {"image": "x"}',
    "bom-mark.json": b'\xef\xbb\xbf{"a": 1}',
    "pom.xml": b"<project/>",
    "AndroidManifest.xml": b'<?xml version="1.0"?><manifest/>',
    "phpunit.xml": b"<phpunit/>",
    "README.md": b"Killed",
    "notes.txt": b"",
    "bill.spdx": b"SPDXVersion: SPDX-2.3",
}


@pytest.mark.parametrize("name", LOST)
def test_a_file_that_is_not_what_its_name_promises_is_told(name: str) -> None:
    head, kind = LOST[name]
    found = broken(name, head)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize("name", HARMLESS)
def test_files_that_every_project_has_promise_nothing(name: str) -> None:
    assert broken(name, HARMLESS[name]) is None


def test_the_reason_says_which_report_was_expected() -> None:
    assert broken("run.trx", b"x") == (
        Kind.TESTS,
        "it is called like a report of tests, and is none that can be read",
    )


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a/b.json.gz", "a/b.json"),
        ("c.XML.zst", "c.XML"),
        ("tool.whl", ""),
        ("page.html.gz", ""),
        ("a.gz", ""),
    ],
)
def test_a_packed_report_is_known_by_the_name_below_its_packing(name: str, plain: str) -> None:
    assert unpacked_name(name) == plain


def test_wheels_and_jars_are_no_archives_of_reports() -> None:
    names = ("a.zip", "b.tar.gz", "c.tgz", "d.whl", "e.jar", "f.nupkg")
    found = [name for name in names if is_archive_of_reports(name, promised=True)]
    assert found == ["a.zip", "b.tar.gz", "c.tgz"]


def test_where_no_report_is_promised_an_archive_has_to_be_called_like_reports() -> None:
    called = ("out/junit-reports.zip", "test-results.tar.gz", "lint.7z")
    other = ("all.zip", "test-results/trace.zip", "latest.zip", "pytest-8.3.4.tar.gz", "junit.whl")
    assert [name for name in (*called, *other) if is_archive_of_reports(name, promised=False)] == [*called]


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("gosec.json", "gosec"),
        ("out/PIP-audit.json", "pip-audit"),
        ("eslint_3.json", "eslint"),
        ("bandit-report.json", "bandit"),
        ("sbom.json", "cyclonedx"),
        ("unit.coverage.json", "coveragepy"),
    ],
)
def test_json_with_the_name_of_a_tool_is_called_like_its_report(name: str, tool: str) -> None:
    assert is_called_like(name, tool)


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("package.json", "eslint"),
        (".eslintrc.json", "eslint"),
        ("eslint.config.json", "eslint"),
        ("pyrightconfig.json", "pyright"),
        ("eslint/package.json", "eslint"),
        ("checkstyle.xml", "checkstyle"),
        ("bombing.json", "cyclonedx"),
    ],
)
def test_settings_of_a_tool_and_other_files_are_not_called_like_its_report(name: str, tool: str) -> None:
    assert not is_called_like(name, tool)


def test_files_of_no_known_format_are_told_by_name() -> None:
    assert strange_files(("a/b.json",)) == "of no known format is a/b.json"
    many = tuple(f"a/{number}.json" for number in range(6))
    assert strange_files(many) == (
        "of no known format are a/0.json, a/1.json, a/2.json, a/3.json, a/4.json and 1 more"
    )
