"""JSON of osv-scanner: packages of each lock file with their advisories; and the flat list of its own tests and tools.

By default it names only packages that have a vulnerability: with `--all-packages` the report shows what was looked at.
https://google.github.io/osv-scanner/output/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.advisories import Advisory, vulnerability
from handlers.quality_gate.formats.audits.evidence import audited
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import decoded_once
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "osv"
FLAT = frozenset({"Source", "Package", "Vulnerability"})
OTHERS = frozenset(
    {"experimental_config", "experimental_generic_findings", "image_metadata", "license_summary"}
)
RESULTS = re.compile(r'"results"\s*:\s*(?:null|\[\s*(?:\]|\{\s*"(?:source|packages|experimental_pes)"))')
ONLY_VULNERABLE = "osv-scanner named only vulnerable packages; with --all-packages it shows what it looked at"


class _Package(msgspec.Struct):
    name: str = ""
    version: str = ""
    commit: str = ""


class _Group(msgspec.Struct):
    ids: list[str] = []
    aliases: list[str] = []
    max_severity: str = ""


class _Packages(msgspec.Struct):
    package: _Package
    vulnerabilities: list[Advisory] | None = None
    groups: list[_Group] | None = None


class _Result(msgspec.Struct):
    packages: list[_Packages] | None = None


class _Document(msgspec.Struct):
    results: list[_Result] | None


class _Flat(msgspec.Struct):
    package: _Package = msgspec.field(name="Package")
    vulnerability: Advisory = msgspec.field(name="Vulnerability")


DECODER = msgspec.json.Decoder(_Document | list[_Flat], strict=True)


def sniff(head: bytes) -> bool:
    """Whether it has osv-scanner's results and nothing that another tool's would have beside them."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    if keys[0] == "[":
        return keys[1] >= FLAT
    return (
        "results" in keys[1] and keys[1] <= {"results", *OTHERS} and bool(RESULTS.search(heads.text_of(head)))
    )


def parse(source: Source) -> Report:
    """The audit; raises `InvalidInput` where it is not osv-scanner's."""
    document = decoded_once(source, DECODER, NAME)
    packages = list(_packages(document))
    clean = any(not each.vulnerabilities for each in packages)
    audit = Audit(
        tuple(
            dict.fromkeys(Dependency(line(each.package.name), _version(each.package)) for each in packages)
        ),
        tuple(found for each in packages for found in _vulnerabilities(each)),
        lists_all=clean,
    )
    warnings = () if clean else (ONLY_VULNERABLE,)
    return audited(
        NAME, audit, tools=(Tool("osv-scanner"),), warnings=warnings, contradictions=tuple(_missing(packages))
    )


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)


def _packages(document: _Document | list[_Flat]) -> Iterator[_Packages]:
    if isinstance(document, list):
        yield from (_Packages(each.package, [each.vulnerability]) for each in document)
        return
    for result in document.results or ():
        yield from result.packages or ()


def _vulnerabilities(item: _Packages) -> Iterator[Vulnerability]:
    groups = {name: group for group in item.groups or () for name in group.ids}
    found: dict[tuple[str, ...], list[Vulnerability]] = {}
    for advisory in item.vulnerabilities or ():
        group = groups.get(advisory.id, _Group([advisory.id]))
        names = (*group.ids, *group.aliases)
        one = vulnerability(advisory, item.package.name, _version(item.package), names, group.max_severity)
        found.setdefault(tuple(group.ids), []).append(one)
    for same in found.values():
        # One vulnerability in several databases: one may say how severe it is, and the next not.
        worst = severity.highest(*(each.severity for each in same))
        yield from (replace(each, severity=worst) for each in same)


def _missing(packages: list[_Packages]) -> Iterator[str]:
    for each in packages:
        listed = {advisory.id for advisory in each.vulnerabilities or ()}
        for name in sorted({name for group in each.groups or () for name in group.ids} - listed):
            yield f"{line(name)} is in a group of {line(each.package.name)}, but not among its vulnerabilities"


def _version(package: _Package) -> str:
    return line(package.version or package.commit)
