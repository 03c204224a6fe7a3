"""`pyproject.toml`: PEP 621 dependencies, PEP 735 groups, and those of Poetry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from handlers.quality_gate.declarations.declared import Declared, line_with, required

Table = dict[str, object]


def read(path: str, text: str) -> Iterator[Declared]:
    """The requirements; raises ValueError for what is no TOML."""
    document = tomllib.loads(text)
    project = _table(document, "project")
    lists = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    lists += _table(document, "dependency-groups").values()
    for each in (item for found in lists if isinstance(found, list) for item in found):
        if isinstance(each, str):
            declared = required(each, path, line_with(text, f'"{each}"', f"'{each}'"))
            if declared is not None:
                yield declared
    poetry = _table(_table(document, "tool"), "poetry")
    groups = [
        _table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)
    ]
    for table in (_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *groups):
        yield from _of_poetry(table, path, text)


def _table(of: Table, key: str) -> Table:
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def _of_poetry(table: Table, path: str, text: str) -> Iterator[Declared]:
    for name, value in table.items():
        version = value.get("version") if isinstance(value, dict) else value
        specifier = pep_440(version) if isinstance(version, str) else ""
        is_conditional = isinstance(value, dict) and bool(value.keys() & {"markers", "python", "platform"})
        if specifier and name != "python":
            line = line_with(text, f"{name} =", f"{name}=", f'"{name}" =')
            yield Declared(name, specifier, path, line, is_conditional=is_conditional)


def pep_440(constraint: str) -> str:
    """A constraint of Poetry as PEP 440 has it, empty for what says no version, or says it in another way.

    https://python-poetry.org/docs/dependency-specification/#version-constraints
    """
    parts = [_part(each.strip()) for each in constraint.split(",")]
    return ",".join(parts) if all(parts) else ""


def _part(constraint: str) -> str:
    if constraint[:1] in {"=", ">", "<", "!"} or constraint.startswith("~="):
        return constraint.replace(" ", "")
    numbers = constraint.lstrip("^~").strip().split(".")
    if not all(each.isdecimal() for each in numbers):
        return f"=={constraint}" if constraint[:1].isdecimal() else ""
    kept = [int(each) for each in numbers]
    if constraint[:1] == "^":
        at = next((place for place, each in enumerate(kept) if each), len(kept) - 1)
    elif constraint[:1] == "~":
        at = min(1, len(kept) - 1)
    else:
        return f"=={constraint}"
    last = [*kept[:at], kept[at] + 1]
    return f">={'.'.join(numbers)},<{'.'.join(map(str, last))}"
