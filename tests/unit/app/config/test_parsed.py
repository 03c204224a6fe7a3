from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.config.composing import Layers
from app.config.parsed import KEPT, ParsedFiles
from app.errors import InvalidInput, TransientError
from app.ports.policies import UNJUDGED


class Counting:
    """Computes at once, and counts; with `killed` it refuses with that code, as a pool does that ended the work."""

    def __init__(self) -> None:
        self.runs = 0
        self.killed = ""

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (the port's shape)
        self.runs += 1
        if self.killed:
            raise InvalidInput(self.killed, "died")
        return function(*args, **kwargs)


async def test_the_same_bytes_are_parsed_once() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    assert await files.parse(b"version: 1\n") == await files.parse(b"version: 1\n")
    assert (await files.parse(b"version: 2\n")).errors
    assert compute.runs == 2


@pytest.mark.parametrize("code", ["compute.timeout", "compute.crashed"])
async def test_a_file_whose_readers_were_lost_is_not_called_invalid(code: str) -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    compute.killed = code
    for read in (files.parse, files.organisation):
        with pytest.raises(TransientError, match="could not judge the configuration file: died") as caught:
            await read(b"version: 1\n")
        assert caught.value.code == UNJUDGED
    with pytest.raises(TransientError):
        await files.compose(Layers(b"version: 1\n", b"version: 1\n"))
    compute.killed = ""
    assert (await files.parse(b"version: 1\n")).errors == ()


async def test_a_file_that_takes_too_much_memory_is_at_fault_and_is_tried_again_next_time() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    compute.killed = "compute.memory"
    assert (await files.parse(b"version: 1\n")).errors
    assert (await files.organisation(b"version: 1\n")).errors
    compute.killed = ""
    assert (await files.parse(b"version: 1\n")).errors == ()


async def test_what_is_kept_is_bounded() -> None:
    compute = Counting()
    files = ParsedFiles({}, compute)
    for number in range(KEPT + 1):
        await files.parse(f"version: 1 # {number}\n".encode())
    await files.parse(b"version: 1 # 0\n")
    assert compute.runs == KEPT + 2
