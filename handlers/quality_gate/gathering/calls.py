"""What a workflow or an action calls in its own repository, read from its text within bounds. Pure.

The text is that of the base branch, since a file that differs is not looked into: it may be written in an unusual way, but not
by who proposes the change. What cannot be followed is given as it is, and not found.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

USES = re.compile(
    r"""^(?:(?:[^#\n]|(?<=\S)\#)*?[\s{,-])?["']?uses["']?[ \t]*:\s*(?:[>|][-+0-9]*\s+)?["']?\./([^\s"'#,}\]]{0,300})""",
    re.MULTILINE,
)
"""The value may stand in a line below, and a # that follows no blank begins no comment."""
WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Called:
    """A workflow's file, or an action's folder; the root is empty."""

    path: str

    @property
    def is_inside(self) -> bool:
        """Whether it lies in the repository."""
        return self.path.partition("/")[0] != ".."

    @property
    def is_workflow(self) -> bool:
        """Whether it is a workflow that is used again."""
        return self.path.startswith(WORKFLOWS) and self.path.endswith((".yml", ".yaml"))


def called_by(content: bytes) -> tuple[Called, ...]:
    """What is called by `uses: ./…`, in the order of the text, each once."""
    found = (
        posixpath.normpath(path.lstrip("/")) for path in USES.findall(content.decode("utf-8", "replace"))
    )
    return tuple(dict.fromkeys(Called("" if path == "." else path) for path in found))
