"""Our own computing beside the event loop, in threads that nobody has to wait for.

`asyncio.to_thread` uses a pool whose threads the interpreter joins when it exits: one function that never ends would keep the
process from ending. A daemon thread ends with the process. It cannot be stopped before, so who gives up waiting leaves it behind.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `function` gives, computed in a thread of its own; cancelled, its result goes nowhere."""
    told: Future[T] = Future()
    told.set_running_or_notify_cancel()  # from here on nobody cancels it, so the thread may always answer
    context = contextvars.copy_context()

    def work() -> None:
        try:
            found = context.run(function, *args, **kwargs)
        except BaseException as exc:  # noqa: BLE001 (whatever it is, it is for whoever waits)
            told.set_exception(exc)
        else:
            told.set_result(found)

    Thread(target=work, name=f"aside-{function.__name__}", daemon=True).start()
    return await asyncio.wrap_future(told)
