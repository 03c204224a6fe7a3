"""JSON of npm audit: version 1 (npm 6, pnpm) lists advisories, version 2 (npm 7 and later) the packages that they reach.

Both name only what is vulnerable, and how many dependencies were looked at. A package of version 2 that is vulnerable only
through another is not counted again: each advisory counts once for each package that has it itself.
https://docs.npmjs.com/cli/v11/commands/npm-audit
"""

from __future__ import annotations

import msgspec

from app.domain.audits import Audit, Dependency
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits.evidence import audited
from handlers.quality_gate.formats.audits.npm_advisories import Listed, listed
from handlers.quality_gate.formats.audits.npm_packages import Package, of_packages, unexplained
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import decoded_once, refused
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "npm-audit"
FAILED = ('"error"', '"summary"', '"detail"')


class _Error(msgspec.Struct):
    code: str | None = None
    summary: str | None = None


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
    vulnerabilities: dict[str, Package] | None = None
    advisories: dict[str, Listed] | None = None
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
    document = decoded_once(source, DECODER, NAME)
    if document.error is not None:
        error = document.error
        reason = line(error.code or error.summary or document.message or "it does not say why")
        raise InvalidInput("report.failed", f"npm could not audit: {reason}")
    if document.vulnerabilities is not None and document.advisories is not None:
        raise refused(NAME, "it has both vulnerabilities and advisories, of two versions")
    if document.vulnerabilities is not None:
        found = of_packages(document.vulnerabilities)
        without = unexplained(document.vulnerabilities)
    elif document.advisories is not None:
        found = [each for advisory in document.advisories.values() for each in listed(advisory)]
        without = []
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
        contradictions=(
            *(f"no advisory says why {line(name)} is vulnerable" for name in without),
            *_denied(document, metadata.vulnerabilities),
        ),
    )


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)


def _declared(metadata: _Metadata) -> int | None:
    if isinstance(metadata.dependencies, _Dependencies):
        return metadata.dependencies.total
    # Of version 1, `dependencies` are only those of production.
    return metadata.total if metadata.total is not None else metadata.dependencies


def _denied(document: _Document, counts: _Counts | None) -> tuple[str, ...]:
    if counts is None:
        return ()
    number = len(document.advisories or () if document.vulnerabilities is None else document.vulnerabilities)
    said = counts.sum if counts.total is None else counts.total
    # Version 1 counts each path to an advisory, so there only none at all can be compared.
    wrong = bool(said) != bool(number) if document.vulnerabilities is None else said != number
    if counts.total is not None and counts.total != counts.sum:
        return ("the vulnerabilities by severity do not add up to their total",)
    return ("the number of vulnerabilities is not that of the list",) if wrong else ()
