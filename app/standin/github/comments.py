"""Comments on issues and pull requests."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers
from app.standin.github.access import reach, reach_comment
from app.standin.github.answers import answer, empty, paged, validation_failed
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.issues import check_body
from app.standin.github.records import Account, App, Comment, Json
from app.standin.github.shapes import issues
from app.standin.github.state import Repository


def routes() -> list[web.RouteDef]:
    """The routes of comments."""
    base = "/repos/{owner}/{repo}/issues"
    return [
        web.get(f"{base}/comments", requires("issues")(list_all)),
        web.get(f"{base}/comments/{{comment_id:\\d+}}", requires("metadata")(get_comment)),
        web.patch(f"{base}/comments/{{comment_id:\\d+}}", requires("metadata")(update_comment)),
        web.delete(f"{base}/comments/{{comment_id:\\d+}}", requires("metadata")(delete_comment)),
        web.get(f"{base}/{{number:\\d+}}/comments", requires("metadata")(list_comments)),
        web.post(f"{base}/{{number:\\d+}}/comments", requires("metadata")(create_comment)),
    ]


def _own(call: Call, comment: Comment) -> None:
    """People may change their own comments, and all of them in repositories they may push to."""
    account = call.caller.account
    if account is None or comment.user is account:
        return
    if call.repository.permission_of(account) not in {"admin", "maintain", "write"}:
        raise answers.forbidden("Must have admin rights to Repository.")


def _text(body: Json) -> str:
    content = needed_text(body, "body")
    if not content.strip():
        raise validation_failed({"resource": "IssueComment", "field": "data", "code": "unprocessable"})
    return check_body(content, "IssueComment") or ""


def _tell(repository: Repository, comment: Comment, action: str, sender: Account, **more: object) -> None:
    issue = issues.issue(repository, repository.issues[comment.issue_number])
    payload: Json = {"issue": issue, "comment": issues.comment(repository, comment), **more}
    repository.github.emit("issue_comment", action, payload, repository, sender=sender)


def add_comment(
    repository: Repository, number: int, body: str, author: Account, app: App | None = None
) -> Comment:
    """A new comment on an issue or pull request, and everybody is told; also for seeding."""
    issue, now = repository.issues[number], repository.github.now()
    comment = Comment(repository.github.next_id(), number, author, body, now, now, app=app)
    repository.comments[comment.id] = comment
    issue.updated_at = now
    _tell(repository, comment, "created", author)
    return comment


async def list_all(call: Call) -> web.Response:
    """All comments of the repository, oldest first."""
    found = list(call.repository.comments.values())
    return paged(call.request, call.github.api_url, found, lambda c: issues.comment(call.repository, c))


async def list_comments(call: Call) -> web.Response:
    """The comments of one issue or pull request, oldest first."""
    found = issues.comments_on(call.repository, reach(call, "read"))
    return paged(call.request, call.github.api_url, found, lambda c: issues.comment(call.repository, c))


async def create_comment(call: Call) -> web.Response:
    """A new comment."""
    issue = reach(call, "write")
    body = _text(await call.body())
    comment = add_comment(call.repository, issue.number, body, call.actor, call.caller.app)
    return answer(issues.comment(call.repository, comment), status=201)


async def get_comment(call: Call) -> web.Response:
    """One comment."""
    return answer(issues.comment(call.repository, reach_comment(call, "read")))


async def update_comment(call: Call) -> web.Response:
    """Replaces the text."""
    comment = reach_comment(call, "write")
    _own(call, comment)
    old, comment.body = comment.body, _text(await call.body())
    comment.updated_at = call.github.now()
    _tell(call.repository, comment, "edited", call.actor, changes={"body": {"from": old}})
    return answer(issues.comment(call.repository, comment))


async def delete_comment(call: Call) -> web.Response:
    """Removes it for good."""
    comment = reach_comment(call, "write")
    _own(call, comment)
    _tell(call.repository, comment, "deleted", call.actor)
    del call.repository.comments[comment.id]
    return empty()
