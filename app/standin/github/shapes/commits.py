"""Commits, trees' files and people in commits as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote

from dulwich.diff_tree import tree_changes
from dulwich.objects import Commit, Tag

from app.standin.github.answers import stamp
from app.standin.github.diffs import FileChange
from app.standin.github.git import Person
from app.standin.github.records import Account, Json
from app.standin.github.shapes import accounts
from app.standin.github.shapes.repositories import page_of, url_of

if TYPE_CHECKING:
    from app.standin.github.state import Repository


def _read_person(ident: bytes, seconds: int, zone_s: int) -> Person:
    name, _, rest = ident.decode("utf-8", "replace").partition(" <")
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(timezone(timedelta(seconds=zone_s)))
    return Person(name, rest.rstrip(">"), moment)


def author_of(commit: Commit) -> Person:
    """Who wrote it."""
    return _read_person(commit.author, commit.author_time, commit.author_timezone)


def committer_of(commit: Commit) -> Person:
    """Who committed it."""
    return _read_person(commit.committer, commit.commit_time, commit.commit_timezone)


def tagger_of(tag: Tag) -> Person:
    """Who made an annotated tag."""
    return _read_person(tag.tagger or b"", tag.tag_time or 0, tag.tag_timezone or 0)


def unsigned() -> Json:
    """The verification of what nobody signed."""
    return {"verified": False, "reason": "unsigned", **dict.fromkeys(("signature", "payload", "verified_at"))}


def _person(who: Person) -> Json:
    return {"name": who.name, "email": who.email, "date": stamp(who.at)}


def _known(repository: Repository, who: Person) -> Account | None:
    found = (a for a in repository.github.accounts.values() if a.email.lower() == who.email.lower())
    return next(found, None)


def message_of(commit: Commit) -> str:
    """The message as GitHub shows it, without the line end that git adds."""
    return str(commit.message, "utf-8", "replace").rstrip("\n")


def verification(repository: Repository, sha: str) -> Json:
    """GitHub signs what is written through its API by a bot, and nothing that was pushed."""
    if sha not in repository.signed:
        return unsigned()
    mark = "-----BEGIN PGP SIGNATURE-----\n\nstand-in\n-----END PGP SIGNATURE-----"
    when = stamp(committer_of(repository.git.commit(sha)).at)
    return {
        "verified": True,
        "reason": "valid",
        "signature": mark,
        "payload": f"tree of {sha}",
        "verified_at": when,
    }


def git_commit(repository: Repository, sha: str) -> Json:
    """GitHub's `git-commit`, the git database's view."""
    commit, url = repository.git.commit(sha), url_of(repository)
    tree = commit.tree.decode()
    return {
        "sha": sha,
        "node_id": accounts.node_id("C", f"{repository.id}:{sha}"),
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{page_of(repository)}/commit/{sha}",
        "author": _person(author_of(commit)),
        "committer": _person(committer_of(commit)),
        "tree": {"sha": tree, "url": f"{url}/git/trees/{tree}"},
        "message": message_of(commit),
        "parents": [
            {"sha": p, "url": f"{url}/git/commits/{p}", "html_url": f"{page_of(repository)}/commit/{p}"}
            for p in (parent.decode() for parent in commit.parents)
        ],
        "verification": verification(repository, sha),
    }


def commit(repository: Repository, sha: str) -> Json:
    """GitHub's `commit`, without files."""
    one, url = repository.git.commit(sha), url_of(repository)
    inner = git_commit(repository, sha)
    people = {
        "author": _known(repository, author_of(one)),
        "committer": _known(repository, committer_of(one)),
    }
    kept = ("author", "committer", "message", "tree", "verification")
    return {
        "sha": sha,
        "node_id": inner["node_id"],
        "commit": {
            **{name: inner[name] for name in kept},
            "url": f"{url}/git/commits/{sha}",
            "comment_count": 0,
        },
        "url": f"{url}/commits/{sha}",
        "html_url": inner["html_url"],
        "comments_url": f"{url}/commits/{sha}/comments",
        **{name: who and accounts.account(repository.github, who) for name, who in people.items()},
        "parents": [{**p, "url": f"{url}/commits/{p['sha']}"} for p in inner["parents"]],
    }


def changed_file(repository: Repository, sha: str, change: FileChange) -> Json:
    """GitHub's `diff-entry`: one file of a comparison, commit or pull request."""
    path = quote(change.path)
    shown: Json = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page_of(repository)}/blob/{sha}/{path}",
        "raw_url": f"{page_of(repository)}/raw/{sha}/{path}",
        "contents_url": f"{url_of(repository)}/contents/{path}?ref={sha}",
    }
    if change.patch:
        shown["patch"] = change.patch
    if change.previous_path is not None:
        shown["previous_filename"] = change.previous_path
    return shown


def simple(repository: Repository, sha: str) -> Json:
    """GitHub's `simple-commit`, the `head_commit` of suites and runs."""
    one = repository.git.commit(sha)
    author, committer = author_of(one), committer_of(one)
    return {
        "id": sha,
        "tree_id": one.tree.decode(),
        "message": message_of(one),
        "timestamp": stamp(committer.at),
        "author": {"name": author.name, "email": author.email},
        "committer": {"name": committer.name, "email": committer.email},
    }


def pushed(repository: Repository, sha: str) -> Json:
    """A commit in the payload of a `push` event, with the paths it touched."""
    one = repository.git.commit(sha)
    people: Json = {}
    for role, who in (("author", author_of(one)), ("committer", committer_of(one))):
        people[role] = {"name": who.name, "email": who.email, "date": stamp(who.at)}
        if (known := _known(repository, who)) is not None:
            people[role]["username"] = known.login
    paths: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    before = repository.git.commit(one.parents[0].decode()).tree if one.parents else None
    for change in tree_changes(repository.git.repo.object_store, before, one.tree):
        kind = {"add": "added", "delete": "removed"}.get(change.type, "modified")
        entry = change.new if change.new is not None and change.new.path is not None else change.old
        if entry is not None and entry.path is not None:
            paths[kind].append(entry.path.decode("utf-8", "replace"))
    return {
        **simple(repository, sha),
        **people,
        "distinct": True,
        "url": f"{page_of(repository)}/commit/{sha}",
        **paths,
    }
