"""Parse: a stored delivery becomes a typed event, or is ignored with a reason. Pure.

Half of all real but older payloads fail GitHub's own schemas, so only the fields that are used are looked at, and what is
missing is named. A body that does not fit its event header is refused here: the signature covers the body, not the headers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from app.dispatch.models import Account, AppPayload, Envelope, Payload, RepositoryPayload, Wake
from app.domain.ci import workflow_path
from app.domain.delivery import Delivery, Source
from app.domain.events import (
    Actor,
    ButtonClicked,
    CheckRerequested,
    CheckRunCompleted,
    CheckSuiteCompleted,
    CommentCreated,
    Event,
    Ignored,
    MergeGroupRequested,
    PullRequestChanged,
    ReleaseChanged,
    TagMoved,
    WokenUp,
    WorkflowRunCompleted,
    WorkflowRunRestarted,
)
from app.domain.ids import CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject
from app.errors import InvalidInput

PULL_ACTIONS = frozenset({"opened", "reopened", "synchronize", "edited", "ready_for_review", "closed"})
WAKE = "hephaestus.wake"
ACTION = re.compile(r"[a-z_]{1,50}")
TAGS = "refs/tags/"
BOT_TYPES = frozenset({"Bot"})
COMMAND = re.compile(r"/hephaestus(?:[ \t]+([^\r\n]{0,1000}))?[ \t]*(?:[\r\n]|$)")
"""The first line of a comment: what is quoted, fenced or hidden further down is nobody's wish."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery means, with the words people look for in the ledger."""

    event: Event | Ignored
    action: str | None
    repository: str | None


def parse(delivery: Delivery) -> Parsed:
    """The meaning of a delivery.

    Raises:
        InvalidInput: `payload.unreadable` for what is not a JSON object, `payload.unexpected` for a handled event whose body
            does not have its fields. Such a delivery is quarantined.
    """
    if delivery.event == WAKE:
        return parse_wake(delivery)
    envelope = read_envelope(delivery.body)
    action = (
        envelope.action if isinstance(envelope.action, str) and ACTION.fullmatch(envelope.action) else None
    )
    read = READERS.get((delivery.event, action))
    if read is None:
        return Parsed(not_handled(delivery.event, action), action, name_of(envelope.repository))
    if read is tag_moved and isinstance(envelope.ref, str) and not envelope.ref.startswith(TAGS):
        # Most pushes, and with all their commits: nothing more of them is looked at.
        return Parsed(Ignored("a push to a branch"), action, name_of(envelope.repository))
    try:
        payload = Payload.model_validate_json(delivery.body)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput("payload.unexpected", f"{delivery.event}: {where}: {first['msg']}") from exc
    if payload.repository is None:
        raise InvalidInput("payload.unexpected", f"{delivery.event}: repository is missing")
    name = full_name(payload.repository)
    if payload.installation is None:
        return Parsed(Ignored("no installation: the hook is not the App's own"), action, name)
    return Parsed(read(payload, repository_of(payload)), action, name)


def read_envelope(body: bytes) -> Envelope:
    """The outermost object, of any event."""
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as exc:
        raise InvalidInput("payload.unreadable", "the body is not a JSON object in UTF-8") from exc


def not_handled(event: str, action: str | None) -> Ignored:
    """The reason: the event itself, or only this action of an event of which others are handled."""
    if event not in HANDLED_EVENTS:
        return Ignored(f"{event} is not handled")
    return Ignored(
        f"{event}.{action} is not handled" if action else f"{event} without an action is not handled"
    )


def name_of(repository: object) -> str | None:
    """`owner/name` of an event that is not looked into; None where it has none that GitHub would give."""
    try:
        return full_name(RepositoryPayload.model_validate(repository))
    except ValidationError:
        return None


def full_name(repository: RepositoryPayload) -> str:
    """`owner/name`."""
    return f"{repository.owner.login}/{repository.name}"


def repository_of(payload: Payload) -> Repository:
    """The repository under the installation that the event names."""
    if payload.repository is None or payload.installation is None:
        raise InvalidInput("payload.unexpected", "repository or installation is missing")
    owner = payload.repository.owner
    return Repository(
        id=RepositoryId(payload.repository.id),
        owner=owner.login,
        name=payload.repository.name,
        installation_id=InstallationId(payload.installation.id),
        owner_id=owner.id,
        private=payload.repository.private,
    )


def actor_of(account: Account | None) -> Actor | None:
    """Who did it, where GitHub says so."""
    if account is None:
        return None
    return Actor(account.id, account.login, account.type in BOT_TYPES)


def maker_of(app: AppPayload | None) -> int | None:
    """Whose check it is."""
    return app.id if app else None


def missing(part: str) -> Ignored:
    """A handled event without its main part: real, old payloads have that."""
    return Ignored(f"{part} is missing")


def check_run_completed(payload: Payload, repository: Repository) -> Event | Ignored:
    """`check_run.completed`."""
    run = payload.check_run
    if run is None:
        return missing("check_run")
    return CheckRunCompleted(
        repository, run.id, run.name, CommitSha(run.head_sha), maker_of(run.app), run.conclusion
    )


def check_run_rerequested(payload: Payload, repository: Repository) -> Event | Ignored:
    """`check_run.rerequested`."""
    run = payload.check_run
    if run is None:
        return missing("check_run")
    return CheckRerequested(
        repository,
        CommitSha(run.head_sha),
        maker_of(run.app),
        run.name,
        run.external_id or "",
        actor_of(payload.sender),
    )


def button_clicked(payload: Payload, repository: Repository) -> Event | Ignored:
    """`check_run.requested_action`."""
    run, action = payload.check_run, payload.requested_action
    if run is None or action is None:
        return missing("requested_action")
    return ButtonClicked(
        repository,
        CommitSha(run.head_sha),
        maker_of(run.app),
        run.id,
        run.name,
        run.external_id or "",
        action.identifier,
        actor_of(payload.sender),
    )


def check_suite_completed(payload: Payload, repository: Repository) -> Event | Ignored:
    """`check_suite.completed`."""
    suite = payload.check_suite
    if suite is None or suite.head_sha is None:
        return missing("check_suite.head_sha")
    return CheckSuiteCompleted(repository, CommitSha(suite.head_sha), maker_of(suite.app), suite.conclusion)


def check_suite_rerequested(payload: Payload, repository: Repository) -> Event | Ignored:
    """`check_suite.rerequested`."""
    suite = payload.check_suite
    if suite is None or suite.head_sha is None:
        return missing("check_suite.head_sha")
    return CheckRerequested(
        repository, CommitSha(suite.head_sha), maker_of(suite.app), None, "", actor_of(payload.sender)
    )


def workflow_run_completed(payload: Payload, repository: Repository) -> Event | Ignored:
    """`workflow_run.completed`."""
    run = payload.workflow_run
    if run is None:
        return missing("workflow_run")
    return WorkflowRunCompleted(
        repository=repository,
        run_id=run.id,
        attempt=run.run_attempt,
        head_sha=CommitSha(run.head_sha),
        head_branch=run.head_branch,
        head_repository_id=RepositoryId(run.head_repository.id) if run.head_repository else None,
        path=workflow_path(run.path or ""),
        trigger=run.event or "",
        conclusion=run.conclusion,
        actor=actor_of(run.triggering_actor or run.actor),
    )


def workflow_run_restarted(payload: Payload, repository: Repository) -> Event | Ignored:
    """`workflow_run.requested` and `in_progress`; a first attempt has said nothing yet that could be void."""
    run = payload.workflow_run
    if run is None:
        return missing("workflow_run")
    if run.run_attempt == 1:
        return Ignored("the first attempt of a run has begun")
    return WorkflowRunRestarted(repository, run.id, run.run_attempt, CommitSha(run.head_sha))


def pull_request_changed(payload: Payload, repository: Repository) -> Event | Ignored:
    """`pull_request` with one of `PULL_ACTIONS`."""
    pull = payload.pull_request
    if pull is None:
        return missing("pull_request")
    return PullRequestChanged(
        repository=repository,
        action=payload.action or "",
        number=pull.number,
        head_sha=CommitSha(pull.head.sha),
        head_ref=pull.head.ref,
        head_repository_id=RepositoryId(pull.head.repo.id) if pull.head.repo else None,
        base_ref=pull.base.ref,
        base_sha=CommitSha(pull.base.sha),
        merged=bool(pull.merged),
        author=actor_of(pull.user),
    )


def comment_created(payload: Payload, repository: Repository) -> Event | Ignored:
    """`issue_comment.created`, where a person asks for something on a pull request."""
    issue, comment = payload.issue, payload.comment
    if issue is None or comment is None:
        return missing("comment")
    if issue.pull_request is None:
        return Ignored("the comment is not on a pull request")
    command = COMMAND.match(comment.body or "")
    if command is None:
        return Ignored("the comment begins with no command")
    author, sender = actor_of(comment.user), actor_of(payload.sender)
    is_own = author is not None and sender is not None and author.id == sender.id
    if author is None or not is_own or author.is_bot or comment.performed_via_github_app is not None:
        return Ignored("the command was not written by a person")
    return CommentCreated(repository, issue.number, comment.id, (command[1] or "").strip(), author)


def merge_group_requested(payload: Payload, repository: Repository) -> Event | Ignored:
    """`merge_group.checks_requested`."""
    group = payload.merge_group
    if group is None:
        return missing("merge_group")
    return MergeGroupRequested(
        repository,
        CommitSha(group.head_sha),
        CommitSha(group.base_sha),
        group.base_ref,
        group.head_ref or "",
    )


def release_changed(payload: Payload, repository: Repository) -> Event | Ignored:
    """`release`, any action."""
    release = payload.release
    if release is None:
        return missing("release")
    return ReleaseChanged(
        repository, payload.action or "", release.id, release.tag_name or "", actor_of(payload.sender)
    )


def tag_moved(payload: Payload, repository: Repository) -> Event | Ignored:
    """`push` of a tag that was there before."""
    if payload.ref is None or payload.before is None:
        return missing("push.ref")
    if not payload.before.strip("0"):
        return Ignored("a new tag")
    return TagMoved(
        repository, payload.ref.removeprefix(TAGS), CommitSha(payload.before), actor_of(payload.sender)
    )


def parse_wake(delivery: Delivery) -> Parsed:
    """A row of our own; from anybody else it means nothing."""
    if delivery.source is Source.GITHUB:
        raise InvalidInput("payload.unexpected", f"{WAKE} is no event of GitHub")
    try:
        wake = Wake.model_validate_json(delivery.body)
        repository = Repository(**wake.repository)  # type: ignore[arg-type]  # written by `wake_body`
        subject = Subject.from_key(wake.subject)
    except (ValidationError, ValueError, TypeError) as exc:
        raise InvalidInput("payload.unexpected", f"{WAKE}: {exc}") from exc
    event = WokenUp(repository, wake.capability, subject, wake.what)
    return Parsed(event, wake.what, repository.full_name)


def wake_body(repository: Repository, capability: str, subject: Subject, what: str) -> bytes:
    """The body that `parse_wake` reads."""
    return json.dumps(
        {
            "capability": capability,
            "subject": subject.key,
            "what": what,
            "repository": asdict(repository),
        },
        sort_keys=True,
    ).encode()


Reader = Callable[[Payload, Repository], Event | Ignored]
READERS: dict[tuple[str, str | None], Reader] = {
    ("check_run", "completed"): check_run_completed,
    ("check_run", "rerequested"): check_run_rerequested,
    ("check_run", "requested_action"): button_clicked,
    ("check_suite", "completed"): check_suite_completed,
    ("check_suite", "rerequested"): check_suite_rerequested,
    ("workflow_run", "completed"): workflow_run_completed,
    **{("workflow_run", action): workflow_run_restarted for action in ("requested", "in_progress")},
    ("merge_group", "checks_requested"): merge_group_requested,
    ("issue_comment", "created"): comment_created,
    ("push", None): tag_moved,
    **{("pull_request", action): pull_request_changed for action in sorted(PULL_ACTIONS)},
    **{
        ("release", action): release_changed
        for action in ("published", "released", "prereleased", "edited", "created", "unpublished", "deleted")
    },
}
HANDLED_EVENTS = frozenset(event for event, _ in READERS)
