"""Rate limits as GitHub keeps them: primary ones by hour, secondary ones by minute, and answers that cost nothing.

A limit is kept by caller (App, installation, person, or everyone unknown together) and resource. Exhausting the
hourly one answers 403 with ``x-ratelimit-remaining: 0``; the secondary ones answer 403 with ``Retry-After``. A 304 is
free. Figures: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from app.standin.github import answers, auth, conditional
from app.standin.github.call import CALLER, GITHUB, Call, Caller
from app.standin.github.contract import is_api
from app.standin.github.creation import creates_content
from app.standin.github.records import Json

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
RESOURCES = ("core", "graphql", "search", "integration_manifest")
_PRIMARY_PAGE = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
_SECONDARY_PAGE = f"{_PRIMARY_PAGE}#about-secondary-rate-limits"
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " If you reach out to GitHub Support for help, please include the request ID."
)
_CREATION = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
    " Please retry your request again later."
)
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Window:
    """One caller's hour on one resource."""

    limit: int
    reset_at: datetime
    used: int = 0

    def shown(self) -> Json:
        """As `GET /rate_limit` shows it."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": max(self.limit - self.used, 0),
            "reset": int(self.reset_at.timestamp()),
        }


@dataclass(slots=True)
class Limits:
    """The figures (change them freely) and what each caller has used of them."""

    primary: dict[str, int] = field(
        default_factory=lambda: {"core": 5_000, "graphql": 5_000, "search": 30, "integration_manifest": 5_000}
    )
    """Requests an hour by resource."""
    primary_of: dict[str, int] = field(default_factory=dict)
    """Other hourly `core` limits of single callers, by `key_of`, as `installation:1000004`."""
    anonymous: int = 60
    creations_a_minute: int = 80
    creations_an_hour: int = 500
    concurrent: int = 100
    points_a_minute: int = 100_000
    """GitHub allows 900 (a read 1, a write 5); generous here, since tests do in a second what takes an hour there."""
    too_many_status: int = 403
    """403 or 429: GitHub answers either."""
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    creations: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    points: defaultdict[str, deque[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(deque))
    running: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: int = 0
    """Requests turned away so far."""

    def window(self, key: str, resource: str, now: datetime) -> Window:
        """The current hour; it begins with the first request and a new one begins when it is over."""
        found = self.windows.get((key, resource))
        if found is None or now >= found.reset_at:
            found = self.windows[key, resource] = Window(self._limit(key, resource), now + HOUR)
        return found

    def _limit(self, key: str, resource: str) -> int:
        if key == "anonymous":
            return min(self.anonymous, self.primary[resource])
        return (
            self.primary_of.get(key, self.primary[resource]) if resource == "core" else self.primary[resource]
        )

    def exhaust(self, key: str, resource: str, now: datetime) -> None:
        """Leaves a caller nothing for the rest of its hour."""
        window = self.window(key, resource, now)
        window.used = window.limit

    def check_points(self, key: str, method: str, now: datetime) -> None:
        """Takes 1 point for a read and 5 for a write. Raises: Refusal."""
        spent = self.points[key]
        while spent and spent[0][0] <= now - MINUTE:
            spent.popleft()
        cost = 1 if method in _READS else 5
        if sum(points for _, points in spent) + cost > self.points_a_minute:
            raise self.secondary(_SECONDARY, spent[0][0] + MINUTE - now if spent else MINUTE)
        spent.append((now, cost))

    def check_creation(self, key: str, now: datetime) -> None:
        """Counts a request that creates content. Raises: Refusal past 80 a minute or 500 an hour."""
        made = self.creations[key]
        while made and made[0] <= now - HOUR:
            made.popleft()
        latest = [moment for moment in made if moment > now - MINUTE]
        if len(latest) >= self.creations_a_minute:
            raise self.secondary(_CREATION, latest[0] + MINUTE - now)
        if len(made) >= self.creations_an_hour:
            raise self.secondary(_CREATION, made[0] + HOUR - now)
        made.append(now)

    def secondary(self, message: str, wait: timedelta) -> answers.Refusal:
        """The refusal of a secondary limit; at least a second to wait."""
        headers = {"Retry-After": str(max(math.ceil(wait.total_seconds()), 1))}
        return answers.Refusal(
            self.too_many_status, message, headers=headers, documentation_url=_SECONDARY_PAGE
        )

    def exceeded(self, caller: Caller) -> answers.Refusal:
        """The refusal of the primary limit."""
        who = {"installation": f"installation ID {caller.installation.id}" if caller.installation else ""}
        whom = who.get(caller.kind) or (f"user ID {caller.account.id}" if caller.account else caller.kind)
        return answers.Refusal(
            self.too_many_status, f"API rate limit exceeded for {whom}.", documentation_url=_PRIMARY_PAGE
        )


def key_of(caller: Caller) -> str:
    """Whose limits a request counts against."""
    if caller.installation is not None:
        return f"installation:{caller.installation.id}"
    if caller.app is not None:
        return f"app:{caller.app.id}"
    return f"user:{caller.account.id}" if caller.account is not None else "anonymous"


def resource_of(path: str) -> str:
    """Which hourly limit a path counts against."""
    if path == "/graphql":
        return "graphql"
    if path.startswith("/app-manifests/"):
        return "integration_manifest"
    return "search" if path.startswith("/search/") else "core"


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts the request, turns it away past a limit, answers 304 where nothing changed, and adds the headers."""
    if not is_api(request.path):
        return await handler(request)
    github = request.app[GITHUB]
    limits, caller = github.part(Limits), request[CALLER]
    key, resource = key_of(caller), resource_of(request.path)
    window = limits.window(key, resource, github.clock())
    limits.running[key] += 1
    try:
        _admit(request, limits, window)
        answer = await _counted(request, handler, limits, window)
    except answers.Refusal as refusal:
        limits.refused += 1
        answer = refusal.response()
    finally:
        limits.running[key] -= 1
    for name, value in window.shown().items():
        answer.headers[f"X-RateLimit-{name.capitalize()}"] = str(value)
    answer.headers["X-RateLimit-Resource"] = resource
    return answer


def _admit(request: web.Request, limits: Limits, window: Window) -> None:
    """Raises: Refusal for the first limit that the request exceeds."""
    caller, now = request[CALLER], request.app[GITHUB].clock()
    key = key_of(caller)
    if limits.running[key] > limits.concurrent:
        raise limits.secondary(_SECONDARY, MINUTE)
    if window.used >= window.limit and not _may_be_free(request):
        raise limits.exceeded(caller)
    limits.check_points(key, request.method, now)
    if creates_content(request.method, request.path):
        limits.check_creation(key, now)


async def _counted(
    request: web.Request, handler: Handler, limits: Limits, window: Window
) -> web.StreamResponse:
    """The answer; the request is taken off the hour unless it turns out to cost nothing."""
    if request.path == "/rate_limit":
        return await handler(request)
    window.used += 1
    token = request[CALLER].token
    answer = conditional.settle(request, token, await handler(request))
    if answer.status == conditional.NOT_MODIFIED:
        window.used -= 1
    elif window.used > window.limit:
        window.used = window.limit
        raise limits.exceeded(request[CALLER])
    return answer


def _may_be_free(request: web.Request) -> bool:
    return request.path == "/rate_limit" or (request.method == "GET" and conditional.is_conditional(request))


async def rate_limit(call: Call) -> web.Response:
    """`GET /rate_limit`: all windows of the caller; asking costs nothing."""
    limits, key = call.github.part(Limits), key_of(call.caller)
    windows = {name: limits.window(key, name, call.github.clock()).shown() for name in RESOURCES}
    body: Json = {"resources": windows}
    if call.request.headers.get("X-GitHub-Api-Version", "2022-11-28") == "2022-11-28":
        body["rate"] = windows["core"]
    return answers.answer(body)


async def meta(_: Call) -> web.Response:
    """`GET /meta`: where webhooks come from; this stand-in posts from loopback."""
    addresses = ["127.0.0.0/8", "::1/128"]
    groups = ("hooks", "web", "api", "git", "actions")
    body: Json = {
        "verifiable_password_authentication": False,
        "ssh_keys": [],
        **dict.fromkeys(groups, addresses),
    }
    return answers.answer(body)


def routes() -> list[web.RouteDef]:
    """`GET /rate_limit` and `GET /meta`."""
    return [
        web.get("/rate_limit", auth.as_anyone(rate_limit)),
        web.get("/meta", auth.as_anyone(meta)),
    ]
