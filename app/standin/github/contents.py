"""Files and directories at a ref, and single-file commits."""

from __future__ import annotations

import base64
import binascii
import posixpath
from urllib.parse import quote

from aiohttp import web

from app.standin.github import answers, moves, pushes, trees
from app.standin.github.answers import Refusal, answer, validation_failed
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, text
from app.standin.github.git import Person, RefRefused
from app.standin.github.records import Json
from app.standin.github.shapes import commits, repositories
from app.standin.github.state import Repository
from app.standin.github.trees import Entry

INLINE_LIMIT = 1024 * 1024
RAW_LIMIT = 100 * 1024 * 1024
DIRECTORY_LIMIT = 1000


def routes() -> list[web.RouteDef]:
    """The routes of contents."""
    base = "/repos/{owner}/{repo}/contents"
    return [
        web.get(base, requires("contents")(get_contents)),
        web.get(f"{base}/{{path:.*}}", requires("contents")(get_contents)),
        web.put(f"{base}/{{path:.+}}", requires("contents", "write")(put_file)),
        web.delete(f"{base}/{{path:.+}}", requires("contents", "write")(delete_file)),
    ]


def media_type(request: web.Request) -> str:
    """`raw`, `object`, `html`, `diff`, `patch`, `sha` or `json`, as the Accept header asks."""
    accept = request.headers.get("Accept", "")
    for name in ("raw", "object", "html", "diff", "patch", "sha"):
        if f".{name}+json" in accept or accept.endswith(f".{name}") or f".v3.{name}" in accept:
            return name
    return "json"


def _commit_at(call: Call) -> str:
    repository, ref = call.repository, call.query("ref")
    found = repository.git.resolve(ref or repository.default_branch)
    if found is not None:
        return found
    raise Refusal(404, f"No commit found for the ref {ref}" if ref else "This repository is empty.")


async def get_contents(call: Call) -> web.Response:
    """A file (JSON or raw bytes), a directory's list, a symlink or a submodule."""
    path = call.request.match_info.get("path", "").strip("/")
    sha = _commit_at(call)
    entry = call.repository.git.entry(sha, path)
    if entry is None:
        raise answers.not_found()
    ref = call.query("ref") or call.repository.default_branch
    if entry.type == "tree":
        return _directory(call, entry, path, ref)
    entry = _followed(call, sha, path, entry)
    if entry.type == "blob" and media_type(call.request) == "raw":
        return _raw(call, entry)
    return answer(_file(call.repository, entry, path, ref))


def _followed(call: Call, sha: str, path: str, entry: Entry) -> Entry:
    """The file that a link leads to, where it is one of the repository and no link itself; else what was asked for.

    Source: "Get repository content" in GitHub's REST reference. Whose sha comes with it is not written there.
    """
    if entry.mode != trees.SYMLINK:
        return entry
    target = (call.repository.git.blob(entry.sha) or b"").decode("utf-8", "surrogateescape")
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or place == ".." or place.startswith("../"):
        return entry
    found = call.repository.git.entry(sha, place)
    return found if found is not None and found.mode in {trees.FILE, trees.EXECUTABLE} else entry


def _raw(call: Call, entry: Entry) -> web.Response:
    data = call.repository.git.blob(entry.sha) or b""
    _refuse_large(len(data))
    kind = "application/vnd.github.raw+json"
    return web.Response(body=data, content_type=kind, charset="utf-8")


def _refuse_large(size: int) -> None:
    if size > RAW_LIMIT:
        complaint = "This API returns blobs up to 100 MB in size."
        raise Refusal(403, complaint, errors=[{"resource": "Blob", "field": "data", "code": "too_large"}])


def _directory(call: Call, entry: Entry, path: str, ref: str) -> web.Response:
    inside = list(call.repository.git.entries(entry.sha))[:DIRECTORY_LIMIT]
    listed = [brief(call.repository, one, f"{path}/{one.path}".lstrip("/"), ref) for one in inside]
    if media_type(call.request) == "object":
        return answer({**brief(call.repository, entry, path, ref), "entries": listed})
    return answer(listed)


def brief(repository: Repository, entry: Entry, path: str, ref: str) -> Json:
    """An entry as directories list it, without content."""
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.type, "file")
    if entry.mode == trees.SYMLINK:
        kind = "symlink"
    place, page = quote(path), repositories.page_of(repository)
    url = f"{repositories.url_of(repository)}/contents/{place}?ref={quote(ref, safe='')}"
    git = f"{repositories.url_of(repository)}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    html = f"{page}/{'tree' if kind == 'dir' else 'blob'}/{quote(ref)}/{place}"
    size = len(repository.git.blob(entry.sha) or b"") if entry.type == "blob" else 0
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": size,
        "url": url,
        "html_url": html,
        "git_url": git,
        "download_url": f"{page}/raw/{quote(ref)}/{place}" if entry.type == "blob" else None,
        "type": kind,
        "_links": {"self": url, "git": git, "html": html},
    }


def _file(repository: Repository, entry: Entry, path: str, ref: str) -> Json:
    shown = brief(repository, entry, path, ref)
    if entry.type == "commit":
        return {**shown, "submodule_git_url": None}
    data = repository.git.blob(entry.sha) or b""
    _refuse_large(len(data))
    if shown["type"] == "symlink":
        return {**shown, "target": data.decode("utf-8", "replace")}
    if len(data) > INLINE_LIMIT:
        return {**shown, "content": "", "encoding": "none"}
    return {**shown, "content": base64.encodebytes(data).decode(), "encoding": "base64"}


def decoded(content: str) -> bytes:
    """Base64 of a body, with or without line ends. Raises: Refusal 422."""
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise answers.unprocessable("content is not valid Base64") from exc


async def put_file(call: Call) -> web.Response:
    """Creates a file, or replaces the one whose blob sha is given."""
    body = await call.body()
    path, raw = call.part("path"), decoded(needed_text(body, "content"))
    branch, head, old = _standing(call, body, path)
    blob = call.repository.git.add_blob(raw)
    mode = old.mode if old is not None else trees.FILE
    sha = _write(call, body, (branch, head), {path: (mode, blob)})
    shown = brief(call.repository, Entry(path, mode, blob), path, branch)
    commit = commits.git_commit(call.repository, sha)
    return answer({"content": shown, "commit": commit}, status=201 if old is None else 200)


async def delete_file(call: Call) -> web.Response:
    """Removes the file whose blob sha is given."""
    body = await call.body()
    if not body:
        body = dict(call.request.query)
    path = call.part("path")
    branch, head, old = _standing(call, body, path)
    if old is None:
        raise answers.not_found()
    sha = _write(call, body, (branch, head), {path: None})
    return answer({"content": None, "commit": commits.git_commit(call.repository, sha)})


def _standing(call: Call, body: Json, path: str) -> tuple[str, str | None, Entry | None]:
    """Branch, its head and the file that is there now. Raises: Refusal 404, 409 (stale sha), 422 (sha missing)."""
    repository = call.repository
    needed_text(body, "message")
    branch, given = text(body, "branch") or repository.default_branch, text(body, "sha")
    head = moves.head_of(repository, branch)
    if head is None and (branch != repository.default_branch or repository.git.refs("refs/heads/")):
        raise Refusal(404, f"Branch {branch} not found")
    old = repository.git.entry(head, path) if head is not None else None
    if old is not None and old.type == "tree":
        raise answers.unprocessable(f"{path} is a directory")
    if old is not None and given is None:
        raise answers.invalid_request('"sha" wasn\'t supplied.')
    if given is not None and (old is None or old.sha != given):
        raise Refusal(409, f"{path} does not match {given}")
    return branch, head, old


def _write(call: Call, body: Json, where: tuple[str, str | None], changes: dict[str, trees.Change]) -> str:
    repository, (branch, head) = call.repository, where
    base = repository.git.tree_of(head) if head is not None else None
    try:
        tree = repository.git.edit_tree(base, changes)
    except trees.PathConflict as exc:
        raise validation_failed({"resource": "Commit", "field": "path", "code": "invalid"}) from exc
    committer = named_person(call, body, "committer") or moves.author_of(call)
    author = named_person(call, body, "author") or committer
    parents = [head] if head is not None else []
    sha = repository.git.add_commit(tree, parents, needed_text(body, "message"), author, committer)
    if not body.get("author") and not body.get("committer"):
        moves.sign(repository, call.actor, sha)
    try:
        moves.move(call, f"refs/heads/{branch}", head, sha)
    except RefRefused as exc:
        raise Refusal(409, f"is at {moves.head_of(repository, branch)} but expected {head}") from exc
    return sha


def named_person(call: Call, body: Json, role: str) -> Person | None:
    """The author or committer that a body names, with the date it gives or now."""
    given = body.get(role)
    if given is None:
        return None
    if not isinstance(given, dict):
        raise answers.invalid_request(f"For 'properties/{role}', the value is not an object.")
    at = (
        answers.parse_stamp(given["date"])
        if given.get("date")
        else pushes.person(call.repository, call.actor).at
    )
    return Person(needed_text(given, "name"), needed_text(given, "email"), at)
