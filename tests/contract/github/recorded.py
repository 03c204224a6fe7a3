"""What each recorded answer of GitHub is to the client: which model reads it, or that none does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.adapters.github.edition import _Meta
from app.adapters.github.exchange import Outgoing
from app.adapters.github.models import read
from app.adapters.github.models.actions import (
    AnnotationBody,
    ArtifactBody,
    CheckRunBody,
    JobBody,
    WorkflowRunBody,
)
from app.adapters.github.models.app import AppBody
from app.adapters.github.models.code import (
    BranchBody,
    CommentBody,
    CommitBody,
    ComparisonBody,
    ContentBody,
    LabelBody,
    PermissionBody,
    PullBody,
    RefBody,
    RepositoryBody,
    ShaBody,
    TreeBody,
    TreeOfCommitBody,
)
from app.adapters.github.models.releases import AssetBody, ReleaseBody
from app.adapters.github.pagination import page
from app.adapters.github.tokens import _Installation, _Minted
from app.errors import AccessDenied, Conflict, Gone, HephaestusError, NotFound, PermanentError, TransientError

REPO = "/repos/{owner}/{repo}"
RAW = "application/vnd.github.raw"
Reading = Callable[[Any], object]

ONE: dict[str, Reading] = {
    "/app": lambda body: read(AppBody, body).identity(),
    "/app/installations/{installation_id}": lambda body: read(_Installation, body),
    "/app/installations/{installation_id}/access_tokens": lambda body: read(_Minted, body),
    "/meta": lambda body: read(_Meta, body),
    REPO: lambda body: read(RepositoryBody, body),
    f"{REPO}/branches/{{branch}}": lambda body: read(BranchBody, body).branch(),
    f"{REPO}/commits/{{ref}}": lambda body: read(CommitBody, body).domain(),
    f"{REPO}/compare/{{basehead}}": lambda body: read(ComparisonBody, body).comparison(),
    f"{REPO}/git/ref/{{ref}}": lambda body: read(RefBody, body),
    f"{REPO}/git/refs/{{ref}}": lambda body: read(RefBody, body),
    f"{REPO}/git/refs": lambda body: read(RefBody, body),
    f"{REPO}/git/tags/{{tag_sha}}": lambda body: read(RefBody, body),
    f"{REPO}/git/commits/{{commit_sha}}": lambda body: read(TreeOfCommitBody, body),
    f"{REPO}/git/commits": lambda body: read(ShaBody, body),
    f"{REPO}/git/trees": lambda body: read(ShaBody, body),
    f"{REPO}/git/trees/{{tree_sha}}": lambda body: read(TreeBody, body).files(),
    f"{REPO}/git/blobs": lambda body: read(ShaBody, body),
    f"{REPO}/pulls/{{pull_number}}": lambda body: read(PullBody, body).pull(),
    f"{REPO}/collaborators/{{username}}/permission": lambda body: read(PermissionBody, body).level(1),
    f"{REPO}/check-runs/{{check_run_id}}": lambda body: read(CheckRunBody, body).check_run(),
    f"{REPO}/check-runs": lambda body: read(CheckRunBody, body).check_run(),
    f"{REPO}/actions/runs/{{run_id}}": lambda body: read(WorkflowRunBody, body).run(),
    f"{REPO}/actions/jobs/{{job_id}}": lambda body: read(JobBody, body).job(),
    f"{REPO}/actions/artifacts/{{artifact_id}}": lambda body: read(ArtifactBody, body).artifact(1),
    f"{REPO}/releases/{{release_id}}": lambda body: read(ReleaseBody, body).release(),
    f"{REPO}/releases/latest": lambda body: read(ReleaseBody, body).release(),
    f"{REPO}/releases/tags/{{tag}}": lambda body: read(ReleaseBody, body).release(),
    f"{REPO}/releases/assets/{{asset_id}}": lambda body: read(AssetBody, body).asset(),
    f"{REPO}/issues/comments/{{comment_id}}": lambda body: read(CommentBody, body).comment(),
}
LISTS: dict[str, tuple[str | None, Reading]] = {
    f"{REPO}/commits": (None, ONE[f"{REPO}/commits/{{ref}}"]),
    f"{REPO}/pulls": (None, ONE[f"{REPO}/pulls/{{pull_number}}"]),
    f"{REPO}/commits/{{commit_sha}}/pulls": (None, ONE[f"{REPO}/pulls/{{pull_number}}"]),
    f"{REPO}/commits/{{ref}}/check-runs": ("check_runs", ONE[f"{REPO}/check-runs"]),
    f"{REPO}/check-suites/{{check_suite_id}}/check-runs": ("check_runs", ONE[f"{REPO}/check-runs"]),
    f"{REPO}/check-runs/{{check_run_id}}/annotations": (
        None,
        lambda body: read(AnnotationBody, body).annotation(),
    ),
    f"{REPO}/actions/runs": ("workflow_runs", ONE[f"{REPO}/actions/runs/{{run_id}}"]),
    f"{REPO}/actions/runs/{{run_id}}/jobs": ("jobs", ONE[f"{REPO}/actions/jobs/{{job_id}}"]),
    f"{REPO}/actions/runs/{{run_id}}/artifacts": (
        "artifacts",
        ONE[f"{REPO}/actions/artifacts/{{artifact_id}}"],
    ),
    f"{REPO}/actions/artifacts": ("artifacts", ONE[f"{REPO}/actions/artifacts/{{artifact_id}}"]),
    f"{REPO}/releases": (None, ONE[f"{REPO}/releases/{{release_id}}"]),
    f"{REPO}/releases/{{release_id}}/assets": (None, ONE[f"{REPO}/releases/assets/{{asset_id}}"]),
    f"{REPO}/issues/{{issue_number}}/comments": (None, ONE[f"{REPO}/issues/comments/{{comment_id}}"]),
    f"{REPO}/issues/{{issue_number}}/labels": (None, lambda body: read(LabelBody, body)),
    f"{REPO}/labels": (None, lambda body: read(LabelBody, body)),
}
CREATED = frozenset(
    {
        f"{REPO}/pulls",
        f"{REPO}/releases",
        f"{REPO}/labels",
        f"{REPO}/issues/{{issue_number}}/comments",
        f"{REPO}/releases/{{release_id}}/assets",
    }
)
"""Where a POST answers with one of what a GET lists."""
NOT_READ = frozenset(
    {
        "GET /app/installations",
        "GET /installation/repositories",
        "GET /orgs/{org}/installation",
        "GET /rate_limit",
        "GET /users/{username}/installation",
        "POST /app-manifests/{code}/conversions",
        f"DELETE {REPO}/git/refs/{{ref}}",
        f"DELETE {REPO}/issues/{{issue_number}}/labels/{{name}}",
        f"DELETE {REPO}/releases/assets/{{asset_id}}",
        f"GET {REPO}/actions/workflows",
        f"GET {REPO}/actions/workflows/{{workflow_id}}",
        f"GET {REPO}/check-suites/{{check_suite_id}}",
        f"GET {REPO}/commits/{{ref}}/check-suites",
        f"GET {REPO}/commits/{{ref}}/status",
        f"GET {REPO}/git/blobs/{{file_sha}}",
        f"GET {REPO}/git/matching-refs/{{ref}}",
        f"GET {REPO}/installation",
        f"GET {REPO}/issues",
        f"GET {REPO}/issues/{{issue_number}}",
        f"GET {REPO}/labels/{{name}}",
        f"GET {REPO}/pulls/{{pull_number}}/commits",
        f"PATCH {REPO}/check-suites/preferences",
        f"PATCH {REPO}/issues/{{issue_number}}",
        f"POST {REPO}/actions/runs/{{run_id}}/rerun",
        f"POST {REPO}/actions/runs/{{run_id}}/rerun-failed-jobs",
        f"POST {REPO}/actions/workflows/{{workflow_id}}/dispatches",
        f"POST {REPO}/check-suites",
        f"POST {REPO}/check-suites/{{check_suite_id}}/rerequest",
        f"POST {REPO}/dispatches",
        f"POST {REPO}/issues",
        f"POST {REPO}/statuses/{{sha}}",
        f"PUT {REPO}/contents/{{path}}",
    }
)
"""Answers of which no part of the client reads more than that they came."""
NOT_AS_DOCUMENTED = frozenset(
    {
        "pygithub.lgpl.jsonl:27",  # a workflow run without event, head and time
        "pygithub.lgpl.jsonl:36",  # a branch without its commit
        "pygithub.lgpl.jsonl:83",  # a tree that does not say whether it is whole
        "pygithub.lgpl.jsonl:100",  # comments without an address, here and below
        "pygithub.lgpl.jsonl:138",
        "pygithub.lgpl.jsonl:172",
    }
)
"""Refused as such: a field is missing that GitHub's description promises."""
OF_THE_APP = ("/app", "/orgs/{org}/installation", "/users/{username}/installation", f"{REPO}/installation")
"""Asked for with the App's JWT."""
KINDS: dict[int, type[HephaestusError]] = {
    401: AccessDenied,
    404: NotFound,
    409: Conflict,
    410: Gone,
    429: TransientError,
    500: TransientError,
    502: TransientError,
    503: TransientError,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was recorded, and the answer."""

    where: str
    route: str
    method: str
    path: str
    status: int
    sent: Any
    answer: Any
    headers: dict[str, str]

    @property
    def op(self) -> str:
        """Method and route."""
        return f"{self.method} {self.route}"

    @property
    def body(self) -> bytes:
        """The answer as it came."""
        if self.answer is None:
            return b""
        return (self.answer if isinstance(self.answer, str) else json.dumps(self.answer)).encode()

    @property
    def request(self) -> Outgoing:
        """The request as our client would send it."""
        parts = urlsplit(self.path)
        raw = RAW if isinstance(self.answer, str) else Outgoing("", "", "").accept
        sent = None if self.method == "GET" else self.sent
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        return Outgoing(self.method, self.route, parts.path, query, sent, raw)


def exchanges(corpus: Path) -> Iterator[Exchange]:
    """All that were recorded."""
    for file in sorted((corpus / "recorded").glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            one = json.loads(line)
            yield Exchange(
                f"{file.name}:{number}",
                one["op"].partition(" ")[2],
                one["method"],
                one["path"],
                one["status"],
                one["request"],
                one["response"],
                {name.lower(): value for name, value in one["headers"].items()},
            )


def expected_kind(one: Exchange) -> type[HephaestusError]:
    """What a person says of a refusal, from GitHub's documentation."""
    said = json.dumps(one.answer)
    if one.status == 403:
        return TransientError if "rate limit" in said else AccessDenied
    if one.status == 422 and "not granted" in said:
        return AccessDenied
    if one.status == 422 and ("already exists" in said or "already_exists" in said):
        return Conflict
    return KINDS.get(one.status, PermanentError)


def read_body(one: Exchange, body: Any) -> None:  # noqa: ANN401 -- JSON
    """Reads the body as the client does. Raises KeyError for what is neither read nor listed as not read."""
    if one.op in NOT_READ:
        return
    if one.route.endswith("/contents/{path}"):
        if isinstance(body, dict):
            read(ContentBody, body).file()
    elif one.route in LISTS and not (one.method == "POST" and one.route in CREATED):
        key, reading = LISTS[one.route]
        for item in page(body, key, one.route):
            reading(item)
    else:
        (LISTS[one.route][1] if one.route in CREATED else ONE[one.route])(body)
