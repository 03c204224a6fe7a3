"""OpenCover: points belong to the files of their module, and to the line where they begin."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.opencover import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown

FILE = '<Files><File uid="1" fullPath="C:\\a.cs"/></Files>'


def sequence(line: int, visits: int, file: str = 'fileid="1"') -> str:
    return f'<SequencePoint vc="{visits}" sl="{line}" el="{line + 3}" {file}/>'


def module(points: str, files: str = FILE, reference: str = "") -> str:
    method = f"<Method>{reference}<SequencePoints>{points}</SequencePoints></Method>"
    return f"<Module>{files}<Classes><Class><Methods>{method}</Methods></Class></Classes></Module>"


def report(*modules: str, summary: str = "") -> bytes:
    return f"<CoverageSession>{summary}<Modules>{''.join(modules)}</Modules></CoverageSession>".encode()


def test_a_point_counts_for_the_line_where_it_begins() -> None:
    assert shown(only(FORMAT.parse(report(module(sequence(8, 2) + sequence(10, 0)))))) == ((8,), (10,))


def test_branch_points_are_counted_by_line() -> None:
    branches = "".join(
        f'<BranchPoint vc="{visits}" sl="8" fileid="1" path="{visits}"/>' for visits in (0, 1, 2)
    )
    assert only(FORMAT.parse(report(module(sequence(8, 2) + branches)))).branches == {8: (2, 3)}


def test_the_number_of_a_file_holds_in_its_module() -> None:
    other = FILE.replace("a.cs", "b.cs")
    found = coverage_of(FORMAT.parse(report(module(sequence(1, 1)), module(sequence(2, 0), other))))
    assert {name: shown(file) for name, file in found.files.items()} == {
        "C:\\a.cs": ((1,), ()),
        "C:\\b.cs": ((), (2,)),
    }


def test_a_point_without_a_file_lies_in_that_of_its_method() -> None:
    raw = report(module(sequence(8, 1, ""), reference='<FileRef uid="1"/>') + module(sequence(9, 1, "")))
    assert shown(only(FORMAT.parse(raw))) == ((8,), ())


def test_code_that_the_compiler_made_has_no_line() -> None:
    assert FORMAT.parse(report(module(sequence(0xFEEFEE, 1) + sequence(0, 1)))).vacuous


def test_a_summary_that_counts_fewer_points_than_lines_are_listed_is_a_contradiction() -> None:
    summary = '<Summary numSequencePoints="2" visitedSequencePoints="0"/>'
    assert FORMAT.parse(report(module(sequence(8, 1) + sequence(9, 0)), summary=summary)).contradictions == (
        "the summary counts 0 of 2 lines as covered, but 1 of 2 are listed",
    )


def test_a_summary_that_counts_more_points_than_are_listed_is_a_contradiction() -> None:
    summary = '<Summary numSequencePoints="9" visitedSequencePoints="9"/>'
    assert FORMAT.parse(report(module(sequence(8, 1) + sequence(9, 0)), summary=summary)).contradictions == (
        "the summary counts 9 of 9 lines as covered, but only 1 of 2 are listed",
    )


@pytest.mark.parametrize(
    "inside",
    [
        module(sequence(1, 1, 'fileid="7"')),
        module(sequence(1, -1)),
        module('<SequencePoint sl="1" fileid="1"/>'),
        module("", FILE + FILE.replace("a.cs", "b.cs")),
        module("", '<Files><File uid="1"/></Files>'),
    ],
)
def test_what_no_opencover_has_is_refused(inside: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(report(inside))
    assert refused.value.code == "report.not_opencover"


def test_only_its_root_is_recognised() -> None:
    assert [FORMAT.sniff(each) for each in (b"\xef\xbb\xbf<CoverageSession>", b"<coverage>")] == [True, False]
    with pytest.raises(InvalidInput):
        FORMAT.parse(b"<coverage/>")
