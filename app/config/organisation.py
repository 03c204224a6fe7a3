"""The organisation's file: `hephaestus.yml` of its repository `.github`. What it says, and the floors in it; pure.

It has the sections of a repository's file. What they say lies beneath every repository's own section; with `final` and, where a
capability knows what is stricter, `minimum` they are floors, which a repository can only tighten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, ValidationError, create_model

from app.config.loader import REPOSITORY, Raw, in_order, placed, read_raw, reviewed
from app.config.mistakes import mistakes
from app.ports.policies import FINAL, Breach, ConfigError, Floor

MAY_EXTEND = "may_extend"
"""The key that lists repositories whose files may be extended also by those that more people can read."""
MAX_LISTED = 100
Models = Mapping[str, type[BaseModel]]


class FinalKeys:
    """A floor of whole keys: those that are final stand as the organisation writes them."""

    final: tuple[str, ...]

    @property
    def is_stated(self) -> bool:
        """See `Floor`."""
        return bool(self.final)

    def beneath(self, written: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 (the port's shape)
        """See `Floor`: all that the organisation writes but `final` itself."""
        return {key: value for key, value in written.items() if key != "final"}

    def hold(self, section: Any) -> tuple[Any, tuple[Breach, ...]]:  # noqa: ANN401 (any capability's model)
        """See `Floor`."""
        differing = [key for key in self.final if getattr(section, key) != getattr(self, key)]
        held = section.model_copy(update={key: getattr(self, key) for key in differing})
        return held, tuple(Breach((key,), (key,), FINAL) for key in differing)


@dataclass(frozen=True, slots=True)
class OrganisationFile:
    """What composing needs to know of the organisation's file before: whether it is good, and what it allows."""

    errors: tuple[ConfigError, ...]
    has_floor: bool
    may_extend: tuple[str, ...]
    notes: tuple[ConfigError, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation's file as understood; without `sections` where it has errors."""

    raw: Raw
    sections: tuple[tuple[str, BaseModel], ...]
    errors: tuple[ConfigError, ...]
    notes: tuple[ConfigError, ...]

    def floor(self, name: str) -> Floor | None:
        """What it says of a section, where it has one."""
        found = dict(self.sections).get(name)
        return None if found is None else cast("Floor", found)

    @property
    def may_extend(self) -> tuple[str, ...]:
        """Repositories whose files others may extend that more people can read."""
        listed = self.raw.values.get(MAY_EXTEND)
        return tuple(map(str, listed)) if isinstance(listed, list) else ()


@cache
def organisation_section(model: type[BaseModel]) -> type[BaseModel]:
    """A section as the organisation's file has it, where the capability has no floor of its own: with `final`."""
    keys = Literal[tuple(model.model_fields)]  # type: ignore[valid-type]  # the names are those of the model
    final = Annotated[tuple[keys, ...], Field(description="Keys that no repository may say otherwise.")]  # type: ignore[valid-type]  # likewise
    return create_model(f"Organisation{model.__name__}", __base__=(FinalKeys, model), final=(final, ()))  # type: ignore[arg-type]  # a mixin beside the model


def organisation_sections(sections: Models, own: Models) -> dict[str, type[BaseModel]]:
    """The sections as the organisation's file has them; `own` are those with a floor of the capability's own."""
    return {name: own.get(name) or organisation_section(model) for name, model in sections.items()}


def read_organisation(raw: bytes, sections: Models, own: Models) -> Organisation:
    """What the organisation's file says; never raises for its content."""
    read = read_raw(raw, sections, (MAY_EXTEND,))
    errors = [*read.errors, *_top_level(read)]
    found: list[tuple[str, BaseModel]] = []
    notes: list[ConfigError] = []
    for name, model in organisation_sections(sections, own).items():
        if name not in read.values:
            continue
        value = read.values[name] or {}
        try:
            section = model.model_validate(value)
        except ValidationError as failed:
            told = mistakes(failed, value)
            errors += [placed(read.document, (name, *path), message) for path, message in told]
            continue
        message = "weaker than the file's own floor; tighten it, or leave it out"
        held, breaches = cast("Floor", section).hold(section)
        places = [(name, *each.path) for each in breaches]
        errors += [placed(read.document, place, message) for place in places if read.writes(place)]
        wrong, noted = reviewed(read, name, section, held)
        errors += wrong
        notes += noted
        found.append((name, section))
    return Organisation(read, () if errors else tuple(found), in_order(errors), in_order(notes))


def _top_level(read: Raw) -> list[ConfigError]:
    errors = [
        placed(read.document, (key,), f"the organisation's file cannot say {key}")
        for key in ("extends", "use")
        if key in read.values
    ]
    listed = read.values.get(MAY_EXTEND, [])
    if not (
        isinstance(listed, list)
        and len(listed) <= MAX_LISTED
        and all(isinstance(each, str) and REPOSITORY.fullmatch(each) for each in listed)
    ):
        errors.append(placed(read.document, (MAY_EXTEND,), "a list of repositories: [owner/name]"))
    return errors


def judge_organisation(raw: bytes, sections: Models, own: Models) -> OrganisationFile:
    """The same, as far as it can travel between processes."""
    read = read_organisation(raw, sections, own)
    floors = [cast("Floor", section) for _, section in read.sections]
    return OrganisationFile(
        read.errors, any(floor.is_stated for floor in floors), read.may_extend, read.notes
    )
