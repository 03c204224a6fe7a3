from __future__ import annotations

import logging

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from app.receiver.unreadable import server_log


def logged(exc: Exception, caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    with caplog.at_level(logging.DEBUG):
        server_log().error("Error handling request", exc_info=exc)
    return [(record.levelno, record.getMessage()) for record in caplog.records]


def test_bytes_that_are_no_http_are_a_line_for_debug_without_them(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(BadHttpMessage("b'a token'"), caplog) == [(logging.DEBUG, "unreadable_request")]
    assert "a token" not in caplog.text


def test_an_error_of_our_own_stays_one(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(RuntimeError("ours"), caplog) == [(logging.ERROR, "Error handling request")]
