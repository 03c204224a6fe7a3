"""Failure signatures and what was found of them in a log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Zone(StrEnum):
    """Which part of a job's log a line belongs to."""

    SETUP = "setup"
    ECHO = "script-echo"
    OUTPUT = "output"
    POST = "post"


class Remedy(StrEnum):
    """What a signature leads to."""

    EDIT = "edit"
    RERUN = "rerun"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Match:
    """A line that a signature matched. Lines count from 1; `text` is without prefixes and colours, at most 500 characters.

    `source` is the file inside a zip, or empty. `captures` are name and text.
    """

    signature: str
    line: int
    text: str
    zone: Zone
    captures: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """What a log says: the signature to act on, or None, and the first matches of every signature, in order of lines."""

    signature: str | None
    matches: tuple[Match, ...]
    size_bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class Signature:
    """A failure signature as a person may read it; `fix` names the edit, for remedy `edit`."""

    id: str
    version: int
    title: str
    ecosystem: str
    remedy: Remedy
    risk: str
    mode: str
    cause: str
    change: str
    rollback: str
    headline: str = ""
    fix: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Whether a playbook is in order; `problems` say what to do."""

    signature: str
    cases: int
    problems: tuple[str, ...]
