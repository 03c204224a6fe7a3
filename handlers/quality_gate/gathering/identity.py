"""What identifies the reports of some artifacts, to read them once: the artifacts, who sees them, and what reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.domain.ci import Artifact
from app.domain.ids import InstallationId

READERS = ("reports", "formats")
"""The packages whose code makes reports out of bytes."""
Judged = Sequence[tuple[Artifact, str | None]]


def identity_of(
    installation_id: InstallationId,
    judged: Judged,
    wanted: tuple[str, ...],
    *,
    declared: bool,
    has_tree: bool,
) -> str:
    """What identifies the reports of these artifacts, given with the objection to each; empty where nothing can."""
    if not judged or any(artifact.sha256 is None for artifact, objection in judged if objection is None):
        return ""
    facts = [
        [each.id, each.name, each.size_bytes, each.sha256, each.created_at.isoformat(), objection]
        for each, objection in judged
    ]
    said = json.dumps([installation_id, reader(), wanted, declared, has_tree, facts])
    return sha256(said.encode()).hexdigest()


@cache
def reader() -> str:
    """A digest of the code that reads reports: another version of it may read them otherwise."""
    package = files("handlers.quality_gate")
    sources = [each for name in READERS for each in modules(package.joinpath(name))]
    return sha256(b"\0".join(each.read_bytes() for each in sources)).hexdigest()


def modules(folder: Traversable) -> list[Traversable]:
    """The modules of a package and of the packages in it, by name."""
    found = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            found += modules(each)
        elif each.name.endswith(".py"):
            found.append(each)
    return found
