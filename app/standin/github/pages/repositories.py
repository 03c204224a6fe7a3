"""A repository with its commits and their check marks, a check run beside the source, a release with its assets."""

from __future__ import annotations

import itertools
from datetime import UTC
from html import escape

from aiohttp import web

from app.standin.github import answers
from app.standin.github.call import GITHUB
from app.standin.github.pages.html import framed, link, narrow, source, state, table
from app.standin.github.pages.markdown import rendered
from app.standin.github.records import CheckRun, Json
from app.standin.github.releasing import Release, all_of
from app.standin.github.shapes.commits import author_of
from app.standin.github.state import Repository

COMMITS_SHOWN = 30
AROUND = 2
MARKS = {"success": "✓", "neutral": "○", "skipped": "○", None: "…"}


def routes() -> list[web.RouteDef]:
    """The routes of these pages."""
    base = "/_/{owner}/{repo}"
    return [
        web.get(base, repository),
        web.get(f"{base}/runs/{{run_id:\\d+}}", check_run),
        web.get(f"{base}/releases/tag/{{tag:.+}}", release),
    ]


def repository_of(request: web.Request) -> Repository:
    """The repository of the path. Raises: Refusal 404."""
    found = request.app[GITHUB].repository(f"{request.match_info['owner']}/{request.match_info['repo']}")
    if found is None:
        raise answers.not_found()
    return found


def way_to(one: Repository) -> list[tuple[str, str]]:
    """The way back to a repository's page."""
    return [(f"/_/{one.full_name}", one.full_name)]


def mark(run: CheckRun) -> str:
    """A sign for how a check run ended."""
    return MARKS.get(run.conclusion, "✗")


def runs_on(one: Repository, sha: str) -> str:
    """The check runs of a commit, each with its mark and a link."""
    runs = [run for run in one.check_runs.values() if run.head_sha == sha]
    return " ".join(link(f"/_/{one.full_name}/runs/{run.id}", f"{mark(run)} {run.name}") for run in runs)


async def repository(request: web.Request) -> web.Response:
    """Commits of the default branch with their checks, pull requests and releases."""
    one = repository_of(request)
    head, home = one.git.ref(f"refs/heads/{one.default_branch}"), f"/_/{one.full_name}"
    shas = itertools.islice(one.git.log(head), COMMITS_SHOWN) if head else ()
    rows = [
        (
            f"<code>{link(f'{home}/commit/{sha}', sha[:7])}</code>",
            escape(one.git.commit(sha).message.decode("utf-8", "replace").split("\n")[0]),
            *_written(one, sha),
            runs_on(one, sha),
        )
        for sha in shas
    ]
    pulls = "".join(
        f"<li>{link(f'{home}/pull/{p.number}', f'#{p.number} {p.issue.title}')} ({p.issue.state}) {runs_on(one, p.head_sha)}</li>"
        for p in one.pulls.values()
    )
    tags = "".join(
        f"<li>{link(f'{home}/releases/tag/{r.tag_name}', r.tag_name)}</li>"
        for r in all_of(one)
        if not r.draft
    )
    body = (
        f"<p><code>git clone {escape(one.github.git_url)}/{escape(one.full_name)}.git</code></p>"
        f"<h2>Commits</h2>{table(('commit', 'message', 'author', 'time (UTC)', 'checks'), rows)}"
        f"<h2>Pull requests</h2><ul>{pulls}</ul><h2>Releases</h2><ul>{tags}</ul>"
    )
    return framed(one.full_name, body)


def _written(one: Repository, sha: str) -> tuple[str, str]:
    """Who wrote a commit, and when."""
    author = author_of(one.git.commit(sha))
    return narrow(author.name), narrow(f"{author.at.astimezone(UTC):%Y-%m-%d %H:%M}")


async def check_run(request: web.Request) -> web.Response:
    """A check run: its text, and each annotation beside the lines it is about."""
    one = repository_of(request)
    run = one.check_runs.get(int(request.match_info["run_id"]))
    if run is None:
        raise answers.not_found()
    texts = "".join(f'<div class="said">{rendered(text)}</div>' for text in (run.summary, run.text) if text)
    notes = "".join(_annotation(one, run.head_sha, note) for note in run.annotations)
    commit = link(f"/_/{one.full_name}/commit/{run.head_sha}", run.head_sha[:7])
    about = f"<p>{escape(run.app.name)} on <code>{commit}</code>: {state(run.conclusion or run.status)}</p>"
    heading = f"<h2>{len(run.annotations)} annotations</h2>" if run.annotations else ""
    title = f"{mark(run)} {run.name}: {run.title or run.status}"
    return framed(title, about + texts + heading + notes, way=way_to(one))


def _annotation(one: Repository, sha: str, note: Json) -> str:
    """The lines it is about, and beside them what it says."""
    path, first = str(note["path"]), int(note["start_line"])
    last = int(note.get("end_line") or first)
    lines = (one.git.read(sha, path) or b"").decode("utf-8", "replace").splitlines()
    begin = max(1, first - AROUND)
    shown = source(lines[begin - 1 : last + AROUND], begin, range(first, last + 1))
    level = str(note.get("annotation_level", ""))
    said = f"<b>{escape(str(note.get('title') or level))}</b><br>{escape(str(note.get('message', '')))}"
    place = link(f"/_/{one.full_name}/blob/{sha}/{path}#L{first}", f"{path}:{first}")
    return f'<h3>{place}</h3><div class="beside">{shown}<div class="note {escape(level)}">{said}</div></div>'


async def release(request: web.Request) -> web.Response:
    """A release: its assets with their digests, and what the checks of its commit say of it."""
    one, tag = repository_of(request), request.match_info["tag"]
    found: Release | None = next((r for r in all_of(one) if r.tag_name == tag and not r.draft), None)
    if found is None:
        raise answers.not_found()
    rows = [
        (
            link(f"/_/{one.full_name}/releases/download/{tag}/{file.name}", file.name),
            narrow(f"{len(file.data):,} bytes"),
            f"<code>{file.digest}</code>",
        )
        for file in found.assets.values()
    ]
    commit = one.git.peel(one.git.ref(f"refs/tags/{tag}") or "")
    notes = f'<div class="said">{rendered(found.body)}</div>' if found.body else ""
    body = (
        f"{notes}<h2>Verdicts</h2>{_verdicts(one, commit) or '<p>none yet</p>'}"
        f"<h2>Assets</h2>{table(('asset', 'size', 'digest'), rows)}"
    )
    return framed(found.name or tag, body, way=way_to(one))


def _verdicts(one: Repository, commit: str | None) -> str:
    """What the checks of the release's commit say: first those that speak of releases, whole."""
    runs = [run for run in one.check_runs.values() if run.head_sha == commit]
    whole = [run for run in runs if "release" in run.name]
    said = "".join(
        f"<p>{link(f'/_/{one.full_name}/runs/{run.id}', f'{mark(run)} {run.name}')}: {escape(run.title or run.status)}</p>"
        f'<div class="said">{rendered(run.summary or "")}{rendered(run.text or "")}</div>'
        for run in whole
    )
    others = " ".join(
        link(f"/_/{one.full_name}/runs/{run.id}", f"{mark(run)} {run.name}")
        for run in runs
        if run not in whole
    )
    return said + (f"<p>Also on this commit: {others}</p>" if others else "")
