"""Bodies as GitHub sends them: a push of so many commits that it reaches a size."""

from __future__ import annotations

import hashlib
import json


def push(size_kb: int) -> bytes:
    """A push event of at least `size_kb` KiB in compact JSON; two calls give the same bytes."""
    commits: list[dict[str, object]] = []
    size = 0
    while size < size_kb * 1024:
        commits.append(commit(len(commits)))
        size += len(json.dumps(commits[-1], separators=(",", ":"))) + 1
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
    return json.dumps(content, separators=(",", ":")).encode()


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
