"""Bodies as GitHub sends them: a push of so many commits, or a pull request with so long a text, that it reaches a size."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from pathlib import Path

from app.cli.demo_world import build
from app.standin.github.deliveries import outgoing
from tests.acceptance.tenants import commit as proposal
from tests.acceptance.tenants import tenant


def pull_request(size_kb: int) -> bytes:
    """A `pull_request` event of the stand-in's of exactly `size_kb` KiB: most of it is addresses, as in GitHub's own."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        world = build(Path(folder), "no secret")
        world.app.events, world.app.webhook_url = ["pull_request"], "http://127.0.0.1/"
        proposal(tenant(world, "forge"), "strike").propose()
        (sent,) = outgoing(world.github, world.github.events[-1])
        content = json.loads(sent.body)
    content["pull_request"]["body"] = ""
    missing = size_kb * 1024 - len(compact(content))
    assert missing >= 0, f"the event alone is larger than {size_kb} KiB"
    lines = (
        f"The dent of {digest(str(number))[:7]} took {number % 9} strikes. " for number in itertools.count()
    )
    text = ""
    while len(text) < missing:
        text += next(lines)
    content["pull_request"]["body"] = text[:missing]
    return compact(content)


def push(size_kb: int) -> bytes:
    """A push event of at least `size_kb` KiB in compact JSON; two calls give the same bytes."""
    commits: list[dict[str, object]] = []
    size = 0
    while size < size_kb * 1024:
        commits.append(commit(len(commits)))
        size += len(compact(commits[-1])) + 1
    owner = {
        "login": "forge",
        "id": 77,
        "node_id": "O_kgDOAAAATQ",
        "type": "Organization",
        "site_admin": False,
    }
    content = {
        "ref": "refs/heads/main",
        "before": digest("before"),
        "after": digest("after"),
        "repository": {
            "id": 1001,
            "name": "anvil",
            "full_name": "forge/anvil",
            "private": False,
            "owner": owner,
            "default_branch": "main",
            "html_url": "https://github.com/forge/anvil",
        },
        "pusher": {"name": "smith", "email": "smith@forge.example"},
        "sender": {**owner, "login": "smith", "type": "User"},
        "installation": {"id": 5001, "node_id": "MDIzOkluc3RhbGxhdGlvbjUwMDE="},
        "commits": commits,
    }
    return compact(content)


def commit(number: int) -> dict[str, object]:
    """One commit of the push."""
    sha, person = (
        digest(f"commit {number}"),
        {"name": "Smith", "email": "smith@forge.example", "username": "smith"},
    )
    folder = digest(f"folder {number}")[:7]
    return {
        "id": sha,
        "tree_id": digest(f"tree {number}"),
        "distinct": True,
        "message": f"Strike while it is hot ({number})\n\nThe dent of {folder} was too shallow: {number % 9} strikes more.",
        "timestamp": f"2026-11-23T12:{number % 60:02}:00+01:00",
        "url": f"https://github.com/forge/anvil/commit/{sha}",
        "author": person,
        "committer": person,
        "added": [f"src/{folder}/strike_{number}.py"],
        "removed": [],
        "modified": [f"src/{folder}/{name}.py" for name in ("anvil", "hammer", "tongs")],
    }


def digest(text: str) -> str:
    """Something that looks like a commit's sha."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def compact(content: object) -> bytes:
    """JSON without spaces, as GitHub sends it."""
    return json.dumps(content, separators=(",", ":")).encode()
