"""One request to the stand-in with its answer: what the contract check judges and the API log shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, whole; ``body`` and ``answer`` are the exact bytes.

    ``answer`` is None for a streamed answer (git packs, files), whose bytes nobody kept.
    """

    method: str
    path: str
    """Undecoded path without the query, as it stood in the request line."""
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """Request headers, names in lower case."""
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    """Answer headers, names in lower case."""
    answer: bytes | None

    @property
    def content_type(self) -> str:
        """Media type of the request without parameters, lower case; empty without a body."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def answer_type(self) -> str:
        """Media type of the answer without parameters, lower case."""
        return self.answer_headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where a request or an answer is not GitHub's."""

    method: str
    path: str
    status: int
    side: str
    """``request`` (the client's mistake) or ``answer`` (the stand-in's)."""
    what: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}: {self.side}: {self.what}"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A line of the API log: what was called, how it ended and what the contract check said of it."""

    at: datetime
    method: str
    path: str
    status: int
    duration_s: float
    caller: str
    verdict: str
    """``ok``, ``deviation``, ``refused`` (an error answer), ``injected``, ``outside`` or ``not checked``."""
    deviations: tuple[Deviation, ...] = ()
