"""The words of the policy: thresholds, shares, durations, globs, levels of trust; and what they mean exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import IntEnum
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from app.ports.policies import Remark

NUMBER = r"(\d{1,3}(?:\.\d{1,4})?)"
THRESHOLD = re.compile(rf">= ?{NUMBER} ?%")
POINTS = re.compile(rf"<= ?{NUMBER} ?pt")
SHARE = re.compile(rf"{NUMBER} ?%")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DURATION = re.compile(r"([1-9]\d{0,4})([mh])")
LONGEST = timedelta(hours=24)
WHOLE = 100


class TrustLevel(IntEnum):
    """How far a report's making can be relied on; see docs/explanation/trust.md."""

    T0 = 0
    T1 = 1
    T2 = 2
    T3 = 3


class Section(BaseModel):
    """Keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


def mistake(path: str | tuple[str, ...], message: str) -> PydanticCustomError:
    """An error that the loader places at `path`, dotted or in parts, below the section that raises it."""
    return PydanticCustomError("reference", "{message}", {"message": message, "path": path})


def unattested(asked: Iterable[tuple[tuple[str, ...], str | None]]) -> tuple[Remark, ...]:
    """What is said of each place that asks for evidence of level T3: no report reaches it by itself."""
    message = "no evidence reaches T3 in this version: a person has to accept the runs of each commit"
    return tuple(Remark(path, message, is_wrong=False) for path, level in asked if level == "T3")


def parse_threshold(text: str) -> Fraction:
    """The exact percentage of a threshold such as `>= 85%`; raises ValueError."""
    return _number(THRESHOLD, text, 'a threshold reads ">= 85%", from 0 to 100')


def parse_points(text: str) -> Fraction:
    """The percentage points of a tolerance such as `<= 0.10pt`; raises ValueError."""
    return _number(POINTS, text, 'a drop reads "<= 0.10pt", from 0 to 100 percentage points')


def parse_share(text: str) -> Fraction:
    """The percentage of a share such as `2%`; raises ValueError."""
    return _number(SHARE, text, 'a share reads "2%", from 0 to 100')


def parse_duration(text: str) -> timedelta:
    """The duration that `60m` or `2h` means, at most a day; raises ValueError."""
    found = DURATION.fullmatch(text)
    length = timedelta(0)
    if found:
        length = timedelta(minutes=int(found[1])) if found[2] == "m" else timedelta(hours=int(found[1]))
    if not found or length > LONGEST:
        raise ValueError('a duration reads "60m" or "2h", at most 24h')
    return length


def _number(pattern: re.Pattern[str], text: str, message: str) -> Fraction:
    found = pattern.fullmatch(text)
    if not found or Fraction(found[1]) > WHOLE:
        raise ValueError(message)
    return Fraction(found[1])


def _checked(parse: Callable[[str], object]) -> BeforeValidator:
    """Also of a number: it is told how to write it, and not only that it is no text."""

    def check(text: object) -> object:
        parse(text if isinstance(text, str) else "")
        return text

    return BeforeValidator(check)


def _day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("a day reads 2027-01-31")


def _glob(glob: str) -> str:
    """Refuses what matches no file, and says what was meant where that is certain."""
    plain = glob.removeprefix(".").removeprefix("/") if glob.startswith(("./", "/")) else glob
    if glob.endswith("/"):
        plain += "**"
    parts = plain.split("/")
    if not plain or "" in parts or not {".", ".."}.isdisjoint(parts):
        raise ValueError("no file of a repository has such a path: a glob reads src/** or *.py")
    if plain != glob:
        hint = f"write {plain}" if "/" in plain else "a name without a folder is meant in every folder"
        raise ValueError(f"paths begin at the root of the repository, without a slash: {hint}")
    if "[" in re.sub(r"\[[^/]+?\]", "", glob):
        raise ValueError("a [ has no ] behind it in the same part of the path: a set reads [ab] or [!a-c]")
    return glob


def _trust(value: str) -> str:
    if value not in TrustLevel.__members__:
        raise ValueError("a level of trust is T0, T1, T2 or T3")
    return value


WorkflowPath = Annotated[str, StringConstraints(pattern=r"^\.github/workflows/[A-Za-z0-9._-]+\.ya?ml$")]
ArtifactGlob = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\\n]+$")]
PathGlob = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\\\n]+$"), AfterValidator(_glob)
]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Threshold = Annotated[str, _checked(parse_threshold)]
Points = Annotated[str, _checked(parse_points)]
Share = Annotated[str, _checked(parse_share)]
Duration = Annotated[str, _checked(parse_duration)]
Trust = Annotated[str, AfterValidator(_trust)]
