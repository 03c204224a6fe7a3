"""Playbooks: one folder a failure signature, `playbook.yml` and the logs of its cases. Read as package data."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Literal

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic import model_validator as validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.domain.remediation import Remedy, Signature, Zone
from app.errors import InvalidInput
from handlers.remediation.fixes import FIXES

MAX_PLAYBOOK_BYTES = 64 * 1024


def quiet_options() -> re2.Options:
    """RE2's options without its messages on standard error."""
    options = re2.Options()
    options.log_errors = False
    return options


def _linear(pattern: str) -> str:
    try:
        re2.compile(pattern, options=quiet_options())
    except re2.error as exc:
        raise ValueError("not a pattern that RE2 knows (no look-around, no back references)") from exc
    return pattern


SignatureId = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Pattern = Annotated[str, StringConstraints(min_length=8, max_length=500), AfterValidator(_linear)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Version = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """Keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Matching(Part):
    """When a line counts: any of the patterns, none of the exceptions, in one of the zones."""

    any: tuple[Pattern, ...] = Field(min_length=1)
    unless: tuple[Pattern, ...] = ()
    zones: tuple[Literal[Zone.SETUP, Zone.OUTPUT, Zone.POST], ...] = (Zone.OUTPUT,)


class Action(Part):
    """What is done about it; `fix` names a typed edit, only for kind `edit`."""

    kind: Remedy
    fix: str = ""

    @validator(mode="after")
    def _known_fix(self) -> Action:
        if (self.kind is Remedy.EDIT) != bool(self.fix) or (self.fix and self.fix not in FIXES):
            raise ValueError(f"kind edit, and only it, needs a fix; the fixes are {', '.join(FIXES)}")
        return self


class Case(Part):
    """A log beside the playbook and the line that matches; without `line` the log must not match."""

    log: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.log$")]
    line: int | None = Field(default=None, ge=1)


class Playbook(Part):
    """The file `playbook.yml`."""

    schema_version: Literal[1] = Field(alias="schema")
    id: SignatureId
    version: Version
    title: Words
    ecosystem: Words
    match: Matching
    remedy: Action
    risk: Literal["low", "medium", "high"]
    mode: Literal["off", "observe", "explain", "propose"]
    cause: Words
    change: Words
    rollback: Words
    headline: Annotated[str, StringConstraints(max_length=72)] = ""
    supersedes: tuple[SignatureId, ...] = ()
    references: tuple[str, ...] = ()
    cases: tuple[Case, ...] = Field(min_length=2)

    @validator(mode="after")
    def _proven(self) -> Playbook:
        if len({case.line is None for case in self.cases}) == 1:
            raise ValueError("cases need at least one log that matches and one that does not")
        if (self.remedy.kind is Remedy.EDIT) != bool(self.headline):
            raise ValueError("remedy edit, and only it, needs a headline for its commit")
        return self

    def signature(self) -> Signature:
        """The part that people and decisions need."""
        return Signature(
            id=self.id,
            version=self.version,
            title=self.title,
            ecosystem=self.ecosystem,
            remedy=self.remedy.kind,
            risk=self.risk,
            mode=self.mode,
            cause=self.cause,
            change=self.change,
            rollback=self.rollback,
            headline=self.headline,
            fix=self.remedy.fix,
            references=self.references,
        )


def parse(raw: bytes, name: str) -> Playbook:
    """The playbook in a YAML file; raises `InvalidInput` (`playbook.invalid`) that says what to correct."""
    if len(raw) > MAX_PLAYBOOK_BYTES:
        raise InvalidInput("playbook.invalid", f"{name}: larger than {MAX_PLAYBOOK_BYTES} bytes")
    try:
        return Playbook.model_validate(YAML(typ="safe", pure=True).load(raw))
    except (YAMLError, UnicodeDecodeError) as exc:
        raise InvalidInput("playbook.invalid", f"{name}: not YAML") from exc
    except ValidationError as exc:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in exc.errors()
        )
        raise InvalidInput("playbook.invalid", f"{name}: {wrong}") from exc


def folders(root: Traversable) -> tuple[Traversable, ...]:
    """The playbooks' folders under `root`, by name."""
    found = [each for each in root.iterdir() if each.is_dir() and each.joinpath("playbook.yml").is_file()]
    return tuple(sorted(found, key=lambda each: each.name))


def load(root: Traversable) -> tuple[Playbook, ...]:
    """Every playbook under `root`, by folder name; raises `InvalidInput`."""
    found = tuple(
        parse(each.joinpath("playbook.yml").read_bytes(), f"{each.name}/playbook.yml")
        for each in folders(root)
    )
    if len({each.id for each in found}) != len(found):
        raise InvalidInput("playbook.invalid", "two playbooks have the same id; every id may be used once")
    return found


def shipped_folder() -> Traversable:
    """The folder of playbooks that the package carries."""
    return files("manifests").joinpath("playbooks")


@cache
def shipped() -> tuple[Playbook, ...]:
    """The playbooks that the package carries."""
    return load(shipped_folder())


@cache
def catalogue() -> str:
    """A digest of all that the shipped playbooks say: with another one, a log may be judged otherwise."""
    return sha256("\n".join(each.model_dump_json(by_alias=True) for each in shipped()).encode()).hexdigest()


def signatures() -> tuple[Signature, ...]:
    """The signatures that the package carries, by id."""
    return tuple(sorted((each.signature() for each in shipped()), key=lambda each: each.id))
