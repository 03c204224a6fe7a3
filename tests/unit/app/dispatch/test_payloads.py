from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.payloads import HANDLED_EVENTS, READERS, parse, wake_body
from app.domain.delivery import Delivery, Source, delivery_of
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
from app.domain.ids import AppKey, CommitSha, DeliveryId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import InvalidInput

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = AppKey("api.github.com/1")
REPOSITORY = Repository(RepositoryId(7), "forge", "anvil", InstallationId(3))
RUN = {
    "action": "completed",
    "repository": {"id": 7, "name": "anvil", "owner": {"id": 1, "login": "forge"}},
    "installation": {"id": 3},
    "workflow_run": {
        "id": 5,
        "run_attempt": 2,
        "head_sha": "a" * 40,
        "head_branch": None,
        "head_repository": None,
        "path": ".github/workflows/ci.yml@refs/heads/main",
        "event": "push",
        "conclusion": "a_word_of_next_year",
        "actor": None,
        "triggering_actor": {"id": 9, "login": "x[bot]", "type": "Bot"},
    },
}


def delivery(event: str, body: bytes, source: Source = Source.GITHUB) -> Delivery:
    return delivery_of(KEY, DeliveryId("guid"), source, event, body, NOW)


def test_nulls_and_unknown_words_of_a_run_are_kept() -> None:
    event = parse(delivery("workflow_run", json.dumps(RUN).encode())).event
    assert isinstance(event, WorkflowRunCompleted)
    assert (event.path, event.conclusion) == (".github/workflows/ci.yml", "a_word_of_next_year")
    assert event.head_repository_id is None
    assert event.actor is not None
    assert event.actor.is_bot


def test_a_body_that_does_not_fit_its_event_leads_to_nothing() -> None:
    body = json.dumps({**RUN, "workflow_run": None}).encode()
    assert isinstance(parse(delivery("workflow_run", body)).event, Ignored)
    with pytest.raises(InvalidInput):
        parse(delivery("workflow_run", json.dumps({**RUN, "workflow_run": [1]}).encode()))


def test_a_hook_without_installation_is_ignored_with_its_reason() -> None:
    body = json.dumps({k: v for k, v in RUN.items() if k != "installation"}).encode()
    event = parse(delivery("workflow_run", body)).event
    assert event == Ignored("no installation: the hook is not the App's own")


@given(st.sampled_from(sorted(HANDLED_EVENTS)), st.binary())
def test_any_bytes_are_an_event_or_ignored_or_refused(event: str, body: bytes) -> None:
    try:
        parsed = parse(delivery(event, body))
    except InvalidInput:
        return
    assert isinstance(parsed.event, Ignored)


def test_a_list_as_action_is_not_an_error() -> None:
    assert isinstance(parse(delivery("check_run", b'{"action": ["completed"]}')).event, Ignored)


def test_a_wake_up_survives_its_bytes() -> None:
    subject = Subject(KEY, RepositoryId(7), SubjectKind.RUN, "5")
    body = wake_body(REPOSITORY, "remediation", subject, "deadline")
    event = parse(delivery("hephaestus.wake", body, Source.TIMER)).event
    assert event == WokenUp(REPOSITORY, "remediation", subject, "deadline")


def test_github_cannot_send_a_wake_up() -> None:
    subject = Subject(KEY, RepositoryId(7), SubjectKind.RUN, "5")
    with pytest.raises(InvalidInput):
        parse(delivery("hephaestus.wake", wake_body(REPOSITORY, "x", subject, "y")))


@pytest.mark.corpus
def test_every_real_payload_is_an_event_or_ignored(corpus: Path) -> None:
    folder, understood = corpus / "webhooks", 0
    for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        body = (folder / entry["file"]).read_bytes()
        parsed = parse(delivery(entry["event"], body))
        assert parsed.action == entry["action"] or (entry["event"], parsed.action) not in READERS
        understood += not isinstance(parsed.event, Ignored)
    assert understood > 0


BASE = {name: RUN[name] for name in ("repository", "installation")}
ANVIL = Repository(RepositoryId(7), "forge", "anvil", InstallationId(3), owner_id=1)
SHA, MAIN = CommitSha("a" * 40), CommitSha("b" * 40)
CHECK = {"id": 4, "name": "ci", "head_sha": SHA, "conclusion": "failure", "app": {"id": 15368}}
PULL = {
    "number": 2,
    "head": {"ref": "fix", "sha": SHA, "repo": {"id": 8}},
    "base": {"ref": "main", "sha": MAIN},
}
PERSON = {"id": 9, "login": "octocat", "type": "User"}
OCTOCAT = Actor(9, "octocat", is_bot=False)
EVENTS: dict[tuple[str, str], tuple[dict[str, object], Event]] = {
    ("check_run", "completed"): (
        {"check_run": CHECK},
        CheckRunCompleted(ANVIL, 4, "ci", SHA, 15368, "failure"),
    ),
    ("check_run", "rerequested"): (
        {"check_run": {**CHECK, "external_id": "x", "app": None}, "sender": PERSON},
        CheckRerequested(ANVIL, SHA, None, "ci", "x", OCTOCAT),
    ),
    ("check_run", "requested_action"): (
        {"check_run": CHECK, "requested_action": {"identifier": "accept"}, "sender": PERSON},
        ButtonClicked(ANVIL, SHA, 15368, 4, "ci", "", "accept", OCTOCAT),
    ),
    ("check_suite", "completed"): (
        {"check_suite": {"head_sha": SHA, "conclusion": None}},
        CheckSuiteCompleted(ANVIL, SHA, None, None),
    ),
    ("check_suite", "rerequested"): (
        {"check_suite": {"head_sha": SHA, "app": {"id": 1}}},
        CheckRerequested(ANVIL, SHA, 1, None, "", None),
    ),
    ("merge_group", "checks_requested"): (
        {
            "merge_group": {
                "head_sha": SHA,
                "base_sha": MAIN,
                "base_ref": "refs/heads/main",
                "head_ref": "refs/heads/q",
            }
        },
        MergeGroupRequested(ANVIL, SHA, MAIN, "refs/heads/main", "refs/heads/q"),
    ),
    ("workflow_run", "requested"): (
        {"workflow_run": {"id": 9, "run_attempt": 2, "head_sha": SHA}},
        WorkflowRunRestarted(ANVIL, 9, 2, SHA),
    ),
    ("pull_request", "synchronize"): (
        {"pull_request": {**PULL, "user": PERSON}},
        PullRequestChanged(
            ANVIL, "synchronize", 2, SHA, "fix", RepositoryId(8), "main", MAIN, merged=False, author=OCTOCAT
        ),
    ),
    ("issue_comment", "created"): (
        {
            "issue": {"number": 2, "pull_request": {"url": "x"}},
            "comment": {"id": 5, "body": "/hephaestus  waive tests \r\nmore", "user": PERSON},
            "sender": PERSON,
        },
        CommentCreated(ANVIL, 2, 5, "waive tests", OCTOCAT),
    ),
    ("release", "published"): (
        {"release": {"id": 6, "tag_name": "v1"}, "sender": PERSON},
        ReleaseChanged(ANVIL, "published", 6, "v1", OCTOCAT),
    ),
}


@pytest.mark.parametrize(("name", "action"), EVENTS)
def test_each_handled_event_is_read(name: str, action: str) -> None:
    parts, event = EVENTS[name, action]
    parsed = parse(delivery(name, json.dumps({**BASE, **parts, "action": action}).encode()))
    assert (parsed.event, parsed.action, parsed.repository) == (event, action, "forge/anvil")


TAG = {"ref": "refs/tags/v1", "before": SHA, "after": MAIN, "sender": PERSON}


@pytest.mark.parametrize("after", [MAIN, "0" * 40])
def test_a_tag_that_moves_or_goes_is_read_from_its_push(after: str) -> None:
    parsed = parse(delivery("push", json.dumps({**BASE, **TAG, "after": after}).encode()))
    assert (parsed.event, parsed.action) == (TagMoved(ANVIL, "v1", SHA, OCTOCAT), None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"before": "0" * 40}, "a new tag"),
        ({"ref": "refs/heads/tags/v1"}, "a push to a branch"),
        ({"ref": None}, "push.ref is missing"),
        ({"ref": "refs/heads/main", "repository": {"id": 1}}, "a push to a branch"),
        ({"before": None}, "push.ref is missing"),
    ],
)
def test_other_pushes_mean_nothing(change: dict[str, object], why: str) -> None:
    body = json.dumps({**BASE, **TAG, **change}).encode()
    assert parse(delivery("push", body)).event == Ignored(why)


def test_the_first_attempt_of_a_run_voids_nothing() -> None:
    body = {**BASE, "workflow_run": {"id": 9, "run_attempt": 1, "head_sha": SHA}, "action": "requested"}
    assert parse(delivery("workflow_run", json.dumps(body).encode())).event == Ignored(
        "the first attempt of a run has begun"
    )


@pytest.mark.parametrize(("name", "action"), READERS)
def test_a_handled_event_without_its_main_part_leads_to_nothing(name: str, action: str) -> None:
    parsed = parse(delivery(name, json.dumps({**BASE, "action": action}).encode()))
    assert isinstance(parsed.event, Ignored)
    assert parsed.event.reason.endswith(" is missing")


def test_a_handled_event_without_a_repository_is_refused() -> None:
    with pytest.raises(InvalidInput, match="repository is missing"):
        parse(delivery("release", b'{"action": "published"}'))


STRANGE: dict[str, dict[str, object]] = {
    "an id that no database holds": {"check_run": {**CHECK, "id": 2**63}},
    "a negative id": {"installation": {"id": -1}},
    "a commit that is a path": {"check_run": {**CHECK, "head_sha": "../../users"}},
    "a commit in capitals": {"check_run": {**CHECK, "head_sha": "A" * 40}},
    "a commit with a line feed": {"check_run": {**CHECK, "head_sha": f"{SHA}\n"}},
    "a name with a slash": {"repository": {"id": 7, "name": "a/b", "owner": {"id": 1, "login": "x"}}},
    "a name with a NUL": {"repository": {"id": 7, "name": "a\0b", "owner": {"id": 1, "login": "x"}}},
    "an owner without a name": {"repository": {"id": 7, "name": "a", "owner": {"id": 1, "login": ""}}},
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_what_becomes_a_key_or_an_address_has_githubs_form(strange: dict[str, object]) -> None:
    whole = {**BASE, "check_run": CHECK, "action": "completed", **strange}
    with pytest.raises(InvalidInput) as caught:
        parse(delivery("check_run", json.dumps(whole).encode()))
    assert caught.value.code == "payload.unexpected"


@pytest.mark.parametrize("action", ["a\0b", "a" * 51, "A", "a b"])
def test_a_strange_action_is_not_kept(action: str) -> None:
    parsed = parse(delivery("star", json.dumps({"action": action}).encode()))
    assert (parsed.action, parsed.event) == (None, Ignored("star is not handled"))


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"capability": "x", "subject": "not a key", "what": "y", "repository": {}}',
        b'{"capability": "x", "subject": "a|1|sha|b", "what": "y", "repository": {"id": 1}}',
    ],
)
def test_a_wake_up_of_an_unknown_form_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(delivery("hephaestus.wake", body, Source.SWEEP))
    assert caught.value.code == "payload.unexpected"


@pytest.mark.parametrize(
    ("event", "action", "reason"),
    [
        ("check_run", "created", "check_run.created is not handled"),
        ("workflow_run", "nothing", "workflow_run.nothing is not handled"),
        ("check_run", None, "check_run without an action is not handled"),
        ("check_run", "A B", "check_run without an action is not handled"),
        ("star", "created", "star is not handled"),
    ],
)
def test_what_is_not_handled_says_whether_it_is_the_event_or_its_action(
    event: str, action: str | None, reason: str
) -> None:
    parsed = parse(delivery(event, json.dumps({**BASE, "action": action}).encode()))
    assert parsed.event == Ignored(reason)


@pytest.mark.parametrize("event", ["check_run", "star"])
def test_the_repository_of_what_is_not_handled_is_kept(event: str) -> None:
    parsed = parse(delivery(event, json.dumps({**BASE, "action": "created"}).encode()))
    assert parsed.repository == "forge/anvil"


@pytest.mark.parametrize(
    "strange", [None, 3, "x/y", {}, {"name": "a"}, {"id": 1, "name": "a/b", "owner": {"id": 1, "login": "x"}}]
)
def test_a_strange_repository_of_what_is_not_handled_is_not_kept(strange: object) -> None:
    parsed = parse(delivery("star", json.dumps({"action": "created", "repository": strange}).encode()))
    assert (parsed.repository, parsed.event) == (None, Ignored("star is not handled"))


COMMENT = {"id": 5, "body": "/hephaestus waive tests", "user": PERSON}
ISSUE = {"number": 2, "pull_request": {}}
NO_COMMANDS: dict[str, dict[str, object]] = {
    "on an issue": {"issue": {"number": 2}},
    "of a bot": {
        "comment": {**COMMENT, "user": {**PERSON, "type": "Bot"}},
        "sender": {**PERSON, "type": "Bot"},
    },
    "through an App": {"comment": {**COMMENT, "performed_via_github_app": {"id": 1}}},
    "in another's name": {"sender": {"id": 10, "login": "other", "type": "User"}},
    "of nobody": {"comment": {**COMMENT, "user": None}},
    "quoted": {"comment": {**COMMENT, "body": "> /hephaestus waive tests"}},
    "below the first line": {"comment": {**COMMENT, "body": "thanks\n/hephaestus waive tests"}},
    "of another bot's": {"comment": {**COMMENT, "body": "/hephaestusx waive tests"}},
    "without a body": {"comment": {**COMMENT, "body": None}},
}


@pytest.mark.parametrize("parts", NO_COMMANDS.values(), ids=NO_COMMANDS)
def test_a_comment_that_is_no_persons_command_leads_to_nothing(parts: dict[str, object]) -> None:
    whole = {**BASE, "issue": ISSUE, "comment": COMMENT, "sender": PERSON, "action": "created", **parts}
    assert isinstance(parse(delivery("issue_comment", json.dumps(whole).encode())).event, Ignored)


def test_a_comment_that_is_edited_commands_nothing() -> None:
    whole = {**BASE, "issue": ISSUE, "comment": COMMENT, "sender": PERSON, "action": "edited"}
    event = parse(delivery("issue_comment", json.dumps(whole).encode())).event
    assert event == Ignored("issue_comment.edited is not handled")
