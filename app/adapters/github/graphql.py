"""GraphQL with the same tokens, pacing and errors as REST (gidgethub's bypasses all of them: gap G6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.adapters.github.api import Api
from app.adapters.github.errors import rate_limit
from app.adapters.github.exchange import outgoing
from app.errors import (
    AccessDenied,
    Conflict,
    HephaestusError,
    InvalidInput,
    NotFound,
    PermanentError,
    TransientError,
)

_KINDS: dict[str, tuple[type[PermanentError], str]] = {
    "NOT_FOUND": (NotFound, "github.not_found"),
    "FORBIDDEN": (AccessDenied, "github.permission"),
    "INSUFFICIENT_SCOPES": (AccessDenied, "github.permission"),
    "STALE_DATA": (Conflict, "github.stale_head"),
    "UNPROCESSABLE": (PermanentError, "github.unprocessable"),
}
_PASSING = frozenset({"SERVICE_UNAVAILABLE", "INTERNAL"})


async def graphql(api: Api, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The whole `data` of an answer without errors. A partial answer is an error: half a truth is none.

    Raises as `Api.call`; Conflict where the expected head moved.
    """
    request = outgoing("POST", "/graphql", {}, json={"query": document, "variables": variables})
    answer = await api.call(request)
    body = answer.json()
    if not isinstance(body, dict):
        raise InvalidInput("github.unexpected_answer", "GitHub's GraphQL answer is no object")
    if body.get("errors"):
        error = graphql_error(body["errors"], answer.headers, now=api.now())
        await api.note(request, error, answer.headers)
        raise error
    if not isinstance(body.get("data"), dict):
        raise InvalidInput("github.unexpected_answer", "GitHub's GraphQL answer has no data")
    return dict(body["data"])


def graphql_error(errors: Any, headers: Mapping[str, str], *, now: datetime) -> HephaestusError:  # noqa: ANN401 -- as GitHub sent it
    """The class of the first of GraphQL's errors; an unknown type is a permanent one."""
    first = errors[0] if isinstance(errors, list) and errors else None
    first = first if isinstance(first, dict) else {}
    kind, message = str(first.get("type", "")), str(first.get("message", "no message"))[:300]
    said = f"GitHub's GraphQL refused: {message}"
    if kind in {"RATE_LIMITED", "RATE_LIMIT"} or "rate limit" in message.lower():
        return rate_limit(headers, message, said, now)
    if kind in _PASSING or message.startswith("Something went wrong"):
        return TransientError("github.unavailable", said)
    if "Expected branch to point to" in message:
        return Conflict("github.stale_head", said)
    found, code = _KINDS.get(kind, (PermanentError, "github.graphql"))
    return found(code, said)
