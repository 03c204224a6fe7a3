"""The stand-in on loopback: one application from all the modules' routes, and a second origin for downloads.

Order of the middlewares, outermost first: headers → contract → refusals → faults → auth (who calls) → limits →
refusals → handler (where `auth.requires` checks permissions). Limits come after auth because they are counted by
installation.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from types import ModuleType

from aiohttp import web

from app.standin.github import answers, auth, downloads
from app.standin.github.call import GITHUB
from app.standin.github.sender import sending
from app.standin.github.state import GitHub

PACKAGE = "app.standin.github"
ROUTED = (
    "apps", "repos", "contents", "gitdata", "refs", "pulls", "issues", "comments", "labels", "checks", "suites",
    "statuses", "commits", "graphql", "actions", "releases", "attestations", "hooks", "manifest", "limits", "faults",
    "pages", "smart_http",
)  # fmt: skip
BODY_LIMIT = 110 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A running stand-in: the origin of its API (also of git and of the pages), and how to end it early."""

    url: str
    uploads_url: str
    downloads_url: str
    stop: Callable[[], Awaitable[None]]


def _module(name: str) -> ModuleType | None:
    full = f"{PACKAGE}.{name}"
    return importlib.import_module(full) if importlib.util.find_spec(full) else None


async def _date(request: web.Request, response: web.StreamResponse) -> None:
    """Answers tell the stand-in's time, which may differ from the caller's."""
    response.headers["Date"] = format_datetime(request.app[GITHUB].now(), usegmt=True)


def create_app(github: GitHub) -> web.Application:
    """The API, git over HTTP and the pages for people, as one aiohttp application."""
    outer = [getattr(_module(name), "middleware", None) for name in ("contract", "faults", "limits")]
    contract, faults, limits = outer
    order = [
        answers.headers_middleware,
        contract,
        answers.middleware,
        faults,
        auth.middleware,
        limits,
        answers.middleware,
    ]
    app = web.Application(middlewares=[m for m in order if m is not None], client_max_size=BODY_LIMIT)
    app[GITHUB] = github
    app.on_response_prepare.append(_date)
    for name in ROUTED:
        module = _module(name)
        for route in module.routes() if module is not None else []:
            app.router.add_route(route.method, route.path, route.handler)
            if route.path.startswith("/repos/{owner}/{repo}"):
                # After a rename GitHub redirects to the form by id, which is good for every sub-resource.
                by_id = route.path.replace("/repos/{owner}/{repo}", "/repositories/{repository_id}", 1)
                app.router.add_route(route.method, by_id, route.handler)
    return app


@asynccontextmanager
async def running(github: GitHub, port: int = 0) -> AsyncIterator[Server]:
    """Serves the stand-in on 127.0.0.1 until the block ends (0: any free ports) and sends its webhooks."""
    runner = web.AppRunner(create_app(github), access_log=None)
    blobs = web.AppRunner(downloads.create_app(github), access_log=None)
    await runner.setup()
    await blobs.setup()
    try:
        url = await _listen(runner, port)
        uploads_url = await _listen(runner, 0)
        downloads_url = await _listen(blobs, 0)
        github.api_url, github.git_url, github.html_url = url, url, f"{url}/_"
        github.uploads_url, github.downloads_url = uploads_url, downloads_url
        async with sending(github):
            yield Server(url, uploads_url, downloads_url, runner.cleanup)
    finally:
        await runner.cleanup()
        await blobs.cleanup()
        github.close()


async def _listen(runner: web.AppRunner, port: int) -> str:
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    _, bound = runner.addresses[-1][:2]
    return f"http://127.0.0.1:{bound}"
