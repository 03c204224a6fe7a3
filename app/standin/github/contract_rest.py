"""REST half of the contract check: requests and answers against GitHub's own OpenAPI description.

The description knows success answers well and errors hardly (401 stands in 3 of 105 operations), so successes are held
to it and errors to the rule that all of GitHub's errors share. It is lenient about what it does not name; requests are
held to more: query parameters and top-level fields that GitHub does not know are a client's typing mistakes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from app.standin.github.contract_amendments import amend
from app.standin.github.exchange import Exchange

if TYPE_CHECKING:
    from openapi_core import OpenAPI

API_VERSIONS = frozenset({"2022-11-28", "2026-03-10"})
_HOST = "https://api.github.com"
_UPLOADS_HOST = "https://uploads.github.com"
_REDIRECTS = frozenset({301, 302, 307, 308})
_MAX_PER_PAGE = 100
_FIRST_ERROR = 400
_NOT_MODIFIED = 304
_TEXT_LIMIT = 300

# The description is that of version 2022-11-28; what a later version took away.
_GONE = {("/rate_limit", "2026-03-10"): "'rate' is a required property"}

# A path parameter may hold slashes, which a template never matches: fold them into %2F first.
_FOLDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(/contents/)(.+)()$",
        r"(/git/(?:ref|refs|matching-refs)/)(.+)()$",
        r"(/compare/)(.+)()$",
        r"(/releases/tags/)(.+)()$",
        r"(/branches/)(.+)(/protection/required_status_checks)$",
        r"(/rules/branches/)(.+)()$",
        r"(/commits/)(.+)(/(?:check-runs|check-suites|status|statuses|pulls))$",
    )
)


def fold(path: str) -> str:
    """The path with the slashes inside its parameters percent-encoded, so that a template can match it."""
    for pattern in _FOLDS:
        folded, count = pattern.subn(lambda m: m[1] + quote(unquote(m[2]), safe="") + m[3], path)
        if count:
            return folded
    return path


@dataclass(frozen=True, slots=True)
class Operation:
    """One described operation: ``GET /repos/{owner}/{repo}`` and what the strict request rules need of it."""

    method: str
    template: str
    statuses: frozenset[str]
    query_names: frozenset[str]
    body_fields: frozenset[str] | None
    """Top-level JSON fields; None where the body is not one plain object."""
    json_statuses: frozenset[str]

    @property
    def is_upload(self) -> bool:
        """Whether the request carries an asset's bytes, to the uploads host."""
        return self.method == "POST" and self.template.endswith("/releases/{release_id}/assets")


class RestDescription:
    """GitHub's OpenAPI description as a judge of exchanges; read from ``path`` at first use (0.3 s)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._path.read_bytes())
        amend(document)
        return document

    @cached_property
    def _openapi(self) -> OpenAPI:
        # Imported here: half a second that only a checked run pays.
        from openapi_core import Config, OpenAPI

        return OpenAPI.from_dict(self._document, config=Config(spec_validator_cls=None))

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        # Fewest parameters first: /releases/latest is not a release id.
        ordered = sorted(self._document["paths"], key=lambda template: template.count("{"))
        return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(t)) + r"\Z"), t) for t in ordered]

    @cached_property
    def _operations(self) -> dict[tuple[str, str], Operation]:
        return {
            (method.upper(), template): self._operation(method.upper(), template, item, described)
            for template, item in self._document["paths"].items()
            for method, described in item.items()
            if method in {"get", "put", "post", "patch", "delete"}
        }

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._document
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return node

    def _operation(
        self, method: str, template: str, item: dict[str, Any], described: dict[str, Any]
    ) -> Operation:
        parameters = [
            self._resolved(p) for p in [*item.get("parameters", ()), *described.get("parameters", ())]
        ]
        body = self._resolved(described.get("requestBody", {})).get("content", {}).get("application/json", {})
        schema = self._resolved(body.get("schema", {}))
        plain = "properties" in schema and not any(k in schema for k in ("oneOf", "anyOf", "allOf"))
        answers = {status: self._resolved(answer) for status, answer in described["responses"].items()}
        return Operation(
            method=method,
            template=template,
            statuses=frozenset(answers),
            query_names=frozenset(p["name"] for p in parameters if p["in"] == "query"),
            body_fields=frozenset(schema["properties"]) if plain else None,
            json_statuses=frozenset(
                s for s, a in answers.items() if "application/json" in a.get("content", {})
            ),
        )

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that the request calls, or None when the description does not hold it."""
        folded = fold(path)
        for pattern, template in self._templates:
            found = self._operations.get((method, template))
            if found is not None and pattern.match(folded):
                return found
        return None

    def request_faults(self, operation: Operation, exchange: Exchange) -> list[str]:
        """What is wrong with the request, one short text each."""
        faults = _strict_faults(operation, exchange)
        if not operation.is_upload:
            faults += self._validated("request", _Request(exchange))
        return faults

    def answer_faults(self, operation: Operation, exchange: Exchange) -> list[str]:
        """What is wrong with the answer, one short text each."""
        if exchange.status >= _FIRST_ERROR:
            return error_faults(exchange)
        if exchange.status in _REDIRECTS:
            return [] if exchange.answer_headers.get("location") else ["a redirect without a Location header"]
        if exchange.status == _NOT_MODIFIED:
            return ["a 304 with a body"] if exchange.answer else []
        if str(exchange.status) not in operation.statuses:
            return [f"status {exchange.status} is not described; described are {sorted(operation.statuses)}"]
        return self._body_faults(operation, exchange)

    def _body_faults(self, operation: Operation, exchange: Exchange) -> list[str]:
        if str(exchange.status) not in operation.json_statuses:
            return ["a body where none is described"] if exchange.answer else []
        if exchange.answer_type == "application/json":
            found = self._validated("answer", _Request(exchange), _Answer(exchange))
            gone = _GONE.get((operation.template, exchange.headers.get("x-github-api-version", "")))
            return [fault for fault in found if gone is None or gone not in fault]
        # Other media types (raw contents, asset bytes) are asked for by Accept and described by no schema.
        return (
            []
            if _asked_for_other(exchange)
            else [f"content type {exchange.answer_type!r}, not application/json"]
        )

    def _validated(self, side: str, request: _Request, answer: _Answer | None = None) -> list[str]:
        from openapi_core.exceptions import OpenAPIError

        try:
            if answer is None:
                self._openapi.validate_request(request)
            else:
                self._openapi.validate_response(request, answer)
        except OpenAPIError as exc:
            return _explained(exc)
        except (ValueError, TypeError, KeyError) as exc:
            # openapi-core lets bodies that are no JSON at all escape with the decoder's own exception.
            return [f"unreadable {side}: {type(exc).__name__}: {exc}"[:_TEXT_LIMIT]]
        return []


def error_faults(exchange: Exchange) -> list[str]:
    """What is wrong with an error answer by the rule that GitHub's errors share: an object with message and link."""
    try:
        body = json.loads(exchange.answer or b"")
    except ValueError:
        return [f"an error answer that is not JSON ({exchange.answer_type or 'no content type'})"]
    if not isinstance(body, dict):
        return ["an error answer that is not an object"]
    faults = [
        f"an error answer whose {name} is not a string"
        for name in ("message", "documentation_url")
        if not isinstance(body.get(name), str)
    ]
    if "errors" in body and not isinstance(body["errors"], list):
        faults.append("an error answer whose errors are not a list")
    return faults


def _strict_faults(operation: Operation, exchange: Exchange) -> list[str]:
    faults = [
        f"unknown query parameter {name!r}"
        for name, _ in exchange.query
        if name not in operation.query_names and not operation.is_upload
    ]
    faults += [
        f"per_page={value}, the most is 100"
        for name, value in exchange.query
        if name == "per_page" and value.isdecimal() and int(value) > _MAX_PER_PAGE
    ]
    version = exchange.headers.get("x-github-api-version")
    if version is not None and version not in API_VERSIONS:
        faults.append(f"unknown X-GitHub-Api-Version {version!r}")
    if operation.body_fields is not None and exchange.body:
        try:
            sent = json.loads(exchange.body)
        except ValueError:
            return [*faults, "a body that is not JSON"]
        if isinstance(sent, dict):
            faults += [f"unknown body field {name!r}" for name in sent if name not in operation.body_fields]
    return faults


def _asked_for_other(exchange: Exchange) -> bool:
    accept = exchange.headers.get("accept", "")
    return "octet-stream" in accept or any(
        word in accept for word in (".raw", ".diff", ".patch", ".sha", ".html")
    )


def _shortened(text: str) -> str:
    """A schema error without its middle: it begins with the place and the value and ends with what is wrong."""
    half = _TEXT_LIMIT // 2
    return text if len(text) <= _TEXT_LIMIT else f"{text[:half]} … {text[-half:]}"


def _explained(exc: BaseException) -> list[str]:
    """The texts at the bottom of openapi-core's chain of causes, where the schema errors are."""
    cause: BaseException | None = exc
    while cause is not None:
        errors = list(getattr(cause, "schema_errors", ()) or ())
        if errors:
            return [
                _shortened(f"{getattr(e, 'json_path', '$')}: {getattr(e, 'message', e)}") for e in errors[:5]
            ]
        if cause.__cause__ is None:
            break
        cause = cause.__cause__
    return [f"{type(exc).__name__}: {cause}"[:_TEXT_LIMIT]]


class _Request:
    """An exchange's request in the form that openapi-core reads."""

    def __init__(self, exchange: Exchange) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        self.host_url = (
            _UPLOADS_HOST if exchange.path.endswith("/assets") and exchange.method == "POST" else _HOST
        )
        self.path = fold(exchange.path)
        self.method = exchange.method.lower()
        self.body = exchange.body or None
        # GitHub reads JSON whatever the client calls it; so the media type is no reason to skip the check.
        self.content_type = "application/json"
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(exchange.query),
            header=Headers(dict(exchange.headers)),
            cookie=ImmutableMultiDict(),
        )


class _Answer:
    """An exchange's answer in the form that openapi-core reads."""

    def __init__(self, exchange: Exchange) -> None:
        from werkzeug.datastructures import Headers

        self.status_code = exchange.status
        self.headers = Headers(dict(exchange.answer_headers))
        self.content_type = "application/json"
        self.data = exchange.answer
