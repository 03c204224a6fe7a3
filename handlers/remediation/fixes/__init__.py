"""The typed edits: each changes one file and nothing else, or says why it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.remediation.fixes import artifact_deprecated
from handlers.remediation.fixes.edit import Fixed

FIXES: Mapping[str, Callable[[bytes], Fixed]] = {"artifact_deprecated": artifact_deprecated.fix}


def apply(fix: str, content: bytes) -> Fixed:
    """The edit of this name on a file's bytes; made to run in the compute pool."""
    return FIXES[fix](content)
