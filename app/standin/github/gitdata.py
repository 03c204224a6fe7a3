"""Git objects through the API: blobs, trees, commits and annotated tags."""

from __future__ import annotations

import base64

from aiohttp import web

from app.standin.github import answers, contents, moves, trees
from app.standin.github.answers import Refusal, answer
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, objects, strings, text
from app.standin.github.git import GitStore
from app.standin.github.records import Json
from app.standin.github.shapes import accounts, commits
from app.standin.github.shapes.repositories import url_of

TREE_LIMIT = 100_000
BLOB_LIMIT = 100 * 1024 * 1024
MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


def routes() -> list[web.RouteDef]:
    """The routes of git objects."""
    base = "/repos/{owner}/{repo}/git"
    return [
        web.post(f"{base}/blobs", requires("contents", "write")(create_blob)),
        web.get(f"{base}/blobs/{{sha}}", requires("contents")(get_blob)),
        web.post(f"{base}/trees", requires("contents", "write")(create_tree)),
        web.get(f"{base}/trees/{{sha:.+}}", requires("contents")(get_tree)),
        web.post(f"{base}/commits", requires("contents", "write")(create_commit)),
        web.get(f"{base}/commits/{{sha}}", requires("contents")(get_commit)),
        web.post(f"{base}/tags", requires("contents", "write")(create_tag)),
        web.get(f"{base}/tags/{{sha}}", requires("contents")(get_tag)),
    ]


def _refuse_empty(call: Call) -> None:
    if not call.repository.git.refs("refs/"):
        raise moves.EMPTY


async def create_blob(call: Call) -> web.Response:
    """Stores text or Base64 as a blob."""
    _refuse_empty(call)
    body = await call.body()
    content, encoding = needed_text(body, "content"), text(body, "encoding") or "utf-8"
    if encoding not in {"utf-8", "base64"}:
        raise answers.unprocessable(f"Unsupported encoding: {encoding}")
    data = contents.decoded(content) if encoding == "base64" else content.encode()
    if len(data) > BLOB_LIMIT:
        raise answers.unprocessable("Sorry, your input was too large to process.")
    sha = call.repository.git.add_blob(data)
    return answer({"sha": sha, "url": f"{url_of(call.repository)}/git/blobs/{sha}"}, status=201)


async def get_blob(call: Call) -> web.Response:
    """A blob as Base64, or its bytes when the raw media type is asked for."""
    sha = call.part("sha")
    data = call.repository.git.blob(sha)
    if data is None:
        raise answers.not_found()
    if contents.media_type(call.request) == "raw":
        return web.Response(body=data, content_type="application/vnd.github.raw+json", charset="utf-8")
    return answer(
        {
            "sha": sha,
            "node_id": accounts.node_id("B", sha),
            "size": len(data),
            "url": f"{url_of(call.repository)}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


def _tree_json(call: Call, sha: str, *, recursive: bool = False) -> Json:
    git, url = call.repository.git, url_of(call.repository)
    found = list(git.entries(sha, recursive=recursive))
    listed: list[Json] = []
    for entry in found[:TREE_LIMIT]:
        one: Json = {"path": entry.path, "mode": f"{entry.mode:06o}", "type": entry.type, "sha": entry.sha}
        if entry.type == "blob":
            one |= {"size": len(git.blob(entry.sha) or b""), "url": f"{url}/git/blobs/{entry.sha}"}
        elif entry.type == "tree":
            one["url"] = f"{url}/git/trees/{entry.sha}"
        listed.append(one)
    return {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": listed, "truncated": len(found) > TREE_LIMIT}


async def get_tree(call: Call) -> web.Response:
    """A tree by its sha, or the tree of a commit, branch or tag; `recursive` with any value lists everything."""
    _refuse_empty(call)
    given, git = call.part("sha"), call.repository.git
    tree = git.tree_of(given) if git.kind(given) else git.tree_of(git.resolve(given) or "")
    if tree is None:
        raise answers.not_found()
    return answer(_tree_json(call, tree, recursive="recursive" in call.request.query))


async def create_tree(call: Call) -> web.Response:
    """A tree from entries on top of `base_tree` (a tree or commit); a null sha removes a path."""
    _refuse_empty(call)
    body = await call.body()
    if "tree" not in body:
        raise answers.invalid_request('"tree" wasn\'t supplied.')
    base = text(body, "base_tree")
    base_tree = None if base is None else call.repository.git.tree_of(base)
    if base is not None and base_tree is None:
        raise answers.not_found()
    changes: dict[str, trees.Change] = {}
    for item in objects(body, "tree"):
        path, change = _change(call.repository.git, item)
        if change is None and (base_tree is None or call.repository.git.entry(base_tree, path) is None):
            raise answers.unprocessable("GitRPC::BadObjectState")
        changes[path] = change
    try:
        sha = call.repository.git.edit_tree(base_tree, changes)
    except trees.PathConflict as exc:
        raise answers.unprocessable(f"tree.path contains a malformed path component: {exc}") from exc
    return answer(_tree_json(call, sha), status=201)


def _change(git: GitStore, item: Json) -> tuple[str, trees.Change]:
    path = needed_text(item, "path")
    if path.startswith("/") or not path:
        raise answers.unprocessable("tree.path cannot start with a slash")
    mode = needed_text(item, "mode")
    if mode not in MODES:
        raise answers.unprocessable("Must supply a valid tree.mode")
    if "sha" in item and item["sha"] is None:
        return path, None
    if ("sha" in item) == ("content" in item):
        raise answers.unprocessable("Must supply either tree.sha or tree.content")
    sha = text(item, "sha") or git.add_blob(needed_text(item, "content").encode())
    kind = git.kind(sha)
    if MODES[mode] != "commit" and kind != MODES[mode]:
        raise answers.unprocessable(f"tree.sha {sha} is not a valid {MODES[mode]}")
    return path, (int(mode, 8), sha)


async def get_commit(call: Call) -> web.Response:
    """A commit object."""
    sha = call.part("sha")
    if call.repository.git.kind(sha) != "commit":
        raise answers.not_found()
    return answer(commits.git_commit(call.repository, sha))


async def create_commit(call: Call) -> web.Response:
    """A commit of a tree, by the caller or by whom the body names; in a bot's own name it is signed by GitHub."""
    _refuse_empty(call)
    body, git = await call.body(), call.repository.git
    message, tree, parents = needed_text(body, "message"), needed_text(body, "tree"), strings(body, "parents")
    if git.kind(tree) != "tree":
        raise answers.unprocessable("Tree SHA does not exist")
    if any(git.kind(parent) != "commit" for parent in parents):
        raise answers.unprocessable("Parent SHA does not exist or is not a commit object")
    named = contents.named_person(call, body, "author")
    author = named or moves.author_of(call)
    committer = contents.named_person(call, body, "committer") or author
    sha = git.add_commit(tree, parents, message, author, committer)
    if named is None and not body.get("committer"):
        moves.sign(call.repository, call.actor, sha)
    return answer(commits.git_commit(call.repository, sha), status=201)


async def create_tag(call: Call) -> web.Response:
    """An annotated tag object; the ref to it is made apart."""
    body, git = await call.body(), call.repository.git
    target, kind = needed_text(body, "object"), needed_text(body, "type")
    if git.kind(target) != kind:
        raise Refusal(422, f"The object {target} is not a {kind}")
    tagger = contents.named_person(call, body, "tagger") or moves.author_of(call)
    sha = git.add_tag(needed_text(body, "tag"), (kind, target), needed_text(body, "message"), tagger)
    return answer(_tag_json(call, sha), status=201)


async def get_tag(call: Call) -> web.Response:
    """An annotated tag object."""
    if call.repository.git.kind(call.part("sha")) != "tag":
        raise answers.not_found()
    return answer(_tag_json(call, call.part("sha")))


def _tag_json(call: Call, sha: str) -> Json:
    tag, url = call.repository.git.tag(sha), url_of(call.repository)
    kind, target = tag.object[0].type_name.decode(), tag.object[1].decode()
    tagger = commits.tagger_of(tag)
    return {
        "node_id": accounts.node_id("TA", sha),
        "tag": tag.name.decode(),
        "sha": sha,
        "url": f"{url}/git/tags/{sha}",
        "message": (tag.message or b"").decode("utf-8", "replace").rstrip("\n"),
        "tagger": {"name": tagger.name, "email": tagger.email, "date": answers.stamp(tagger.at)},
        "object": {"type": kind, "sha": target, "url": f"{url}/git/{kind}s/{target}"},
        "verification": commits.unsigned(),
    }
