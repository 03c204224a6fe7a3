"""One request and its answer, and what is told about them to metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from app.errors import InvalidInput, TransientError

VERSION = "2022-11-28"
"""Understood by github.com and every supported Enterprise Server."""
NEWEST = "2026-03-10"
"""Only on github.com, and only for calls that need it."""
JSON_MEDIA = "application/vnd.github+json"
SAFE = frozenset({"GET", "HEAD"})
_MAY_HOLD_SLASHES = frozenset({"path", "ref", "branch", "tag"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request before it is addressed and signed; `route` is the template, which metrics may name.

    `creates` says that GitHub counts it as creating content; `immutable` that its answer never changes (addressed by a sha).
    """

    method: str
    route: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: object | None = None
    accept: str = JSON_MEDIA
    version: str = VERSION
    creates: bool = False
    immutable: bool = False
    cached: bool = True

    @property
    def what(self) -> str:
        """For messages: method and path, without the query."""
        return f"{self.method} {self.path}"

    @property
    def safe(self) -> bool:
        """Whether repeating it changes nothing."""
        return self.method in SAFE


def outgoing(method: str, route: str, variables: Mapping[str, str | int], **more: Any) -> Outgoing:  # noqa: ANN401 -- Outgoing's fields
    """A request with the route's `{variables}` filled in and quoted. Raises InvalidInput for `.` and `..` as a segment."""
    path = route
    for name, value in variables.items():
        text = str(value)
        segments = text.split("/") if name in _MAY_HOLD_SLASHES else [text]
        if any(segment in {"", ".", ".."} for segment in segments):
            raise InvalidInput(
                "github.path", f"{name} is not something that can be asked for: {text[:100]!r}"
            )
        path = path.replace(f"{{{name}}}", "/".join(quote(segment, safe="") for segment in segments))
    return Outgoing(method, route, path, **more)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read whole; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    from_cache: bool = False

    def json(self) -> Any:  # noqa: ANN401 -- JSON may be anything; models read it
        """The body as JSON, None where empty. Raises TransientError where it is none (a proxy's page)."""
        if not self.body:
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            message = f"GitHub answered {self.status} with something that is not JSON"
            raise TransientError("github.not_json", message) from exc


class CacheMode(StrEnum):
    """Where the bytes of an answer came from."""

    MISS = "miss"
    """From GitHub."""
    HIT = "hit"
    """From the cache, since GitHub answered 304."""
    KEPT = "kept"
    """From the cache, without a request: the answer never changes."""


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One attempt of a request, or one that needed none, for metrics; `status` 0 means that no answer came."""

    method: str
    route: str
    status: int
    duration_s: float
    installation_id: int | None
    resource: str = ""
    remaining: int | None = None
    cache: CacheMode = CacheMode.MISS
    downloaded_bytes: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
