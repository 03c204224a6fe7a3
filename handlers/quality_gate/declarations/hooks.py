"""Versions of tools beside the code's own dependencies: `.pre-commit-config.yaml`, `.tool-versions`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.quality_gate.declarations.declared import Declared, pinned

REPO = re.compile(r"""^\s*(?:-\s+)?repo\s*:\s*["']?([^\s"'#]+)""")
REV = re.compile(r"""^\s*(?:-\s+)?rev\s*:\s*["']?([^\s"'#]+)["']?\s*(?:#\s*frozen:\s*(\S+))?""")


def read_pre_commit(path: str, text: str) -> Iterator[Declared]:
    """The revisions of hooks that are versions, by the tool that a hook's repository is named after.

    Read line by line, as people and `pre-commit autoupdate` write the file: a revision belongs to the repository above it.
    """
    tool = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := REPO.match(line):
            tool = _tool(found[1])
        elif tool and (found := REV.match(line)):
            declared = pinned(tool, found[2] or found[1], path, number)
            if declared is not None:
                yield declared


def read_tool_versions(path: str, text: str) -> Iterator[Declared]:
    """The versions of asdf and mise; of several on a line the first is the one that is used."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if len(words) > 1:
            declared = pinned(words[0], words[1], path, number)
            if declared is not None:
                yield declared


def _tool(repository: str) -> str:
    name = repository.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return name.removeprefix("mirrors-").removeprefix("pre-commit-").removesuffix("-pre-commit")
