"""Registering an App from a manifest: the page with one button, the code it hands out, and the App's secrets for it.

https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest. Whoever opens the page is
taken for the person it is about: this GitHub asks nobody to sign in.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape

from aiohttp import web
from yarl import URL

from app.standin.github import answers, installs
from app.standin.github.answers import answer
from app.standin.github.auth import as_anyone
from app.standin.github.call import GITHUB, Call
from app.standin.github.layout import hidden, page
from app.standin.github.manifest_form import Manifest, Unacceptable, read
from app.standin.github.records import Account, App
from app.standin.github.shapes import accounts
from app.standin.github.state import GitHub

CODE_LIFETIME = timedelta(hours=1)


@dataclass(slots=True)
class Registrations:
    """Codes that are still to be exchanged, and where each App sends people after it is installed."""

    person: str = "you"
    """Login of whoever uses the pages."""
    codes: dict[str, tuple[App, datetime]] = field(default_factory=dict)
    """Code → (App, when the code was made); one use each."""
    setup_urls: dict[int, str] = field(default_factory=dict)
    """By App id."""


def routes() -> list[web.RouteDef]:
    """The pages for a person or an organisation, the conversion, and the page that installs an App."""
    pages = ("/settings/apps/new", "/organizations/{login}/settings/apps/new")
    return [
        *(web.post(place, ask) for place in pages),
        *(web.post(f"{place}/confirmed", register) for place in pages),
        web.post("/app-manifests/{code}/conversions", as_anyone(convert)),
        web.get("/_/apps/{slug}/installations/new", choose_account),
        web.post("/_/apps/{slug}/installations/new", install),
    ]


def _owner(request: web.Request) -> Account:
    github = request.app[GITHUB]
    login = request.match_info.get("login")
    if login is None:
        return github.add_account(github.part(Registrations).person)
    return github.add_account(login, "Organization")


async def _manifest(request: web.Request) -> tuple[Manifest, str, str]:
    """What was posted: the manifest, its exact text, and the state. Raises: Unacceptable."""
    form = await request.post()
    text, state = form.get("manifest", ""), form.get("state") or request.query.get("state", "")
    if not isinstance(text, str) or not isinstance(state, str):
        raise Unacceptable("manifest and state are texts, not files")
    wanted = read(text)
    if any(app.slug == slug_of(wanted.name) for app in request.app[GITHUB].apps.values()):
        raise Unacceptable("Name is already taken")
    return wanted, text, state


def slug_of(name: str) -> str:
    """The App's name as it stands in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _refused(reason: Unacceptable) -> web.Response:
    return page("Invalid GitHub App configuration", f"<p>{escape(str(reason))}</p>", status=422)


async def ask(request: web.Request) -> web.Response:
    """The page that shows what the manifest asks for, with its one button."""
    try:
        wanted, text, state = await _manifest(request)
    except Unacceptable as exc:
        return _refused(exc)
    owner = _owner(request)
    rows = [*sorted(wanted.permissions.items()), ("events", ", ".join(wanted.events) or "none")]
    table = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
    body = (
        f"<p><b>{escape(wanted.name)}</b>, {escape(wanted.url)}</p><table>{table}</table>"
        f'<form method="post" action="{escape(request.path)}/confirmed">{hidden(manifest=text, state=state)}'
        f"<p><button>Create GitHub App for {escape(owner.login)}</button></p></form>"
    )
    return page("Create GitHub App", body)


async def register(request: web.Request) -> web.Response:
    """Registers the App and sends the browser back to `redirect_url` with the code and the state."""
    try:
        wanted, _, state = await _manifest(request)
    except Unacceptable as exc:
        return _refused(exc)
    github = request.app[GITHUB]
    app = github.add_app(
        slug_of(wanted.name),
        owner=_owner(request),
        permissions=wanted.permissions,
        events=wanted.events,
        webhook_url=wanted.hook_url,
        webhook_secret=secrets.token_hex(20) if wanted.hook_url else "",
        name=wanted.name,
    )
    app.external_url, app.client_secret = wanted.url, secrets.token_hex(20)
    registrations, code = github.part(Registrations), secrets.token_hex(20)
    registrations.codes[code] = (app, github.clock())
    registrations.setup_urls[app.id] = wanted.setup_url
    back = URL(wanted.redirect_url).update_query(code=code, **({"state": state} if state else {}))
    return web.Response(status=302, headers={"Location": str(back)})


async def convert(call: Call) -> web.Response:
    """The App with its secrets, for a code: once, and within the hour."""
    found = call.github.part(Registrations).codes.pop(call.part("code"), None)
    if found is None or call.github.clock() >= found[1] + CODE_LIFETIME:
        raise answers.not_found()
    app = found[0]
    once = {
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret or None,
        "pem": app.private_key_pem,
    }
    return answer({**accounts.app(call.github, app), **once}, status=201)


def _app(request: web.Request) -> App:
    github: GitHub = request.app[GITHUB]
    slug = request.match_info["slug"]
    found = next((app for app in github.apps.values() if app.slug == slug), None)
    if found is None:
        raise answers.not_found()
    return found


async def choose_account(request: web.Request) -> web.Response:
    """The page that asks where to install the App."""
    app, github = _app(request), request.app[GITHUB]
    owners = {r.owner.id: r.owner for r in github.repositories.values()} | {app.owner.id: app.owner}
    forms = "".join(
        f'<form method="post">{hidden(account=owner.login)}<p><button>Install on {escape(owner.login)}</button></p></form>'
        for owner in owners.values()
        if github.installation_of(app, owner) is None
    )
    return page(f"Install {app.name}", forms or "<p>Installed everywhere.</p>")


async def install(request: web.Request) -> web.Response:
    """Installs on all repositories of an account, tells the App, and sends the browser to its setup address."""
    app, github, form = _app(request), request.app[GITHUB], await request.post()
    account = github.account(str(form.get("account", "")))
    if account is None:
        raise answers.not_found()
    one = github.installation_of(app, account)
    if one is None:
        one = github.add_installation(app, account)
        installs.created(github, one, _owner(request))
    setup = github.part(Registrations).setup_urls.get(app.id) or f"{github.html_url}/apps/{app.slug}"
    place = URL(setup).update_query(installation_id=str(one.id), setup_action="install")
    return web.Response(status=302, headers={"Location": str(place)})
