from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.github.errors import classify
from app.errors import (
    AccessDenied,
    Conflict,
    Gone,
    HephaestusError,
    NotFound,
    PermanentError,
    TransientError,
)

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
EXISTS = [{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:b."}]


def error(
    status: int, message: str = "", headers: dict[str, str] | None = None, errors: object = None
) -> HephaestusError:
    body = json.dumps({"message": message, "errors": errors} if errors else {"message": message})
    return classify(status, headers or {}, body.encode(), what="GET /app", now=NOW)


@pytest.mark.parametrize(
    ("status", "message", "kind", "code"),
    [
        (400, "Problems parsing JSON", PermanentError, "github.status_400"),
        (401, "Bad credentials", AccessDenied, "github.unauthorized"),
        (403, "Resource not accessible by integration", AccessDenied, "github.permission"),
        (403, "This installation has been suspended", AccessDenied, "github.suspended"),
        (403, "the `o` organization has an IP allow list enabled", AccessDenied, "github.ip_allow_list"),
        (403, SECONDARY, TransientError, "github.secondary_limit"),
        (403, "You have triggered an abuse detection mechanism.", TransientError, "github.secondary_limit"),
        (429, SECONDARY, TransientError, "github.secondary_limit"),
        (429, "", TransientError, "github.secondary_limit"),
        (403, "This workflow is already running", PermanentError, "github.rerun_refused"),
        (403, "Unable to retry this workflow run because it was created", PermanentError, "github.rerun_refused"),
        (404, "Not Found", NotFound, "github.not_found"),
        (409, "Git Repository is empty.", Conflict, "github.conflict"),
        (410, "Gone", Gone, "github.gone"),
        (422, "Reference already exists", Conflict, "github.already_exists"),
        (422, "Update is not a fast forward", Conflict, "github.not_fast_forward"),
        (422, "No commit found for SHA: abc", NotFound, "github.no_such_commit"),
        (422, "Reference does not exist", NotFound, "github.not_found"),
        (422, "The permissions requested are not granted to this installation.", AccessDenied, "github.permission"),
        (422, "Validation Failed", PermanentError, "github.unprocessable"),
        (500, "Server Error", TransientError, "github.unavailable"),
        (503, "", TransientError, "github.unavailable"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_class_and_code(
    status: int, message: str, kind: type[PermanentError | TransientError], code: str
) -> None:
    found = error(status, message)
    assert (type(found), getattr(found, "code", "")) == (kind, code)


def test_a_duplicate_pull_request_is_known_by_the_detail() -> None:
    assert isinstance(error(422, "Validation Failed", errors=EXISTS), Conflict)


def test_the_primary_limit_is_over_at_the_reset() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 900)}
    found = error(403, "API rate limit exceeded for installation ID 5.", headers)
    assert isinstance(found, TransientError)
    assert (found.code, found.retry_at) == ("github.primary_limit", NOW + timedelta(minutes=15))


def test_retry_after_goes_before_the_reset() -> None:
    headers = {"Retry-After": "8", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1999999999"}
    found = error(429, "API rate limit exceeded", headers)
    assert isinstance(found, TransientError)
    assert found.retry_at == NOW + timedelta(seconds=8)


def test_a_secondary_limit_without_a_time_waits_a_minute() -> None:
    found = error(403, SECONDARY, {"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": "1999999999"})
    assert isinstance(found, TransientError)
    assert found.retry_at == NOW + timedelta(seconds=60)


def test_a_missing_permission_is_one_even_with_nothing_left() -> None:
    found = error(403, "Must have push access to repository", {"X-RateLimit-Remaining": "0"})
    assert isinstance(found, AccessDenied)


def test_a_missing_permission_names_what_is_needed() -> None:
    found = error(
        403, "Resource not accessible by integration", {"x-accepted-github-permissions": "checks=write"}
    )
    assert "checks=write" in str(found)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"message": 5}', b'{"errors": 5}']
)
@pytest.mark.parametrize("status", [300, 400, 401, 403, 404, 418, 422, 429, 502])
def test_any_body_and_status_gives_an_error_of_ours(status: int, body: bytes) -> None:
    found = classify(status, {"retry-after": "soon", "x-ratelimit-reset": "x"}, body, what="GET /", now=NOW)
    assert isinstance(found, HephaestusError)
