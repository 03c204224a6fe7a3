"""Labels of a repository and of its issues."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers
from app.standin.github.access import reach
from app.standin.github.answers import Refusal, answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, strings, text
from app.standin.github.records import Issue, Json, Label
from app.standin.github.shapes import issues
from app.standin.github.state import Repository

COLOR_LENGTH = 6


def routes() -> list[web.RouteDef]:
    """The routes of labels."""
    base = "/repos/{owner}/{repo}"
    on_issue = base + "/issues/{number:\\d+}/labels"
    return [
        web.get(f"{base}/labels", requires("issues")(list_labels)),
        web.post(f"{base}/labels", requires("issues", "write")(create_label)),
        web.get(f"{base}/labels/{{name}}", requires("issues")(get_label)),
        web.get(on_issue, requires("metadata")(issue_labels)),
        web.post(on_issue, requires("metadata")(add_labels)),
        web.put(on_issue, requires("metadata")(set_labels)),
        web.delete(f"{on_issue}/{{name}}", requires("metadata")(remove_label)),
    ]


def named(repository: Repository, names: list[str]) -> list[Label]:
    """The labels of those names, each once; unknown ones are made, as GitHub makes them."""
    found = {}
    for name in names:
        key = name.lower()
        if key not in repository.labels:
            repository.labels[key] = Label(repository.github.next_id(), name)
        found[key] = repository.labels[key]
    return list(found.values())


async def list_labels(call: Call) -> web.Response:
    """The labels of the repository."""
    found = list(call.repository.labels.values())
    return paged(call.request, call.github.api_url, found, lambda one: issues.label(call.repository, one))


async def create_label(call: Call) -> web.Response:
    """A new label."""
    body = await call.body()
    name, color = needed_text(body, "name"), (text(body, "color") or "ededed").lower()
    if name.lower() in call.repository.labels:
        raise answers.field_error("Label", "name", "already_exists")
    if len(color) != COLOR_LENGTH or set(color) - set("0123456789abcdef"):
        raise answers.field_error("Label", "color", "invalid")
    label = Label(call.github.next_id(), name, color, text(body, "description") or "")
    call.repository.labels[name.lower()] = label
    shown = issues.label(call.repository, label)
    call.github.emit("label", "created", {"label": shown}, call.repository, sender=call.actor)
    return answer(shown, status=201)


async def get_label(call: Call) -> web.Response:
    """One label by name."""
    found = call.repository.labels.get(call.part("name").lower())
    if found is None:
        raise answers.not_found()
    return answer(issues.label(call.repository, found))


def _shown(call: Call, issue: Issue) -> web.Response:
    return paged(
        call.request, call.github.api_url, issue.labels, lambda one: issues.label(call.repository, one)
    )


async def issue_labels(call: Call) -> web.Response:
    """The labels of an issue or pull request."""
    return _shown(call, reach(call, "read"))


async def _names(call: Call) -> list[str]:
    sent = await call.parsed()
    # Both forms are GitHub's: {"labels": [...]} and the bare list that older clients send.
    return strings(sent if isinstance(sent, dict) else {"labels": sent}, "labels")


async def add_labels(call: Call) -> web.Response:
    """Adds labels to the ones that are there."""
    issue = reach(call, "write")
    issue.labels = named(call.repository, [one.name for one in issue.labels] + await _names(call))
    return _shown(call, issue)


async def set_labels(call: Call) -> web.Response:
    """Replaces all labels."""
    issue = reach(call, "write")
    issue.labels = named(call.repository, await _names(call))
    return _shown(call, issue)


async def remove_label(call: Call) -> web.Response:
    """Takes one label off."""
    issue, name = reach(call, "write"), call.part("name").lower()
    if name not in {one.name.lower() for one in issue.labels}:
        raise Refusal(404, "Label does not exist")
    issue.labels = [one for one in issue.labels if one.name.lower() != name]
    shown: list[Json] = [issues.label(call.repository, one) for one in issue.labels]
    return answer(shown)
