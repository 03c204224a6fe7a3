"""What people asked for and were granted, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.domain.ids import CommitSha


@dataclass(frozen=True, slots=True)
class GrantedWaiver:
    """A waiver that a person gave by a command on a pull request: of a whole gate, for that pull request only.

    `since` is the day (UTC) on which it was granted, `until` the last one on which it holds; `by` is the name of the account
    `by_id`, `why` a person's own words.
    """

    gate: str
    since: date
    until: date
    by: str
    by_id: int
    why: str
    number: int
    comment_id: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a person with the role for it accepted runs as evidence for this commit, although their trust is too low."""

    runs: tuple[tuple[int, int], ...]
    by: str
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who asked for something, with the role on the repository at that moment, in GitHub's word.

    `is_author`: of a pull request that it is about.
    """

    login: str
    id: int
    is_bot: bool
    role: str
    is_author: bool


@dataclass(frozen=True, slots=True)
class Click:
    """A press on a button of our check run; `started` are the commit's runs that the same person started.

    `of_unknown`: not all pull requests are known that it is about, so that the person may be the author of one.
    """

    identifier: str
    by: Person
    started: tuple[int, ...] = ()
    of_unknown: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the repository as it is at the commit; the mode is git's."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    path: str
    content: bytes
    mode: str


@dataclass(frozen=True, slots=True)
class Fixing:
    """Where the tools' fixes would go, and the files that they change; `problem` says why nowhere."""

    number: int = 0
    branch: str = ""
    files: tuple[SourceFile, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for in a comment: the words after `/hephaestus`."""

    comment_id: int
    text: str
    by: Person


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is asked for on a pull request; `head_sha` None: nothing is, or it is closed or gone.

    `waivers` are those granted before, `heard` the comments that were answered before. `groups` are the commits of the merge
    groups that hold it, `joined` those of them that were not known before.
    """

    number: int
    head_sha: CommitSha | None
    commands: tuple[Command, ...] = ()
    waivers: tuple[GrantedWaiver, ...] = ()
    heard: tuple[int, ...] = ()
    groups: tuple[CommitSha, ...] = ()
    joined: tuple[CommitSha, ...] = ()
