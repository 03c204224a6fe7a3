"""What the HTTP server says of bytes that are no HTTP: nothing to act on, and never the bytes themselves."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError

logger = logging.getLogger(__name__)


def server_log() -> logging.Logger:
    """The log of a server that strangers reach: an error of ours stays one, theirs is a line without their bytes, for debug."""
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    """The server logs what it cannot parse as an error, with a piece of it: a token, perhaps, in a header that is not one."""
    exc = record.exc_info[1] if record.exc_info else None
    if not isinstance(exc, HttpProcessingError):
        return True
    logger.debug("unreadable_request", extra={"problem": type(exc).__name__})
    return False
