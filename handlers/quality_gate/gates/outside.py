"""Coverage of files that the repository does not have: it is left out, and never makes a verdict better by that. Pure."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.coverage import LineMap
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import Share

REMEDY = (
    "let the report name files as the repository does, or leave out of it, by its tool's own settings, what is not "
    "the repository's"
)


def measured(lines: LineMap) -> tuple[str, ...]:
    """The files of which anything was measured, sorted."""
    return tuple(name for name, file in sorted(lines.files.items()) if file.valid or file.branches)


def left_out(names: Collection[str], share: Share, one: str, many: str) -> str:
    """Why a share is not believed that is enough only without these files; `share` is the one with them."""
    verb = "is" if len(names) == 1 else "are"
    return f"{few(names)} {verb} not in the repository and left out: with that it is {share.text(one, many)}"
