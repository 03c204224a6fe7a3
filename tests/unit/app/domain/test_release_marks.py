from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.release_marks import ReleaseMarks

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
MARKS = ReleaseMarks("v1", draft=False, prerelease=False, updated_at=AT)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (MARKS, True),
        (replace(MARKS, updated_at=None), True),
        (replace(MARKS, updated_at=AT + timedelta(seconds=1)), False),
        (replace(MARKS, tag="v2"), False),
        (replace(MARKS, draft=True), False),
        (replace(MARKS, prerelease=True, updated_at=None), False),
    ],
    ids=["nothing", "a server without times", "some word", "the tag", "to a draft", "to a prerelease"],
)
def test_marks_are_still_the_same_where_nothing_was_changed(now: ReleaseMarks, *, same: bool) -> None:
    assert MARKS.are_still(now) is same
    assert now.are_still(MARKS) is same
