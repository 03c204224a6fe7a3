"""What a dependency is called, so that an audit, a bill of materials and a lock file mean the same one. Pure."""

from __future__ import annotations

import re

from app.domain.hashes import name_hash

SEPARATORS = re.compile(r"[-_.]+")


def normal_name(name: str) -> str:
    """A name as packages are compared: PEP 503, and a group before a colon or a slash alike."""
    return SEPARATORS.sub("-", name.strip().casefold().replace(":", "/"))


def dependency(name: str) -> bytes:
    """The hash by which a dependency is known again, whatever its version."""
    return name_hash(normal_name(name))
