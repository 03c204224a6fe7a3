"""How a bare repository is set up: pushes allowed, pull requests' refs ours alone, workflows guarded by a hook."""

from __future__ import annotations

from pathlib import Path

from dulwich.repo import Repo

CONFIG = {
    "http": {"receivepack": "true", "uploadpack": "true"},
    # No background maintenance: a demo's repository is small, and a `gc` would race with our reads.
    "receive": {"autogc": "false", "fsckObjects": "true", "hideRefs": "refs/pull/"},
    "gc": {"auto": "0"},
    "uploadpack": {"allowAnySHA1InWant": "true", "allowFilter": "true"},
}

ALLOW_WORKFLOWS = "STANDIN_ALLOW_WORKFLOWS"
PRE_RECEIVE = rf"""#!/bin/sh
# Refuses pushes that touch workflows, unless the pusher may (the server sets the variable).
[ -n "${ALLOW_WORKFLOWS}" ] && exit 0
while read -r old new ref; do
  case "$new" in 0000000*) continue ;; esac
  path=$(git rev-list "$new" --not --all | while read -r commit; do
    git diff-tree --root --no-commit-id --name-only -r "$commit" -- .github/workflows
  done | head -n 1)
  if [ -n "$path" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \`$path\` without \`workflows\` permission" >&2
    exit 1
  fi
done
"""


def create(path: Path, default_branch: str) -> Repo:
    """A new empty bare repository that may be fetched from and pushed to over HTTP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    repo = Repo.init_bare(path, mkdir=True, default_branch=default_branch.encode())
    config = repo.get_config()
    for section, values in CONFIG.items():
        for key, value in values.items():
            config.set(section.encode(), key.encode(), value.encode())
    config.write_to_path()
    hook = path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(PRE_RECEIVE, encoding="utf-8")
    hook.chmod(0o755)
    return repo
