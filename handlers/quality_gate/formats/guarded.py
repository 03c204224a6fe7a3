"""What a reader of ours fails at, as a refusal of that one file: a defect in one format must not block what others show."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from app.errors import InvalidInput
from handlers.quality_gate.formats.source import Source

Found = TypeVar("Found")


def guarded(what: str) -> Callable[[Callable[[Source], Found]], Callable[[Source], Found]]:
    """Makes a function refuse (`report.reader_failed`) a file at which it fails otherwise than by `InvalidInput`.

    Memory that runs out is left to whoever set the limit. `what` is the part that failed, for the message.
    """

    def decorate(function: Callable[[Source], Found]) -> Callable[[Source], Found]:
        @wraps(function)
        def call(source: Source) -> Found:
            try:
                return function(source)
            except (InvalidInput, MemoryError):
                raise
            except Exception as error:
                raise InvalidInput(
                    "report.reader_failed",
                    f"our {what} failed at this file ({type(error).__name__}); please report it as a defect",
                ) from error

        return call

    return decorate
