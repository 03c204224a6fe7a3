"""JSON of pip-audit: every dependency, audited or skipped, and the vulnerabilities of each.

Two shapes: a list of dependencies (before 2.4), and an object with `dependencies` and `fixes`.
https://github.com/pypa/pip-audit/blob/main/pip_audit/_format/json.py
"""

from __future__ import annotations

import re

import msgspec

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits.evidence import audited
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line
from handlers.quality_gate.formats.documents import decoded_once, refused
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "pip-audit-json"
OBJECT = re.compile(r'\s*\{\s*"(?:dependencies|fixes)"\s*:\s*\[')
OF_ITEMS = re.compile(r'"(?:vulns|skip_reason)"\s*:|"dependencies"\s*:\s*\[\s*\]')


class _Vulnerability(msgspec.Struct):
    id: str
    fix_versions: list[str] = []
    aliases: list[str] = []
    description: str = ""


class _Dependency(msgspec.Struct):
    name: str
    version: str = ""
    vulns: list[_Vulnerability] | None = None
    skip_reason: str | None = None


class _Document(msgspec.Struct):
    dependencies: list[_Dependency]


DECODER = msgspec.json.Decoder(_Document | list[_Dependency], strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is a list of pip-audit's dependencies, or the object around one."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    if keys[0] == "[":
        return "name" in keys[1] and bool(keys[1] & {"vulns", "skip_reason"})
    text = heads.text_of(head)
    return (
        keys[1] <= {"dependencies", "fixes"}
        and OBJECT.match(text) is not None
        and OF_ITEMS.search(text) is not None
    )


def parse(source: Source) -> Report:
    """The audit; raises `InvalidInput` where it is not pip-audit's, or a dependency is neither audited nor skipped."""
    document = decoded_once(source, DECODER, NAME)
    items = document.dependencies if isinstance(document, _Document) else document
    for each in items:
        if each.vulns is None and not each.skip_reason:
            raise refused(NAME, "a dependency is neither audited nor skipped")
    contradictions = tuple(
        f"{line(each.name)} is called both skipped and audited"
        for each in items
        if each.vulns is not None and each.skip_reason is not None
    )
    audit = Audit(
        tuple(
            Dependency(line(each.name), line(each.version), line(each.skip_reason or "")) for each in items
        ),
        tuple(_vulnerability(each, found) for each in items for found in each.vulns or ()),
    )
    return audited(NAME, audit, tools=(Tool("pip-audit"),), contradictions=contradictions)


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)


def _vulnerability(dependency: _Dependency, found: _Vulnerability) -> Vulnerability:
    return Vulnerability(
        package=line(dependency.name),
        version=line(dependency.version),
        id=line(found.id),
        aliases=tuple(each[:MAX_NAME] for each in found.aliases),
        fixed_in=tuple(each[:MAX_NAME] for each in found.fix_versions),
        title=line(found.description),
    )
