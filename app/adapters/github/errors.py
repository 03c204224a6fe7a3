"""The table (status, headers, message) -> class of error: what an answer of GitHub means for the caller.

GitHub answers 403 for a missing permission, a suspended installation and all rate limits alike; the message tells them
apart, since `x-ratelimit-remaining: 0` also comes with permission errors (recorded). Figures and wording:
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.adapters.github.budgets import SECONDARY_WAIT
from app.adapters.github.times import pause_end, reset_at
from app.errors import (
    AccessDenied,
    Conflict,
    Gone,
    HephaestusError,
    NotFound,
    PermanentError,
    TransientError,
)
from app.ports import github_writer

PERMISSION = github_writer.PERMISSION
UNAUTHORIZED = "github.unauthorized"
UNAVAILABLE = "github.unavailable"
PRIMARY_LIMIT = "github.primary_limit"
SECONDARY_LIMIT = "github.secondary_limit"
PACED = "github.paced"
"""Our own: GitHub was not asked."""
LIMITS = frozenset({PRIMARY_LIMIT, SECONDARY_LIMIT, PACED})
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Complaint:
    """A refusal as GitHub words it: the message, and the parts of `errors` as one text."""

    message: str
    details: str

    @property
    def text(self) -> str:
        """Both, lower case, to search in."""
        return f"{self.message} {self.details}".lower()


_SECONDARY = ("secondary rate limit", "abuse detection", "content creation")
_FORBIDDEN: tuple[tuple[str, str, str], ...] = (
    ("suspended", "github.suspended", "the installation is suspended; its owner can unsuspend it"),
    ("ip allow list", "github.ip_allow_list", "the organisation's IP allow list does not name this server"),
    ("saml", "github.sso", "the organisation asks for single sign-on"),
)
_RERUN_LIMITS = (
    "unable to retry",
    "already running",
    "cannot be rerun",
    "cannot be retried",
    "over a month ago",
)
"""A run may start again at most 50 times, for 30 days, and not while it runs: a 403 that no permission mends."""
_UNPROCESSABLE: tuple[tuple[str, type[PermanentError], str], ...] = (
    ("permissions requested are not granted", AccessDenied, PERMISSION),
    ("already exist", Conflict, "github.already_exists"),
    ("already_exists", Conflict, "github.already_exists"),
    ("not a fast forward", Conflict, "github.not_fast_forward"),
    ("expected branch to point to", Conflict, "github.stale_head"),
    ("no commit found", NotFound, "github.no_such_commit"),
    ("reference does not exist", NotFound, "github.not_found"),
)
_BY_STATUS: dict[int, tuple[type[PermanentError], str]] = {
    404: (NotFound, "github.not_found"),
    409: (Conflict, "github.conflict"),
    410: (Gone, "github.gone"),
    451: (AccessDenied, "github.unavailable_for_legal_reasons"),
}


def classify(
    status: int, headers: Mapping[str, str], body: bytes, *, what: str, now: datetime
) -> HephaestusError:
    """The error that an answer with `status` >= 300 stands for; `what` names the request (`GET /app`) and holds no secret."""
    lower = {name.lower(): value for name, value in headers.items()}
    complaint = read_complaint(body)
    said = f"GitHub answered {status} to {what}: {complaint.message[:SHOWN] or 'no message'}"
    if complaint.details:
        said = f"{said} ({complaint.details[:SHOWN]})"
    if status in {403, 429} and (limited := _limit(status, lower, complaint, said, now)) is not None:
        return limited
    if status == 401:  # noqa: PLR2004 -- HTTP's own numbers read best as numbers
        return AccessDenied(UNAUTHORIZED, said)
    if status == 403:  # noqa: PLR2004 -- likewise
        return _forbidden(lower, complaint, said)
    if status == 422:  # noqa: PLR2004 -- likewise
        return _unprocessable(complaint, said)
    if status >= 500 or status == 408:  # noqa: PLR2004 -- likewise
        return TransientError(UNAVAILABLE, said, pause_end(lower, now))
    kind, code = _BY_STATUS.get(status, (PermanentError, f"github.status_{status}"))
    return kind(code, said)


def _limit(
    status: int, headers: Mapping[str, str], complaint: Complaint, said: str, now: datetime
) -> TransientError | None:
    """The limit that was hit, if it was one."""
    text = complaint.text
    if any(words in text for words in _SECONDARY):
        return secondary_limit(headers, said, now)
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    if "rate limit exceeded" in text or (exhausted and (status == 429 or not complaint.message)):  # noqa: PLR2004 -- HTTP's
        return primary_limit(headers, said, now, exhausted=exhausted)
    if status == 429 or pause_end(headers, now) is not None:  # noqa: PLR2004 -- HTTP's
        return secondary_limit(headers, said, now)
    return None


def rate_limit(headers: Mapping[str, str], message: str, said: str, now: datetime) -> TransientError:
    """The limit of an answer that is known to tell of one; names of headers are lower case."""
    is_secondary = any(words in message.lower() for words in _SECONDARY)
    return (secondary_limit if is_secondary else primary_limit)(headers, said, now)


def primary_limit(
    headers: Mapping[str, str], said: str, now: datetime, *, exhausted: bool = True
) -> TransientError:
    """Over at Retry-After, else at the reset of an exhausted hour, else in a minute."""
    reset = reset_at(headers, now) if exhausted else None
    return TransientError(PRIMARY_LIMIT, said, pause_end(headers, now) or reset or now + SECONDARY_WAIT)


def secondary_limit(headers: Mapping[str, str], said: str, now: datetime) -> TransientError:
    """Over at Retry-After, else in a minute; the governor makes that longer each time it happens again."""
    return TransientError(SECONDARY_LIMIT, said, pause_end(headers, now) or now + SECONDARY_WAIT)


def _forbidden(headers: Mapping[str, str], complaint: Complaint, said: str) -> PermanentError:
    if any(words in complaint.text for words in _RERUN_LIMITS):
        return PermanentError("github.rerun_refused", said)
    if "x-github-sso" in headers:
        return AccessDenied("github.sso", f"{said}; the organisation asks for single sign-on")
    for words, code, hint in _FORBIDDEN:
        if words in complaint.text:
            return AccessDenied(code, f"{said}; {hint}")
    needed = headers.get("x-accepted-github-permissions", "")
    return AccessDenied(PERMISSION, f"{said}; needed: {needed[:SHOWN]}" if needed else said)


def _unprocessable(complaint: Complaint, said: str) -> PermanentError:
    for words, kind, code in _UNPROCESSABLE:
        if words in complaint.text:
            return kind(code, said)
    return PermanentError("github.unprocessable", said)


def read_complaint(body: bytes) -> Complaint:
    """What the body says; empty where it is no JSON object (a proxy's HTML page)."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return Complaint("", "")
    if not isinstance(data, dict):
        return Complaint("", "")
    message = data.get("message") or data.get("error") or ""
    errors = data.get("errors") or []
    parts = [_part(one) for one in (errors if isinstance(errors, list) else [errors])]
    return Complaint(str(message), "; ".join(part for part in parts if part))


def _part(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    return " ".join(str(error[name]) for name in ("resource", "field", "code", "message") if error.get(name))
