"""Work on strangers' bytes in processes that can be killed: port `compute`.

A worker is a spawned Python with a memory limit; a call that takes too long kills its worker, never the program. Functions are
module-level; expected refusals come back as `InvalidInput`, so they must survive pickling.

A worker may also die of what others do, as where the kernel needs memory. So one death says nothing of the bytes: a new worker
reads them once more, and only who ends that one too is refused.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import ParamSpec, TypeVar

from app.errors import InvalidInput

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
WALL_S = 60.0
MEMORY_BYTES = 2 * 1024**3
Refusal = tuple[str, str]
Answer = tuple[Refusal | None, T | None]
LOST = (TimeoutError, BrokenProcessPool)


class Sandbox:
    """`app.ports.compute.Compute`; pools of one process, so that ending one call never ends another."""

    def __init__(self, workers: int = 2, wall_s: float = WALL_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._wall_s = wall_s
        self._memory_bytes = memory_bytes
        self._free: asyncio.LifoQueue[ProcessPoolExecutor | None] = asyncio.LifoQueue()
        for _ in range(workers):
            self._free.put_nowait(None)
        self._workers = workers

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See the port."""
        try:
            refused, value = await self._once(function, args, kwargs, fresh=False)
        except LOST as exc:
            logger.warning("worker_lost", extra={"function": function.__name__, "error": type(exc).__name__})
            try:
                refused, value = await self._once(function, args, kwargs, fresh=True)
            except TimeoutError as again:
                told = f"took longer than {self._wall_s:g} s, at a second try too"
                raise InvalidInput("compute.timeout", told) from again
            except BrokenProcessPool as again:
                told = "the worker that read these bytes died, at a second try too"
                raise InvalidInput("compute.crashed", told) from again
        if refused is not None:
            raise InvalidInput(*refused)
        return value  # type: ignore[return-value]  # None only together with a refusal

    async def _once(
        self, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], *, fresh: bool
    ) -> Answer[T]:
        """What the worker of a free place answers, or a new one there; raises one of `LOST` where it had to end."""
        pool: ProcessPoolExecutor | None = await self._free.get()
        try:
            if fresh or not lives(pool):
                pool = end(pool)
            pool = pool or self._open()
            call = asyncio.get_running_loop().run_in_executor(pool, guarded, function, args, kwargs)
            async with asyncio.timeout(self._wall_s):
                return await call
        except (*LOST, asyncio.CancelledError):
            pool = end(pool)
            raise
        finally:
            self._free.put_nowait(pool)

    def _open(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=confine,
            initargs=(self._memory_bytes,),
        )

    async def close(self) -> None:
        """Ends the workers, after their present work."""
        for _ in range(self._workers):
            pool = await self._free.get()
            if pool is not None:
                await asyncio.to_thread(pool.shutdown)


def lives(pool: ProcessPoolExecutor | None) -> bool:
    """Whether its worker still runs; one that died while it had nothing to do must not count as the death of a reader."""
    if pool is None:
        return False
    # Not is_alive(): while the pool's own thread reaps a process, that takes it for a living one.
    return not wait([each.sentinel for each in processes(pool)], timeout=0)


def processes(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    """Those of the pool."""
    return list((pool._processes or {}).values())  # noqa: SLF001 (the pool has no public kill before 3.14)


def end(pool: ProcessPoolExecutor | None) -> ProcessPoolExecutor | None:
    """A worker that hangs cannot be told to stop: its process is killed. The empty place comes back."""
    if pool is None:
        return None
    for process in processes(pool):
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
    return None


def confine(memory_bytes: int) -> None:
    """Runs in a new worker. Ctrl-C and a supervisor's SIGTERM reach it too, but the program decides when its workers end.

    A worker that died of them would look like bytes that kill their reader: a verdict, where the service only stops.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for name in [name for name in os.environ if name.startswith("HEPHAESTUS_")]:
        del os.environ[name]  # keys and secrets are of no use to a reader of reports
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    threading.Thread(target=end_with_parent, name="end-with-parent", daemon=True).start()


def end_with_parent() -> None:
    """A program that was killed cannot end its workers, and they would wait for work for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def guarded(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> Answer[T]:
    """Runs in the worker: a refusal travels as plain words, since exceptions with fields do not pickle well."""
    try:
        return None, function(*args, **kwargs)
    except InvalidInput as exc:
        return (exc.code, exc.message), None
    except MemoryError:
        return ("compute.memory", "reading these bytes takes too much memory"), None
    except RecursionError:
        return ("compute.depth", "nested too deeply"), None
