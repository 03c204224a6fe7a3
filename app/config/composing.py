"""A repository's file together with what it extends and with its organisation's file; pure.

The layers, from the bottom: the organisation's sections, the shared file that `extends` names, the file itself. A key that a
higher layer writes takes the place of the lower one's, mappings are put together, lists are not. Then the organisation's floor
(`final`, `minimum`) is applied: what states less than it is an error, and is raised to it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from app.config.document import Path
from app.config.loader import ParsedFile, Raw, in_order, placed, read_raw, reviewed
from app.config.mistakes import mistakes
from app.config.organisation import Models, read_organisation
from app.ports.policies import ConfigError, Floor

NO_FLOORS: Models = MappingProxyType({})
NOTHING = b"version: 1\n"
"""The file of a repository that has none, where the organisation's floor holds all the same."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The bytes of each file, and what people know the organisation's as. `shared` and `organisation` are valid by themselves."""

    own: bytes
    shared: bytes | None = None
    organisation: bytes | None = None
    label: str = "the organisation's file"


def parse_sections(raw: bytes, sections: Models) -> ParsedFile:
    """What a file says by itself; never raises for its content. `sections` are those that capabilities declare, by key."""
    return compose(Layers(raw), sections)


def compose(layers: Layers, sections: Models, organisations: Models = NO_FLOORS) -> ParsedFile:
    """What the layers say together; never raises for their content. Errors speak of the own file's places alone."""
    own = read_raw(layers.own, sections)
    shared = read_raw(layers.shared or NOTHING, sections)
    floors = read_organisation(layers.organisation, sections, organisations) if layers.organisation else None
    errors = list(own.errors)
    found: list[tuple[str, BaseModel]] = []
    breaches: list[ConfigError] = []
    notes: list[ConfigError] = []
    if not own.values:
        return ParsedFile((), in_order(errors), own.lines)
    for name, model in sections.items():
        floor = floors.floor(name) if floors else None
        if not _is_in_force(name, own, shared, floor):
            continue
        value = _merged(name, own, shared, floors.raw if floors else None, floor)
        try:
            section = model.model_validate(value)
        except ValidationError as failed:
            told = mistakes(failed, value)
            errors += _errors(own, name, told, alone=layers.shared is layers.organisation is None)
            continue
        written = section
        if floor is not None and floors is not None:
            section, broken = floor.hold(section)
            for each in broken:
                place = (name, *each.path)
                if not own.writes(place) and not shared.writes(place):
                    continue  # a default, which is raised without a word
                line = floors.raw.document.place((name, *each.floor))[0]
                message = each.message.format(place=f"{layers.label}, line {line}")
                breaches.append(placed(own.document, _written(own, place), message))
        found.append((name, section))
        wrong, noted = reviewed(own, name, written, section)
        breaches += wrong
        notes += noted
    if errors:
        return ParsedFile((), in_order(errors), own.lines, own.extends)
    return ParsedFile(tuple(found), (), own.lines, own.extends, in_order(breaches), in_order(notes))


def _is_in_force(name: str, own: Raw, shared: Raw, floor: Floor | None) -> bool:
    written = name in own.values or name in shared.values
    return written or own.values.get("use") == "default" or (floor is not None and floor.is_stated)


def _merged(name: str, own: Raw, shared: Raw, organisation: Raw | None, floor: Floor | None) -> Any:  # noqa: ANN401 (a YAML value)
    written = own.values.get(name, {})
    if written is not None and not isinstance(written, dict):
        return written  # the model says what is wrong with it
    mine = merged(shared.section(name), own.section(name))
    if floor is None or organisation is None:
        return mine
    return merged(floor.beneath(organisation.section(name), mine), mine)


def merged(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """`low` with what `high` writes: mappings are put together, everything else is replaced."""
    together = dict(low)
    for key, value in high.items():
        under = low.get(key)
        is_both = isinstance(under, dict) and isinstance(value, dict)
        together[key] = merged(under, value) if is_both else value  # type: ignore[arg-type]  # both are mappings there
    return together


def _errors(own: Raw, name: str, told: Iterable[tuple[Path, str]], *, alone: bool) -> list[ConfigError]:
    """What the model says; with other layers not the names it knows, for those may be another file's."""
    return [
        placed(own.document, (name, *path), message if alone else message.partition("; declared are")[0])
        for path, message in told
    ]


def _written(own: Raw, path: Path) -> Path:
    """The path, if the own file says so; of what came from the shared file, the line that names that."""
    return path if own.writes(path) else ("extends",)
