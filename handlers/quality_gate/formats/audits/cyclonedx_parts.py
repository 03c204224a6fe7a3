"""Parts of a CycloneDX document, each checked by cyclonedx-python-lib and brought into our shape.

The library reads one part at a time: given a whole document it sorts all components with costly comparisons (12 s and 540 MB for
20,000 of them; 3 s and 25 MB this way), and drops those that are equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.audits import Component, Severity
from app.domain.reports import Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line
from handlers.quality_gate.formats.documents import refused

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from cyclonedx.model.component import Component as LibraryComponent
    from cyclonedx.model.vulnerability import Vulnerability as LibraryVulnerability

NAME = "cyclonedx"
LIMIT_BYTES = 32 * 1024 * 1024
MAX_URL = 1_000
SERIAL = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DISMISSED = frozenset({"resolved", "resolved_with_pedigree", "false_positive", "not_affected"})
"""States of an analysis that say: this does not concern us, or no longer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A component and what others of the document call it, "" for nothing."""

    component: Component
    reference: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """A vulnerability; `affects` are references of components."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    title: str
    affects: tuple[str, ...]
    dismissed: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """What is read of a document."""

    parts: tuple[Part, ...]
    flaws: tuple[Flaw, ...]
    tools: tuple[Tool, ...]


def part(data: dict[str, object] | Element, purl: str, namespace: str | None = None) -> Part:
    """A component: builtins of JSON, or an XML element in `namespace`; `purl` as written.

    Raises:
        InvalidInput: `report.not_cyclonedx` for what the library refuses.
    """
    # Slow to import, and most runs read no bill of materials.
    from cyclonedx.exception import CycloneDxException
    from cyclonedx.model.component import Component as LibraryComponent

    try:
        found: LibraryComponent | None = (
            LibraryComponent.from_json(data)  # type: ignore[attr-defined]  # added by the library's decorator
            if isinstance(data, dict)
            else LibraryComponent.from_xml(data, namespace)  # type: ignore[attr-defined]  # likewise
        )
    except (CycloneDxException, ValueError, TypeError, AttributeError, KeyError, ArithmeticError) as error:
        raise _refused("component", error) from error
    if found is None or not found.name:
        raise refused(NAME, "a component has no name")
    return Part(_component(found, purl), found.bom_ref.value or "")


def flaw(data: dict[str, object] | Element, aliases: list[str], namespace: str | None = None) -> Flaw:
    """A vulnerability, as `part`; `aliases` are the ids of its references, of which the library demands more than we use."""
    from cyclonedx.exception import CycloneDxException
    from cyclonedx.model.vulnerability import Vulnerability as LibraryVulnerability

    try:
        found: LibraryVulnerability | None = (
            LibraryVulnerability.from_json(data)  # type: ignore[attr-defined]  # added by the library's decorator
            if isinstance(data, dict)
            else LibraryVulnerability.from_xml(data, namespace)  # type: ignore[attr-defined]  # likewise
        )
    except (CycloneDxException, ValueError, TypeError, AttributeError, KeyError, ArithmeticError) as error:
        raise _refused("vulnerability", error) from error
    if found is None:
        raise refused(NAME, "a vulnerability is empty")
    return _flaw(found, aliases)


def _refused(what: str, error: Exception) -> InvalidInput:
    return refused(NAME, f"a {what} is not valid: {line(ascii(str(error)))}")


def _component(found: LibraryComponent, purl: str) -> Component:
    named = f"{found.group}/{found.name}" if found.group else found.name
    licences = (
        getattr(each, "value", None) or getattr(each, "id", None) or getattr(each, "name", None) or ""
        for each in found.licenses
    )
    return Component(
        name=line(named),
        version=line(found.version or ""),
        purl=purl.strip()[:MAX_URL],
        licences=tuple(sorted(each[:MAX_NAME] for each in licences)),
    )


def _flaw(found: LibraryVulnerability, aliases: list[str]) -> Flaw:
    ratings = [
        severity.highest(
            severity.of_word(each.severity.value if each.severity else None),
            severity.of_cvss(str(each.score)),
            severity.of_cvss(each.vector),
        )
        for each in found.ratings
    ]
    state = found.analysis.state if found.analysis else None
    return Flaw(
        id=line(found.id or ""),
        aliases=tuple(line(each) for each in dict.fromkeys(aliases) if each and each != found.id),
        severity=severity.highest(*ratings),
        title=line(found.description or ""),
        affects=tuple(each.ref for each in found.affects),
        dismissed=state is not None and state.value in DISMISSED,
    )
