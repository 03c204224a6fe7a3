"""Advisories of npm's audit: how severe they are and what they are called, and the list of version 1 (npm 6, pnpm)."""

from __future__ import annotations

import msgspec

from app.domain.audits import Severity, Vulnerability
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line


class Score(msgspec.Struct):
    """CVSS of an advisory."""

    score: float | None = None
    vector: str | None = msgspec.field(name="vectorString", default=None)


class Found(msgspec.Struct):
    """One version of a package that an advisory is about."""

    version: str = ""


class Listed(msgspec.Struct):
    """An advisory of version 1."""

    id: int | str
    package: str = msgspec.field(name="module_name")
    title: str = ""
    severity: str = ""
    cves: list[str] | None = None
    github: str | None = msgspec.field(name="github_advisory_id", default=None)
    url: str | None = None
    patched: str | None = msgspec.field(name="patched_versions", default=None)
    findings: list[Found] = []
    cvss: Score | None = None


def listed(advisory: Listed) -> list[Vulnerability]:
    """The advisory for each version that was found."""
    names = [advisory.github or github_name(advisory.url), *(advisory.cves or ())]
    known = [each[:MAX_NAME] for each in names if each]
    versions = dict.fromkeys(each.version for each in advisory.findings) or {"": None}
    return [
        Vulnerability(
            package=line(advisory.package),
            version=line(version),
            id=known[0] if known else str(advisory.id)[:MAX_NAME],
            aliases=tuple(known[1:]),
            severity=how_severe(advisory.severity, advisory.cvss),
            fixed_in=(line(advisory.patched),) if advisory.patched else (),
            title=line(advisory.title),
        )
        for version in versions
    ]


def how_severe(word: str, score: Score | None) -> Severity:
    """The worst of npm's word, the vector and the score; unknown where npm's word is not known, whatever the score."""
    if score is None or severity.of_word(word) is Severity.UNKNOWN:
        return severity.of_word(word)
    # npm writes a score of 0 where it has no vector.
    by_score = severity.of_score(score.score or None)
    return severity.highest(severity.of_word(word), severity.of_cvss(score.vector), by_score)


def github_name(url: str | None) -> str:
    """The advisory's name in GitHub's database, where its address is there; else ""."""
    name = (url or "").rpartition("/")[2]
    return name if name.startswith("GHSA-") else ""
