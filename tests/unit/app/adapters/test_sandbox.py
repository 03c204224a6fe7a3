"""Strangers' bytes in processes that can be killed: what kills one call, and that it kills nothing else."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from app.adapters.sandbox import Sandbox, guarded
from app.errors import InvalidInput
from tests.conftest import REPOSITORY

T = TypeVar("T")
MANY = 3 * 1024**3
ENOUGH_S = 60.0
"""To start a worker, also on a busy machine: what must not end by its limit has this one."""


@asynccontextmanager
async def sandbox(workers: int = 1) -> AsyncIterator[Sandbox]:
    made = Sandbox(workers, ENOUGH_S, memory_bytes=1024**3)
    try:
        yield made
    finally:
        await made.close()


async def refused(code: str, call: Awaitable[object]) -> str:
    with pytest.raises(InvalidInput) as caught:
        await call
    assert caught.value.code == code
    return caught.value.message


def sleep_for_ever() -> NoReturn:
    while True:
        time.sleep(60)


def crash() -> None:
    ctypes.string_at(0)


def exit_at_once() -> None:
    os._exit(3)


def eat_memory() -> int:
    return len(bytearray(MANY))


def dig(depth: int) -> int:
    return dig(depth + 1)


def refuse(code: str) -> None:
    raise InvalidInput(code, "not a report")


def bug() -> None:
    raise ZeroDivisionError("a bug")


def add(one: int, *, two: int) -> int:
    return one + two


def setting(name: str) -> str | None:
    return os.environ.get(name)


def signalled(number: int) -> str:
    os.kill(os.getpid(), number)
    return "still here"


@pytest.mark.slow
async def test_results_and_refusals_come_back_and_the_worker_stays() -> None:
    async with sandbox() as box:
        first = await box.run(os.getpid)
        assert first != os.getpid()
        assert await box.run(add, 1, two=2) == 3
        assert await refused("report.invalid", box.run(refuse, "report.invalid")) == ("not a report")
        await refused("compute.memory", box.run(eat_memory))
        await refused("compute.depth", box.run(dig, 0))
        with pytest.raises(ZeroDivisionError):
            await box.run(bug)
        assert await box.run(os.getpid) == first


@pytest.mark.slow
@pytest.mark.parametrize("death", [crash, exit_at_once])
async def test_a_worker_that_dies_refuses_its_bytes_and_is_replaced(death: Callable[[], None]) -> None:
    async with sandbox() as box:
        first = await box.run(os.getpid)
        await refused("compute.crashed", box.run(death))
        assert await box.run(os.getpid) != first


def die_first(already: Path) -> str:
    """Ends its process as the kernel does, but not where a former one left its mark."""
    if not already.exists():
        already.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "read"


def wait_for(mark: Path) -> str:
    """Hangs while there is no such file."""
    while not mark.exists():
        time.sleep(0.02)
    return "read"


def begun(box: Sandbox, wall_s: float, function: Callable[..., T], *args: object) -> asyncio.Future[T]:
    """A call whose first attempt begins now, with this limit: where a worker is free, it has read the limit after one step."""
    box._wall_s = wall_s
    return asyncio.ensure_future(box.run(function, *args))


@pytest.mark.slow
async def test_bytes_whose_reader_was_killed_once_are_read_again(tmp_path: Path) -> None:
    async with sandbox() as box:
        assert await box.run(die_first, tmp_path / "mark") == "read"


@pytest.mark.slow
async def test_bytes_whose_reader_was_held_up_once_are_read_again(tmp_path: Path) -> None:
    async with sandbox() as box:
        pid = await box.run(os.getpid)
        call = begun(box, 1.0, wait_for, tmp_path / "mark")
        await asyncio.sleep(0)
        box._wall_s = ENOUGH_S  # of the second attempt
        while lives(pid):  # noqa: ASYNC110 (the death of a process raises no event)
            await asyncio.sleep(0.02)
        (tmp_path / "mark").touch()
        assert await call == "read"


@pytest.mark.slow
async def test_workers_that_died_idle_are_no_readers_that_died(tmp_path: Path) -> None:
    async with sandbox(workers=2) as box:
        for pid in await asyncio.gather(box.run(os.getpid), box.run(os.getpid)):
            os.kill(pid, signal.SIGKILL)
            assert not alive({pid})
        assert await box.run(die_first, tmp_path / "mark") == "read"


@pytest.mark.slow
async def test_a_call_that_takes_too_long_is_killed_and_no_other() -> None:
    async with sandbox(workers=2) as box:
        pids = set(await asyncio.gather(box.run(os.getpid), box.run(os.getpid)))
        endless = begun(box, 1.0, sleep_for_ever)
        await asyncio.sleep(0)
        asked = begun(box, ENOUGH_S, os.getpid)
        await asyncio.sleep(0)
        box._wall_s = 1.0  # of the second attempt
        other = await asked
        message = await refused("compute.timeout", endless)
        assert message == "took longer than 1 s, at a second try too"
        assert other in pids
        box._wall_s = ENOUGH_S
        assert not alive(pids - {other})
        assert other in await asyncio.gather(box.run(os.getpid), box.run(os.getpid))


@pytest.mark.slow
async def test_a_cancelled_call_leaves_nothing_running_and_its_place_free() -> None:
    async with sandbox() as box:
        pid = await box.run(os.getpid)
        call = asyncio.ensure_future(box.run(sleep_for_ever))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await box.run(os.getpid) != pid
        assert not alive({pid})


@pytest.mark.slow
async def test_signals_for_the_whole_group_do_not_end_a_worker() -> None:
    async with sandbox() as box:
        for number in (signal.SIGINT, signal.SIGTERM):
            assert await box.run(signalled, number) == "still here"


@pytest.mark.slow
async def test_a_worker_does_not_have_the_services_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPHAESTUS_PRIVATE_KEY", "a key")
    async with sandbox() as made:
        assert await made.run(setting, "HEPHAESTUS_PRIVATE_KEY") is None


async def test_calls_wait_for_a_free_worker() -> None:
    async with sandbox(workers=1) as box:
        pids = await asyncio.gather(*(box.run(os.getpid) for _ in range(4)))
        assert len(set(pids)) == 1


PROGRAM = """
import asyncio, os, signal
from app.adapters.sandbox import Sandbox

async def main():
    print(await Sandbox(1).run(os.getpid), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.slow
def test_the_workers_of_a_program_that_was_killed_end_too(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=env) as died:
        worker = int(died.stdout.readline()) if died.stdout else 0
        assert died.wait(ENOUGH_S) == -signal.SIGKILL
    assert not alive({worker})


def test_a_refusal_travels_as_plain_words() -> None:
    assert guarded(refuse, ("x",), {}) == (("x", "not a report"), None)
    assert guarded(add, (1,), {"two": 2}) == (None, 3)


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run, after a moment in which the killed may end."""
    running = {pid for pid in pids if lives(pid)}
    for _ in range(400):
        if not running:
            break
        time.sleep(0.05)
        running = {pid for pid in running if lives(pid)}
    return running


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    stat = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        os.kill(pid, 0)
        return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return False
