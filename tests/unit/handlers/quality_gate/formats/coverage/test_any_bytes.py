"""Whatever the bytes, a reader of coverage gives a report or a refusal, and a report that can be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import LineMap
from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage import FORMATS
from handlers.quality_gate.formats.format import Format

GOOD = {
    "cobertura": b"<coverage lines-valid='2'><sources><source>/s</source></sources><class filename='a'><methods><line number='1' "
    b"hits='1'/></methods><lines><line number='2' hits='0' condition-coverage='50% (1/2)'/></lines></class></coverage>",
    "coveragepy": b'{"meta":{"version":"7"},"files":{"a":{"executed_lines":[1,2],"missing_lines":[3],"executed_branches":[[1,2]],'
    b'"missing_branches":[[1,-1]],"summary":{"covered_lines":2}}},"totals":{"covered_lines":2}}',
    "lcov": b"TN:\nSF:a\nDA:1,1\nDA:2,0,x\nBRDA:1,0,0,-\nBRDA:1,0,1,2\nLF:2\nLH:1\nend_of_record\n",
    "jacoco": b"<report><package name='p'><sourcefile name='a'><line nr='1' mi='0' ci='2' mb='1' cb='1'/><counter type='LINE' "
    b"missed='0' covered='1'/></sourcefile></package><counter type='LINE' missed='0' covered='1'/></report>",
    "clover": b"<coverage generated='1'><project><package name='p'><file name='a'><metrics statements='1'/><line num='1' "
    b"count='1' type='stmt'/><line num='2' type='cond' truecount='1' falsecount='0'/></file></package></project></coverage>",
    "opencover": b"<CoverageSession><Summary numSequencePoints='1'/><Module><File uid='1' fullPath='a'/><Method>"
    b"<FileRef uid='1'/><SequencePoint vc='1' sl='1' fileid='1'/><BranchPoint vc='0' sl='1' fileid='1'/></Method></Module>"
    b"</CoverageSession>",
    "gocover": b"mode: set\na.go:1.1,2.2 1 1\na.go:2.2,3.1 1 0\n",
}
PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b"0",
            b"-1",
            b"9" * 30,
            b"1e9",
            b"\n",
            b"'",
            b'"',
            b"<",
            b">",
            b"&amp;",
            b"[",
            b"]",
            b"}",
            b",",
            b":",
            b"\xff",
        ]
    ),
)


def outcome(chosen: Format, raw: bytes) -> LineMap | None:
    try:
        report = chosen.parse(raw)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
        return None
    assert report.coverage is not None
    return report.coverage


@pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.name)
def test_the_sample_is_good(chosen: Format) -> None:
    assert chosen.sniff(GOOD[chosen.name])
    lines = outcome(chosen, GOOD[chosen.name])
    assert lines is not None
    assert lines.totals().lines_valid


@pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.name)
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(chosen: Format, raw: bytes) -> None:
    chosen.sniff(raw)
    outcome(chosen, raw)


@pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.name)
@given(data=st.data())
def test_a_report_with_any_piece_replaced_is_read_or_refused(chosen: Format, data: st.DataObject) -> None:
    raw = GOOD[chosen.name]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 12)))
    raw = raw[:start] + data.draw(PIECES) + raw[end:]
    chosen.sniff(raw)
    lines = outcome(chosen, raw)
    if lines is not None:
        assert LineMap.unpack(lines.pack()) == lines
