"""Taking commits over from one repository into another of its network, as GitHub shares objects among forks."""

from __future__ import annotations

from app.standin.github.git import GitStore


def copy_commit(target: GitStore, source: GitStore, head: str) -> None:
    """Takes over a commit with its history and all its files."""
    pending, seen = [head], set[str]()
    while pending:
        sha = pending.pop()
        if sha in seen or target.kind(sha) == "commit":
            continue
        seen.add(sha)
        commit = source.commit(sha)
        _copy_tree(target, source, commit.tree.decode())
        target.repo.object_store.add_object(commit)
        pending.extend(p.decode() for p in commit.parents)


def _copy_tree(target: GitStore, source: GitStore, tree: str) -> None:
    for entry in source.entries(tree, recursive=True):
        if entry.type != "commit" and (found := source.get(entry.sha)) is not None:
            target.repo.object_store.add_object(found)
    if (root := source.get(tree)) is not None:
        target.repo.object_store.add_object(root)


def copy_branches(target: GitStore, source: GitStore) -> None:
    """Takes over all branches and tags."""
    for prefix in ("refs/heads/", "refs/tags/"):
        for name, sha in source.refs(prefix).items():
            commit = source.peel(sha)
            if commit is not None:
                copy_commit(target, source, commit)
                target.set_ref(name, commit, target.ref(name))
