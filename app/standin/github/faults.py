"""Injected faults: what GitHub does to a client on a bad day. None until a rule is added.

Rules are added from Python (``github.part(Faults).inject(Fault.BAD_GATEWAY, path="/repos/.*")``) or, when a test or
the demo switches ``control`` on, by ``POST /_control/faults``.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from app.standin.github import answers
from app.standin.github.call import GITHUB
from app.standin.github.contract import INJECTED

CONTROL_PATH = "/_control/faults"
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " If you reach out to GitHub Support for help, please include the request ID."
)
_LIMITS_PAGE = (
    "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)
_UNICORN = (
    "<!DOCTYPE html>\n<html>\n  <head><title>502 Bad Gateway</title></head>\n"
    "  <body><p>The page could not be served in time.</p></body>\n</html>\n"
)


class Fault(StrEnum):
    """What may go wrong. The ones after the effect are the hard ones: the client cannot know that it happened."""

    BAD_CREDENTIALS = "bad_credentials"
    """401, as for a token that has expired."""
    SECONDARY_LIMIT = "secondary_limit"
    """403 with Retry-After (``seconds``)."""
    TOO_MANY_REQUESTS = "too_many_requests"
    """429 with Retry-After (``seconds``)."""
    BAD_GATEWAY = "bad_gateway"
    """502 with an HTML page, before anything happened."""
    BAD_GATEWAY_AFTER = "bad_gateway_after"
    """502 with an HTML page, after the request took effect."""
    SLOW = "slow"
    """The right answer, ``seconds`` late."""
    CUT_BEFORE = "cut_before"
    """The connection is cut before anything happened."""
    CUT_AFTER = "cut_after"
    """The connection is cut after the request took effect, before a byte of the answer."""
    CUT_BODY = "cut_body"
    """The connection is cut in the middle of the answer's body."""
    CONFLICT = "conflict"
    """409, as for a repository that is being written to or is empty."""
    GONE = "gone"
    """410, as for logs and artifacts past their retention."""
    NOT_FOUND = "not_found"
    """404, as when the App has just lost its access."""


@dataclass(slots=True)
class Rule:
    """A fault for the requests that match: from the ``nth`` matching one (1 is the first) for ``times`` requests."""

    fault: Fault
    method: str = ""
    """Empty: any method."""
    path: str = ".*"
    """Regular expression that the whole decoded path must match."""
    nth: int = 1
    times: int | None = 1
    """None: without end."""
    seconds: float = 60
    """Retry-After, or how late the answer is."""
    seen: int = 0
    """Matching requests so far."""
    hits: int = 0
    """Faults made so far."""

    def takes(self, method: str, path: str) -> bool:
        """Counts a request that matches, and says whether this one gets the fault."""
        if (self.method and self.method != method) or not re.fullmatch(self.path, path):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.seen >= self.nth + self.times):
            return False
        self.hits += 1
        return True


@dataclass(slots=True)
class Faults:
    """The rules in force, in the order they were added; the first that takes a request wins."""

    rules: list[Rule] = field(default_factory=list)
    control: bool = False
    """Whether ``POST /_control/faults`` is open; without it the route does not exist."""

    def inject(
        self,
        fault: Fault,
        *,
        method: str = "",
        path: str = ".*",
        nth: int = 1,
        times: int | None = 1,
        seconds: float = 60,
    ) -> Rule:
        """Adds a rule and returns it, so that a test can ask for its ``hits``."""
        rule = Rule(fault, method.upper(), path, nth, times, seconds)
        re.compile(path)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Everything works again."""
        self.rules.clear()

    def taking(self, method: str, path: str) -> Rule | None:
        """The rule that this request falls under."""
        return next((rule for rule in self.rules if rule.takes(method, path)), None)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers with the fault whose turn it is, and otherwise lets the request through."""
    if request.path.startswith("/_"):
        return await handler(request)
    rule = request.app[GITHUB].part(Faults).taking(request.method, request.path)
    if rule is None:
        return await handler(request)
    if rule.fault is Fault.SLOW:
        await asyncio.sleep(rule.seconds)
        return await handler(request)
    request[INJECTED] = rule.fault
    if rule.fault in {Fault.CUT_AFTER, Fault.CUT_BODY, Fault.BAD_GATEWAY_AFTER}:
        return await _after(rule.fault, request, await handler(request))
    if rule.fault is Fault.CUT_BEFORE:
        return _cut(request)
    return _instead(rule)


async def _after(fault: Fault, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    if fault is Fault.BAD_GATEWAY_AFTER:
        return _bad_gateway()
    if fault is Fault.CUT_AFTER:
        return _cut(request)
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    torn = web.StreamResponse(
        status=answer.status, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    torn.content_length = max(len(body), 2)
    await torn.prepare(request)
    await torn.write(body[: len(body) // 2] or b"{")
    return _cut(request, torn)


def _cut(request: web.Request, answer: web.StreamResponse | None = None) -> web.StreamResponse:
    """Resets the connection; what is returned never reaches the client."""
    if request.transport is not None:
        request.transport.abort()
    return answer or web.Response(status=502)


def _bad_gateway() -> web.Response:
    return web.Response(status=502, text=_UNICORN, content_type="text/html")


def _instead(rule: Rule) -> web.Response:
    wait = {"Retry-After": str(max(int(rule.seconds), 0))}
    refusals = {
        Fault.BAD_CREDENTIALS: answers.bad_credentials(),
        Fault.SECONDARY_LIMIT: answers.Refusal(403, _SECONDARY, headers=wait, documentation_url=_LIMITS_PAGE),
        Fault.TOO_MANY_REQUESTS: answers.Refusal(
            429, _SECONDARY, headers=wait, documentation_url=_LIMITS_PAGE
        ),
        Fault.CONFLICT: answers.Refusal(409, "Git Repository is empty."),
        Fault.GONE: answers.Refusal(410, "Gone"),
        Fault.NOT_FOUND: answers.not_found(),
    }
    refusal = refusals.get(rule.fault)
    return _bad_gateway() if refusal is None else refusal.response()


async def control(request: web.Request) -> web.StreamResponse:
    """Adds a rule from a JSON object with the fields of ``Faults.inject``; ``{"clear": true}`` takes all away."""
    faults = request.app[GITHUB].part(Faults)
    if not faults.control:
        raise answers.not_found()
    try:
        asked: dict[str, Any] = await request.json()
        if asked.get("clear"):
            faults.clear()
            return answers.empty()
        faults.inject(Fault(asked.pop("fault")), **asked)
    except (ValueError, TypeError, KeyError, AttributeError, re.error) as exc:
        raise answers.unprocessable(f"not a fault rule: {exc}; faults are {', '.join(Fault)}") from exc
    return answers.empty(201)


def routes() -> list[web.RouteDef]:
    """The control route; it answers 404 while ``Faults.control`` is off."""
    return [web.post(CONTROL_PATH, control)]
