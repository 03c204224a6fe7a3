"""The App about itself, its installations, and the tokens it mints for them."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from app.standin.github import answers, auth
from app.standin.github.answers import Refusal, answer, empty, paged, stamp
from app.standin.github.call import Call, strings
from app.standin.github.records import LEVELS, Installation, Json, Token
from app.standin.github.shapes import accounts, repositories
from app.standin.github.state import Repository

TOKEN_PART_LENGTHS = (36, 300, 140)
NOT_GRANTED = "The permissions requested are not granted to this installation."
NOT_REACHABLE = (
    "There is at least one repository that does not exist or is not accessible to the parent installation."
)


def routes() -> list[web.RouteDef]:
    """The routes of Apps and installations."""
    return [
        web.get("/app", auth.as_app(get_app)),
        web.get("/app/installations", auth.as_app(list_installations)),
        web.get("/app/installations/{installation_id}", auth.as_app(get_installation)),
        web.post("/app/installations/{installation_id}/access_tokens", auth.as_app(mint_token)),
        web.delete("/installation/token", auth.as_installation(revoke_token)),
        web.get("/installation/repositories", auth.as_installation(list_repositories)),
        web.get("/repos/{owner}/{repo}/installation", auth.as_app(repository_installation)),
        web.get("/orgs/{login}/installation", auth.as_app(account_installation)),
        web.get("/users/{login}/installation", auth.as_app(account_installation)),
        web.get("/users/{login}", auth.as_anyone(get_user)),
        web.get("/user", auth.as_anyone(get_caller)),
    ]


async def get_app(call: Call) -> web.Response:
    """The App that signed the JWT."""
    assert call.caller.app is not None  # noqa: S101 -- `as_app` lets only Apps through
    count = sum(1 for i in call.github.installations.values() if i.app is call.caller.app)
    return answer({**accounts.app(call.github, call.caller.app), "installations_count": count})


async def list_installations(call: Call) -> web.Response:
    """All installations of the App."""
    own = [i for i in call.github.installations.values() if i.app is call.caller.app]
    return paged(call.request, call.github.api_url, own, lambda one: accounts.installation(call.github, one))


def _own_installation(call: Call) -> Installation:
    found = call.github.installations.get(call.number("installation_id"))
    if found is None or found.app is not call.caller.app:
        raise answers.not_found()
    return found


async def get_installation(call: Call) -> web.Response:
    """One installation of the App."""
    return answer(accounts.installation(call.github, _own_installation(call)))


async def repository_installation(call: Call) -> web.Response:
    """The App's installation that covers a repository."""
    repository = auth.repository_of(call.github, call.request)
    for one in call.github.installations_on(repository):
        if one.app is call.caller.app:
            return answer(accounts.installation(call.github, one))
    raise answers.not_found()


async def account_installation(call: Call) -> web.Response:
    """The App's installation on a user or an organisation."""
    account = call.github.account(call.part("login"))
    for one in call.github.installations.values():
        if one.app is call.caller.app and one.account is account:
            return answer(accounts.installation(call.github, one))
    raise answers.not_found()


async def mint_token(call: Call) -> web.Response:
    """A token of an hour for the installation, narrowed to repositories and permissions if the body says so."""
    installation = _own_installation(call)
    if installation.suspended_at is not None:
        raise Refusal(403, auth.SUSPENDED)
    body = await call.body()
    permissions = _permissions(installation, body.get("permissions"))
    narrowed = _narrowed(call, installation, body)
    moment, settings = call.github.clock(), call.github.settings
    token = Token(
        value=_opaque(installation.app.id),
        permissions=permissions,
        expires_at=moment + settings.token_lifetime,
        usable_at=moment + settings.token_replication_delay,
        installation=installation,
        repository_ids=None if narrowed is None else {r.id for r in narrowed},
    )
    call.github.tokens[token.value] = token
    shown: Json = {
        "token": token.value,
        "expires_at": stamp(moment + settings.token_lifetime),
        "permissions": permissions,
        "repository_selection": accounts.selection(installation, narrowed=narrowed is not None),
    }
    if narrowed is not None:
        shown["repositories"] = [repositories.simple(r) for r in narrowed]
    return answer(shown, status=201)


def _opaque(app_id: int) -> str:
    """The long form of 2026, `ghs_<app id>_` and dotted parts like a JWT's: nothing may parse it or assume 40 letters."""
    parts = (secrets.token_urlsafe(length)[:length].replace("-", "x") for length in TOKEN_PART_LENGTHS)
    return f"ghs_{app_id}_" + ".".join(parts)


def _permissions(installation: Installation, asked: Any) -> dict[str, str]:  # noqa: ANN401 -- unchecked JSON
    if asked is None:
        return dict(installation.permissions)
    if not isinstance(asked, dict) or not all(level in LEVELS for level in asked.values()):
        raise answers.invalid_request("For 'properties/permissions', the value is not an object of levels.")
    for name, level in asked.items():
        if LEVELS[installation.permissions.get(name, "none")] < LEVELS[level]:
            raise answers.unprocessable(NOT_GRANTED)
    # An empty object asks for nothing special: the token has everything, as PyGithub relies on.
    return {"metadata": "read", **asked} if asked else dict(installation.permissions)


def _narrowed(call: Call, installation: Installation, body: Json) -> list[Repository] | None:
    ids, names = body.get("repository_ids"), strings(body, "repositories")
    if ids is not None and not (isinstance(ids, list) and all(isinstance(i, int) for i in ids)):
        raise answers.invalid_request(
            "For 'properties/repository_ids', the value is not an array of integers."
        )
    if not ids and not names:
        return None
    found = [call.github.repositories.get(i) for i in ids or []]
    found += [call.github.repository(f"{installation.account.login}/{name}") for name in names]
    reached = [r for r in found if r is not None and call.github.covers(installation, r)]
    if len(reached) != len(found):
        raise answers.unprocessable(NOT_REACHABLE)
    return list({r.id: r for r in reached}.values())


async def revoke_token(call: Call) -> web.Response:
    """Ends the token that the request carries."""
    del call.github.tokens[call.caller.token]
    return empty()


async def list_repositories(call: Call) -> web.Response:
    """The repositories that the token reaches."""
    seen = [r for r in call.github.repositories.values() if auth.reaches(call.github, call.caller, r)]
    page = paged(call.request, call.github.api_url, seen, repositories.simple, wrap="repositories")
    return answers.with_field(page, "repository_selection", _selection(call))


def _selection(call: Call) -> str:
    assert call.caller.installation is not None  # noqa: S101 -- `as_installation` lets only these through
    return accounts.selection(call.caller.installation, narrowed=call.caller.repository_ids is not None)


async def get_user(call: Call) -> web.Response:
    """An account by login; Apps look up their own bot's id here."""
    found = call.github.account(call.part("login"))
    if found is None:
        raise answers.not_found()
    return answer(accounts.public_user(call.github, found))


async def get_caller(call: Call) -> web.Response:
    """The person whose token it is; installations have no person behind them."""
    if call.caller.kind == "installation":
        raise answers.forbidden()
    if call.caller.account is None:
        raise Refusal(401, "Requires authentication")
    return answer(accounts.public_user(call.github, call.caller.account))
