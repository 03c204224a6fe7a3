"""Every public file of every format, alone in a process that may only read it: bounded, and never green by accident."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.formats.format import Kind
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.corpus

NAMES = {"coveragepy-json": ("coveragepy",), "lint-text": ("lint-text", "flake8"), "artifact-zip": ()}
"""What the corpus calls otherwise; flake8 has a format of its own."""
GATES = {Kind.TESTS: "tests", Kind.COVERAGE: "coverage", Kind.FINDINGS: "lint", Kind.AUDIT: "audit"}
TYPE_CHECKERS = frozenset({"mypy-jsonl", "mypy-text", "pyright-json"})
CPU_S, PEAK_BYTES = 2.0, 300 * 1024 * 1024
GOOD = frozenset({"pass", "waived", "not_applicable"})
READ = frozenset({"parse", "parse-without-network"})
NOT_GREEN = frozenset({"fail", "not-pass-as-audited", "report-empty"})
LEFT_OUT = "skip-entry"
NO_REPORT = {
    "eslint-json/hostile__not-a-list.json": "JSON of another shape than any report",
    "lint-text/errorformat__testdata-govet.in": "a place and a text, as any log has them",
    "lint-text/errorformat__testdata-luacheck.in": "a place and a text, as any log has them",
    "ruff-json/hostile__deep-array-100k.json": "brackets without an end",
}
"""What no policy names a format for is not a report at all; a gate that needs one misses it."""


@dataclass(frozen=True)
class Case:
    """A file, what is vouched for, and what came of reading it: as the format that a policy names, and without one."""

    file: str
    must: str
    kind: Kind | None
    named: dict[str, Any]
    guessed: dict[str, Any]

    @property
    def results(self) -> tuple[dict[str, Any], ...]:
        return self.named, self.guessed


@pytest.fixture(scope="module")
def cases(corpus: Path) -> tuple[Case, ...]:
    """All of them, read one after the other."""
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    asked = [
        {"path": str(corpus / "reports" / entry["file"]), "formats": formats, "gate": gate(entry["format"])}
        for entry in entries
        for formats in (formats_of(entry["format"]), ())
    ]
    done = subprocess.run(
        (sys.executable, "-m", f"{__package__}.confined"),
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        text=True,
        timeout=300,
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["path"] for result in results] == [one["path"] for one in asked]
    return tuple(
        Case(entry["file"], entry["expected"].get("must", ""), kind_of(entry["format"]), named, guessed)
        for entry, named, guessed in zip(entries, results[::2], results[1::2], strict=True)
    )


def formats_of(name: str) -> tuple[str, ...]:
    return NAMES.get(name, (name,))


def kind_of(name: str) -> Kind | None:
    formats = formats_of(name)
    return FORMATS[formats[0]].kind if formats else None


def gate(name: str) -> str | None:
    """The gate that a policy without any other rule asks about such files."""
    kind = kind_of(name)
    return "types" if name in TYPE_CHECKERS else GATES.get(kind) if kind else None


def test_the_corpus_is_whole(cases: tuple[Case, ...]) -> None:
    assert len(cases) >= 200
    assert len([case for case in cases if case.must]) >= 35


def test_every_file_ends_within_two_seconds_and_300_mb(cases: tuple[Case, ...]) -> None:
    for case in cases:
        for result in case.results:
            assert result["ended"] == 0, result
            assert result["cpu_s"] < CPU_S, result
            assert result["peak_bytes"] < PEAK_BYTES, result


def test_no_file_makes_us_open_another_or_a_socket(cases: tuple[Case, ...]) -> None:
    assert [
        (case.file, r["found"]["refused"]) for case in cases for r in case.results if r["found"]["refused"]
    ] == []


def test_every_file_is_read_or_refused_with_a_reason(cases: tuple[Case, ...]) -> None:
    neither = {
        case.file
        for case in cases
        for found in (result["found"] for result in case.results)
        if not (found["formats"] or found["problems"] or found["notes"])
    }
    assert neither == NO_REPORT.keys()


def test_a_file_that_is_not_read_never_gives_a_green_gate(cases: tuple[Case, ...]) -> None:
    unread = [result["found"] for case in cases for result in case.results if not result["found"]["formats"]]
    assert len(unread) >= 40
    assert [found for found in unread if found["state"] in GOOD] == []


def test_what_must_be_read_is_read(cases: tuple[Case, ...]) -> None:
    musts = [case for case in cases if case.must in READ]
    assert len(musts) >= 12
    for case in musts:
        assert len(case.named["found"]["formats"]) == 1, case.file


def test_what_must_not_be_green_is_not(cases: tuple[Case, ...]) -> None:
    musts = [case for case in cases if case.must in NOT_GREEN]
    assert len(musts) >= 7
    for case in musts:
        assert case.named["found"]["state"] not in {*GOOD, None}, case.file


def test_what_must_be_refused_gives_nothing_at_all(cases: tuple[Case, ...]) -> None:
    musts = [case for case in cases if case.must.startswith(("reject", "not-resolve"))]
    assert len(musts) >= 14
    for case in musts:
        found = case.named["found"]
        assert found["formats"] == [], case.file
        assert found["problems"] or case.file in NO_REPORT, case.file


def test_entries_of_archives_that_must_be_left_out_are(cases: tuple[Case, ...]) -> None:
    musts = [case for case in cases if case.must == LEFT_OUT]
    assert len(musts) >= 2
    for case in musts:
        found = case.named["found"]
        assert (found["problems"], len(found["notes"])) == ([], 1), case.file


@pytest.mark.parametrize(
    "reach", ["open('/dev/null')", "os.listdir('/')", "socket.socket()", "os.system('true')"]
)
def test_the_process_that_reads_is_stopped_where_it_reaches_out(reach: str, tmp_path: Path) -> None:
    confined = f"{__package__}.confined"
    code = f"import os, socket, pathlib, {confined} as c; c.confine(pathlib.Path({str(tmp_path)!r})); {reach}"
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, check=False, cwd=REPOSITORY, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "PermissionError" in done.stderr


def test_every_must_is_known_here(cases: tuple[Case, ...]) -> None:
    known = {*READ, *NOT_GREEN, LEFT_OUT, ""}
    unknown = {case.must for case in cases} - known
    assert all(must.startswith(("reject", "not-resolve")) for must in unknown), unknown
