"""Text that compilers and linters print."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.lint_text import FORMAT


def read(text: str) -> Report:
    return FORMAT.parse(text.encode())


def findings(text: str) -> tuple[Finding, ...]:
    found = read(text).findings
    assert found is not None
    return found.findings


ANY = "lint-text"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "pkg/a.py:7: [W0611(unused-import), ] Unused import os",
            Finding("pylint", "W0611", Level.WARNING, "Unused import os", "pkg/a.py", 7),
        ),
        (
            "pkg/a.py:pkg.a:7: [C0111, A.run] No docstring",
            Finding("pylint", "C0111", Level.NOTE, "No docstring", "pkg/a.py", 7),
        ),
        ("a.py:3: [E] Bad", Finding("pylint", "E", Level.ERROR, "Bad", "a.py", 3)),
        (
            "a.py:3:0: R0913: Too many arguments (7/5) (too-many-arguments)",
            Finding(
                "pylint", "R0913", Level.NOTE, "Too many arguments (7/5) (too-many-arguments)", "a.py", 3, 1
            ),
        ),
        (
            "app/(group)/p.tsx(3,13): error TS7006: It is any.",
            Finding("tsc", "TS7006", Level.ERROR, "It is any.", "app/(group)/p.tsx", 3, 13),
        ),
        (
            "src/p.ts:3:13 - error TS7006: It is any.",
            Finding("tsc", "TS7006", Level.ERROR, "It is any.", "src/p.ts", 3, 13),
        ),
        ("error TS18003: No inputs.", Finding("tsc", "TS18003", Level.ERROR, "No inputs.")),
        (
            r"C:\src\A.cs(8,2,8,5): warning CS0168: It is unused. [C:\src\A.csproj]",
            Finding(ANY, "CS0168", Level.WARNING, r"It is unused. [C:\src\A.csproj]", r"C:\src\A.cs", 8, 2),
        ),
        ("a.cpp(8): fatal error C1083: No file", Finding(ANY, "C1083", Level.ERROR, "No file", "a.cpp", 8)),
        (
            "src/main.rs:3:5: error[E0425]: cannot find it",
            Finding(ANY, "E0425", Level.ERROR, "cannot find it", "src/main.rs", 3, 5),
        ),
        (
            "src/a.c:3:5: warning: unused variable 'x' [-Wunused-variable]",
            Finding(ANY, "-Wunused-variable", Level.WARNING, "unused variable 'x'", "src/a.c", 3, 5),
        ),
        ("a.c:3: note: seen here", Finding(ANY, "", Level.NOTE, "seen here", "a.c", 3)),
        ("cc1: fatal error: a.c: No such file", Finding(ANY, "", Level.ERROR, "a.c: No such file")),
        ("./m.go:7:2: wrong type int", Finding(ANY, "", Level.ERROR, "wrong type int", "./m.go", 7, 2)),
        ("vet: ./m.go:7:2: undefined: x", Finding(ANY, "", Level.ERROR, "undefined: x", "./m.go", 7, 2)),
        ("a.lua:5:17: (W611) blanks", Finding(ANY, "W611", Level.ERROR, "blanks", "a.lua", 5, 17)),
        ("a.c:0:0: error: x", Finding(ANY, "", Level.ERROR, "x", "a.c")),
    ],
)
def test_a_line_of_a_known_shape_is_a_finding(line: str, expected: Finding) -> None:
    assert findings(f"{line}\n") == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "************* Module pkg.a\npkg/a.py:7: [W0611(unused-import), ] Unused import os\n",
        "pkg/a.py:3:0: R0913: Too many arguments\n",
        "yarn run v1.22.10\n$ tsc --noEmit\np.ts(3,13): error TS7006: It is any.\n",
        "In file included from b.h:1,\na.c: In function 'main':\na.c:3:5: warning: unused variable\n",
        "src/main.rs:3:5: error[E0425]: cannot find it\n",
    ],
)
def test_a_first_line_that_says_how_bad_it_is_shows_the_format(text: str) -> None:
    assert FORMAT.sniff(text.encode())
    assert len(findings(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "./m.go:7:2: wrong type int\n",
        "cc1: fatal error: no input files\n",
        "starting\na.c:3:5: warning: unused variable\n",
        "server.py:12: listening\n",
    ],
)
def test_what_any_log_may_begin_with_must_be_named(text: str) -> None:
    assert FORMAT.named_only
    assert not FORMAT.sniff(text.encode())
    assert len(findings(text)) == 1


def test_a_finding_of_two_lines_is_one() -> None:
    text = "a.py:1 at module level:\n        D100: Missing docstring\nb.py:4 in public class `B`:\n    D101: Missing\n"
    assert FORMAT.sniff(text.encode())
    assert findings(text) == (
        Finding("pydocstyle", "D100", Level.ERROR, "Missing docstring", "a.py", 1),
        Finding("pydocstyle", "D101", Level.ERROR, "Missing", "b.py", 4),
    )


def test_a_finding_whose_second_line_was_cut_off_is_kept() -> None:
    assert findings("a.py:1 at module level:\n") == (Finding("pydocstyle", "", Level.ERROR, "", "a.py", 1),)


def test_what_is_printed_around_findings_is_passed_over() -> None:
    text = "$ tsc --noEmit\na.ts(3,1): error TS1: x\n  Type 'a' is not\n\nFound 1 error.\nerror: could not compile `a`\n"
    assert len(findings(text)) == 1


def test_a_clean_run_of_pylint_proves_something() -> None:
    text = "\n------------------------------------\nYour code has been rated at 10.00/10\n"
    assert FORMAT.sniff(text.encode())
    assert (findings(text), read(text).vacuous) == ((), ())


@pytest.mark.parametrize("text", ["", "go vet\npanic: oh\n", "exit status 1\n"])
def test_a_run_that_shows_no_result_proves_nothing(text: str) -> None:
    assert len(read(text).vacuous) == 1


@pytest.mark.parametrize("text", ["all fine\n", "bash: gcc: command not found\n", "12:30:45: started\n"])
def test_text_without_a_finding_is_refused(text: str) -> None:
    assert not FORMAT.sniff(text.encode())
    with pytest.raises(InvalidInput, match="no line is one that lint-text has"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "a.py:1:1: F401 'os' imported but unused\n",
        "a.py:1: error: Incompatible types  [assignment]\n",
        "a.yaml:1:1: [error] trailing spaces (trailing-spaces)\n",
        '{"a.c:1:1: error": 1}',
        "<a>\na.c:1:1: error: x\n</a>",
        "# a.pl:3: error: a comment of TAP\nok 1\n",
    ],
)
def test_other_formats_are_left_to_themselves(text: str) -> None:
    assert not FORMAT.sniff(text.encode())


@pytest.mark.parametrize(
    "text",
    ["a.c:1: error: " + " " * 200_000 + "x", "." * 200_000, "a(1" * 60_000, "a.py:3 in " + ": " * 100_000],
    ids=["blanks", "dots", "brackets", "colons"],
)
@pytest.mark.timeout(5)
def test_a_long_line_takes_no_long_time(text: str) -> None:
    try:
        report = read(text)
    except InvalidInput as refused:
        assert refused.code == "report.not_lint_text"  # noqa: PT017 (either outcome is right, a long time is not)
    else:
        assert report.findings is not None
