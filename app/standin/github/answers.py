"""What answers look like: GitHub's error bodies word for word, pages with `Link`, and the headers every answer has."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from app.standin.github.records import Json

DOCUMENTATION = "https://docs.github.com/rest"
PER_PAGE = 30
PER_PAGE_LIMIT = 100

Item = TypeVar("Item")


class Refusal(Exception):
    """An error answer of GitHub: raise it anywhere below `middleware`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Json | str] | None = None,
        headers: dict[str, str] | None = None,
        documentation_url: str = DOCUMENTATION,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: Json = {"message": message}
        if errors is not None:
            self.body["errors"] = list(errors)
        self.body |= {"documentation_url": documentation_url, "status": str(status)}

    def response(self) -> web.Response:
        """The answer as it goes over the wire."""
        return answer(self.body, status=self.status, headers=self.headers)


def not_found() -> Refusal:
    """404, also for what exists but is not to be seen."""
    return Refusal(404, "Not Found")


def forbidden(message: str = "Resource not accessible by integration", *, accepted: str = "") -> Refusal:
    """403 for a missing permission; `accepted` says which would do (`contents=write`)."""
    return Refusal(403, message, headers={"X-Accepted-GitHub-Permissions": accepted} if accepted else None)


def bad_credentials() -> Refusal:
    """401 for a token that GitHub does not know (any more)."""
    return Refusal(401, "Bad credentials")


def validation_failed(*errors: Json | str) -> Refusal:
    """422 with `errors`: objects {resource, code, field, message} or plain sentences."""
    return Refusal(422, "Validation Failed", errors=errors)


def invalid_request(*complaints: str) -> Refusal:
    """422 in the form of GitHub's schema checks, such as `"head_sha" wasn't supplied.` for a field."""
    return Refusal(422, "Invalid request.\n\n" + "\n".join(complaints))


def unprocessable(message: str) -> Refusal:
    """422 with a message of its own (`Reference already exists`)."""
    return Refusal(422, message)


def custom_error(resource: str, message: str) -> Refusal:
    """422 Validation Failed with one custom error (`A pull request already exists for o:b.`)."""
    return validation_failed({"resource": resource, "code": "custom", "message": message})


def field_error(resource: str, field: str, code: str, **more: str) -> Refusal:
    """422 Validation Failed about one field; code is missing, missing_field, invalid or already_exists."""
    return validation_failed({"resource": resource, "field": field, "code": code, **more})


def answer(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer, compact and in UTF-8 as GitHub sends it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        text=text, status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def empty(status: int = 204) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status)


def paged(
    request: web.Request,
    base_url: str,
    items: Sequence[Item],
    render: Callable[[Item], object],
    *,
    wrap: str | None = None,
) -> web.Response:
    """One page of a list with its `Link` header; `wrap` makes it {total_count, wrap: […]}."""
    size = min(_number(request, "per_page", PER_PAGE), PER_PAGE_LIMIT)
    page = _number(request, "page", 1)
    shown = [render(item) for item in items[(page - 1) * size : page * size]]
    body: object = shown if wrap is None else {"total_count": len(items), wrap: shown}
    return answer(body, headers=_link(request, base_url, page, -(-len(items) // size)))


def with_field(response: web.Response, name: str, value: object) -> web.Response:
    """A wrapped page with one more field beside `total_count`."""
    body = json.loads(response.text or "{}")
    links = {"Link": response.headers["Link"]} if "Link" in response.headers else None
    return answer({**body, name: value}, headers=links)


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(int(text), 1) if text.isdecimal() else default


def _link(request: web.Request, base_url: str, page: int, last: int) -> dict[str, str]:
    here = URL(base_url).join(URL(request.path_qs, encoded=True))
    targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {"prev", "first"} if page > 1 else set()
    wanted |= {"next", "last"} if page < last else set()
    links = [f'<{here.update_query(page=n)}>; rel="{rel}"' for rel, n in targets.items() if rel in wanted]
    return {"Link": ", ".join(links)} if links else {}


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it: `2026-11-02T10:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(moment: datetime | None) -> str | None:
    """The same for a moment that may not have come."""
    return None if moment is None else stamp(moment)


def parse_stamp(text: str) -> datetime:
    """A moment from a request, ISO 8601 with a zone. Raises: Refusal 422."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as exc:
        raise invalid_request(f"{json.dumps(text)} is not a valid date-time.") from exc
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns refusals, and aiohttp's own 404 and 405 for unknown routes, into GitHub's error bodies."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.response()
    except web.HTTPRequestEntityTooLarge:
        return Refusal(413, "Payload too big").response()
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return not_found().response()


@web.middleware
async def headers_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Adds the headers that every answer of GitHub has."""
    response = await handler(request)
    version = request.headers.get("X-GitHub-Api-Version", "2022-11-28")
    response.headers.setdefault("X-GitHub-Request-Id", secrets.token_hex(10).upper())
    response.headers.setdefault("X-GitHub-Media-Type", "github.v3; format=json")
    response.headers.setdefault("X-GitHub-Api-Version-Selected", version)
    return response
