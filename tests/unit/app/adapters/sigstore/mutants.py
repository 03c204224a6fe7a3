"""A bundle with one field changed, in every way that we could think of, for the tests beside this file."""

from __future__ import annotations

import copy
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

Path_ = tuple[str | int, ...]
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


def leaves(value: Json, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, position))


def variants(value: Json) -> Iterator[Json]:
    yield None
    if isinstance(value, str):
        yield ""
        if value.isdigit():
            yield str(int(value) + 1)
        try:
            raw = bytearray(b64decode(value, validate=True))
        except ValueError:
            yield value + "x"
            return
        for position in {0, len(raw) // 3, len(raw) // 2, len(raw) - 1} if raw else ():
            flipped = bytearray(raw)
            flipped[position] ^= 4
            yield b64encode(flipped).decode()
        yield b64encode(raw[:-1]).decode()
    elif isinstance(value, list):
        yield []
        yield value * 2
    elif isinstance(value, dict):
        yield {}


def mutants(bundle: dict[str, Any]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    for path in leaves(bundle):
        holder: Any = bundle
        for key in path:
            holder = holder[key]
        for variant in variants(holder):
            changed = copy.deepcopy(bundle)
            inner: Any = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = variant
            yield path, changed
        dropped = copy.deepcopy(bundle)
        inner = dropped
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        yield path, dropped


def differences(one: Json, other: Json, path: Path_ = ()) -> Iterator[Path_]:
    """Where two documents differ; base64 that decodes to the same bytes does not."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if key in one and key in other:
                yield from differences(one[key], other[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, (*path, position))
    elif one != other and not _same_bytes(one, other):
        yield path


def _same_bytes(one: Json, other: Json) -> bool:
    try:
        return b64decode(str(one), validate=True) == b64decode(str(other), validate=True)
    except ValueError:
        return False


def placed(bundle: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:  # noqa: ANN401 (a parsed bundle)
    """A copy with another value at a path."""
    changed = copy.deepcopy(bundle)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def at(bundle: Any, path: Path_) -> Any:  # noqa: ANN401 (likewise)
    """The value at a path."""
    for key in path:
        bundle = bundle[key]
    return bundle
