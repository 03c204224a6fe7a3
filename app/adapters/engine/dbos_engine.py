"""Evaluations as DBOS workflows: one queue a lane, one workflow an attempt, only ids as arguments.

The ledger decides what may run; DBOS makes sure that what was admitted runs to its end, also after a kill: a workflow that a
dead process left is run again at launch by the process with the same executor id, or resumed by another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, cast

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.engine.sqlite_shim import open_engine
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
LIVE = ("PENDING", "ENQUEUED", "DELAYED")

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

    def __init__(self, database_url: str, executor_id: str) -> None:
        self._config: DBOSConfig = {
            "name": "hephaestus",
            "executor_id": executor_id,
            "application_version": APPLICATION_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": 5,
            "log_level": "WARNING",
        }
        if database_url.startswith("sqlite"):
            self._config["system_database_engine"] = open_engine(database_url)
        self._config["system_database_url"] = database_url

    async def launch(self, run: Run) -> None:
        """Starts polling; workflows that this executor left unfinished run again."""
        _running["run"] = run, asyncio.get_running_loop()
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
        """Lets running workflows end for so long; the rest is found again at the next launch."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "engine-close") as thread:
            destroy = partial(DBOS.destroy, workflow_completion_timeout_sec=timeout_s)
            await loop.run_in_executor(thread, destroy)
        # DBOS made its own pool the loop's default one and has just shut it down.
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="default"))
        _running.clear()

    async def enqueue(
        self, workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int
    ) -> None:
        """See the port."""
        try:
            with SetWorkflowID(workflow_id), SetEnqueueOptions(queue_partition_key=partition):
                await DBOS.enqueue_workflow_async(lane.value, _evaluation, evaluation, attempt)
        except SQLAlchemyError as exc:
            raise TransientError("engine.unavailable", f"the engine's database: {exc}") from exc

    async def is_live(self, workflow_id: str) -> bool:
        """See the port."""
        try:
            status: Any = await DBOS.get_workflow_status_async(workflow_id)
        except SQLAlchemyError as exc:
            raise TransientError("engine.unavailable", f"the engine's database: {exc}") from exc
        return status is not None and cast("str", status.status) in LIVE

    async def ping(self) -> None:
        """See the port."""
        await self.is_live("ping")

    async def prune(self, before: datetime, batch: int = 500) -> int:
        """Deletes finished workflows; the ledger, not the engine, knows what was done."""
        gone = 0
        while True:
            done = await DBOS.list_workflows_async(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                completed_before=before.isoformat(),
                limit=batch,
                load_input=False,
                load_output=False,
            )
            if not done:
                return gone
            await DBOS.delete_workflows_async([w.workflow_id for w in done])
            gone += len(done)
