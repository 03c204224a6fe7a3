"""Every answer that GitHub was recorded to give is read, or refused with the right class of error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.adapters.github.errors import classify
from app.adapters.github.exchange import Answer
from app.adapters.github.graphql import graphql_error
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
    TreeOfCommitBody,
)
from app.adapters.github.models.releases import AssetBody, ReleaseBody
from app.adapters.github.pagination import next_query, page
from app.errors import (
    AccessDenied,
    Conflict,
    Gone,
    HephaestusError,
    InvalidInput,
    NotFound,
    PermanentError,
    TransientError,
)

pytestmark = pytest.mark.corpus

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
REPO = "/repos/{owner}/{repo}"
Reading = Callable[[Any], object]

ONE: dict[str, Reading] = {
    "/app": lambda body: read(AppBody, body).identity(),
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
    f"{REPO}/git/blobs": lambda body: read(ShaBody, body),
    f"{REPO}/pulls/{{pull_number}}": lambda body: read(PullBody, body).pull(),
    f"{REPO}/collaborators/{{username}}/permission": lambda body: read(PermissionBody, body).level(),
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


def exchanges(corpus: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((corpus / "recorded").glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{file.name}:{number}", json.loads(line)


def answer_of(one: dict[str, Any]) -> Answer:
    body = one["response"]
    raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(one["status"], {name.lower(): value for name, value in one["headers"].items()}, raw)


def expected_kind(one: dict[str, Any]) -> type[HephaestusError]:
    """What a person says of a refusal, from GitHub's documentation."""
    said = json.dumps(one["response"])
    if one["status"] == 403:
        return TransientError if "rate limit" in said else AccessDenied
    if one["status"] == 422 and "not granted" in said:
        return AccessDenied
    if one["status"] == 422 and ("already exists" in said or "already_exists" in said):
        return Conflict
    return KINDS.get(one["status"], PermanentError)


def read_success(one: dict[str, Any]) -> None:
    """Reads the body as the client does; a list by its key, one thing by its model."""
    route, answer = one["op"].partition(" ")[2], answer_of(one)
    next_query(answer)
    if not answer.body or isinstance(one["response"], str):
        return
    body = answer.json()
    if route == "/graphql" and body.get("errors"):
        assert isinstance(
            graphql_error(body["errors"], answer.headers, now=NOW), PermanentError | TransientError
        )
    elif route.endswith("/contents/{path}") and one["method"] == "GET" and isinstance(body, dict):
        read(ContentBody, body).file()
    elif route in LISTS and one["method"] in {"GET", "PUT"}:
        key, reading = LISTS[route]
        for item in page(body, key, route):
            reading(item)
    elif (found := one_reading(route, one["method"])) is not None:
        found(body)


def one_reading(route: str, method: str) -> Reading | None:
    if method == "POST" and route in {f"{REPO}/pulls", f"{REPO}/releases"}:
        return LISTS[route][1]
    if method == "POST" and route == f"{REPO}/issues/{{issue_number}}/comments":
        return LISTS[route][1]
    return ONE.get(route)


def test_every_successful_answer_is_read(corpus: Path) -> None:
    failures = []
    for where, one in exchanges(corpus):
        if one["status"] < 300 and one["openapi"] == "ok":
            try:
                read_success(one)
            except (HephaestusError, AssertionError) as error:
                failures.append(f"{where} {one['op']}: {error}")
    assert not failures, "\n".join(failures)


def test_an_answer_that_is_not_as_documented_is_read_or_refused_as_such(corpus: Path) -> None:
    for _, one in exchanges(corpus):
        if one["status"] < 300 and one["openapi"] != "ok":
            try:
                read_success(one)
            except InvalidInput as error:
                assert error.code == "github.unexpected_answer"  # noqa: PT017 -- of the answers that are refused


def test_every_refusal_has_the_right_class(corpus: Path) -> None:
    seen = 0
    for where, one in exchanges(corpus):
        if one["status"] >= 400:
            answer, seen = answer_of(one), seen + 1
            error = classify(answer.status, answer.headers, answer.body, what=one["op"], now=NOW)
            assert type(error) is expected_kind(one), f"{where}: {error!r}"
    assert seen > 40


def test_an_answer_that_should_be_json_and_is_not_may_be_asked_again(corpus: Path) -> None:
    (page_of_503,) = [one for _, one in exchanges(corpus) if one["status"] == 503]
    with pytest.raises(TransientError, match=r"github\.not_json"):
        Answer(200, {}, answer_of(page_of_503).body).json()


def test_every_route_that_the_client_reads_was_recorded(corpus: Path) -> None:
    recorded = {one["op"].partition(" ")[2] for _, one in exchanges(corpus)}
    assert set(ONE) | set(LISTS) <= recorded
