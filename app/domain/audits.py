"""What audits of dependencies and bills of materials say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Severities from the highest down; `UNKNOWN` counts as the highest: nobody said that it is harmless."""

    UNKNOWN = "unknown"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A dependency that an audit was to look at; `skipped` says why it did not, empty where it did."""

    name: str
    version: str = ""
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability of a dependency; `aliases` are its other ids, `fixed_in` the versions that mend it.

    `ignored` says that the tool itself was told to leave it out of its judgement.
    """

    package: str
    version: str
    id: str
    aliases: tuple[str, ...] = ()
    severity: Severity = Severity.UNKNOWN
    fixed_in: tuple[str, ...] = ()
    title: str = ""
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class AuditTotals:
    """Dependencies declared, audited, skipped; `vulnerable` are dependencies with at least one vulnerability."""

    declared: int
    audited: int
    skipped: int
    vulnerable: int


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit. `lists_all` False: the format names only what is vulnerable; `declared` is how many it says it looked at."""

    dependencies: tuple[Dependency, ...]
    vulnerabilities: tuple[Vulnerability, ...] = ()
    lists_all: bool = True
    declared: int | None = None

    @property
    def totals(self) -> AuditTotals:
        """Counted from the lists; of a format that does not list all, from what it says it looked at."""
        skipped = sum(bool(each.skipped) for each in self.dependencies)
        declared = len(self.dependencies) if self.lists_all or self.declared is None else self.declared
        vulnerable = {(each.package, each.version) for each in self.vulnerabilities if not each.ignored}
        return AuditTotals(declared, declared - skipped, skipped, len(vulnerable))


@dataclass(frozen=True, slots=True)
class Component:
    """A part in a bill of materials; `purl` as the document gives it."""

    name: str
    version: str = ""
    purl: str = ""
    licences: tuple[str, ...] = ()
