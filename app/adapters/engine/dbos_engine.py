"""Evaluations as DBOS workflows: one queue a lane, one workflow an attempt, only ids as arguments.

The ledger decides what may run; DBOS queues it for whichever process is free. Each start of the program is an executor of its
own, so DBOS itself never runs a workflow a second time: what a dead executor left is cancelled here and queued by the ledger
as a new attempt (`app.upkeep.sweep`), which an executor that was only thought dead cannot take part in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.engine.sqlite_shim import open_engine
from app.domain.ids import ExecutorId
from app.errors import TransientError
from app.ports.engine import Run
from app.ports.handler import Lane

APPLICATION_VERSION = "evaluations-1"
"""The schema of our workflows, not of the program: a deploy with compatible workflows keeps it (engine-recipes 8)."""
POLL_S: Mapping[Lane, float] = {
    Lane.INTERACTIVE: 0.1,
    Lane.GATE: 0.1,
    Lane.REMEDIATION: 0.5,
    Lane.SWEEP: 1.0,
}
CONCURRENCY: Mapping[Lane, int] = {
    Lane.INTERACTIVE: 8,
    Lane.GATE: 24,
    Lane.REMEDIATION: 8,
    Lane.SWEEP: 4,
}
RUNNING = "PENDING"
LIVE = (RUNNING, "ENQUEUED", "DELAYED")
ENDED = ("SUCCESS", "ERROR", "CANCELLED")
PRUNED_AT_ONCE = 500
PRUNING_PAUSE_S = 0.2
T = TypeVar("T")

logger = logging.getLogger(__name__)
_running: dict[str, tuple[Run, asyncio.AbstractEventLoop]] = {}


@DBOS.step(name="evaluate.v1")
async def _evaluate(evaluation: str, attempt: int) -> str:
    """Queued workflows run on a loop of DBOS's own; sessions and locks belong to the service's, so the work goes there."""
    run, loop = _running["run"]
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_call(run, evaluation, attempt), loop))


async def _call(run: Run, evaluation: str, attempt: int) -> str:
    return await run(evaluation, attempt)


@DBOS.workflow(name="evaluation.v1")
async def _evaluation(evaluation: str, attempt: int) -> str:
    return await _evaluate(evaluation, attempt)


class DbosEngine:
    """`app.ports.engine.Engine`; DBOS is a singleton of the process, so there is one of these."""

    def __init__(self, database_url: str, executor: ExecutorId) -> None:
        self._config: DBOSConfig = {
            "name": "hephaestus",
            "executor_id": executor,
            "application_version": APPLICATION_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": 5,
            "log_level": "WARNING",
        }
        self._file = open_engine(database_url) if database_url.startswith("sqlite") else None
        self._config["system_database_engine"] = self._file
        self._config["system_database_url"] = database_url

    async def launch(self, run: Run) -> None:
        """Starts polling; nothing runs before."""
        _running["run"] = run, asyncio.get_running_loop()
        leave_logging_to_us()
        DBOS(config=self._config)
        await asyncio.to_thread(DBOS.launch)
        for lane in Lane:
            await DBOS.register_queue_async(
                lane.value,
                worker_concurrency=CONCURRENCY[lane],
                partition_concurrency=1,
                polling_interval_sec=POLL_S[lane],
            )

    async def close(self, timeout_s: int) -> None:
        """Lets running workflows end for so long; the rest stays as it is, for the sweep."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "engine-close") as thread:
            destroy = partial(DBOS.destroy, workflow_completion_timeout_sec=timeout_s)
            await loop.run_in_executor(thread, destroy)
        if self._file is not None:
            self._file.dispose()  # DBOS leaves open what it did not open itself
        # DBOS made its own pool the loop's default one and has just shut it down.
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="default"))
        _running.clear()

    async def enqueue(
        self, workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int
    ) -> None:
        """See the port."""
        with SetWorkflowID(workflow_id), SetEnqueueOptions(queue_partition_key=partition):
            await guarded(DBOS.enqueue_workflow_async(lane.value, _evaluation, evaluation, attempt))

    async def held(self) -> Mapping[str, ExecutorId | None]:
        """See the port."""
        found = await guarded(
            DBOS.list_workflows_async(status=list(LIVE), load_input=False, load_output=False)
        )
        return {w.workflow_id: holder(w.status, w.executor_id) for w in found}

    async def cancel(self, workflow_ids: Sequence[str]) -> None:
        """See the port."""
        if workflow_ids:
            await guarded(DBOS.cancel_workflows_async(list(workflow_ids)))

    async def ping(self) -> None:
        """See the port."""
        await guarded(DBOS.get_workflow_status_async("ping"))

    async def prune(self, before: datetime) -> int:
        """See the port."""
        gone = 0
        while True:
            done = await guarded(
                DBOS.list_workflows_async(
                    status=list(ENDED),
                    completed_before=before.isoformat(),
                    limit=PRUNED_AT_ONCE,
                    load_input=False,
                    load_output=False,
                )
            )
            if not done:
                return gone
            await guarded(DBOS.delete_workflows_async([w.workflow_id for w in done]))
            gone += len(done)
            await asyncio.sleep(PRUNING_PAUSE_S)


def leave_logging_to_us() -> None:
    """DBOS gives its logger a handler for text and keeps its lines from ours, unless the logger has a handler already."""
    theirs = logging.getLogger("dbos")
    if not theirs.handlers:
        theirs.addHandler(logging.NullHandler())


def holder(status: str, executor_id: str | None) -> ExecutorId | None:
    """Who runs an unfinished workflow."""
    return ExecutorId(executor_id or "") if status == RUNNING else None


async def guarded(work: Awaitable[T]) -> T:
    """The result of a call of the engine; its database's trouble becomes ours."""
    try:
        return await work
    except SQLAlchemyError as exc:
        raise TransientError("engine.unavailable", f"the engine's database: {exc}") from exc
