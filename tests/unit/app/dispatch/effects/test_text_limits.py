from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.effects.text_limits import BYTES, clip, cut, encodable, size

LIMIT = 1_000
NOTE = "\n\n---\n_Cut to fit GitHub's limit: "

line = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["", "## A section", "```", "````text", "~~~", "<details><summary>more</summary>", "</details>"]
    ),
    st.just("é" * 700),
)
markdown = st.lists(line, max_size=60).map("\n".join)


def open_fence(text: str) -> str:
    """The fence a reader following CommonMark is in at the end."""
    fence = ""
    for found in re.finditer(r"^ {0,3}(`{3,}|~{3,})(.*)$", text, re.MULTILINE):
        run, rest = found[1], found[2].strip()
        if not fence:
            fence = "" if run[0] == "`" and "`" in rest else run
        elif run[0] == fence[0] and len(run) >= len(fence) and not rest:
            fence = ""
    return fence


@given(markdown)
def test_a_cut_text_fits_and_a_fitting_text_is_left_alone(text: str) -> None:
    result = cut(text, LIMIT)
    assert size(result) <= LIMIT
    if size(encodable(text)) <= LIMIT:
        assert result == encodable(text)
    else:
        assert NOTE in result


@given(markdown)
def test_a_cut_text_leaves_no_code_fence_open_before_its_note(text: str) -> None:
    result = cut(text, LIMIT)
    if NOTE in result and "\x85" not in text and "\r" not in text:
        assert open_fence(result.rpartition(NOTE)[0]) == ""


@given(markdown)
def test_cutting_twice_is_cutting_once(text: str) -> None:
    once = cut(text, LIMIT)
    assert cut(once, LIMIT) == once


@given(markdown)
def test_what_is_kept_is_the_beginning(text: str) -> None:
    result = cut(text, LIMIT)
    kept = result.rpartition(NOTE)[0] if NOTE in result else result
    same = sum(1 for ours, theirs in zip(kept, encodable(text), strict=False) if ours == theirs)
    assert same >= min(len(kept), len(text)) - 200


@given(st.text(), st.integers(4, 30))
def test_a_clipped_text_fits_in_characters_and_in_bytes(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit
    assert size(clip(text, limit, unit_bytes=True)) <= limit


def test_the_cut_falls_at_the_end_of_a_section_and_names_the_next() -> None:
    sections = [f"## Gate {number}\n\n" + "reason " * 1_000 + "\n\n" for number in range(20)]
    result = cut("".join(sections))
    kept, _, note = result.partition(NOTE)
    assert kept == "".join(sections[:9]).rstrip("\n")
    assert note == "44 of 80 lines are left out, from the section “Gate 9” on._\n"


def test_a_limit_counts_bytes_not_characters() -> None:
    assert size(cut("é\n" * 30_000)) <= BYTES
    assert len("é\n" * 30_000) < BYTES


def test_a_fence_and_a_fold_that_are_cut_through_are_closed() -> None:
    log = "<details><summary>Log</summary>\n\n````text\n" + "x" * 90 + "\n" + ("y" * 99 + "\n") * 1_000
    kept, _, _ = cut(log).partition(NOTE)
    assert kept.endswith("y\n````\n\n</details>")


def test_a_lone_surrogate_becomes_something_that_can_be_sent() -> None:
    assert cut("a\ud800b") == "a\ufffdb"
