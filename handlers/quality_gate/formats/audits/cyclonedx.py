"""CycloneDX as JSON and as XML: its components, and its vulnerabilities (VEX) as an audit of them.

The component that the document is about, services, ancestors of a component and the like are not parts and not counted.
https://cyclonedx.org/docs/1.7/json/
"""

from __future__ import annotations

from collections import Counter

from app.domain.audits import Audit, Component, Dependency, Vulnerability
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits import cyclonedx_json, cyclonedx_xml
from handlers.quality_gate.formats.audits.cyclonedx_parts import LIMIT_BYTES, NAME, Bill, Flaw, Part
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, whole


def sniff(head: bytes) -> bool:
    """Whether the JSON names its format as CycloneDX does, or the root element is CycloneDX's."""
    keys = heads.json_keys(head)
    if keys is not None:
        return keys[0] == "{" and "bomFormat" in keys[1]
    root = heads.xml_root(head)
    return root is not None and root[0].startswith(cyclonedx_xml.ROOT_PREFIX)


def parse(source: Source) -> Report:
    """The components and vulnerabilities; raises `InvalidInput` where it is not CycloneDX, or the library refuses a part."""
    raw = whole(source, LIMIT_BYTES)
    is_xml = heads.text_of(raw[:1024]).lstrip().startswith("<")
    bill = cyclonedx_xml.read(raw) if is_xml else cyclonedx_json.read(raw)
    twice = [
        name for name, times in Counter(each.reference for each in bill.parts).items() if name and times > 1
    ]
    empty = not bill.parts and not bill.flaws
    return Report(
        NAME,
        audit=_audit(bill) if bill.flaws else None,
        components=tuple(each.component for each in bill.parts),
        tools=bill.tools,
        contradictions=tuple(f"two components have the reference {line(name)}" for name in twice),
        vacuous=("the bill of materials names no component",) if empty else (),
    )


FORMAT = Format(NAME, Kind.COMPONENTS, sniff, parse)


def _audit(bill: Bill) -> Audit:
    """A list of vulnerabilities that is empty is no audit: some tools write it without having looked."""
    parts = {each.reference: each for each in bill.parts if each.reference}
    return Audit(
        tuple(Dependency(each.component.name, each.component.version) for each in bill.parts),
        tuple(
            _vulnerability(flaw, parts.get(reference), reference)
            for flaw in bill.flaws
            for reference in flaw.affects or ("",)
        ),
    )


def _vulnerability(flaw: Flaw, part: Part | None, reference: str) -> Vulnerability:
    component = part.component if part else Component(line(reference))
    return Vulnerability(
        package=component.name,
        version=component.version,
        id=flaw.id,
        aliases=flaw.aliases,
        severity=flaw.severity,
        title=flaw.title,
        ignored=flaw.dismissed,
    )
