"""CycloneDX as XML: entities are refused and depth is bounded before ElementTree makes the elements that the library reads."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from app.domain.reports import Tool
from handlers.quality_gate.formats import xml
from handlers.quality_gate.formats.audits.cyclonedx_parts import NAME, SERIAL, Bill, Flaw, Part, flaw, part
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import refused
from handlers.quality_gate.formats.source import chunks

ROOT_PREFIX = "http://cyclonedx.org/schema/bom/"
ROOT = re.compile(r"(\{http://cyclonedx\.org/schema/bom/1\.[0-7]\})bom")
PART = {"components", "component"}
OF_COMPONENT = frozenset({"group", "name", "version", "purl", "licenses"})
OF_VULNERABILITY = frozenset({"id", "ratings", "description", "analysis", "affects"})
TOOLS = (["metadata", "tools", "tool"], ["metadata", "tools", "components", "component"])


def read(raw: bytes) -> Bill:
    """The document; raises `InvalidInput` where it is not CycloneDX as plain, bounded XML."""
    xml.walk(raw, lambda _name, _attributes: None)
    reader = _Reader()
    parser = XMLParser(target=reader)  # noqa: S314 (`walk` refused entities)
    try:
        for piece in chunks(raw):
            parser.feed(piece)
        parser.close()
    except ParseError as error:
        raise refused(NAME, "its XML namespaces are not well-formed") from error
    return Bill(tuple(reader.parts), tuple(reader.flaws), tuple(reader.tools))


class _Reader:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.flaws: list[Flaw] = []
        self.tools: list[Tool] = []
        self._namespace = ""
        self._path: list[str] = []
        self._builder = TreeBuilder()
        self.data = self._builder.data
        self.close = self._builder.close

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = self._builder.start(tag, attributes)
        if not self._namespace:
            self._namespace = _namespace(element)
        else:
            self._path.append(tag.removeprefix(self._namespace))

    def end(self, tag: str) -> None:
        element = self._builder.end(tag)
        if self._path and self._path[-1] == "component" and set(self._path) == PART:
            purl = element.findtext(f"{self._namespace}purl", "")
            self.parts.append(part(self._only(element, OF_COMPONENT), purl, self._namespace[1:-1]))
            element.clear()
        elif self._path == ["vulnerabilities", "vulnerability"]:
            space = self._namespace
            aliases = [
                each.text or "" for each in element.iterfind(f"{space}references/{space}reference/{space}id")
            ]
            self.flaws.append(flaw(self._only(element, OF_VULNERABILITY), aliases, space[1:-1]))
            element.clear()
        elif self._path in TOOLS:
            self._tool(element)
        if self._path:
            self._path.pop()

    def _only(self, element: Element, names: frozenset[str]) -> Element:
        """The element with the children that are used, each at most once."""
        _without_empty(element)
        seen: set[str] = set()
        for child in list(element):
            name = child.tag.removeprefix(self._namespace)
            if name not in names:
                element.remove(child)
            elif name in seen:
                raise refused(NAME, f"an element has {name} twice")
            seen.add(name)
        return element

    def _tool(self, element: Element) -> None:
        name = line(element.findtext(f"{self._namespace}name", ""))
        if name:
            self.tools.append(Tool(name.lower(), line(element.findtext(f"{self._namespace}version", ""))))


def _without_empty(element: Element) -> None:
    """Takes out what has neither text nor children: the library would read the text `None` there."""
    for parent in list(element.iter()):
        for child in list(parent):
            if not len(child) and not (child.text or "").strip():
                parent.remove(child)


def _namespace(root: Element) -> str:
    """The namespace of the document as ElementTree writes it, with its braces."""
    found = ROOT.fullmatch(root.tag)
    if not found:
        raise refused(NAME, f"the root element {ascii(root.tag)[:80]} is not bom of CycloneDX 1.0 to 1.7")
    serial = root.get("serialNumber")
    if serial is not None and not SERIAL.fullmatch(serial):
        raise refused(NAME, "serialNumber is not urn:uuid: and a UUID")
    return found[1]
