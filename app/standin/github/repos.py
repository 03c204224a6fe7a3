"""Repositories, their branches and tags, and who may do what in them."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers
from app.standin.github.answers import Refusal, answer, empty, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.records import Json
from app.standin.github.shapes import accounts, commits, repositories
from app.standin.github.state import Repository

COARSE = {"maintain": "write", "triage": "read"}
PERMISSIONS = {
    "admin": ("pull", "triage", "push", "maintain", "admin"),
    "maintain": ("pull", "triage", "push", "maintain"),
    "write": ("pull", "triage", "push"),
    "triage": ("pull", "triage"),
    "read": ("pull",),
    "none": (),
}


def routes() -> list[web.RouteDef]:
    """The routes of repositories."""
    base = "/repos/{owner}/{repo}"
    return [
        web.get(base, requires("metadata")(get_repository)),
        web.get(f"{base}/branches", requires("contents")(list_branches)),
        web.get(
            f"{base}/branches/{{branch:.+}}/protection/required_status_checks",
            requires("administration")(get_required_checks),
        ),
        web.get(f"{base}/branches/{{branch:.+}}", requires("contents")(get_branch)),
        web.get(f"{base}/tags", requires("metadata")(list_tags)),
        web.get(f"{base}/collaborators/{{username}}/permission", requires("metadata")(get_permission)),
        web.get(f"{base}/rules/branches/{{branch:.+}}", requires("metadata")(list_rules)),
        web.post(f"{base}/dispatches", requires("contents", "write")(dispatch)),
    ]


async def get_repository(call: Call) -> web.Response:
    """The repository in full."""
    shown = repositories.full(call.repository)
    if call.caller.account is not None:
        held = PERMISSIONS[call.repository.permission_of(call.caller.account)]
        shown["permissions"] = {name: name in held for name in PERMISSIONS["admin"]}
    return answer(shown)


def _branches(repository: Repository) -> dict[str, str]:
    return {name.removeprefix("refs/heads/"): sha for name, sha in repository.git.refs("refs/heads/").items()}


async def list_branches(call: Call) -> web.Response:
    """All branches with the shas they point to, or only those that are protected (or are not)."""
    protected = {name for name, checks in call.repository.required_checks.items() if checks}
    asked = call.request.query.get("protected")

    def short(item: tuple[str, str]) -> Json:
        commit = {"sha": item[1], "url": f"{repositories.url_of(call.repository)}/commits/{item[1]}"}
        return {"name": item[0], "commit": commit, "protected": item[0] in protected}

    found = [
        item
        for item in _branches(call.repository).items()
        if asked is None or (item[0] in protected) == (asked == "true")
    ]
    return paged(call.request, call.github.api_url, found, short)


async def get_branch(call: Call) -> web.Response:
    """One branch with its commit."""
    name = call.part("branch")
    sha = _branches(call.repository).get(name)
    if sha is None:
        raise Refusal(404, "Branch not found")
    url = f"{repositories.url_of(call.repository)}/branches/{name}"
    checks = _required(call, app_key="app_id")
    level, names = "non_admins" if checks else "off", [one["context"] for one in checks]
    return answer(
        {
            "name": name,
            "commit": commits.commit(call.repository, sha),
            "_links": {"self": url, "html": f"{repositories.page_of(call.repository)}/tree/{name}"},
            "protected": bool(checks),
            "protection": {
                "enabled": bool(checks),
                "required_status_checks": {"enforcement_level": level, "contexts": names, "checks": checks},
            },
            "protection_url": f"{url}/protection",
        }
    )


async def list_tags(call: Call) -> web.Response:
    """All tags with the commits they mean."""
    repository, url = call.repository, repositories.url_of(call.repository)
    found = {
        name.removeprefix("refs/tags/"): commit
        for name, sha in repository.git.refs("refs/tags/").items()
        if (commit := repository.git.peel(sha)) is not None
    }

    def tag(item: tuple[str, str]) -> Json:
        name, sha = item
        return {
            "name": name,
            "zipball_url": f"{url}/zipball/refs/tags/{name}",
            "tarball_url": f"{url}/tarball/refs/tags/{name}",
            "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
            "node_id": accounts.node_id("REF", f"{repository.id}:refs/tags/{name}"),
        }

    return paged(call.request, call.github.api_url, list(found.items())[::-1], tag)


async def get_permission(call: Call) -> web.Response:
    """What an account may do here: the old four words, and the finer role beside them."""
    caller = call.caller
    may_see = caller.kind == "installation" or (
        caller.account is not None and "push" in PERMISSIONS[call.repository.permission_of(caller.account)]
    )
    if not may_see:
        raise answers.forbidden("Must have push access to view collaborator permission.")
    account = call.github.account(call.part("username"))
    if account is None:
        raise answers.not_found()
    role = call.repository.permission_of(account)
    held = {name: name in PERMISSIONS[role] for name in PERMISSIONS["admin"]}
    user = {**accounts.account(call.github, account), "permissions": held, "role_name": role}
    return answer({"permission": COARSE.get(role, role), "role_name": role, "user": user})


def _required(call: Call, *, app_key: str) -> list[Json]:
    wanted = call.repository.required_checks.get(call.part("branch"), [])
    # Rulesets leave the App out where none is pinned; branch protection says null.
    named = {app_key: None} if app_key == "app_id" else {}
    return [{"context": name, **(named if pin is None else {app_key: pin})} for name, pin in wanted]


async def list_rules(call: Call) -> web.Response:
    """The rules of a branch: required checks, with the App that must make them where one is pinned."""
    checks = _required(call, app_key="integration_id")
    rule = {
        "type": "required_status_checks",
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repository.full_name,
        "ruleset_id": call.repository.id,
        "parameters": {"strict_required_status_checks_policy": False, "required_status_checks": checks},
    }
    return paged(call.request, call.github.api_url, [rule] if checks else list[Json](), lambda one: one)


async def get_required_checks(call: Call) -> web.Response:
    """The same in the older form of branch protection; 404 where nothing is required."""
    checks = _required(call, app_key="app_id")
    if not checks:
        raise Refusal(404, "Branch not protected")
    url = f"{repositories.url_of(call.repository)}/branches/{call.part('branch')}/protection/required_status_checks"
    names = [one["context"] for one in checks]
    return answer(
        {"url": url, "strict": False, "contexts": names, "contexts_url": f"{url}/contexts", "checks": checks}
    )


async def dispatch(call: Call) -> web.Response:
    """Sends `repository_dispatch` with the caller's own payload."""
    body = await call.body()
    event_type, payload = needed_text(body, "event_type"), body.get("client_payload") or {}
    told = {"branch": call.repository.default_branch, "client_payload": payload}
    call.github.emit("repository_dispatch", event_type, told, call.repository, sender=call.actor)
    return empty()
