"""SPDX 2 as JSON: its packages. Everything else of the standard (files, snippets, relations, times) is not looked at.

https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from app.domain.audits import Component
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line
from handlers.quality_gate.formats.documents import decoded_once, refused
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "spdx"
VERSION = re.compile(r"SPDX-2\.[0-9]{1,2}")
BESIDE = frozenset({"spdxVersion", "creationInfo", "dataLicense", "documentNamespace"})
UNSAID = frozenset({"", "NOASSERTION", "NONE"})
MAX_URL = 1_000


class _Reference(msgspec.Struct):
    kind: str = msgspec.field(name="referenceType", default="")
    locator: str = msgspec.field(name="referenceLocator", default="")


class _Package(msgspec.Struct):
    name: str
    id: str = msgspec.field(name="SPDXID")
    version: str = msgspec.field(name="versionInfo", default="")
    concluded: str = msgspec.field(name="licenseConcluded", default="")
    declared: str = msgspec.field(name="licenseDeclared", default="")
    references: list[_Reference] = msgspec.field(name="externalRefs", default=[])


class _Creation(msgspec.Struct):
    creators: list[str] = []


class _Document(msgspec.Struct):
    version: str = msgspec.field(name="spdxVersion")
    packages: list[_Package] = []
    creation: _Creation | None = msgspec.field(name="creationInfo", default=None)


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it has the keys of an SPDX document; a writer that sorts them puts the version last, behind the files."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and "SPDXID" in keys[1] and bool(keys[1] & BESIDE)


def parse(source: Source) -> Report:
    """The packages; raises `InvalidInput` where it is not SPDX 2 as JSON."""
    document = decoded_once(source, DECODER, NAME)
    if not VERSION.fullmatch(document.version):
        raise refused(NAME, f"its version {document.version[:20]!r} is not SPDX-2.x")
    creators = document.creation.creators if document.creation else []
    twice = [name for name, times in Counter(each.id for each in document.packages).items() if times > 1]
    return Report(
        NAME,
        components=tuple(_component(each) for each in document.packages),
        tools=tuple(_tool(each) for each in creators if each.startswith("Tool:")),
        contradictions=tuple(f"two packages have the id {line(name)}" for name in twice),
        vacuous=() if document.packages else ("the bill of materials names no package",),
    )


FORMAT = Format(NAME, Kind.COMPONENTS, sniff, parse)


def _component(package: _Package) -> Component:
    purls = [each.locator for each in package.references if each.kind == "purl"]
    licences = [each for each in (package.concluded, package.declared) if each not in UNSAID]
    return Component(
        name=line(package.name),
        version=line(package.version),
        purl=purls[0][:MAX_URL] if purls else "",
        licences=tuple(each[:MAX_NAME] for each in licences[:1]),
    )


def _tool(creator: str) -> Tool:
    """`Tool: name-version`, the version not always there (section 6.8)."""
    text = line(creator.removeprefix("Tool:"))
    name, _, version = text.rpartition("-")
    return Tool(name.lower(), version) if name and version[:1].isdigit() else Tool(text.lower())
