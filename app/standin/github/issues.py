"""Issues: create, list, change. Pull requests are issues here too, as at GitHub."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers, labels, pulling
from app.standin.github.access import reach
from app.standin.github.answers import answer, paged, validation_failed
from app.standin.github.auth import requires
from app.standin.github.call import Call, strings, text
from app.standin.github.records import Account, Issue, Json
from app.standin.github.shapes import issues

TITLE_LIMIT = 256
BODY_LIMIT = 65_536


def routes() -> list[web.RouteDef]:
    """The routes of issues."""
    base = "/repos/{owner}/{repo}/issues"
    return [
        web.get(base, requires("issues")(list_issues)),
        web.post(base, requires("issues", "write")(create_issue)),
        web.get(f"{base}/{{number:\\d+}}", requires("metadata")(get_issue)),
        web.patch(f"{base}/{{number:\\d+}}", requires("metadata")(update_issue)),
    ]


def check_body(value: str | None, resource: str) -> str | None:
    """A body that is not too long. Raises: Refusal 422 in GitHub's words."""
    if value is not None and len(value) > BODY_LIMIT:
        message = f"body is too long (maximum is {BODY_LIMIT} characters)"
        raise answers.field_error(resource, "body", "custom", message=message)
    return value


async def list_issues(call: Call) -> web.Response:
    """Issues and pull requests by state, labels and creator, newest first."""
    state, creator = call.query("state", "open"), call.query("creator").lower()
    wanted = {name.strip().lower() for name in call.query("labels").split(",") if name.strip()}
    found = [
        one
        for one in call.repository.issues.values()
        if state in {"all", one.state}
        and wanted <= {each.name.lower() for each in one.labels}
        and creator in {"", one.user.login.lower()}
    ]
    ordered = sorted(found, key=lambda one: one.number, reverse=call.query("direction", "desc") == "desc")
    return paged(call.request, call.github.api_url, ordered, lambda one: issues.issue(call.repository, one))


def tell(call: Call, issue: Issue, action: str, **more: object) -> None:
    """Emits `issues`, or `pull_request` for one of those."""
    pull = call.repository.pulls.get(issue.number)
    if pull is not None:
        pulling.tell(call.repository, pull, action, call.actor, **more)
        return
    payload: Json = {"issue": issues.issue(call.repository, issue), **more}
    call.github.emit("issues", action, payload, call.repository, sender=call.actor)


async def create_issue(call: Call) -> web.Response:
    """A new open issue; only who may push may set labels and assignees, from others they are dropped."""
    body, now = await call.body(), call.github.now()
    title = body.get("title")
    if title is None:
        raise answers.invalid_request('"title" wasn\'t supplied.')
    issue = Issue(
        id=call.github.next_id(),
        number=next(call.repository.numbers),
        title=_title(str(title)),
        body=check_body(text(body, "body"), "Issue"),
        user=call.actor,
        created_at=now,
        updated_at=now,
        labels=labels.named(call.repository, _label_names(body)),
        assignees=_accounts(call, body),
        app=call.caller.app,
    )
    call.repository.issues[issue.number] = issue
    tell(call, issue, "opened")
    return answer(issues.issue(call.repository, issue), status=201)


def _title(title: str) -> str:
    if not title.strip():
        raise validation_failed({"resource": "Issue", "field": "title", "code": "missing_field"})
    if len(title) > TITLE_LIMIT:
        message = f"title is too long (maximum is {TITLE_LIMIT} characters)"
        raise answers.field_error("Issue", "title", "custom", message=message)
    return title


def _label_names(body: Json) -> list[str]:
    given = body.get("labels") or []
    return [str(each.get("name") if isinstance(each, dict) else each) for each in given]


def _accounts(call: Call, body: Json) -> list[Account]:
    found = [call.github.account(login) for login in strings(body, "assignees")]
    return [account for account in found if account is not None]


async def get_issue(call: Call) -> web.Response:
    """One issue."""
    return answer(issues.issue(call.repository, reach(call, "read")))


async def update_issue(call: Call) -> web.Response:
    """Changes title, body, labels, assignees or state."""
    issue = reach(call, "write")
    body = await call.body()
    changes: Json = {}
    if "title" in body and body["title"] != issue.title:
        changes["title"] = {"from": issue.title}
        issue.title = _title(str(body["title"]))
    if "body" in body and body["body"] != issue.body:
        changes["body"] = {"from": issue.body or ""}
        issue.body = check_body(text(body, "body"), "Issue")
    if body.get("labels") is not None:
        issue.labels = labels.named(call.repository, _label_names(body))
    if body.get("assignees") is not None:
        issue.assignees = _accounts(call, body)
    issue.updated_at = call.github.now()
    if changes:
        tell(call, issue, "edited", changes=changes)
    _change_state(call, issue, body)
    return answer(issues.issue(call.repository, issue))


def _change_state(call: Call, issue: Issue, body: Json) -> None:
    state = body.get("state")
    if state not in {None, "open", "closed"}:
        raise answers.field_error("Issue", "state", "invalid")
    if state in {None, issue.state}:
        return
    pull = call.repository.pulls.get(issue.number)
    if pull is not None:
        change = pulling.close if state == "closed" else pulling.reopen
        change(call.repository, pull, call.actor)
        return
    closed = state == "closed"
    issue.state, issue.closed_at = str(state), call.github.now() if closed else None
    issue.closed_by = call.actor if closed else None
    issue.state_reason = text(body, "state_reason") or ("completed" if closed else "reopened")
    tell(call, issue, "closed" if closed else "reopened")
