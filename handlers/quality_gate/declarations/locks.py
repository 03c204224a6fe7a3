"""Lock files: `uv.lock`, `poetry.lock`, `package-lock.json`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

from app.errors import InvalidInput
from handlers.quality_gate.declarations.declared import Declared, pinned

NAME = re.compile(r"""^name\s*=\s*["']([^"']+)["']""")
MEMBER = "node_modules/"


def read_toml(path: str, text: str) -> Iterator[Declared]:
    """The pins of packages, the project's own left out; raises ValueError or `InvalidInput` for what is no lock file."""
    packages = tomllib.loads(text).get("package")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if NAME.match(line)]
    for place, each in enumerate(packages if isinstance(packages, list) else []):
        if not isinstance(each, dict):
            raise InvalidInput("declared.lock", "a package is no table")
        name, version, source = each.get("name"), each.get("version"), each.get("source")
        is_own = isinstance(source, dict) and bool(source.keys() & {"editable", "virtual"})
        if isinstance(name, str) and isinstance(version, str) and not is_own:
            found = pinned(name, version, path, lines[place] if place < len(lines) else 1)
            if found is not None:
                yield found


def read_npm(path: str, text: str) -> Iterator[Declared]:
    """The pins of packages that are not below another; raises ValueError or `InvalidInput` for what is no JSON object."""
    document = json.loads(text)
    if not isinstance(document, dict):
        raise InvalidInput("declared.npm", "it is no object")
    packages, older = document.get("packages"), document.get("dependencies")
    found = packages if isinstance(packages, dict) else older if isinstance(older, dict) else {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key, quote, _ = line.strip().removeprefix('"').partition('":')
        if quote:
            lines.setdefault(key, number)
    for key, value in found.items():
        name = key.removeprefix(MEMBER)
        version = value.get("version") if isinstance(value, dict) else None
        if name and MEMBER not in name and isinstance(version, str):
            declared = pinned(name, version, path, lines.get(key, 1))
            if declared is not None:
                yield declared
