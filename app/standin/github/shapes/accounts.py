"""Accounts, Apps and installations as JSON."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import Account, App, Installation, Json

if TYPE_CHECKING:
    from app.standin.github.state import GitHub

SUBRESOURCES = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def node_id(kind: str, number: int | str) -> str:
    """An opaque global id, as GraphQL and `node_id` use it."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def numeric_id(node: str, kind: str) -> int | None:
    """The number inside a `node_id` of that kind."""
    prefix, _, packed = node.partition("_")
    try:
        return int(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))) if prefix == kind else None
    except ValueError:
        return None


def account(github: GitHub, who: Account) -> Json:
    """GitHub's `simple-user`."""
    url = f"{github.api_url}/users/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("O" if who.type == "Organization" else "U", who.id),
        "avatar_url": f"{github.html_url}/avatars/{who.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{github.html_url}/{who.login}",
        **{name: url + rest for name, rest in SUBRESOURCES.items()},
        "type": who.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(github: GitHub, who: Account) -> Json:
    """GitHub's `public-user`, as `GET /users/{login}` answers."""
    known = {"name": who.name or None, "email": who.email or None}
    unknown = dict.fromkeys(("company", "blog", "location", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates = dict.fromkeys(("created_at", "updated_at"), stamp(github.now()))
    return {**account(github, who), **unknown, **known, **counts, **dates}


def organization(github: GitHub, who: Account) -> Json:
    """GitHub's `organization-simple`, which webhook payloads add for repositories of an organisation."""
    url = f"{github.api_url}/orgs/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("O", who.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{github.html_url}/avatars/{who.id}",
        "description": "",
    }


def selection(one: Installation, *, narrowed: bool = False) -> str:
    """`all` or `selected`: which repositories an installation (or a narrowed token of it) has."""
    return "all" if one.repository_ids is None and not narrowed else "selected"


def app(github: GitHub, one: App) -> Json:
    """GitHub's `integration`, as `GET /app` and check runs show it."""
    return {
        "id": one.id,
        "client_id": one.client_id,
        "slug": one.slug,
        "node_id": node_id("A", one.id),
        "owner": account(github, one.owner),
        "name": one.name,
        "description": one.description,
        "external_url": one.external_url or f"{github.html_url}/apps/{one.slug}",
        "html_url": f"{github.html_url}/apps/{one.slug}",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "permissions": one.permissions,
        "events": one.events,
    }


def installation(github: GitHub, one: Installation) -> Json:
    """GitHub's `installation`."""
    url = f"{github.api_url}/app/installations/{one.id}"
    return {
        "id": one.id,
        "client_id": one.app.client_id,
        "account": account(github, one.account),
        "repository_selection": selection(one),
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{github.api_url}/installation/repositories",
        "html_url": f"{github.html_url}/settings/installations/{one.id}",
        "app_id": one.app.id,
        "app_slug": one.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.type,
        "permissions": one.permissions,
        "events": one.events,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if one.suspended_by is None else account(github, one.suspended_by),
        "suspended_at": stamp_or_none(one.suspended_at),
    }
