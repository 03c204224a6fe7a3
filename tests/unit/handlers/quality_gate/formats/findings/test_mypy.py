"""mypy's JSON lines and text."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.findings import mypy

TEXT = """src/a.py:10: note: Revealed type is "int"
src/a.py:11:12: error: Incompatible return value type (got "int", expected "str")  [return-value]
Found 1 error in 1 file (checked 3 source files)
"""


def message(**keys: object) -> bytes:
    given = {
        "file": "a.py",
        "line": 11,
        "column": 11,
        "end_line": 11,
        "end_column": 14,
        "message": "Incompatible return value type",
        "hint": None,
        "code": "return-value",
        "severity": "error",
    }
    return json.dumps(given | keys).encode() + b"\n"


def findings(report: Report) -> tuple[Finding, ...]:
    assert report.findings is not None
    return report.findings.findings


def test_json_columns_are_counted_from_one() -> None:
    assert findings(mypy.parse_json(message())) == (
        Finding(
            "mypy", "return-value", Level.ERROR, "Incompatible return value type", "a.py", 11, 12, 11, 15
        ),
    )


def test_a_hint_belongs_to_its_message() -> None:
    (found,) = findings(mypy.parse_json(message(hint="See the manual", code=None, severity="note")))
    assert (found.message, found.rule, found.level) == (
        "Incompatible return value type\nSee the manual",
        "",
        Level.NOTE,
    )


def test_text_says_the_same_with_and_without_columns() -> None:
    found = findings(mypy.parse_text(TEXT.encode()))
    assert found == (
        Finding("mypy", "", Level.NOTE, 'Revealed type is "int"', "src/a.py", 10),
        Finding(
            "mypy",
            "return-value",
            Level.ERROR,
            'Incompatible return value type (got "int", expected "str")',
            "src/a.py",
            11,
            12,
        ),
    )


def test_the_end_that_text_can_show_is_excluded() -> None:
    (found,) = findings(mypy.parse_text(b"a.py:10:17:10:17: note: Revealed\n"))
    assert (found.column, found.end_line, found.end_column) == (17, 10, 18)


@pytest.mark.parametrize(
    "line", ["C:\\w\\a.py:1: error: bad  [misc]", "a b.py:1:2: error: bad", "a.py: error: Cannot read file"]
)
def test_paths_of_every_kind_and_no_line_are_findings(line: str) -> None:
    (found,) = findings(mypy.parse_text(line.encode()))
    assert (found.level, found.path) == (Level.ERROR, line.partition(".py")[0] + ".py")


def test_a_summary_that_counts_other_errors_is_a_contradiction() -> None:
    report = mypy.parse_text(TEXT.replace("Found 1 error", "Found 4 errors").encode())
    assert report.contradictions == ("the summary says 4 errors, 1 are listed",)
    assert mypy.parse_text(TEXT.encode()).contradictions == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Success: no issues found in 0 source files\n", "mypy checked no file"),
        ("There are no .py[i] files in directory 'src'\n", "mypy found no file to check"),
        ("a.py:1: error: INTERNAL ERROR -- Please report\n", "mypy ended with an internal error"),
        ("Traceback (most recent call last):\n  File\n", "mypy could not run to its end"),
        ("mypy: can't read file 'x': No such file\n", "mypy could not run to its end"),
        (
            "a.py:1: error: Expected  [syntax]\nFound 1 error in 1 file (errors prevented further checking)\n",
            "mypy says that errors prevented further checking",
        ),
        ("", "mypy printed nothing"),
    ],
)
def test_a_run_that_did_not_check_proves_nothing(text: str, reason: str) -> None:
    assert mypy.parse_text(text.encode()).vacuous == (reason,)


def test_what_mypy_says_of_itself_is_an_error_too() -> None:
    (found,) = findings(mypy.parse_text(b"mypy: can't read file 'x': No such file\n"))
    assert (found.level, found.path) == (Level.ERROR, None)


def test_a_clean_run_shows_that_it_ran() -> None:
    report = mypy.parse_text(b"Success: no issues found in 12 source files\n")
    assert (findings(report), report.vacuous) == ((), ())


def test_a_blank_line_is_a_clean_run_in_json_and_no_byte_is_none() -> None:
    blank, empty = mypy.parse_json(b"\n"), mypy.parse_json(b"")
    assert (blank.vacuous, len(blank.warnings)) == ((), 1)
    assert empty.vacuous == ("mypy printed nothing",)


def test_an_error_that_went_to_another_stream_is_missed_by_the_summary() -> None:
    report = mypy.parse_json(b"Found 1 error in 1 file (errors prevented further checking)\n")
    assert report.contradictions == ("the summary says 1 errors, 0 are listed",)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (message(), "mypy-jsonl"),
        (TEXT.encode(), "mypy-text"),
        (b"\nSuccess: no issues found in 1 source file\n", "mypy-text"),
        (b"\x1b[1ma.pyi:1:\x1b[0m error: x", "mypy-text"),
    ],
)
def test_both_are_recognised(raw: bytes, name: str) -> None:
    found = recognise(raw)
    assert found is not None
    assert found.name == name


def test_messages_of_compilers_are_not_taken_for_mypy() -> None:
    assert not mypy.sniff_text(b"src/main.rs:3:5: warning: unused import\n")


def test_a_line_that_was_cut_off_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(message() + message()[:40], "mypy-jsonl")
    assert refused.value.code == "report.not_json"


def test_text_without_a_line_of_mypy_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        mypy.parse_text(b"all good\n")
    assert refused.value.code == "report.not_mypy"


def test_a_repeated_key_is_a_contradiction() -> None:
    raw = message().replace(b'"severity": "error"', b'"severity": "error", "severity": "note"')
    assert mypy.parse_json(raw).contradictions == ("an object has the key 'severity' twice",)
