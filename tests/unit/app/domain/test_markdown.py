from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.markdown import BREAK, block, clean, code, plain


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("@octocat", f"@{BREAK}octocat"),
        ("fixes #12", f"fixes \\#{BREAK}12"),
        ("GH-12", f"GH{BREAK}\\-12"),
        ("https://evil.example", f"https:{BREAK}//evil\\.example"),
        ("www.evil.example", f"www{BREAK}\\.evil\\.example"),
        ("<img src=x>", "&lt;img src\\=x&gt;"),
        ("![x](y)", "\\!\\[x\\]\\(y\\)"),
        ("a\u202eb\x1b[31mc\x1b[0m\nd", "abc d"),
        ("&lt;", "&amp;lt;"),
        (":octocat: :+1:", f":{BREAK}octocat: :{BREAK}\\+1:"),
    ],
)
def test_running_text_means_nothing(hostile: str, safe: str) -> None:
    assert plain(hostile) == safe


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("a", "`a`"),
        ("", "` `"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a|b", "`a\\|b`"),
        ("a\nb", "`a b`"),
        ("x" * 600, "`" + "x" * 499 + "…`"),
    ],
)
def test_a_code_span_cannot_be_left(hostile: str, safe: str) -> None:
    assert code(hostile) == safe


@given(st.text())
def test_a_code_span_closes_where_it_should(text: str) -> None:
    span = code(text)
    fence = re.match(r"`+", span)
    assert fence is not None
    assert "\n" not in span
    inner = clean(text)
    assert len(fence[0]) not in {len(run) for run in re.findall(r"`+", inner)} or inner.startswith("`")


@given(st.text())
def test_no_text_keeps_a_control_character(text: str) -> None:
    for shown in (clean(text), plain(text), code(text)):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


def test_a_block_is_fenced_longer_than_anything_in_it() -> None:
    assert block("a\n````\nb\x1b[1m") == "`````text\na\n````\nb\n`````"
    assert block("") == "```text\n```"
