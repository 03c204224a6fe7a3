"""CycloneDX as JSON: the fields that are used, strictly typed, before the library sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from app.domain.reports import Tool
from handlers.quality_gate.formats.audits.cyclonedx_parts import (
    LIMIT_BYTES,
    NAME,
    SERIAL,
    Bill,
    Flaw,
    Part,
    flaw,
    part,
)
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import decoded_once, refused

VERSION = re.compile(r"1\.[2-7]")


class _Licence(msgspec.Struct, omit_defaults=True):
    id: str | None = None
    name: str | None = None


class _Choice(msgspec.Struct, omit_defaults=True):
    license: _Licence | None = None
    expression: str | None = None


class _Component(msgspec.Struct, omit_defaults=True):
    type: str
    name: str
    group: str | None = None
    version: str | None = None
    reference: str | None = msgspec.field(name="bom-ref", default=None)
    purl: str | None = None
    licenses: list[_Choice] | None = None
    components: list[_Component] | None = None


class _Reference(msgspec.Struct):
    id: str | None = None


class _Rating(msgspec.Struct, omit_defaults=True):
    score: float | None = None
    severity: str | None = None
    vector: str | None = None


class _Analysis(msgspec.Struct, omit_defaults=True):
    state: str | None = None


class _Target(msgspec.Struct, omit_defaults=True):
    ref: str


class _Vulnerability(msgspec.Struct, omit_defaults=True):
    id: str | None = None
    references: list[_Reference] | None = None
    ratings: list[_Rating] | None = None
    description: str | None = None
    analysis: _Analysis | None = None
    affects: list[_Target] | None = None


class _Tool(msgspec.Struct):
    name: str = ""
    version: str | None = None


class _Tools(msgspec.Struct):
    components: list[_Tool] | None = None


class _Metadata(msgspec.Struct):
    tools: list[_Tool] | _Tools | None = None


class _Document(msgspec.Struct):
    form: str = msgspec.field(name="bomFormat")
    version: str = msgspec.field(name="specVersion")
    serial: str | None = msgspec.field(name="serialNumber", default=None)
    metadata: _Metadata | None = None
    components: list[_Component] | None = None
    vulnerabilities: list[_Vulnerability] | None = None


DECODER = msgspec.json.Decoder(_Document, strict=True)


def read(raw: bytes) -> Bill:
    """The document; raises `InvalidInput` where it is not CycloneDX as JSON."""
    document = decoded_once(raw, DECODER, NAME, LIMIT_BYTES)
    if document.form != "CycloneDX":
        raise refused(NAME, "bomFormat is not CycloneDX")
    if not VERSION.fullmatch(document.version):
        raise refused(NAME, "specVersion is none from 1.2 to 1.7")
    if document.serial is not None and not SERIAL.fullmatch(document.serial):
        raise refused(NAME, "serialNumber is not urn:uuid: and a UUID")
    return Bill(
        tuple(_part(each) for each in _all(document.components)),
        tuple(_flaw(each) for each in document.vulnerabilities or ()),
        _tools(document.metadata),
    )


def _all(components: list[_Component] | None) -> Iterator[_Component]:
    """Components and those inside them, in the order of the document."""
    waiting = list(reversed(components or ()))
    while waiting:
        component = waiting.pop()
        waiting += reversed(component.components or ())
        component.components = None
        yield component


def _part(component: _Component) -> Part:
    return part(msgspec.to_builtins(component), component.purl or "")


def _flaw(vulnerability: _Vulnerability) -> Flaw:
    aliases = [each.id for each in vulnerability.references or () if each.id]
    vulnerability.references = None
    return flaw(msgspec.to_builtins(vulnerability), aliases)


def _tools(metadata: _Metadata | None) -> tuple[Tool, ...]:
    tools = metadata.tools if metadata else None
    listed = tools.components if isinstance(tools, _Tools) else tools
    return tuple(
        Tool(line(each.name).lower(), line(each.version or "")) for each in listed or () if each.name
    )
