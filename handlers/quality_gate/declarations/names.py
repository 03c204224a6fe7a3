"""Which files can be read for declared versions, by their names."""

from __future__ import annotations

from fnmatch import fnmatchcase

KNOWN = (
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    ".pre-commit-config.yaml",
    ".tool-versions",
)
OF_PIP = (".txt", ".in", ".lock")
"""How requirements of pip are called."""
OTHERS = frozenset(
    {"Cargo.lock", "Gemfile.lock", "Pipfile.lock", "composer.lock", "yarn.lock", "bun.lock", "pdm.lock"}
)
"""Locks of other shapes."""
READABLE = f"{', '.join(KNOWN)}, and requirements of pip (*{', *'.join(OF_PIP)})"


def is_readable(glob: str) -> bool:
    """Whether files of this name, which may be a pattern, can be read."""
    name = glob.rpartition("/")[2]
    if name in OTHERS:
        return False
    return name.endswith(("*", *OF_PIP)) or any(fnmatchcase(each, name) for each in KNOWN)
