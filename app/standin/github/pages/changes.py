"""A pull request: what it says, its checks and its difference, as git shows it."""

from __future__ import annotations

import asyncio
from html import escape

from aiohttp import web

from app.standin.github import answers, diffs, pulling
from app.standin.github.layout import page
from app.standin.github.pages.repositories import repository_of, runs_on


def routes() -> list[web.RouteDef]:
    """The route of this page."""
    return [web.get("/_/{owner}/{repo}/pull/{number:\\d+}", pull)]


async def pull(request: web.Request) -> web.Response:
    """One pull request."""
    one = repository_of(request)
    found = one.pulls.get(int(request.match_info["number"]))
    if found is None:
        raise answers.not_found()
    base = pulling.fork_point(one, found)
    text = await asyncio.to_thread(diffs.unified, one.git, base, found.head_sha)
    about = (
        f"<p>{escape(found.issue.user.login)} wants to merge <code>{escape(found.head_ref)}</code> into"
        f" <code>{escape(found.base_ref)}</code> ({escape(found.issue.state)}) {runs_on(one, found.head_sha)}</p>"
    )
    fetch = f"git fetch origin pull/{found.number}/head"
    body = f"<pre>{escape(found.issue.body or '')}</pre><p><code>{fetch}</code></p><pre>{escape(text)}</pre>"
    return page(f"#{found.number} {found.issue.title}", about + body)
