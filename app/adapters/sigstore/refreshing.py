"""GitHub's root by The Update Framework: fetched in the background, verified from a root of metadata that the operator gave.

TUF itself refuses what is expired (frozen), older than what was seen (rolled back), mixed, or not signed by enough keys.
Source: https://theupdateframework.github.io/specification/latest/, python-tuf's `ngclient`; the address and the target's name
are those of `gh` (https://github.com/cli/cli, `pkg/cmd/attestation/verification`).
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, build_opener

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from app.errors import InvalidInput, TransientError

TARGET = "trusted_root.json"
WAIT_S = 10.0
"""For one answer, or one piece of it."""
PATIENCE_S = 60.0
"""For all of a refresh."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class TufRepository:
    """A TUF repository at an address, what was seen of it in `folder`, and the root of metadata that all is verified from."""

    url: str
    root: bytes
    folder: Path
    ca_bundle: str = ""

    async def newest(self) -> bytes:
        """The newest `trusted_root.json`, as TUF verified it.

        Raises:
            TransientError: `trust_root.unreachable`.
            InvalidInput: `trust_root.unverified`; what came is expired, older than what was seen, or not signed as it must be.
        """
        stopped = threading.Event()
        try:
            return await asyncio.to_thread(self._newest, stopped)
        finally:
            stopped.set()  # a thread cannot be ended; it looks at this before each piece

    def _newest(self, stopped: threading.Event) -> bytes:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (
                ExitStack() as answers,  # TUF leaves an answer that it refuses open
                TemporaryDirectory(dir=self.folder) as scratch,
            ):
                fetcher = Fetcher(self.ca_bundle, stopped, answers)
                targets = f"{self.url}/targets/"
                updater = Updater(str(self.folder), self.url, scratch, targets, fetcher, bootstrap=self.root)
                updater.refresh()
                target = updater.get_targetinfo(TARGET)
                if target is None:
                    raise InvalidInput("trust_root.unverified", f"{self.url} has no {TARGET}")
                return Path(updater.download_target(target)).read_bytes()
        except RepositoryError as error:
            raise InvalidInput(
                "trust_root.unverified", f"what {self.url} gives does not verify: {_said(error)}"
            ) from error
        except (DownloadError, OSError) as error:
            raise TransientError(
                "trust_root.unreachable", f"cannot refresh from {self.url}: {_said(error)}"
            ) from error


class Fetcher(FetcherInterface):
    """Downloads for TUF: through the environment's proxy, with private authorities, never redirected, never for long."""

    def __init__(self, ca_bundle: str, stopped: threading.Event, answers: ExitStack) -> None:
        context = ssl.create_default_context()
        if ca_bundle:
            context.load_verify_locations(cafile=ca_bundle)
        ours = (HTTPSHandler(context=context), NoRedirects())
        self._direct = build_opener(*ours, ProxyHandler({}))
        self._proxied = build_opener(*ours)
        self._stopped = stopped
        self._answers = answers
        self._until = time.monotonic() + PATIENCE_S

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            # This machine itself is never reached through a proxy (docs/reference/settings.md).
            opener = self._direct if urlsplit(url).hostname in LOOPBACK else self._proxied
            answer = self._answers.enter_context(opener.open(url, timeout=WAIT_S))
            return self._pieces(url, answer)
        except HTTPError as error:
            with error:
                raise DownloadHTTPError(f"{url}: status {error.code}", error.code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise DownloadError(f"{url}: {type(error).__name__}: {error}") from error

    def _pieces(self, url: str, answer: HTTPResponse) -> Iterator[bytes]:
        try:
            while piece := answer.read1(PIECE_BYTES):
                if self._stopped.is_set() or time.monotonic() > self._until:
                    raise DownloadError(f"{url}: it takes more than {PATIENCE_S:g} s")
                yield piece
            if answer.length:  # what is still missing; the library takes that for the end
                raise DownloadError(f"{url}: the answer was cut short")
        except (OSError, HTTPException) as error:
            raise DownloadError(f"{url}: {type(error).__name__}: {error}") from error


class NoRedirects(HTTPRedirectHandler):
    """A redirection is an answer like any other that is not there."""

    def redirect_request(self, *_: object) -> None:
        """None: it is not followed."""


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
