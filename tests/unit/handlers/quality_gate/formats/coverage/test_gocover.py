"""Go's profiles: a block is all its lines, and a line ran where any block of it did."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.gocover import FORMAT
from tests.unit.handlers.quality_gate.formats.coverage.files import coverage_of, only, shown


def profile(*blocks: str, mode: str = "set") -> bytes:
    return "\n".join((f"mode: {mode}", *blocks, "")).encode()


def test_a_block_is_all_its_lines() -> None:
    found = FORMAT.parse(profile("acme.org/a/a.go:3.10,5.2 2 1", "acme.org/a/a.go:7.2,7.9 1 0"))
    assert list(coverage_of(found).files) == ["acme.org/a/a.go"]
    assert shown(only(found)) == ((3, 4, 5), (7,))


def test_a_line_where_two_blocks_meet_ran_where_either_did() -> None:
    assert shown(only(FORMAT.parse(profile("a.go:3.1,5.9 1 4", "a.go:5.9,7.2 1 0", mode="count")))) == (
        (3, 4, 5),
        (6, 7),
    )


def test_a_block_that_several_tests_report_ran_if_any_did() -> None:
    assert shown(only(FORMAT.parse(profile("a.go:3.1,4.2 1 0", "a.go:3.1,4.2 1 9", mode="atomic")))) == (
        (3, 4),
        (),
    )


def test_profiles_that_were_put_together_are_one() -> None:
    assert (
        len(coverage_of(FORMAT.parse(profile("a.go:1.1,1.2 1 1") + profile("b.go:1.1,1.2 1 1"))).files) == 2
    )


def test_a_block_without_statements_could_not_run() -> None:
    assert FORMAT.parse(profile("a.go:1.1,9.2 0 0")).vacuous


def test_names_may_have_colons_and_spaces() -> None:
    raw = profile("C:\\my code\\a.go:1.1,1.2 1 1").replace(b"\n", b"\r\n")
    assert list(coverage_of(FORMAT.parse(raw)).files) == ["C:\\my code\\a.go"]


@pytest.mark.parametrize(
    "raw",
    [
        b"a.go:1.1,1.2 1 1\nmode: set\n",
        profile("a.go:1.1,1.2 1"),
        profile("a.go:1.1,1.2 1 -1"),
        profile("a.go:2.1,1.2 1 1"),
        profile("a.go:0.1,1.2 1 1"),
        profile("a.go:1.1,99999999.2 1 1"),
        profile("PASS"),
        b"mode: other\n",
    ],
)
def test_what_no_profile_has_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMAT.parse(raw)
    assert refused.value.code == "report.not_gocover"


def test_blocks_as_long_as_can_be_do_not_take_long() -> None:
    blocks = [f"a.go:{first}.1,9999999.1 1 1" for first in range(1, 2_000)]
    assert only(FORMAT.parse(profile(*blocks))).covered.bit_count() == 9_999_999


def test_only_a_mode_in_the_first_line_is_recognised() -> None:
    heads = (b"mode: set\n", b"\nmode: atomic\r\na", b"mode: setting\n", b"a.go:1.1,1.2 1 1\nmode: set\n")
    assert [FORMAT.sniff(head) for head in heads] == [True, True, False, False]
