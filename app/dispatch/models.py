"""The slim shapes of GitHub's webhook payloads: the dozen fields we use, everything nullable that may be null.

What becomes part of a key, of a row or of an address has the form that GitHub gives it; anything else is refused.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""An id or a count; what databases call a big integer."""
Name = Annotated[str, Field(pattern=r"^[^\x00-\x20/\x7f]{1,100}$")]
"""An owner's or a repository's name: one part of a path."""
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
"""A commit, SHA-1 or SHA-256."""


class Slim(BaseModel):
    """Unknown fields are ignored, since GitHub adds some every month."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Account(Slim):
    """A user, bot or organisation."""

    id: Number
    login: Name
    type: str | None = None


class RepositoryPayload(Slim):
    """`repository`."""

    id: Number
    name: Name
    owner: Account
    private: bool = False


class Installation(Slim):
    """`installation`."""

    id: Number


class AppPayload(Slim):
    """The App of a check."""

    id: Number | None = None


class SuitePayload(Slim):
    """`check_suite`, or the suite of a check run."""

    head_sha: Sha | None = None
    conclusion: str | None = None
    app: AppPayload | None = None


class CheckRunPayload(Slim):
    """`check_run`."""

    id: Number
    name: str
    head_sha: Sha
    conclusion: str | None = None
    external_id: str | None = None
    app: AppPayload | None = None


class RequestedAction(Slim):
    """`requested_action`: which button was pressed."""

    identifier: str


class RunRepository(Slim):
    """The repository of a run's or pull request's head; null when a fork is gone."""

    id: Number


class WorkflowRunPayload(Slim):
    """`workflow_run`."""

    id: Number
    run_attempt: Number = 1
    head_sha: Sha
    head_branch: str | None = None
    head_repository: RunRepository | None = None
    path: str | None = None
    event: str | None = None
    conclusion: str | None = None
    actor: Account | None = None
    triggering_actor: Account | None = None


class RefPayload(Slim):
    """The head or the base of a pull request."""

    ref: str
    sha: Sha
    repo: RunRepository | None = None


class PullRequestPayload(Slim):
    """`pull_request`."""

    number: Number
    head: RefPayload
    base: RefPayload
    merged: bool | None = None
    user: Account | None = None


class IssuePayload(Slim):
    """`issue`; with `pull_request` when it is one."""

    number: Number
    pull_request: dict[str, object] | None = None


class CommentPayload(Slim):
    """`comment`; `performed_via_github_app` is the App that wrote it in a person's name."""

    id: Number
    body: str | None = None
    user: Account | None = None
    performed_via_github_app: AppPayload | None = None


class MergeGroupPayload(Slim):
    """`merge_group`."""

    head_sha: Sha
    base_sha: Sha
    base_ref: str
    head_ref: str | None = None


class ReleasePayload(Slim):
    """`release`; its asset list is never used."""

    id: Number
    tag_name: str | None = None


class Payload(Slim):
    """A webhook's body; which parts are present depends on the event."""

    action: str | None = None
    repository: RepositoryPayload | None = None
    installation: Installation | None = None
    sender: Account | None = None
    check_run: CheckRunPayload | None = None
    check_suite: SuitePayload | None = None
    requested_action: RequestedAction | None = None
    workflow_run: WorkflowRunPayload | None = None
    pull_request: PullRequestPayload | None = None
    issue: IssuePayload | None = None
    comment: CommentPayload | None = None
    merge_group: MergeGroupPayload | None = None
    release: ReleasePayload | None = None
    ref: str | None = None
    before: Sha | None = None


class Envelope(Slim):
    """The first look at a body of any event: nothing in it may make an unhandled event fail."""

    action: object = None
    repository: object = None
    ref: object = None


class Wake(Slim):
    """The body of a `hephaestus.wake` row: a timer or a sweep of ours."""

    capability: str
    subject: str
    what: str
    repository: dict[str, int | str | bool]
