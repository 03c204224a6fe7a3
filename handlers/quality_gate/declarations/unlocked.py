"""Requirements that the lock file beside them does not have at all: it was not locked again after they were added.

Only `uv.lock` and `poetry.lock` are known to lock exactly the `pyproject.toml` of their folder, with all its groups and extras.
What holds under a marker only may be left out of a lock, and so may what the tool is told to override or to leave out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from handlers.quality_gate.packages import normal_name

PROJECT = "pyproject.toml"
NOT_LOCKED_BY_POETRY = frozenset({"python", "pip", "setuptools", "wheel", "distribute"})
"""https://github.com/python-poetry/poetry/issues/1584: older versions never lock them."""
CONDITIONS = frozenset({"markers", "python", "platform"})
MAX_NAME = 200
Table = Mapping[str, object]
Needs = Callable[[Table], Iterator[tuple[str, str]]]
"""From a project to what a lock of it must have, as names and what is said of them."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a file requires, as people wrote it, and a lock file lacks; in the order of the file."""

    path: str
    lock: str
    names: tuple[str, ...]


def unlocked(texts: Mapping[str, str]) -> tuple[Unlocked, ...]:
    """What is not in the lock files beside `pyproject.toml`, given by their paths; files that are no TOML say nothing."""
    found = []
    for path in texts:
        folder, slash, name = path.rpartition("/")
        if name != PROJECT:
            continue
        for lock, needs in (("uv.lock", _of_uv), ("poetry.lock", _of_poetry)):
            beside = f"{folder}{slash}{lock}"
            if beside in texts and (names := _lacking(texts[path], texts[beside], needs)):
                found.append(Unlocked(path, beside, names))
    return tuple(found)


def _lacking(project: str, lock: str, needs: Needs) -> tuple[str, ...]:
    document, packages = _toml(project), _list(_toml(lock), "package")
    locked = {normal_name(str(each.get("name"))) for each in packages if isinstance(each, dict)}
    own = {
        normal_name(str(table["name"]))
        for table in (_table(document, "project"), _table(document, "tool", "poetry"))
        if "name" in table
    }
    return tuple(dict.fromkeys(text for name, text in needs(document) if name not in locked | own))


def _of_uv(document: Table) -> Iterator[tuple[str, str]]:
    """https://docs.astral.sh/uv/concepts/resolution/: all groups and extras are locked, but what is overridden may not be."""
    own = _table(document, "tool", "uv")
    if own.get("managed") is False:
        return
    lists = [_list(own, key) for key in ("override-dependencies", "exclude-dependencies")]
    spared = {name for texts in lists for name, _ in _required(texts, with_markers=True)}
    groups = _table(document, "dependency-groups")
    for texts in (*_of_project(document), *(_list(groups, key) for key in groups)):
        yield from (each for each in _required(texts) if each[0] not in spared)


def _of_poetry(document: Table) -> Iterator[tuple[str, str]]:
    """Groups of PEP 735 are left out: only newer versions lock them."""
    poetry = _table(document, "tool", "poetry")
    groups = _table(poetry, "group")
    tables = [
        _table(poetry, "dependencies"),
        _table(poetry, "dev-dependencies"),
        *(_table(groups, key, "dependencies") for key in groups),
    ]
    conditional = {
        normal_name(name)
        for table in tables
        for name, value in table.items()
        if isinstance(value, list) or (isinstance(value, dict) and value.keys() & CONDITIONS)
    }
    spared = NOT_LOCKED_BY_POETRY | conditional
    named = ((normal_name(name), name[:MAX_NAME]) for table in tables for name in table)
    required = (each for texts in _of_project(document) for each in _required(texts))
    yield from (each for each in (*required, *named) if each[0] not in spared)


def _of_project(document: Table) -> Iterator[list[object]]:
    project = _table(document, "project")
    yield _list(project, "dependencies")
    extras = _table(project, "optional-dependencies")
    yield from (_list(extras, key) for key in extras)


def _required(texts: Iterable[object], *, with_markers: bool = False) -> Iterator[tuple[str, str]]:
    """The name of each requirement that always holds, and what it says."""
    for text in texts:
        try:
            found = Requirement(str(text))
        except InvalidRequirement:
            continue  # a group that is included, or what no tool accepts
        if with_markers or found.marker is None:
            yield normal_name(found.name), f"{found.name} {found.specifier}".strip()[:MAX_NAME]


def _toml(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _table(of: Table, *keys: str) -> Table:
    for key in keys:
        found = of.get(key)
        of = found if isinstance(found, dict) else {}
    return of


def _list(of: Table, key: str) -> list[object]:
    found = of.get(key)
    return found if isinstance(found, list) else []
