"""Computing beside the event loop in threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
import time

import pytest

from app.dispatch.aside import aside
from tests.conftest import REPOSITORY

MINE = contextvars.ContextVar("MINE", default="nobody's")

PROGRAM = """
import asyncio, threading
from app.dispatch.aside import aside

async def main():
    try:
        async with asyncio.timeout(0.2):
            await aside(threading.Event().wait)
    except TimeoutError:
        print("gave up")

asyncio.run(main())
"""


async def test_the_result_comes_back_and_the_loop_goes_on() -> None:
    let_go = threading.Event()
    call = asyncio.ensure_future(aside(let_go.wait, 20))
    await asyncio.sleep(0)
    assert not call.done()
    let_go.set()
    assert await call is True


async def test_an_error_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        await aside(divmod, 1, 0)


async def test_it_runs_in_the_context_of_who_asked() -> None:
    MINE.set("ours")
    assert await aside(MINE.get) == "ours"


async def test_what_nobody_waits_for_any_more_may_still_end() -> None:
    let_go = threading.Event()
    call = asyncio.ensure_future(aside(let_go.wait, 20))
    await asyncio.sleep(0)
    (thread,) = (each for each in threading.enumerate() if each.name == "aside-wait")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    let_go.set()
    thread.join(20)
    assert not thread.is_alive()


def test_a_process_does_not_wait_for_what_never_ends() -> None:
    begin = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == "gave up\n"
    assert ended.stderr == ""
    assert time.monotonic() - begin < 30
