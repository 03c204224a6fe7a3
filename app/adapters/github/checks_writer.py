"""Writes check runs."""

from __future__ import annotations

from typing import Any

from app.adapters.github.models import read
from app.adapters.github.models.actions import CheckRunBody
from app.adapters.github.reader import REPO, Asking
from app.domain.effects import Annotation
from app.domain.ids import CommitSha
from app.ports.github_writer import CheckRunDraft


class ChecksWriter(Asking):
    """The part of `GitHubWriter` that is about check runs."""

    async def create_check_run(self, draft: CheckRunDraft) -> int:
        """As `GitHubWriter`."""
        body = {**_body(draft), "head_sha": draft.head_sha}
        answer = await self._api.write("POST", f"{REPO}/check-runs", self._names, body)
        return read(CheckRunBody, answer).id

    async def update_check_run(self, check_run_id: int, draft: CheckRunDraft) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "id": check_run_id}
        await self._api.write("PATCH", f"{REPO}/check-runs/{{id}}", names, _body(draft))

    async def find_check_run(
        self, head_sha: CommitSha, name: str, external_id: str
    ) -> tuple[int, int] | None:
        """As `GitHubWriter`."""
        query = (("check_name", name), ("filter", "all"), ("app_id", str(self._api.app_id)))
        names: dict[str, str | int] = {"ref": head_sha}
        request = self._request("/commits/{ref}/check-runs", names, query=query, cached=False)
        runs = [read(CheckRunBody, one) for one in await self._list(request, "check_runs")]
        ours = [one for one in runs if one.external_id == external_id and self._is_ours(one)]
        newest = max(ours, key=lambda one: one.id, default=None)
        return None if newest is None else (newest.id, newest.output.annotations_count)

    def _is_ours(self, run: CheckRunBody) -> bool:
        return run.app is not None and run.app.id == self._api.app_id


def _body(draft: CheckRunDraft) -> dict[str, Any]:
    # The text always, also empty: where a PATCH has none, GitHub keeps the one that is no longer true.
    output: dict[str, Any] = {"title": draft.title, "summary": draft.summary, "text": draft.text}
    if draft.annotations:
        output["annotations"] = [_annotation(one) for one in draft.annotations]
    body: dict[str, Any] = {
        "name": draft.name,
        "status": draft.status.value,
        "external_id": draft.external_id,
        "output": output,
        "actions": [
            {"label": one.label, "description": one.description, "identifier": one.identifier}
            for one in draft.buttons
        ],
    }
    if draft.conclusion is not None:
        body["conclusion"] = draft.conclusion.value
    return body


def _annotation(one: Annotation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "annotation_level": one.level.value,
        "message": one.message,
    }
    optional = {
        "title": one.title or None,
        "raw_details": one.raw_details or None,
        "start_column": one.start_column,
        "end_column": one.end_column,
    }
    return made | {name: value for name, value in optional.items() if value is not None}
