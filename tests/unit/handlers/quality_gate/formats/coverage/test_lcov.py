"""LCOV: records are put together by their file, and what is odd about counts never makes a line run."""

from __future__ import annotations

import io

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats import source
from handlers.quality_gate.formats.coverage.lcov import FORMAT, MAX_RECORD_BYTES
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown


def record(*inside: str, name: str = "a.c") -> bytes:
    return "\n".join(("TN:", f"SF:{name}", *inside, "end_of_record", "")).encode()


def test_lines_are_counted_from_da() -> None:
    raw = record("FN:1,main", "FNDA:1,main", "DA:1,3", "DA:2,0,cafe==", "DA:3,1,cafe==", "LF:3", "LH:2")
    found = FORMAT.parse(raw)
    assert (shown(only(found)), found.contradictions, found.warnings) == (((1, 3), (2,)), (), ())


def test_records_of_one_file_are_put_together() -> None:
    found = FORMAT.parse(record("DA:1,0", "DA:2,0") + record("DA:1,7", "DA:3,1"))
    assert shown(only(found)) == ((1, 3), (2,))


def test_branches_are_counted_and_a_line_does_not_run_because_a_branch_did() -> None:
    raw = record("DA:5,0", "BRDA:5,0,0,1", "BRDA:5,0,1,-", "BRDA:5,e0,if (a, b),0", "BRF:3", "BRH:1")
    file = only(FORMAT.parse(raw))
    assert (file.branches, shown(file)) == ({5: (1, 3)}, ((), (5,)))


def test_a_branch_that_is_written_twice_is_one_and_taken_if_ever() -> None:
    raw = record("DA:5,1", "BRDA:5,0,0,1", "BRDA:5,0,0,0", "BRDA:5,0,1,0")
    assert only(FORMAT.parse(raw)).branches == {5: (1, 2)}


def test_counts_that_are_no_whole_numbers_are_told_and_only_those_above_zero_ran() -> None:
    raw = record(f"DA:1,{'9' * 40}", "DA:2,-5", "DA:3,1.5e+20", "DA:4,nan", "DA:5,#####", "DA:6,000")
    found = FORMAT.parse(raw)
    assert shown(only(found)) == ((1, 3), (2, 4, 5, 6))
    assert found.warnings == (
        "4 lines have a count that is no whole number; only those above 0 count as run",
    )


def test_line_0_is_code_without_a_line() -> None:
    assert shown(only(FORMAT.parse(record("DA:0,1", "DA:1,1", "BRDA:0,0,0,1")))) == ((1,), ())


@pytest.mark.parametrize(
    "raw", [b"SF:a\nDA:1,1\n", record("DA:1,1")[:-14], b"SF:b\nDA:1,1\n" + record("DA:1,1")]
)
def test_a_record_without_an_end_is_a_contradiction(raw: bytes) -> None:
    assert FORMAT.parse(raw).contradictions == (
        "1 records have no end: the report is cut off, or was put together wrongly",
    )


def test_a_summary_over_the_same_lines_that_counts_more_hits_is_a_contradiction() -> None:
    found = FORMAT.parse(record("DA:1,1", "DA:2,0", "LF:2", "LH:2"))
    assert found.contradictions == ("a summary counts 2 of 2 lines as covered, but 1 are listed",)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("LF:100", "LH:0"), "a summary counts 0 of 100 lines as covered, but 0 of 0 are listed"),
        (("DA:1,1", "DA:2,1", "LF:2", "LH:0"), "a summary counts 0 of 2 lines as covered, but 2 are listed"),
        (("DA:1,1", "LF:7", "LH:0"), "a summary counts 0 of 7 lines as covered, but 1 of 1 are listed"),
        (("DA:1,1", "BRF:9", "BRH:9"), "a summary counts 9 of 9 branches as covered, but 0 of 0 are listed"),
        (
            ("DA:1,1", "BRDA:1,0,0,1", "BRDA:1,0,1,-", "BRF:2", "BRH:2"),
            "a summary counts 2 of 2 branches as covered, but 1 are listed",
        ),
    ],
)
def test_a_summary_that_no_measure_explains_is_a_contradiction(lines: tuple[str, ...], told: str) -> None:
    assert FORMAT.parse(record(*lines)).contradictions == (told,)


LLVM = b"SF:a.rs\nFN:1,f\nFN:2,f::{closure}\nFNDA:1,f\nFNDA:1,f::{closure}\nFNF:2\nFNH:2\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            LLVM + b"DA:1,1\nDA:2,0\nLF:3\nLH:2\nend_of_record\n", id="llvm-cov counts a closure twice"
        ),
        pytest.param(
            LLVM + b"DA:1,1\nDA:2,1\nLF:2\nLH:1\nend_of_record\n", id="llvm-cov takes the best instance"
        ),
        pytest.param(
            record("DA:1,1", "DA:2,0", "DA:3,1", "LF:2", "LH:3"), id="an old coverage.py finds fewer"
        ),
        pytest.param(
            record("DA:1,1", "DA:1,2", "DA:2,0", "LF:3", "LH:2"), id="coverlet counts what it lists twice"
        ),
    ],
)
def test_a_summary_that_counts_otherwise_is_told(raw: bytes) -> None:
    found = FORMAT.parse(raw)
    assert found.contradictions == ()
    assert found.warnings == ("1 records have a summary that differs from their lines",)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ("DA:1,1", "DA:2,0", "LF:3", "LH:1"),
            "a summary counts 1 of 3 lines as covered, but 1 of 2 are listed",
        ),
        (("DA:1,1", "DA:2,1", "LF:2", "LH:1"), "a summary counts 1 of 2 lines as covered, but 2 are listed"),
        (
            ("DA:1,1", "DA:1,1", "LF:3", "LH:1"),
            "a summary counts 1 of 3 lines as covered, but 1 of 1 are listed",
        ),
        (
            ("FN:1,f", "DA:1,1", "LF:9", "LH:9"),
            "a summary counts 9 of 9 lines as covered, but 1 of 1 are listed",
        ),
    ],
)
def test_a_writer_that_counts_what_it_lists_lost_lines_or_gained_hits(
    lines: tuple[str, ...], told: str
) -> None:
    assert FORMAT.parse(record(*lines)).contradictions == (told,)


def test_of_many_records_that_deny_themselves_the_first_are_told_and_all_are_counted() -> None:
    found = FORMAT.parse(record("DA:1,1", "LF:9", "LH:0") * 1_000).contradictions
    assert len(found) == 21
    assert (found[0], found[-1]) == (
        "a summary counts 0 of 9 lines as covered, but 1 of 1 are listed",
        "980 more contradictions",
    )


def test_functions_after_the_lines_are_no_sign_of_llvm() -> None:
    """As coverage.py 7 writes a record."""
    raw = b"SF:m.py\nDA:1,1\nLF:2\nLH:2\nFN:1,4,f\nFNDA:1,f\nFNF:1\nFNH:1\nend_of_record\n"
    assert FORMAT.parse(raw).contradictions == (
        "a summary counts 2 of 2 lines as covered, but 1 of 1 are listed",
    )


def test_line_ends_marks_and_comments_make_no_difference() -> None:
    raw = b"\xef\xbb\xbf# made by hand\r\n" + record("DA:1,1", "DA:2,0", "LF:2", "LH:1").replace(
        b"\n", b"\r\n"
    )
    assert FORMAT.sniff(raw)
    found = FORMAT.parse(raw)
    assert (shown(only(found)), found.warnings, found.contradictions) == (((1,), (2,)), (), ())


def test_pieces_of_any_size_give_the_same_report(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = (record("DA:1,1", "BRDA:1,0,0,1", "LF:1") + record("DA:2,0", name="b.c")).replace(b"\n", b"\r\n")
    expected = FORMAT.parse(raw)
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(source, "CHUNK_BYTES", size)
        assert FORMAT.parse(io.BytesIO(raw)) == expected


def test_names_that_are_no_utf_8_stay_apart() -> None:
    raw = record("DA:1,1", name="@").replace(b"@", b"\xe9.c") + record("DA:1,1", name="@").replace(
        b"@", b"\xe8.c"
    )
    assert list(coverage_of(FORMAT.parse(raw)).files) == ["\\xe9.c", "\\xe8.c"]


@pytest.mark.parametrize(
    "raw",
    [
        b"DA:1,1\nend_of_record\n",
        b"BRDA:1,0,0,1\nSF:a\nend_of_record\n",
        record("DA:1"),
        record("DA:-1,1"),
        record("DA:x,1"),
        record("DA:99999999,1"),
        record("BRDA:1"),
        record("BRDA:x,0,0,1"),
        record("all good"),
        record("DA:1,1") + b"\x00\x01",
        record("DA:1,1").replace(b"end_of_record", b"end_of_recorder"),
        record(name=""),
    ],
)
def test_what_no_tracefile_has_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(raw)
    assert refused.value.code == "report.not_lcov"


def test_a_record_without_bounds_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(b"SF:a\n" + b"DA:1,1\n" * (MAX_RECORD_BYTES // 7 + 1))
    assert refused.value.code == "report.too_large"


@pytest.mark.parametrize("raw", [b"", b"TN:\n", b"\n\n"])
def test_a_report_without_a_file_proves_nothing(raw: bytes) -> None:
    assert FORMAT.parse(raw).vacuous


def test_only_what_begins_with_a_test_or_a_file_is_recognised() -> None:
    heads = (b"TN:\nSF:a\n", b"SF:a\n", b"# c\nTN:x\n\nSF:a", b"DA:1,1\n", b"TN:\n", b"NOT SF:a")
    assert [FORMAT.sniff(head) for head in heads] == [True, True, True, False, False, False]
