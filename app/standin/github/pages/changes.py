"""A pull request or a commit: what it says, its checks and its difference, as git shows it."""

from __future__ import annotations

import asyncio
from html import escape

from aiohttp import web

from app.standin.github import answers, diffs, pulling
from app.standin.github.pages.html import difference, framed, link
from app.standin.github.pages.markdown import rendered
from app.standin.github.pages.repositories import repository_of, runs_on, way_to


def routes() -> list[web.RouteDef]:
    """The routes of these pages."""
    base = "/_/{owner}/{repo}"
    return [
        web.get(rf"{base}/pull/{{number:\d+}}", pull),
        web.get(f"{base}/commit/{{sha:[0-9a-f]+}}", commit),
    ]


async def pull(request: web.Request) -> web.Response:
    """One pull request."""
    one = repository_of(request)
    found = one.pulls.get(int(request.match_info["number"]))
    if found is None:
        raise answers.not_found()
    base = pulling.fork_point(one, found)
    text = await asyncio.to_thread(diffs.unified, one.git, base, found.head_sha)
    checks = runs_on(one, found.head_sha)
    about = (
        f"<p>{link(f'/_/{found.issue.user.login}', found.issue.user.login)} wants to merge"
        f" <code>{escape(found.head_ref)}</code> into <code>{escape(found.base_ref)}</code>"
        f" ({escape(found.issue.state)})</p>" + (f"<p>Checks: {checks}</p>" if checks else "")
    )
    said = f'<div class="said">{rendered(found.issue.body)}</div>' if found.issue.body else ""
    fetch = f"<h2>Changes</h2><p><code>git fetch origin pull/{found.number}/head</code></p>"
    return framed(
        f"#{found.number} {found.issue.title}", about + said + fetch + difference(text), way=way_to(one)
    )


async def commit(request: web.Request) -> web.Response:
    """One commit."""
    one = repository_of(request)
    sha = one.git.resolve(request.match_info["sha"])
    if sha is None or one.git.kind(sha) != "commit":
        raise answers.not_found()
    found = one.git.commit(sha)
    parent = found.parents[0].decode() if found.parents else None
    text = await asyncio.to_thread(diffs.unified, one.git, parent, sha)
    headline, _, rest = found.message.decode("utf-8", "replace").partition("\n")
    author = found.author.decode("utf-8", "replace")
    about = (
        f"<p><code>{sha}</code> by {escape(author)} {runs_on(one, sha)}</p>"
        + (f"<pre>{escape(rest.strip())}</pre>" if rest.strip() else "")
        + (f"<p>Parent: {link(f'/_/{one.full_name}/commit/{parent}', parent[:7])}</p>" if parent else "")
    )
    return framed(headline, about + difference(text), way=way_to(one))
