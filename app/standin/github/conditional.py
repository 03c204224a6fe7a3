"""Conditional requests: validators on what is read, and 304 where nothing has changed.

The ETag depends on the token, as at GitHub: the same thing read with a renewed token has another ETag, so a cache
keyed by address alone never hits, and one shared between tenants is found out.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

NOT_MODIFIED = 304
_OK = 200
_MODIFIED_AT = re.compile(
    r"/repos/[^/]+/[^/]+(?:/issues/\d+|/issues/comments/\d+|/pulls/\d+|/releases/(?:\d+|latest|tags/.+))?"
)
"""Where GitHub sends Last-Modified, from the object's ``updated_at``."""


def is_conditional(request: web.Request) -> bool:
    """Whether the client has a copy and asks if it is still good."""
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def settle(request: web.Request, token: str, answer: web.StreamResponse) -> web.StreamResponse:
    """The answer with its validators; a bodiless 304 where the client's copy is still good."""
    if request.method != "GET" or answer.status != _OK or not isinstance(answer, web.Response):
        return answer
    body = answer.body if isinstance(answer.body, bytes) else b""
    etag = _etag(body, token, request.headers.get("Accept", ""))
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    answer.headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
    modified_at = _modified_at(request.path, body) if answer.content_type == "application/json" else None
    if modified_at is not None:
        answer.headers["Last-Modified"] = format_datetime(modified_at, usegmt=True)
    if not _is_unchanged(request, etag, modified_at):
        return answer
    kept = ("ETag", "Cache-Control", "Vary", "Last-Modified", "Link")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return web.Response(status=NOT_MODIFIED, headers=headers)


def _etag(body: bytes, token: str, accept: str) -> str:
    digest = hashlib.sha256(b"\0".join((token.encode(), accept.encode(), body))).hexdigest()
    return f'W/"{digest}"'


def _modified_at(path: str, body: bytes) -> datetime | None:
    if not _MODIFIED_AT.fullmatch(path):
        return None
    shown = json.loads(body or b"null")
    moment = shown.get("updated_at") if isinstance(shown, dict) else None
    return datetime.fromisoformat(moment).astimezone(UTC) if isinstance(moment, str) else None


def _is_unchanged(request: web.Request, etag: str, modified_at: datetime | None) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides alone when it is there."""
    if "If-None-Match" in request.headers:
        asked = {part.strip().removeprefix("W/") for part in request.headers["If-None-Match"].split(",")}
        return "*" in asked or etag.removeprefix("W/") in asked
    since = request.headers.get("If-Modified-Since")
    if since is None or modified_at is None:
        return False
    try:
        return modified_at <= parsedate_to_datetime(since).astimezone(UTC)
    except ValueError:
        return False
