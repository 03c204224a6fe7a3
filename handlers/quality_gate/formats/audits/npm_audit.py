"""JSON of npm audit: version 1 (npm 6, pnpm) lists advisories, version 2 (npm 7 and later) the packages that they reach.

Both name only what is vulnerable, and how many dependencies were looked at. A package of version 2 that is vulnerable only
through another is not counted again: each advisory counts once for each package that has it itself.
https://docs.npmjs.com/cli/v11/commands/npm-audit
"""

from __future__ import annotations

import msgspec

from app.domain.audits import Audit, Dependency, Severity, Vulnerability
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.document import MAX_NAME, decoded, line, refused
from handlers.quality_gate.formats.audits.evidence import audited
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "npm-audit"
FAILED = ('"error"', '"summary"', '"detail"')


class _Error(msgspec.Struct):
    code: str | None = None
    summary: str | None = None


class _Finding(msgspec.Struct):
    version: str = ""


class _Score(msgspec.Struct):
    score: float | None = None
    vector: str | None = msgspec.field(name="vectorString", default=None)


class _Old(msgspec.Struct):
    id: int | str
    package: str = msgspec.field(name="module_name")
    title: str = ""
    severity: str = ""
    cves: list[str] | None = None
    github: str | None = msgspec.field(name="github_advisory_id", default=None)
    url: str | None = None
    patched: str | None = msgspec.field(name="patched_versions", default=None)
    findings: list[_Finding] = []
    cvss: _Score | None = None


class _Advisory(msgspec.Struct):
    source: int | str = ""
    name: str = ""
    title: str = ""
    url: str | None = None
    severity: str = ""
    cvss: _Score | None = None


class _Fix(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Package(msgspec.Struct):
    severity: str = ""
    via: list[str | _Advisory] = []
    fix: bool | _Fix = msgspec.field(name="fixAvailable", default=False)


class _Counts(msgspec.Struct):
    total: int | None = None
    info: int = 0
    low: int = 0
    moderate: int = 0
    high: int = 0
    critical: int = 0

    @property
    def sum(self) -> int:
        return self.info + self.low + self.moderate + self.high + self.critical


class _Dependencies(msgspec.Struct):
    total: int | None = None


class _Metadata(msgspec.Struct):
    vulnerabilities: _Counts | None = None
    dependencies: int | _Dependencies | None = None
    total: int | None = msgspec.field(name="totalDependencies", default=None)


class _Document(msgspec.Struct):
    version: int | None = msgspec.field(name="auditReportVersion", default=None)
    vulnerabilities: dict[str, _Package] | None = None
    advisories: dict[str, _Old] | None = None
    metadata: _Metadata | None = None
    error: _Error | None = None
    message: str | None = None


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is a report of npm audit, or what npm says when it could not make one."""
    keys = heads.json_keys(head)
    if keys is None or keys[0] != "{":
        return False
    text = heads.text_of(head)
    return (
        "auditReportVersion" in keys[1]
        or ("advisories" in keys[1] and '"module_name"' in text)
        or keys[1] >= {"advisories", "metadata"}
        or ("error" in keys[1] and all(word in text for word in FAILED))
    )


def parse(source: Source) -> Report:
    """The audit; raises `InvalidInput` where it is not npm's, or where npm says that it failed (`report.failed`)."""
    document = decoded(source, DECODER, NAME)
    if document.error is not None:
        error = document.error
        reason = line(error.code or error.summary or document.message or "it does not say why")
        raise InvalidInput("report.failed", f"npm could not audit: {reason}")
    if document.vulnerabilities is not None:
        found, contradictions = _packages(document.vulnerabilities)
        listed = len(document.vulnerabilities)
    elif document.advisories is not None:
        found, contradictions = [each for old in document.advisories.values() for each in _old(old)], []
        listed = len(document.advisories)
    else:
        raise refused(NAME, "it has neither vulnerabilities nor advisories")
    metadata = document.metadata or _Metadata()
    audit = Audit(
        tuple(dict.fromkeys(Dependency(each.package, each.version) for each in found)),
        tuple(found),
        lists_all=False,
        declared=_declared(metadata),
    )
    return audited(
        NAME,
        audit,
        tools=(Tool("npm"),),
        contradictions=(*contradictions, *_denied(document, metadata.vulnerabilities, listed)),
    )


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)


def _declared(metadata: _Metadata) -> int | None:
    if isinstance(metadata.dependencies, _Dependencies):
        return metadata.dependencies.total
    # Of version 1, `dependencies` are only those of production.
    return metadata.total if metadata.total is not None else metadata.dependencies


def _denied(document: _Document, counts: _Counts | None, listed: int) -> tuple[str, ...]:
    if counts is None:
        return ()
    said = counts.sum if counts.total is None else counts.total
    # Version 1 counts each path to an advisory, so there only none at all can be compared.
    wrong = bool(said) != bool(listed) if document.vulnerabilities is None else said != listed
    if counts.total is not None and counts.total != counts.sum:
        return ("the vulnerabilities by severity do not add up to their total",)
    return ("the number of vulnerabilities is not that of the list",) if wrong else ()


def _packages(packages: dict[str, _Package]) -> tuple[list[Vulnerability], list[str]]:
    found: list[Vulnerability] = []
    reached: dict[str, list[str]] = {}
    explained: list[str] = []
    for name, package in packages.items():
        advisories = [each for each in package.via if isinstance(each, _Advisory)]
        found += [_vulnerability(name, package, each) for each in advisories]
        if advisories:
            explained.append(name)
        for through in package.via:
            if isinstance(through, str):
                reached.setdefault(through, []).append(name)
    without = packages.keys() - _closure(explained, reached)
    return found, [f"no advisory says why {line(name)} is vulnerable" for name in sorted(without)]


def _closure(names: list[str], reached: dict[str, list[str]]) -> set[str]:
    """The packages that have an advisory, and all that are vulnerable through them."""
    seen, waiting = set(names), list(names)
    while waiting:
        for name in reached.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def _vulnerability(name: str, package: _Package, advisory: _Advisory) -> Vulnerability:
    mended = isinstance(package.fix, _Fix) and package.fix.name == name and package.fix.version
    return Vulnerability(
        package=line(name),
        version="",
        id=line(_github(advisory.url) or str(advisory.source)),
        severity=severity.highest(severity.of_word(advisory.severity), _score(advisory.cvss)),
        fixed_in=(package.fix.version[:MAX_NAME],) if mended and isinstance(package.fix, _Fix) else (),
        title=line(advisory.title),
    )


def _old(advisory: _Old) -> list[Vulnerability]:
    names = [advisory.github or _github(advisory.url) or "", *(advisory.cves or ())]
    known = [each[:MAX_NAME] for each in names if each]
    versions = dict.fromkeys(each.version for each in advisory.findings) or {"": None}
    return [
        Vulnerability(
            package=line(advisory.package),
            version=line(version),
            id=known[0] if known else str(advisory.id)[:MAX_NAME],
            aliases=tuple(known[1:]),
            severity=severity.highest(severity.of_word(advisory.severity), _score(advisory.cvss)),
            fixed_in=(line(advisory.patched),) if advisory.patched else (),
            title=line(advisory.title),
        )
        for version in versions
    ]


def _score(score: _Score | None) -> Severity:
    if score is None:
        return Severity.UNKNOWN
    # npm writes a score of 0 where it has no vector.
    return severity.highest(severity.of_cvss(score.vector), severity.of_score(score.score or None))


def _github(url: str | None) -> str:
    name = (url or "").rpartition("/")[2]
    return name if name.startswith("GHSA-") else ""
