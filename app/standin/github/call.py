"""One request on its way to a handler: who calls, about which repository, with what body."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from app.standin.github import answers
from app.standin.github.records import LEVELS, Account, App, Installation, Json
from app.standin.github.state import GitHub, Repository


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request: an App by JWT, an installation by token, a person by token, or nobody known."""

    kind: str
    """`app`, `installation`, `user` or `anonymous`."""
    token: str = field(default="", repr=False)
    app: App | None = None
    installation: Installation | None = None
    account: Account | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repository_ids: frozenset[int] | None = None
    """The repositories an installation token was narrowed to; None: all of the installation."""

    @property
    def actor(self) -> Account | None:
        """In whose name changes are made: the App's bot or the person."""
        return self.app.bot if self.app is not None else self.account

    def has(self, permission: str, level: str) -> bool:
        """Whether an installation token carries a permission at least at that level."""
        return LEVELS[self.permissions.get(permission, "none")] >= LEVELS[level]


GITHUB = web.AppKey("github", GitHub)
CALLER = web.RequestKey("caller", Caller)
"""Set by `auth.middleware` on every request: `request[CALLER]`."""


@dataclass(slots=True)
class Call:
    """What a handler gets. `repository` is there on routes below /repos/{owner}/{repo}."""

    request: web.Request
    github: GitHub
    caller: Caller
    on: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository of the path. Raises: LookupError on a route without one (a fault in the route table)."""
        if self.on is None:
            raise LookupError(f"{self.request.path} names no repository")
        return self.on

    @property
    def actor(self) -> Account:
        """In whose name changes are made."""
        if self.caller.actor is None:
            raise answers.Refusal(401, "Requires authentication")
        return self.caller.actor

    def part(self, name: str) -> str:
        """A variable part of the path, decoded."""
        return self.request.match_info[name]

    def number(self, name: str) -> int:
        """A variable part of the path that is a number; anything else does not exist."""
        text = self.part(name)
        if not text.isdecimal():
            raise answers.not_found()
        return int(text)

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query.get(name, default)

    async def parsed(self) -> object:
        """Whatever JSON was sent; {} for an empty body. Raises: Refusal 400."""
        raw = await self.request.read()
        try:
            found: object = json.loads(raw) if raw.strip() else {}
        except ValueError as exc:
            raise answers.Refusal(400, "Problems parsing JSON") from exc
        return found

    async def body(self) -> Json:
        """The JSON object that was sent; {} for an empty body. Raises: Refusal 400."""
        found = await self.parsed()
        if not isinstance(found, dict):
            raise answers.Refusal(400, "Body should be a JSON object")
        return found


CallHandler = Callable[[Call], Awaitable[web.StreamResponse]]
RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def text(body: Json, name: str, *, required: bool = False, nullable: bool = True) -> str | None:
    """A text field of a body. Raises: Refusal 422 in the words of GitHub's schema check."""
    if name not in body:
        if required:
            raise answers.invalid_request(f'"{name}" wasn\'t supplied.')
        return None
    value = body[name]
    if value is None and nullable and not required:
        return None
    if not isinstance(value, str):
        raise answers.invalid_request(f"For 'properties/{name}', {json.dumps(value)} is not a string.")
    return value


def needed_text(body: Json, name: str) -> str:
    """A text field that must be there."""
    return text(body, name, required=True) or ""


def strings(body: Json, name: str) -> list[str]:
    """A field that is a list of texts; [] when absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise answers.invalid_request(
            f"For 'properties/{name}', {json.dumps(value)} is not an array of strings."
        )
    return value


def objects(body: Json, name: str) -> list[Json]:
    """A field that is a list of objects; [] when absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise answers.invalid_request(
            f"For 'properties/{name}', {json.dumps(value)} is not an array of objects."
        )
    return value
