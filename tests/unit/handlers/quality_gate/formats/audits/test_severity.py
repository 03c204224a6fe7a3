"""Words, scores and vectors as severities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audits import Severity
from handlers.quality_gate.formats.audits import severity


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("CRITICAL", Severity.CRITICAL),
        (" Important ", Severity.HIGH),
        ("moderate", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("none", Severity.NONE),
        ("unknown", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_words_of_all_tools_are_known(word: str | None, expected: Severity) -> None:
    assert severity.of_word(word) is expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (10.0, Severity.CRITICAL),
        (9.0, Severity.CRITICAL),
        (8.9, Severity.HIGH),
        (7.0, Severity.HIGH),
        (6.9, Severity.MEDIUM),
        (4.0, Severity.MEDIUM),
        (3.9, Severity.LOW),
        (0.1, Severity.LOW),
        (0.0, Severity.NONE),
        (10.1, Severity.UNKNOWN),
        (-1.0, Severity.UNKNOWN),
        (float("nan"), Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_scores_follow_the_scale_of_cvss(score: float | None, expected: Severity) -> None:
    assert severity.of_score(score) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", Severity.HIGH),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Severity.CRITICAL),
        ("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", Severity.LOW),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Severity.NONE),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", Severity.HIGH),
        ("7.5", Severity.HIGH),
        ("high", Severity.UNKNOWN),
        ("CVSS:3.1/AV:N", Severity.UNKNOWN),
        ("CVSS:3.1/" + "AV:N/" * 100, Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_vectors_count_by_their_base_score(text: str | None, expected: Severity) -> None:
    assert severity.of_cvss(text) is expected


def test_the_highest_that_is_known_counts() -> None:
    assert severity.highest(Severity.LOW, Severity.UNKNOWN, Severity.HIGH) is Severity.HIGH
    assert severity.highest(Severity.UNKNOWN) is severity.highest() is Severity.UNKNOWN


@given(text=st.one_of(st.text(max_size=60), st.text(alphabet="CVSS:34.10/AVNLHPRUIT", max_size=60)))
def test_any_text_is_some_severity(text: str) -> None:
    assert severity.of_cvss(text) in Severity
