"""Advisories in the OSV schema, as osv-scanner repeats them and as single files (https://ossf.github.io/osv-schema/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from app.domain.audits import Severity, Vulnerability
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line


class Package(msgspec.Struct):
    """What an advisory is about."""

    name: str = ""


class Rating(msgspec.Struct):
    """`score` is a CVSS vector, or a word of Ubuntu's."""

    score: str = ""


class Event(msgspec.Struct):
    """A point in a range of versions."""

    fixed: str | None = None


class Range(msgspec.Struct):
    """A range of versions."""

    events: list[Event] | None = None


class Words(msgspec.Struct):
    """The part of `database_specific` that says how severe it is; other databases put other things there."""

    severity: str | list[Rating] | None = None


class Affected(msgspec.Struct):
    """One package that an advisory is about, and where it is mended."""

    package: Package | None = None
    ranges: list[Range] | None = None
    severity: list[Rating] | None = None
    database_specific: Words | None = None


class Advisory(msgspec.Struct):
    """One record; `withdrawn` is a time, where its database took it back."""

    id: str
    aliases: list[str] | None = None
    summary: str = ""
    details: str = ""
    affected: list[Affected] | None = None
    severity: list[Rating] | None = None
    database_specific: Words | None = None
    withdrawn: str | None = None


def vulnerability(
    advisory: Advisory, package: str, version: str, aliases: Iterable[str] = (), score: str = ""
) -> Vulnerability:
    """The advisory as a vulnerability of `package`; `score` is a further CVSS score or vector that a report gives it."""
    parts = [each for each in advisory.affected or () if each.package and each.package.name == package]
    names = dict.fromkeys((*(advisory.aliases or ()), *aliases))
    return Vulnerability(
        package=line(package),
        version=line(version),
        id=line(advisory.id),
        aliases=tuple(each[:MAX_NAME] for each in names if each != advisory.id),
        severity=_severity(advisory, parts, score),
        fixed_in=tuple(dict.fromkeys(_fixes(parts))),
        title=line(advisory.summary or advisory.details),
        ignored=bool(advisory.withdrawn),
    )


def _severity(advisory: Advisory, parts: list[Affected], score: str) -> Severity:
    said = [severity.of_cvss(score)]
    for ratings in (advisory.severity, *(each.severity for each in parts)):
        said += [_rating(rating) for rating in ratings or ()]
    for specific in (advisory.database_specific, *(each.database_specific for each in parts)):
        words = specific.severity if specific else None
        if isinstance(words, str):
            said.append(severity.highest(severity.of_word(words), severity.of_cvss(words)))
        else:
            said += [_rating(rating) for rating in words or ()]
    return severity.highest(*said)


def _rating(rating: Rating) -> Severity:
    return severity.highest(severity.of_cvss(rating.score), severity.of_word(rating.score))


def _fixes(parts: list[Affected]) -> Iterator[str]:
    for part in parts:
        for span in part.ranges or ():
            yield from (event.fixed[:MAX_NAME] for event in span.events or () if event.fixed)
