from __future__ import annotations

from datetime import timedelta

import pytest

from app.adapters.github.graphql import graphql_error
from app.adapters.github.models import read
from app.adapters.github.tokens import _Minted
from app.errors import (
    AccessDenied,
    Conflict,
    HephaestusError,
    InvalidInput,
    NotFound,
    PermanentError,
    TransientError,
)
from tests.unit.app.adapters.github.clock import StillClock

NOW = StillClock().now()


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("RATE_LIMITED", "API rate limit exceeded", TransientError),
        ("NOT_FOUND", "Could not resolve", NotFound),
        ("FORBIDDEN", "Resource not accessible by integration", AccessDenied),
        ("STALE_DATA", 'Expected branch to point to "a" but it did not.', Conflict),
        ("UNPROCESSABLE", "A path is not valid", PermanentError),
        ("", "Something went wrong while executing your query.", TransientError),
        ("NEW_KIND", "who knows", PermanentError),
    ],
)
def test_each_kind_has_its_class(kind: str, message: str, expected: type[HephaestusError]) -> None:
    assert type(graphql_error([{"type": kind, "message": message}], {}, now=NOW)) is expected


RESET = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 900)}


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({}, 60), (RESET, 900), ({**RESET, "retry-after": "8"}, 8), ({"x-ratelimit-reset": "soon"}, 60)],
)
def test_a_limit_is_over_when_the_headers_say_so_else_in_a_minute(
    headers: dict[str, str], wait_s: int
) -> None:
    found = graphql_error([{"type": "RATE_LIMITED", "message": "wait"}], headers, now=NOW)
    assert isinstance(found, TransientError)
    assert (found.code, found.retry_at) == ("github.primary_limit", NOW + timedelta(seconds=wait_s))


def test_a_secondary_limit_is_told_apart_and_does_not_wait_for_the_hour() -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    found = graphql_error([{"message": message}], {**RESET, "x-ratelimit-remaining": "4000"}, now=NOW)
    assert isinstance(found, TransientError)
    assert (found.code, found.retry_at) == ("github.secondary_limit", NOW + timedelta(seconds=60))


@pytest.mark.parametrize("errors", [[], [5], "x", None, {}, [None], [{"message": None}]])
def test_any_errors_are_an_error(errors: object) -> None:
    assert isinstance(graphql_error(errors, {}, now=NOW), PermanentError)


def test_an_unreadable_answer_shows_no_token_in_any_message() -> None:
    with pytest.raises(InvalidInput) as caught:
        read(_Minted, {"token": ["ghs_secret"], "expires_at": "ghs_secret"})
    assert "ghs_secret" not in f"{caught.value} {caught.value.__cause__}"
