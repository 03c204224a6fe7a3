"""The contract check: every request the app sends and every answer the stand-in gives, held to GitHub's descriptions.

It sits outermost among the middlewares. Deviations are collected, never answered, so a checked run behaves as an
unchecked one; whoever started the server asks ``github.part(Contract).deviations`` at the end and fails on what it
finds. The descriptions lie outside the repository (``Contract.use``); without them calls are counted as not checked.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from app.standin.github.call import CALLER, GITHUB, Caller
from app.standin.github.contract_graphql import GraphQLDescription
from app.standin.github.contract_rest import RestDescription, error_faults
from app.standin.github.exchange import ApiCall, Deviation, Exchange

INJECTED = web.RequestKey("standin_injected", str)
"""Set on a request whose answer a fault rule made: a 502 page is not held to GitHub's description."""

NOT_CHECKED = "not checked: that takes GitHub's descriptions (--contract DIR) and the package openapi-core"

_LOG_LENGTH = 2_000
_FIRST_ERROR = 400


@lru_cache(maxsize=4)
def _rest(path: Path) -> RestDescription:
    return RestDescription(path)


@lru_cache(maxsize=4)
def _graphql(path: Path) -> GraphQLDescription:
    return GraphQLDescription(path)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says of one exchange."""

    name: str
    operation: str
    """``GET /repos/{owner}/{repo}``; method and path where no description holds the call."""
    deviations: tuple[Deviation, ...] = ()


@dataclass(slots=True)
class Contract:
    """The collected verdicts of a run."""

    deviations: list[Deviation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Calls by verdict: ok, deviation, refused, injected, outside, not checked."""
    operations: Counter[str] = field(default_factory=Counter)
    """Calls by described operation: what the run covered."""
    outside: Counter[str] = field(default_factory=Counter)
    """Calls that no description holds, by method and path."""
    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    """The API log: the last 2,000 calls, oldest first."""
    rest: RestDescription | None = None
    graphql: GraphQLDescription | None = None

    def use(self, corpus: Path) -> None:
        """Checks against the descriptions below a folder: ``github-openapi`` and ``github-graphql``, if there."""
        openapi = corpus / "github-openapi" / "api.github.com.subset.json"
        schema = corpus / "github-graphql" / "schema.nodesc.graphql"
        self.rest = _rest(openapi) if openapi.is_file() else None
        self.graphql = _graphql(schema) if schema.is_file() else None

    @property
    def is_on(self) -> bool:
        """Whether both descriptions are at hand."""
        return self.rest is not None and self.graphql is not None

    def summary(self) -> str:
        """One line for people: how many calls were held to the contract and how many deviated."""
        if not self.is_on:
            return f"contract check: {self.counts.total()} calls, {NOT_CHECKED}"
        checked = self.counts["ok"] + self.counts["deviation"] + self.counts["refused"]
        return f"contract check: {checked} calls, {len(self.deviations)} deviations, {self.counts['outside']} outside"

    def judge(self, exchange: Exchange, *, injected: bool = False) -> Verdict:
        """The verdict on one exchange, without recording it."""
        name = f"{exchange.method} {exchange.path}"
        if injected:
            return Verdict("injected", name)
        if exchange.path == "/graphql":
            return self._judge_graphql(exchange, name)
        if self.rest is None:
            return Verdict("not checked", name)
        operation = self.rest.operation(exchange.method, exchange.path)
        if operation is None:
            return Verdict("outside", name)
        return _verdict(
            exchange,
            f"{operation.method} {operation.template}",
            self.rest.request_faults(operation, exchange),
            self.rest.answer_faults(operation, exchange),
            refused=exchange.status >= _FIRST_ERROR,
        )

    def _judge_graphql(self, exchange: Exchange, name: str) -> Verdict:
        if self.graphql is None:
            return Verdict("not checked", name)
        requested = self.graphql.request_faults(exchange)
        if exchange.status >= _FIRST_ERROR:
            return _verdict(exchange, name, requested, error_faults(exchange), refused=True)
        # Data can only be run over a document that is itself valid.
        answered = [] if requested else self.graphql.answer_faults(exchange)
        return _verdict(exchange, name, requested, answered, refused=b'"errors"' in (exchange.answer or b""))

    def record(self, verdict: Verdict, call: ApiCall) -> None:
        """Counts a judged exchange and writes it into the API log."""
        self.counts[verdict.name] += 1
        self.deviations.extend(verdict.deviations)
        (self.outside if verdict.name == "outside" else self.operations)[verdict.operation] += 1
        self.calls.append(call)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Judges the exchange after it is over; pages and git's own protocol go by unseen."""
    if not is_api(request.path):
        return await handler(request)
    started = time.perf_counter()
    body = await request.read()
    try:
        answer = await handler(request)
    except Exception as exc:
        failed = web.Response(status=500, text=f"the stand-in failed: {type(exc).__name__}: {exc}")
        _judge(request, body, failed, time.perf_counter() - started)
        raise
    _judge(request, body, answer, time.perf_counter() - started)
    return answer


def _judge(request: web.Request, body: bytes, answer: web.StreamResponse, duration_s: float) -> None:
    github = request.app[GITHUB]
    contract = github.part(Contract)
    exchange = exchange_of(request, body, answer)
    verdict = contract.judge(exchange, injected=INJECTED in request)
    call = ApiCall(
        at=github.now(),
        method=exchange.method,
        path=request.path_qs,
        status=exchange.status,
        duration_s=duration_s,
        caller=caller_name(request.get(CALLER)),
        verdict=verdict.name,
        deviations=verdict.deviations,
    )
    contract.record(verdict, call)


def caller_name(caller: Caller | None) -> str:
    """Who called, for the API log; never a token."""
    if caller is None:
        return ""
    if caller.installation is not None:
        return f"installation {caller.installation.id}"
    if caller.app is not None:
        return f"app {caller.app.slug}"
    return caller.account.login if caller.account is not None else caller.kind


def is_api(path: str) -> bool:
    """Whether a path belongs to the API, not to the pages, the settings or git's smart HTTP."""
    return not (path.startswith(("/_", "/settings/", "/organizations/")) or ".git/" in path or path == "/")


def exchange_of(request: web.Request, body: bytes, answer: web.StreamResponse) -> Exchange:
    """The exchange as values; a streamed answer has no bytes to show."""
    sent = answer.body if isinstance(answer, web.Response) else None
    streamed = not isinstance(answer, web.Response)
    return Exchange(
        method=request.method,
        path=request.rel_url.raw_path,
        query=tuple(request.query.items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        status=answer.status,
        answer_headers={name.lower(): value for name, value in answer.headers.items()},
        answer=None if streamed else bytes(sent) if isinstance(sent, bytes | bytearray) else b"",
    )


def _verdict(
    exchange: Exchange, operation: str, requested: list[str], answered: list[str], *, refused: bool
) -> Verdict:
    """A wrong request that was refused is no deviation: the stand-in said so itself, as GitHub would have."""
    found = [("answer", what) for what in answered] + (
        [] if refused else [("request", what) for what in requested]
    )
    deviations = tuple(
        Deviation(exchange.method, exchange.path, exchange.status, side, what) for side, what in found
    )
    if deviations:
        return Verdict("deviation", operation, deviations)
    return Verdict("refused" if refused else "ok", operation)
