"""The whole read side of one repository: `CodeReader` with checks, Actions, releases and attestations."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.adapters.github.api import Api
from app.adapters.github.attestation_lists import AttestationLists
from app.adapters.github.models import read
from app.adapters.github.models.actions import (
    AnnotationBody,
    ArtifactBody,
    CheckRunBody,
    JobBody,
    WorkflowRunBody,
)
from app.adapters.github.models.releases import AssetBody, ReleaseBody
from app.adapters.github.own_account import OwnAccount
from app.adapters.github.pagination import items
from app.adapters.github.reader import CodeReader
from app.domain.ci import Artifact, CheckRun, Job, RunAnnotation, WorkflowRun
from app.domain.ids import CommitSha
from app.domain.release import AttestationList, Release
from app.domain.repo import Repository

ASSETS_INLINE = 30
"""GitHub lists up to 1,000 assets inside a release, Enterprise Server fewer: from here on the full list is asked for."""


class RepositoryReader(CodeReader):
    """`GitHubReader` over the REST API; `own` is what the process knows of the App's own account."""

    def __init__(self, api: Api, repository: Repository, own: OwnAccount) -> None:
        super().__init__(api, repository)
        self._own = own

    async def check_runs(self, sha: CommitSha) -> tuple[CheckRun, ...]:
        """As `GitHubReader`. GitHub's own `latest` is one of each App and name: of two workflows' jobs it hides one."""
        request = self._request("/commits/{ref}/check-runs", {"ref": sha}, query=(("filter", "all"),))
        runs = [read(CheckRunBody, one).check_run() for one in await self._list(request, "check_runs")]
        oldest_first = sorted(runs, key=lambda run: run.id)
        return tuple({(run.app_id, run.name, run.check_suite_id): run for run in oldest_first}.values())

    async def workflow_run(self, run_id: int) -> WorkflowRun | None:
        """As `GitHubReader`."""
        body = await self._find("/actions/runs/{run_id}", {"run_id": run_id})
        return None if body is None else read(WorkflowRunBody, body).run()

    async def workflow_runs(self, head_sha: CommitSha) -> tuple[WorkflowRun, ...]:
        """As `GitHubReader`."""
        request = self._request("/actions/runs", query=(("head_sha", head_sha),))
        return tuple(read(WorkflowRunBody, one).run() for one in await self._list(request, "workflow_runs"))

    async def jobs(self, run_id: int, attempt: int) -> tuple[Job, ...]:
        """As `GitHubReader`."""
        names: dict[str, str | int] = {"run_id": run_id, "attempt": attempt}
        request = self._request("/actions/runs/{run_id}/attempts/{attempt}/jobs", names)
        return tuple(read(JobBody, one).job() for one in await self._list(request, "jobs"))

    async def run_annotations(self, check_run_id: int) -> tuple[RunAnnotation, ...]:
        """As `GitHubReader`."""
        request = self._request("/check-runs/{id}/annotations", {"id": check_run_id})
        return tuple(read(AnnotationBody, one).annotation() for one in await self._list(request))

    async def artifacts(self, run_id: int) -> tuple[Artifact, ...]:
        """As `GitHubReader`."""
        request = self._request("/actions/runs/{run_id}/artifacts", {"run_id": run_id})
        return tuple(
            read(ArtifactBody, one).artifact(run_id) for one in await self._list(request, "artifacts")
        )

    async def release(self, release_id: int) -> Release | None:
        """As `GitHubReader`."""
        body = await self._find("/releases/{id}", {"id": release_id})
        return None if body is None else await self._complete(read(ReleaseBody, body))

    async def latest_release(self) -> int | None:
        """As `GitHubReader`."""
        body = await self._find("/releases/latest")
        return None if body is None else read(ReleaseBody, body).id

    async def own_actor_id(self) -> int | None:
        """As `GitHubReader`."""
        return await self._own.id(self._api)

    async def releases(self) -> AsyncIterator[Release]:
        """As `GitHubReader`."""
        async for item in items(self._api, self._request("/releases")):
            yield await self._complete(read(ReleaseBody, item))

    async def attestations_of(
        self, subjects: tuple[str, ...], *, predicate_type: str = "", limit: int = 30
    ) -> dict[str, AttestationList]:
        """As `GitHubReader`."""
        return await AttestationLists(self._api, self._repository, predicate_type, limit).of(subjects)

    async def _complete(self, body: ReleaseBody) -> Release:
        if len(body.assets) < ASSETS_INLINE:
            return body.release()
        listed = await self._list(self._request("/releases/{id}/assets", {"id": body.id}))
        return body.release(tuple(read(AssetBody, one).asset() for one in listed))
