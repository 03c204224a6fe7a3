from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.config.parsed import KEPT, ParsedFiles
from app.errors import InvalidInput


class Counting:
    """Computes at once, and counts; `killed` makes it refuse as a pool does that ended the work."""

    def __init__(self) -> None:
        self.runs = 0
        self.killed = False

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (the port's shape)
        self.runs += 1
        if self.killed:
            raise InvalidInput("compute.timeout", "took longer than 60 s")
        return function(*args, **kwargs)


async def test_the_same_bytes_are_parsed_once() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    assert await files.parse(b"version: 1\n") == await files.parse(b"version: 1\n")
    assert (await files.parse(b"version: 2\n")).errors
    assert compute.runs == 2


async def test_work_that_was_killed_is_tried_again_next_time() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    compute.killed = True
    assert (await files.parse(b"version: 1\n")).errors
    compute.killed = False
    assert (await files.parse(b"version: 1\n")).errors == ()


async def test_what_is_kept_is_bounded() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    for number in range(KEPT + 1):
        await files.parse(f"version: 1 # {number}\n".encode())
    await files.parse(b"version: 1 # 0\n")
    assert compute.runs == KEPT + 2
