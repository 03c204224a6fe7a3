"""Versions that a repository's files declare: requirements, lock files, hooks. Read where it can be killed (port `compute`).

A declaration is a requirement (`ruff >= 0.6`) or a pin, which says the one version that is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.errors import InvalidInput
from handlers.quality_gate.declarations import hooks, locks, pyproject, requirements
from handlers.quality_gate.declarations.declared import Declarations, Declared
from handlers.quality_gate.declarations.names import READABLE, is_readable
from handlers.quality_gate.declarations.unlocked import Unlocked, unlocked

MAX_ENTRIES = 5_000
MAX_SHOWN = 300
Reader = Callable[[str, str], Iterable[Declared]]
BY_NAME: dict[str, Reader] = {
    "pyproject.toml": pyproject.read,
    "uv.lock": locks.read_toml,
    "poetry.lock": locks.read_toml,
    "package-lock.json": locks.read_npm,
    "npm-shrinkwrap.json": locks.read_npm,
    ".pre-commit-config.yaml": hooks.read_pre_commit,
    ".tool-versions": hooks.read_tool_versions,
}
"""Files that are known by their name (`names.KNOWN`); any other is read as requirements of pip."""


def read_files(files: tuple[tuple[str, bytes], ...]) -> Declarations:
    """What these files declare, given as (path, content), in their order; a file that cannot be read is a problem."""
    entries: list[Declared] = []
    problems: list[str] = []
    texts: dict[str, str] = {}
    for path, content in files:
        if not is_readable(path):
            problems.append(f"{path} cannot be read for versions; what can: {READABLE}")
            continue
        reader = BY_NAME.get(path.rpartition("/")[2], requirements.read)
        try:
            text = content.decode("utf-8-sig")
            entries += reader(path, text)
        except (InvalidInput, ValueError, RecursionError) as error:
            said = error.message if isinstance(error, InvalidInput) else str(error)
            problems.append(f"{path} cannot be read: {said[:MAX_SHOWN]}")
        else:
            texts[path] = text
    if len(entries) > MAX_ENTRIES:
        problems.append(f"the files declare more than {MAX_ENTRIES} versions")
    return Declarations(tuple(entries[:MAX_ENTRIES]), tuple(problems), unlocked(texts))


__all__ = ["Declarations", "Declared", "Unlocked", "read_files"]
