"""Vulnerable packages as version 2 of npm's audit lists them (npm 7 and later)."""

from __future__ import annotations

import msgspec

from app.domain.audits import Vulnerability
from handlers.quality_gate.formats.audits.npm_advisories import Score, github_name, how_severe
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line


class Advisory(msgspec.Struct):
    """Why a package itself is vulnerable."""

    source: int | str = ""
    title: str = ""
    url: str | None = None
    severity: str = ""
    cvss: Score | None = None


class Fix(msgspec.Struct):
    """What npm would install, of the package or of one that needs it."""

    name: str = ""
    version: str = ""


class Package(msgspec.Struct):
    """A vulnerable package; names in `via` are packages that it needs and that make it vulnerable."""

    via: list[str | Advisory] = []
    fix: bool | Fix = msgspec.field(name="fixAvailable", default=False)


def of_packages(packages: dict[str, Package]) -> list[Vulnerability]:
    """Each advisory of each package that has it itself."""
    return [
        _vulnerability(name, package, each)
        for name, package in packages.items()
        for each in package.via
        if isinstance(each, Advisory)
    ]


def unexplained(packages: dict[str, Package]) -> list[str]:
    """Packages that neither have an advisory nor, through others, need one that has."""
    users: dict[str, list[str]] = {}
    for name, package in packages.items():
        for each in package.via:
            if isinstance(each, str):
                users.setdefault(each, []).append(name)
    waiting = [
        name for name, package in packages.items() if any(isinstance(each, Advisory) for each in package.via)
    ]
    explained = set(waiting)
    while waiting:
        more = [name for name in users.get(waiting.pop(), ()) if name not in explained]
        explained.update(more)
        waiting += more
    return sorted(packages.keys() - explained)


def _vulnerability(name: str, package: Package, advisory: Advisory) -> Vulnerability:
    return Vulnerability(
        package=line(name),
        version="",
        id=line(github_name(advisory.url) or str(advisory.source)),
        severity=how_severe(advisory.severity, advisory.cvss),
        fixed_in=_fixed_in(name, package.fix),
        title=line(advisory.title),
    )


def _fixed_in(name: str, fix: bool | Fix) -> tuple[str, ...]:  # noqa: FBT001 (the shape that npm gives it)
    if isinstance(fix, Fix) and fix.name == name and fix.version:
        return (fix.version[:MAX_NAME],)
    return ()
