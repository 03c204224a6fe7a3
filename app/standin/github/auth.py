"""Who calls and whether they may: JWTs of Apps, tokens of installations and of people, permissions per route."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from app.standin.github import answers, jwt
from app.standin.github.call import CALLER, GITHUB, Call, Caller, CallHandler, RequestHandler
from app.standin.github.records import LEVELS, Token
from app.standin.github.state import GitHub, Repository

PERSON_LEVELS = {"admin": 3, "maintain": 2, "write": 2, "triage": 1, "read": 1, "none": 0}
WRITABLE_BY_READERS = frozenset({"issues", "pull_requests"})
"""Anyone who sees a public repository may open issues and pull requests and comment on them."""
SUSPENDED = "This installation has been suspended"


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Puts the caller on the request; a credential that is sent must be good, even where none is needed."""
    github = request.app[GITHUB]
    try:
        request[CALLER] = identify(github, request.headers.get("Authorization", ""))
    except answers.Refusal as refusal:
        response = refusal.response()
        if "/info/refs" in request.path or "/git-" in request.path:
            response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
        return response
    return await handler(request)


def identify(github: GitHub, authorization: str) -> Caller:
    """The caller behind an Authorization header. Raises: Refusal 401, 403 (suspended) or 404 (unknown App)."""
    token = _credential(authorization)
    if not token:
        return Caller("anonymous")
    if jwt.looks_like_jwt(token):
        app = jwt.verify(token, github.apps, github.clock())
        return Caller("app", token, app=app)
    known = github.tokens.get(token)
    moment = github.clock()
    if (
        known is None
        or moment < known.usable_at
        or (known.expires_at is not None and moment >= known.expires_at)
    ):
        raise answers.bad_credentials()
    return _holder(known)


def _credential(authorization: str) -> str:
    scheme, _, value = authorization.strip().partition(" ")
    if not authorization.strip():
        return ""
    if scheme.lower() in {"bearer", "token"} and value.strip():
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError) as exc:
            raise answers.bad_credentials() from exc
        return password or user
    raise answers.bad_credentials()


def _holder(token: Token) -> Caller:
    installation = token.installation
    if installation is None:
        return Caller("user", token.value, account=token.account)
    if installation.suspended_at is not None:
        raise answers.Refusal(403, SUSPENDED)
    return Caller(
        "installation",
        token.value,
        app=installation.app,
        installation=installation,
        permissions=token.permissions,
        repository_ids=None if token.repository_ids is None else frozenset(token.repository_ids),
    )


def reaches(github: GitHub, caller: Caller, repository: Repository) -> bool:
    """Whether an installation token covers a repository."""
    if caller.installation is None or not github.covers(caller.installation, repository):
        return False
    return caller.repository_ids is None or repository.id in caller.repository_ids


def check_access(call: Call, repository: Repository, permission: str, level: str) -> None:
    """Lets the call through or raises what GitHub answers.

    Private and out of sight: 404. In sight without the permission: 403 that names it. Public repositories may be
    read by anyone, except that an installation which covers one must hold the permission: so a forgotten permission
    is found here and not on the first private repository.
    """
    caller = call.caller
    if caller.kind == "app":
        raise answers.bad_credentials()
    if caller.kind == "installation":
        _check_installation(call, repository, permission, level)
    elif caller.account is not None:
        _check_person(caller, repository, permission, level)
    elif repository.private:
        raise answers.not_found()
    elif level != "read":
        raise answers.Refusal(401, "Requires authentication")


def _check_installation(call: Call, repository: Repository, permission: str, level: str) -> None:
    if reaches(call.github, call.caller, repository):
        if not call.caller.has(permission, level):
            raise answers.forbidden(accepted=f"{permission}={level}")
    elif repository.private:
        raise answers.not_found()
    elif level != "read":
        raise answers.forbidden(accepted=f"{permission}={level}")


def _check_person(caller: Caller, repository: Repository, permission: str, level: str) -> None:
    assert caller.account is not None  # noqa: S101 -- the caller's kind says so
    held = PERSON_LEVELS[repository.permission_of(caller.account)]
    if held == 0:
        raise answers.not_found()
    if permission in WRITABLE_BY_READERS and level == "write" and not repository.private:
        return
    if held < LEVELS[level]:
        message = "Must have admin rights to Repository." if level != "read" else "Not Found"
        raise answers.forbidden(message)


def repository_of(github: GitHub, request: web.Request) -> Repository:
    """The repository a path names, by name or id. Raises: Refusal 404; 301 under a former name."""
    if (number := request.match_info.get("repository_id")) is not None:
        found = github.repositories.get(int(number)) if number.isdecimal() else None
    else:
        name = f"{request.match_info['owner']}/{request.match_info['repo']}"
        found = github.repository(name)
        if found is None and (moved := github.renamed.get(name.lower())) is not None:
            rest = request.rel_url.raw_path.split("/", 4)[4:]
            place = "/".join([f"{github.api_url}/repositories/{moved}", *rest])
            query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
            raise _Moved(place + query)
    if found is None:
        raise answers.not_found()
    return found


class _Moved(answers.Refusal):
    """301 to the form by id, which is what GitHub answers under a repository's former name."""

    def __init__(self, location: str) -> None:
        super().__init__(301, "Moved Permanently", headers={"Location": location})
        self.body["url"] = location


def requires(permission: str, level: str = "read") -> Callable[[CallHandler], RequestHandler]:
    """A decorator for handlers of routes below /repos/{owner}/{repo}: finds the repository, checks the permission."""

    def wrap(handler: CallHandler) -> RequestHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            github = request.app[GITHUB]
            call = Call(request, github, request[CALLER], repository_of(github, request))
            check_access(call, call.repository, permission, level)
            return await handler(call)

        return handle

    return wrap


def as_app(handler: CallHandler) -> RequestHandler:
    """For routes that only an App itself may call, with its JWT."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request[CALLER].kind != "app":
            raise answers.Refusal(401, jwt.UNDECODABLE)
        return await handler(Call(request, request.app[GITHUB], request[CALLER]))

    return handle


def as_installation(handler: CallHandler) -> RequestHandler:
    """For routes that only an installation may call, with its token."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request[CALLER].kind != "installation":
            raise answers.forbidden(
                "You must authenticate with an installation access token in order to use this endpoint."
            )
        return await handler(Call(request, request.app[GITHUB], request[CALLER]))

    return handle


def as_anyone(handler: CallHandler) -> RequestHandler:
    """For routes that need no repository and no particular caller."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(Call(request, request.app[GITHUB], request[CALLER]))

    return handle
