"""Paths of a SARIF run, from URIs and base ids, as text only: nothing that they name is ever opened."""

from __future__ import annotations

import re
from urllib.parse import unquote

from handlers.quality_gate.formats.findings.bounded import MAX_PATH
from handlers.quality_gate.formats.findings.sarif_shapes import ArtifactLocation, Run

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
FILE = re.compile(r"file:(?://[^/]*)?", re.IGNORECASE)
DRIVE = re.compile(r"/[A-Za-z]:")
MAX_BASES = 8
MAX_URI = 4 * MAX_PATH


class Paths:
    """The paths that one run's artifact locations name."""

    def __init__(self, run: Run) -> None:
        self._artifacts = run.artifacts or []
        self._bases = run.original_uri_base_ids or {}
        self._known: dict[tuple[str, str | None], str] = {}

    def of(self, location: ArtifactLocation | None) -> str | None:
        """The path, or None where the location names none; an index that leads nowhere names none."""
        if location is None:
            return None
        if location.uri is None and location.index is not None and 0 <= location.index < len(self._artifacts):
            location = self._artifacts[location.index].location
        if location is None or not location.uri:
            return None
        key = location.uri, location.uri_base_id
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = as_path(self._resolved(*key))
        return known

    def _resolved(self, uri: str, base_id: str | None) -> str:
        """The URI behind its bases (3.14.14), at most `MAX_BASES` of them."""
        uri = uri[:MAX_URI]
        for _ in range(MAX_BASES):
            if base_id is None or ABSOLUTE.match(uri):
                break
            base = self._bases.get(base_id)
            if base is None:
                break
            if base.uri:
                uri = f"{base.uri[:MAX_URI].rstrip('/')}/{uri}"
            base_id = base.uri_base_id
        return uri


def as_path(uri: str) -> str:
    """The path of a `file:` URI or a relative reference, %-escapes resolved; another URI as it is."""
    if not ABSOLUTE.match(uri):
        return unquote(uri).removeprefix("./")[:MAX_PATH]
    scheme = FILE.match(uri)
    if scheme is None:
        return uri[:MAX_PATH]
    path = unquote(uri[scheme.end() :])
    return path[DRIVE.match(path) is not None :][:MAX_PATH]
