"""Text of `ruff format`, of all its versions and outputs."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.errors import InvalidInput
from handlers.quality_gate.formats import recognise
from handlers.quality_gate.formats.findings import ruff_format

PLACED = """unformatted: File would be reformatted
  --> src/a.py:11:13
   |
10 |     x = 1
   -     return x+1
11 +     return x + 1
   |

invalid-syntax: unexpected EOF while parsing
 --> src/b.py:1:7
  |
1 | x = (
  |      ^

1 file would be reformatted
"""
DIFF = """--- a.py
+++ a.py
@@ -8,3 +8,3 @@
     x = 1

-- - removed
+    return x + 1
@@ -20 +20,2 @@
-y=1
+y = 1
+z = 2
\\ No newline at end of file
--- n.ipynb:cell 1
+++ n.ipynb:cell 1
@@ -1 +1 @@
-x=1
+x = 1
--- n.ipynb:cell 2
+++ n.ipynb:cell 2
@@ -1 +1 @@
-y=1
+y = 1
2 files would be reformatted
"""


def findings(text: str) -> tuple[Finding, ...]:
    report = ruff_format.parse(text.encode())
    assert report.findings is not None
    assert report.contradictions == ()
    return report.findings.findings


def unformatted(path: str, line: int | None = None, column: int | None = None) -> Finding:
    return Finding("ruff", "unformatted", Level.ERROR, "File would be reformatted", path, line, column)


def test_names_alone_are_findings() -> None:
    text = "Would reformat: src/a.py\nWould reformat: b c.py\n2 files would be reformatted, 7 files already formatted\n"
    assert findings(text) == (unformatted("src/a.py"), unformatted("b c.py"))


def test_places_and_syntax_errors_are_findings() -> None:
    assert findings(PLACED) == (
        unformatted("src/a.py", 11, 13),
        Finding("ruff", "invalid-syntax", Level.ERROR, "unexpected EOF while parsing", "src/b.py", 1, 7),
    )


def test_concise_lines_are_findings() -> None:
    text = "n.ipynb:cell 1:1:2: unformatted: File would be reformatted\n1 file would be reformatted\n"
    assert findings(text) == (unformatted("n.ipynb", 1, 2),)


def test_a_diff_is_one_finding_a_file() -> None:
    assert findings(DIFF) == (unformatted("a.py", 8), unformatted("n.ipynb", 1))


def test_a_file_that_could_not_be_parsed_is_a_finding() -> None:
    (found,) = findings("error: Failed to parse src/b.py:1:7: Expected a parameter\n")
    assert (found.rule, found.path, found.line, found.message) == (
        "invalid-syntax",
        "src/b.py",
        1,
        "Expected a parameter",
    )


def test_an_error_without_a_place_is_a_finding() -> None:
    found = findings("error: invalid value\nio: missing.py: No such file\n\n")
    assert [each.message for each in found] == ["invalid value", "missing.py: No such file"]


def test_colours_are_ignored() -> None:
    assert findings("\x1b[1mWould reformat: \x1b[0ma.py\r\n") == (unformatted("a.py"),)


def test_a_summary_that_counts_other_files_is_a_contradiction() -> None:
    report = ruff_format.parse(b"Would reformat: a.py\n3 files would be reformatted\n")
    assert report.contradictions == ("the summary says 3 files, 1 are listed",)


@pytest.mark.parametrize(
    "text",
    [
        "1 file already formatted\n",
        "7 files left unchanged",
        "1 file would be reformatted, 2 files left unchanged\n",
        "n.ipynb:cell 1:1:2: unformatted: File would be reformatted\n",
    ],
)
def test_its_own_first_lines_are_recognised(text: str) -> None:
    found = recognise(text.encode())
    assert found is not None
    assert found.name == "ruff-format"


def test_a_clean_run_shows_that_it_ran() -> None:
    report = ruff_format.parse(b"12 files already formatted\n")
    assert report.findings is not None
    assert (report.findings.findings, report.vacuous) == ((), ())


@pytest.mark.parametrize(
    "text", ["", "\n\n", "warning: No Python files found under the given path(s)\n0 files already formatted"]
)
def test_a_run_over_nothing_proves_nothing(text: str) -> None:
    assert len(ruff_format.parse(text.encode()).vacuous) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("all good\n", "report.not_ruff_format"),
        (DIFF[:40], "report.cut_off"),
    ],
)
def test_text_of_another_tool_and_half_a_diff_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ruff_format.parse(text.encode())
    assert refused.value.code == code
