"""Sends one request over one shared session: headers, time limits, redirects, and the vendor's errors translated.

What gidgethub leaves to the app (github-platform gaps G9, G15, G16): the API version on every call, bytes instead of text,
and time limits. gidgethub's sansio part makes the URL and the headers.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from gidgethub import sansio
from yarl import URL

from app.adapters.github.exchange import Answer, Outgoing, RequestSeen
from app.errors import PermanentError, TransientError
from app.ports.clock import Clock

USER_AGENT = "hephaestus-github-app"
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=30)
REDIRECTS = 3
ANSWER_LIMIT = 64 * 1024 * 1024
_MOVED = frozenset({301, 302, 307, 308})


class Transport:
    """One attempt at a time; retries, tokens and pacing are decided above it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        clock: Clock,
        on_request: Callable[[RequestSeen], None],
    ) -> None:
        self.session = session
        self.api_url = api_url.rstrip("/")
        self.clock = clock
        self._on_request = on_request

    @property
    def graphql_url(self) -> str:
        """`/graphql` on github.com; beside `/api/v3` on Enterprise Server."""
        return f"{self.api_url.removesuffix('/v3')}/graphql"

    def address(self, request: Outgoing) -> str:
        """The whole URL of a request, its path already quoted. Raises PermanentError for a foreign origin."""
        if request.route == "/graphql":
            return self.graphql_url
        url = URL(sansio.format_url(request.path, None, base_url=self.api_url), encoded=True)
        if not self.is_ours(str(url)):
            raise PermanentError("github.foreign_url", "GitHub pointed to another host than its API's")
        return str(url.extend_query(request.query) if request.query else url)

    def is_ours(self, url: str) -> bool:
        """Whether the URL has the API's own origin: only there may a token go."""
        theirs, ours = urlsplit(url), urlsplit(self.api_url)
        return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)

    def headers(self, request: Outgoing, token: str | None) -> dict[str, str]:
        """What every request carries."""
        made = sansio.create_headers(USER_AGENT, accept=request.accept)
        made["x-github-api-version"] = request.version
        if token is not None:
            made["authorization"] = f"Bearer {token}"
        return made

    async def send(
        self,
        request: Outgoing,
        token: str | None,
        *,
        extra: dict[str, str] | None = None,
        installation_id: int | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises TransientError where none came, or not all of it."""
        headers = {**self.headers(request, token), **(extra or {})}
        url = self.address(request)
        for _ in range(REDIRECTS):
            answer = await self._once(request, url, headers, installation_id)
            target = answer.headers.get("location", "")
            if answer.status not in _MOVED or not target or not self.is_ours(target):
                return answer
            url = target
        raise PermanentError("github.redirects", f"GitHub redirects {request.what} in a circle")

    async def _once(
        self, request: Outgoing, url: str, headers: dict[str, str], installation_id: int | None
    ) -> Answer:
        started = self.clock.monotonic()
        answer = Answer(0, {}, b"")
        try:
            async with self.session.request(
                request.method,
                URL(url, encoded=True),
                headers=headers,
                json=request.json,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                body = await _read(response)
                found = {name.lower(): value for name, value in response.headers.items()}
                answer = Answer(response.status, found, body)
                return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            message = f"no whole answer came to {request.what} ({type(exc).__name__})"
            raise TransientError("github.unreachable", message) from exc
        finally:
            self._on_request(_seen(request, answer, self.clock.monotonic() - started, installation_id))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(256 * 1024):
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise PermanentError(
                "github.too_large", f"an answer of GitHub is larger than {ANSWER_LIMIT} bytes"
            )
    return bytes(body)


def _seen(request: Outgoing, answer: Answer, duration_s: float, installation_id: int | None) -> RequestSeen:
    remaining = answer.headers.get("x-ratelimit-remaining", "")
    return RequestSeen(
        request.method,
        request.route,
        answer.status,
        duration_s,
        installation_id,
        answer.headers.get("x-ratelimit-resource", ""),
        int(remaining) if remaining.isdecimal() else None,
        cached=answer.status == 304,  # noqa: PLR2004 -- HTTP's own number
    )
