"""Calls on behalf of one token scope: pacing, token, conditional cache, retries of what is safe, errors classified."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.adapters.github.cache import ConditionalCache, Key
from app.adapters.github.edition import Edition
from app.adapters.github.errors import classify
from app.adapters.github.exchange import Answer, CacheMode, Outgoing, RequestSeen, outgoing
from app.adapters.github.governor import Governor
from app.adapters.github.tokens import Scope, TokenBroker
from app.adapters.github.transport import Transport
from app.adapters.github.trial import Trial
from app.errors import HephaestusError, TransientError
from app.ports.handler import Lane

ATTEMPTS = 3
FIRST_WAIT_S = 0.25
NOT_MODIFIED = 304
OK = 300
_PASSING = frozenset({"github.unavailable", "github.unreachable", "github.not_json"})


@dataclass(frozen=True, slots=True)
class Shared:
    """What all calls of one App share."""

    app_id: int
    transport: Transport
    tokens: TokenBroker
    cache: ConditionalCache
    governor: Governor
    edition: Edition


class Api:
    """Requests with the token of one scope, in one lane."""

    def __init__(self, shared: Shared, scope: Scope, lane: Lane) -> None:
        self.scope = scope
        self._shared, self._lane = shared, lane
        self._transport = shared.transport
        self.app_id = shared.app_id

    def now(self) -> datetime:
        """The time of day."""
        return self._transport.clock.now()

    async def get(self, route: str, variables: dict[str, str | int], **more: Any) -> Any:  # noqa: ANN401 -- JSON
        """The JSON of a GET; `more` are fields of `Outgoing`."""
        return (await self.call(outgoing("GET", route, variables, **more))).json()

    async def write(
        self, method: str, route: str, variables: dict[str, str | int], body: object, *, creates: bool = False
    ) -> Any:  # noqa: ANN401 -- JSON
        """The JSON of a request that changes something; sent once, or again only where GitHub refused the token."""
        return (await self.call(outgoing(method, route, variables, json=body, creates=creates))).json()

    async def call(self, request: Outgoing) -> Answer:
        """A successful answer. Raises as `classify` does; a read is tried three times while GitHub is unavailable."""
        wait_s = FIRST_WAIT_S
        for left in reversed(range(ATTEMPTS if request.safe else 1)):
            try:
                return await self._paced(request)
            except TransientError as error:
                if left == 0 or error.code not in _PASSING or error.retry_at is not None:
                    raise
            await asyncio.sleep(wait_s * (0.5 + random.random()))  # noqa: S311 -- jitter, not a secret
            wait_s *= 3
        raise AssertionError  # pragma: no cover -- the last attempt returns or raises

    async def version(self, wanted: str) -> str:
        """The version of the API for a call that needs a newer one than every GitHub understands."""
        return await self._shared.edition.version(wanted, lambda: self.get("/meta", {}))

    def trial(self) -> Trial:
        """The tokens for one request; for the downloader, which streams its own."""
        return Trial(self._shared.tokens, self.scope)

    async def admit(self, request: Outgoing) -> None:
        """Takes a request's share of the budgets. Raises TransientError with the time when it may go."""
        await self._shared.governor.admit(self.scope.installation_id, request, self._lane)

    def observe(self, request: Outgoing, answer: Answer) -> None:
        """Learns what is left of the hour from an answer that `call` did not fetch."""
        self._shared.governor.observe(self.scope.installation_id, request, answer.headers)

    async def failure(self, request: Outgoing, answer: Answer) -> HephaestusError:
        """The error of an answer; a limit is remembered for all who use this installation."""
        error = classify(answer.status, answer.headers, answer.body, what=request.what, now=self.now())
        await self.note(request, error, answer.headers)
        return error

    async def note(self, request: Outgoing, error: HephaestusError, headers: Mapping[str, str]) -> None:
        """Remembers a limit for all who use this installation; the error names the time that holds for all of them."""
        if isinstance(error, TransientError):
            await self._shared.governor.refused(self.scope.installation_id, request, error, headers)

    async def _paced(self, request: Outgoing) -> Answer:
        key = Key(self.scope.key, request.accept, request.version, self._transport.address(request))
        keeps = request.safe and request.cached
        if keeps and request.immutable and (kept := self._shared.cache.get(key)) is not None:
            self._transport.seen(kept_answer(request, kept, self.scope.installation_id))
            return kept
        await self.admit(request)
        validators = self._shared.cache.validators(key) if keeps else {}
        answer = await self._trusted(request, validators)
        if answer.status == NOT_MODIFIED and (kept := self._shared.cache.get(key)) is not None:
            return kept
        if answer.status == NOT_MODIFIED:
            # Evicted while we asked: ask for the whole.
            answer = await self._trusted(request, {})
        _check_media(request, answer)
        if keeps:
            self._shared.cache.put(key, answer, immutable=request.immutable)
        return answer

    async def _trusted(self, request: Outgoing, validators: dict[str, str]) -> Answer:
        """The answer with a token that GitHub knows: a fresh one is offered again for some seconds, an old one renewed.

        Repeating is safe for writes too: a request refused for its token changed nothing.
        """
        trial = self.trial()
        while True:
            token = await trial.token()
            answer = await self._transport.send(
                request, token.value, extra=validators, installation_id=self.scope.installation_id
            )
            self._shared.governor.observe(self.scope.installation_id, request, answer.headers)
            if answer.status < OK or answer.status == NOT_MODIFIED:
                return answer
            error = await self.failure(request, answer)
            if not await trial.again(token, error):
                raise error


def _check_media(request: Outgoing, answer: Answer) -> None:
    """Raises TransientError for a proxy's page in place of JSON, before it can be kept."""
    wanted = request.accept.endswith("json")
    if wanted and answer.body and "json" not in answer.headers.get("content-type", ""):
        raise TransientError("github.not_json", f"something that is not JSON came to {request.what}")


def kept_answer(request: Outgoing, kept: Answer, installation_id: int) -> RequestSeen:
    """What metrics are told about an answer for which nothing was sent."""
    return RequestSeen(request.method, request.route, kept.status, 0.0, installation_id, cache=CacheMode.KEPT)
