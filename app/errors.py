"""The one tree of errors: the branch says what the runner does with it.

`RejectedDelivery` is answered with a 4xx and forgotten; `PermanentError` is recorded and not retried;
`TransientError` is retried, at `retry_at` where the other side named a time; `AccessDenied` is a no.
A failed gate or a refused signature is not an error: it is a `Decision`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class HephaestusError(Exception):
    """Everything this program raises on purpose."""


@dataclass(eq=False)
class RejectedDelivery(HephaestusError):
    """A request to the webhook address that is not a delivery we accept.

    Attributes:
        status: HTTP status of the answer (400, 401, 413, 415, 503).
        reason: stable word for metrics, such as `missing_header`.
        message: what the sender should do, without any of the sender's bytes.
    """

    status: int
    reason: str
    message: str
    retry_after_s: int | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class PermanentError(HephaestusError):
    """Trying again cannot help: record it.

    Attributes:
        code: stable, lower case, dotted; for example `github.not_found`.
        message: what happened and what a person can do.
    """

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


@dataclass(eq=False)
class TransientError(HephaestusError):
    """Trying again may help, not before `retry_at` where it is given (UTC-aware)."""

    code: str
    message: str
    retry_at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class AccessDenied(PermanentError):
    """The other side, or our own rule, says no: missing permission, suspended installation, wrong person."""


class NotFound(PermanentError):
    """The thing asked for does not exist, or we may not know that it does."""


class Gone(PermanentError):
    """The thing existed and is no longer kept: an expired log, artifact or link."""


class Conflict(PermanentError):
    """The world moved: stale head, existing branch, duplicate pull request."""


class InvalidInput(PermanentError):
    """Bytes that cannot be trusted or understood: a report, a configuration, a log, a bundle."""


@dataclass(eq=False)
class FileTooLarge(InvalidInput):
    """A file of a repository whose bytes GitHub leaves out of its answer; `blob_sha` names them."""

    blob_sha: str


class LeaseLost(HephaestusError):
    """This executor was declared dead: it must not write any more and ends at once."""


class SettingsError(HephaestusError):
    """A setting is missing or wrong; the message names the variable, what is wrong and what to do."""
