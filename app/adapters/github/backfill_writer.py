"""Starts workflows by hand, and deletes attestations."""

from __future__ import annotations

from collections.abc import Mapping

from app.adapters.github.attestation_lists import ORGANISATION
from app.adapters.github.exchange import NEWEST, outgoing
from app.adapters.github.models import read
from app.adapters.github.models.actions import DispatchBody, RunsBody
from app.adapters.github.models.code import ContentBody, RepositoryBody
from app.adapters.github.reader import REPO, Asking

NEWEST_RUNS = (("event", "workflow_dispatch"), ("per_page", "100"))


class BackfillWriter(Asking):
    """The part of `GitHubWriter` that signs past releases, and takes that back."""

    async def blob_at(self, path: str, branch: str) -> str | None:
        """As `GitHubWriter`."""
        query = (("ref", f"refs/heads/{branch}"),)
        body = await self._find("/contents/{path}", {"path": path}, query=query, cached=False)
        found = None if body is None or isinstance(body, list) else read(ContentBody, body).file()
        return None if found is None else found.blob_sha

    async def dispatch_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> int | None:
        """As `GitHubWriter`; since the version 2026-03-10 the answer names the run."""
        names = {**self._names, "file": file}
        wanted = {"ref": f"refs/heads/{branch}", "inputs": dict(inputs), "return_run_details": True}
        version = await self._api.version(NEWEST)
        route = f"{REPO}/actions/workflows/{{file}}/dispatches"
        answer = await self._api.call(outgoing("POST", route, names, json=wanted, version=version))
        return read(DispatchBody, answer.json()).workflow_run_id if answer.body else None

    async def dispatched_run(self, file: str, correlation: str) -> int | None:
        """As `GitHubWriter`."""
        body = await self._get("/actions/runs", query=NEWEST_RUNS, cached=False)
        runs = read(RunsBody, body).workflow_runs
        titled = [run for run in runs if (run.display_title or "").endswith(correlation)]
        return next((run.id for run in titled if run.run().path.endswith(f"/{file}")), None)

    async def is_of_organisation(self) -> bool:
        """As `GitHubWriter`."""
        about = read(RepositoryBody, await self._get("", cached=False))
        return about.owner_type == ORGANISATION

    async def delete_attestation(self, attestation_id: int) -> None:
        """As `GitHubWriter`. https://docs.github.com/en/rest/orgs/attestations#delete-attestations-by-id."""
        names: dict[str, str | int] = {"owner": self.repository.owner, "id": attestation_id}
        await self._api.call(outgoing("DELETE", "/orgs/{owner}/attestations/{id}", names))
