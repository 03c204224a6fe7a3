from __future__ import annotations

import pytest

from app.adapters.github.exchange import Answer
from app.errors import TransientError


@pytest.mark.parametrize("body", [b"<html>", b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_should_be_json_and_is_not_may_be_asked_again(body: bytes) -> None:
    with pytest.raises(TransientError, match=r"github\.not_json"):
        Answer(200, {}, body).json()


def test_no_body_is_nothing() -> None:
    assert Answer(204, {}, b"").json() is None
