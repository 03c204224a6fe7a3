"""The read ports of one evaluation, bound to its repository."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.memories import SqlPolicyMemory, SqlRecords
from app.adapters.sandbox import Sandbox
from app.bootstrap.clients import Clients
from app.config.parsed import ParsedFiles
from app.config.policies import RepositoryPolicies
from app.domain.events import Event
from app.domain.ids import app_id_of
from app.ports.bundles import BundleVerifier
from app.ports.handler import Reading
from app.ports.ledger import EvaluationJob


@dataclass(frozen=True)
class Readings:
    """Makes the read ports of one evaluation, bound to its repository."""

    clients: Clients
    database: Database
    clock: SystemClock
    verifier: BundleVerifier
    sandbox: Sandbox
    files: ParsedFiles

    async def opted_in(self, job: EvaluationJob) -> bool:
        """Whether the repository's file, as it was good last, has the section of the capability."""
        repository = job.target.repository
        kept = await SqlPolicyMemory.of_repository(self.database, job.app_key, repository).load()
        if kept is None:
            return False
        return (await self.files.parse(kept[0])).section(job.capability) is not None

    def __call__(
        self, job: EvaluationJob, events: tuple[Event, ...], state: object, now: datetime
    ) -> Reading[object]:
        """What `gather` may use, with the client of the App whose evaluation it is. Raises as `Clients.of`."""
        repository, app_key = job.target.repository, job.app_key
        github = self.clients.of(app_key)
        reader = github.reader(repository, job.lane)
        policies = RepositoryPolicies(
            reader,
            self.files,
            SqlPolicyMemory.of_repository(self.database, app_key, repository),
            github.neighbours(repository, job.lane),
            partial(SqlPolicyMemory.of_neighbour, self.database, app_key, repository),
        )
        return Reading(
            app_key=app_key,
            own_app_id=app_id_of(app_key),
            subject=job.target.subject,
            repository=repository,
            events=events,
            state=state,
            now=now,
            github=reader,
            downloads=github.downloads(repository, job.lane),
            policies=policies,
            bundles=self.verifier,
            compute=self.sandbox,
            records=SqlRecords(self.database, self.clock, app_key, repository),
        )
