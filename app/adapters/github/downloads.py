"""Large bytes: a link from GitHub, followed without the token, streamed to a temporary file and hashed on the way."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp

from app.adapters.github import snappy
from app.adapters.github.api import Api
from app.adapters.github.bundle_hosts import is_bundle_host
from app.adapters.github.exchange import Answer, Outgoing, outgoing
from app.adapters.github.reader import REPO
from app.adapters.github.transport import STATUS, USER_AGENT, Transport, seen, span_of
from app.domain.ci import Artifact
from app.domain.ids import Sha256Hex
from app.domain.release import Asset, Attestation
from app.domain.repo import Repository
from app.errors import Gone, InvalidInput, TransientError
from app.ports.artifacts import Download
from app.telemetry import traces

TIME_LIMIT_S = 600.0
TIMEOUT = aiohttp.ClientTimeout(total=TIME_LIMIT_S, sock_connect=10, sock_read=30)
CHUNK = 256 * 1024
HOPS = 6
LINKS = 3
REFUSAL_BYTES = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({401, 403, 404, 410})
OK = 200
FOREIGN = Outgoing("GET", "(download host)", "(download host)")
"""A signed link as metrics and messages name it: the link itself is a secret."""


class _LinkExpired(Exception):
    """The other host refuses the link; a fresh one may work."""


class RepositoryDownloads:
    """`Downloads` of one repository into `folder`; files are gone after the `async with`."""

    def __init__(self, api: Api, transport: Transport, repository: Repository, folder: Path) -> None:
        self._api, self._transport, self._folder = api, transport, folder
        self._names: dict[str, str | int] = {"owner": repository.owner, "repo": repository.name}

    def artifact(self, artifact: Artifact, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """As `Downloads`."""
        request = self._request("/actions/artifacts/{id}/zip", artifact.id)
        return self._download(request, max_bytes, None)

    def job_log(self, job_id: int, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """As `Downloads`."""
        return self._download(self._request("/actions/jobs/{id}/logs", job_id), max_bytes, None)

    def asset(self, asset: Asset, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """As `Downloads`."""
        request = self._request("/releases/assets/{id}", asset.id, accept="application/octet-stream")
        return self._download(request, max_bytes, asset.size_bytes)

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        """As `Downloads`."""
        if attestation.bundle is not None:
            if len(attestation.bundle) > max_bytes:
                raise _too_large(max_bytes)
            return attestation.bundle
        if attestation.bundle_url is None:
            raise InvalidInput(
                "github.unexpected_answer", "an attestation has neither a bundle nor its address"
            )
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="bundle-") as place:
            path = Path(place, "bundle")
            try:
                await self._stream_foreign(attestation.bundle_url, path, max_bytes, self._check_bundle_host)
            except _LinkExpired as exc:
                raise TransientError(
                    "download.link_expired", "a bundle's link has expired; list it again"
                ) from exc
            data = await asyncio.to_thread(path.read_bytes)
        return data if data.lstrip()[:1] == b"{" else snappy.decode(data, max_bytes)

    def _request(self, route: str, ident: int, *, accept: str = "application/vnd.github+json") -> Outgoing:
        return outgoing("GET", REPO + route, {**self._names, "id": ident}, accept=accept, cached=False)

    @asynccontextmanager
    async def _download(
        self, request: Outgoing, max_bytes: int, expected: int | None
    ) -> AsyncIterator[Download]:
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="download-") as place:
            path = Path(place, "body")
            saved = await self._fetch(request, path, max_bytes)
            if expected is not None and saved.size_bytes != expected:
                message = f"GitHub said {expected} bytes and sent {saved.size_bytes}"
                raise InvalidInput("download.size_mismatch", message)
            yield saved

    async def _fetch(self, request: Outgoing, path: Path, max_bytes: int) -> Download:
        """Follows a fresh link each time, since links live for a minute."""
        for _ in range(LINKS):
            try:
                return await self._from_github(request, path, max_bytes)
            except _LinkExpired:
                continue
        raise Gone("download.gone", f"the host behind {request.what} does not keep its bytes any longer")

    async def _from_github(self, request: Outgoing, path: Path, max_bytes: int) -> Download:
        """GitHub sends us to another host, or (Enterprise Server) sends the bytes itself."""
        await self._api.admit(request)
        url, trial = self._transport.address(request), self._api.trial()
        for _ in range(HOPS):
            token = await trial.token()
            came = await self._hop(
                request, url, self._transport.headers(request, token.value), path, max_bytes
            )
            if isinstance(came, Download):
                return came
            self._api.observe(request, came)
            if _is_moved(came):
                url = urljoin(url, came.headers["location"])
                if self._transport.is_ours(url):
                    continue
                return await self._stream_foreign(url, path, max_bytes)
            error = await self._api.failure(request, came)
            if not await trial.again(token, error):
                raise error
        raise _circle()

    async def _stream_foreign(
        self, url: str, path: Path, max_bytes: int, check: Callable[[str], None] = lambda _: None
    ) -> Download:
        """The bytes behind a signed link; never with a token, never from https to http, only where `check` lets it go."""
        for _ in range(HOPS):
            self._check_scheme(url)
            check(url)
            came = await self._hop(FOREIGN, url, {"user-agent": USER_AGENT}, path, max_bytes)
            if isinstance(came, Download):
                return came
            if _is_moved(came):
                url = urljoin(url, came.headers["location"])
                continue
            if came.status in _EXPIRED:
                raise _LinkExpired
            raise TransientError("github.unavailable", f"the download host answered {came.status}")
        raise _circle()

    async def _hop(
        self, request: Outgoing, url: str, headers: dict[str, str], path: Path, max_bytes: int
    ) -> Download | Answer:
        """The bytes where they are here, else the answer: a redirect, or a refusal with the beginning of its body."""
        with span_of(request):
            return await self._attempt(request, url, headers, path, max_bytes)

    async def _attempt(
        self, request: Outgoing, url: str, headers: dict[str, str], path: Path, max_bytes: int
    ) -> Download | Answer:
        started, answer, saved = self._transport.clock.monotonic(), Answer(0, {}, b""), None
        try:
            async with self._transport.open("GET", url, headers, TIMEOUT) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                answer = Answer(response.status, found, b"")
                traces.note({STATUS: response.status})
                if response.status == OK:
                    saved = await _save(response, path, max_bytes)
                    return saved
                if not _is_moved(answer):
                    answer = Answer(response.status, found, await response.content.read(REFUSAL_BYTES))
                return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise _cut(exc) from exc
        finally:
            installation_id = None if request is FOREIGN else self._api.scope.installation_id
            attempt = seen(request, answer, self._transport.clock.monotonic() - started, installation_id)
            self._transport.seen(replace(attempt, downloaded_bytes=saved.size_bytes if saved else 0))

    def _check_scheme(self, url: str) -> None:
        scheme = urlsplit(url).scheme
        if scheme not in {"https", urlsplit(self._transport.api_url).scheme}:
            raise InvalidInput("download.insecure", "GitHub pointed to a download that is not https")

    def _check_bundle_host(self, url: str) -> None:
        if not is_bundle_host(url, self._transport.api_url):
            host = urlsplit(url).hostname
            raise InvalidInput("download.foreign_host", f"GitHub keeps no bundles at {str(host)[:100]!r}")


def _is_moved(answer: Answer) -> bool:
    return answer.status in _MOVED and "location" in answer.headers


async def _save(response: aiohttp.ClientResponse, path: Path, max_bytes: int) -> Download:
    if (response.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(max_bytes)
            digest.update(chunk)
            file.write(chunk)
    return Download(path, size, Sha256Hex(digest.hexdigest()))


def _too_large(max_bytes: int) -> InvalidInput:
    return InvalidInput(
        "download.too_large", f"a download is larger than the {max_bytes} bytes allowed for it"
    )


def _cut(exc: BaseException) -> TransientError:
    if isinstance(exc, OSError) and exc.errno == errno.ENOSPC:
        return TransientError("download.disk_full", "no space is left for downloads in the data directory")
    return TransientError("github.unreachable", f"a download broke off ({type(exc).__name__})")


def _circle() -> TransientError:
    return TransientError("github.unavailable", "a download is redirected too many times")
