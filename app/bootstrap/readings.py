"""The read ports of one evaluation, bound to its repository."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.memories import SqlPolicyMemory, SqlRecords
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore.versions import versions
from app.bootstrap.clients import Clients
from app.config.in_force import was_in_force
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
        """Whether the policy of the repository, as it was good last, has the section of the capability; see `was_in_force`."""
        repository = job.target.repository
        memory = SqlPolicyMemory.of_repository(self.database, job.app_key, repository)
        neighbours = partial(SqlPolicyMemory.of_neighbour, self.database, job.app_key, repository)
        return await was_in_force(job.capability, self.files, memory, neighbours)

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
            versions=versions(),
        )
