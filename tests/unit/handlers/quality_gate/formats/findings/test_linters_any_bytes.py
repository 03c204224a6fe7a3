"""Whatever bytes a linter's report has: findings, or a refusal that says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats.findings import (
    actionlint,
    checkstyle,
    cppcheck,
    detect_secrets,
    gitlab,
    hadolint,
    lint_text,
    pmd,
    rdjson,
    shellcheck,
    spotbugs,
    sqlfluff,
    yamllint,
)
from handlers.quality_gate.formats.format import Format

SAMPLES: tuple[tuple[Format, bytes], ...] = (
    (
        actionlint.FORMAT,
        b'[{"message":"m","filepath":"a","line":1,"column":2,"kind":"k","snippet":"x\\n^","end_column":3}]',
    ),
    (
        detect_secrets.FORMAT,
        (
            b'{"version":"1","plugins_used":[{"name":"k"}],"results":{"a":[{"type":"t","line_number":2,"is_verified":true},'
            b'{"type":"t","is_secret":false}]}}'
        ),
    ),
    (
        gitlab.FORMAT,
        (
            b'[{"description":"d","fingerprint":"f","location":{"path":"a","lines":{"begin":1}},"severity":"minor"},'
            b'{"description":"d","location":{"path":"a","positions":{"begin":{"line":1,"column":2},"end":{"line":3}}}}]'
        ),
    ),
    (hadolint.FORMAT, b'[{"code":"DL1","column":1,"file":"f","level":"info","line":2,"message":"m"}]'),
    (
        rdjson.FORMAT,
        (
            b'{"source":{"name":"t"},"severity":2,'
            b'"diagnostics":[{"message":"m","location":{"path":"a","range":{"start":{"line":1,"column":2},'
            b'"end":{"line":3,"column":4}}},"suggestions":[{"text":"x","range":{"start":{"line":1}}}]}]}'
        ),
    ),
    (
        rdjson.LINES_FORMAT,
        b'{"message":"m","location":{"path":"a"},"severity":"INFO"}\n{"message":"n","location":{}}\n',
    ),
    (
        shellcheck.FORMAT,
        b'{"comments":[{"file":"a","line":1,"endLine":1,"column":2,"endColumn":3,"level":"info","code":1,"message":"m"}]}',
    ),
    (
        sqlfluff.FORMAT,
        b'[{"filepath":"a","violations":[{"start_line_no":1,"start_line_pos":2,"code":"L","description":"d","warning":true}]}]',
    ),
    (
        checkstyle.FORMAT,
        (
            b'<checkstyle><file name="a">'
            b'<error line="1" column="2" severity="info" message="m" source="DL3006"/><exception/></file></checkstyle>'
        ),
    ),
    (
        cppcheck.FORMAT,
        (
            b'<results version="2"><cppcheck/><errors>'
            b'<error id="i" severity="style"><location file="a" line="1"/></error></errors></results>'
        ),
    ),
    (
        pmd.FORMAT,
        (
            b'<pmd version="7"><file name="a">'
            b'<violation beginline="1" priority="4">m</violation></file><error/><suppressedviolation/></pmd>'
        ),
    ),
    (
        spotbugs.FORMAT,
        (
            b"<BugCollection>"
            b'<BugInstance type="t" priority="2"><LongMessage>m</LongMessage><SourceLine start="1" sourcepath="a"/>'
            b'</BugInstance><Errors errors="1"/><FindBugsSummary total_classes="1" total_bugs="1"/></BugCollection>'
        ),
    ),
    (yamllint.FORMAT, b"a.yaml:1:2: [warning] m (rule)\nexit status 1\n"),
    (
        lint_text.FORMAT,
        b"a.c:1:2: error: m [x]\na.py:1 in b:\n    D100: m\na.ts(1,2): error TS1: m\na.py:1: [C0111, b] m\n./a.go:1: m\n",
    ),
)
PIECES = (
    b"",
    b"null",
    b"-1",
    b"1e999",
    b"[]",
    b"{}",
    b'""',
    b'"\\ud800"',
    b"\xff",
    b"\x00",
    b"\n",
    b'"',
    b"9" * 400,
    b"<error>",
)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Format, bytes]:
    """A format, and a file of it of which up to three pieces were replaced."""
    report_format, raw = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 20)))
        raw = raw[:start] + draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6))) + raw[end:]
    return report_format, raw


def outcome(report_format: Format, raw: bytes) -> str:
    """Either `read` or `refused`; an exception of any other kind is a defect."""
    try:
        report = report_format.parse(raw)
    except InvalidInput as refused:
        return "refused" if refused.message else ""
    return "read" if report.format == report_format.name and report.findings is not None else ""


@given(spoiled())
def test_spoiled_files_are_read_or_refused(given_file: tuple[Format, bytes]) -> None:
    assert outcome(*given_file) in {"read", "refused"}


@given(st.sampled_from(SAMPLES), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(sample: tuple[Format, bytes], raw: bytes) -> None:
    assert outcome(sample[0], raw) in {"read", "refused"}


@pytest.mark.parametrize(("report_format", "raw"), SAMPLES, ids=[each.name for each, _ in SAMPLES])
def test_the_samples_themselves_are_read_and_recognised_by_nobody_else(
    report_format: Format, raw: bytes
) -> None:
    assert outcome(report_format, raw) == "read"
    assert [each.name for each, _ in SAMPLES if each.sniff(raw)] == [report_format.name]
