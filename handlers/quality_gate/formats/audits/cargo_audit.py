"""JSON of cargo-audit: the vulnerable crates of a Cargo.lock, and how many crates it has.

Two shapes of `vulnerabilities`: `{found, count, list}` as the tool writes it, and advisories under keys of any name.
https://github.com/rustsec/rustsec/blob/main/rustsec/src/report.rs
"""

from __future__ import annotations

import msgspec

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits import severity
from handlers.quality_gate.formats.audits.evidence import MAX_NAMED, audited
from handlers.quality_gate.formats.audits.texts import MAX_NAME, line
from handlers.quality_gate.formats.documents import decoded_once, refused
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "cargo-audit"
OWN_KEYS = frozenset({"database", "lockfile", "settings", "warnings", "meta"})


class _Advisory(msgspec.Struct):
    id: str
    package: str = ""
    title: str = ""
    aliases: list[str] = []
    cvss: str | None = None
    severity: str | None = None
    withdrawn: str | None = None


class _Versions(msgspec.Struct):
    patched: list[str] = []


class _Package(msgspec.Struct):
    name: str
    version: str = ""


class _Item(msgspec.Struct):
    advisory: _Advisory
    versions: _Versions | None = None
    package: _Package | None = None


class _Listed(msgspec.Struct):
    items: list[_Item] = msgspec.field(name="list")
    found: bool | None = None
    count: int | None = None


class _Lockfile(msgspec.Struct):
    count: int | None = msgspec.field(name="dependency-count", default=None)


class _Database(msgspec.Struct):
    count: int | None = msgspec.field(name="advisory-count", default=None)


class _Warning(msgspec.Struct):
    kind: str = ""
    package: _Package | None = None
    advisory: _Advisory | None = None


class _Settings(msgspec.Struct):
    ignore: list[str] = []


class _Document(msgspec.Struct):
    vulnerabilities: msgspec.Raw
    lockfile: _Lockfile | None = None
    database: _Database | None = None
    warnings: dict[str, list[_Warning]] | list[_Warning] | None = None
    settings: _Settings | None = None


DECODER = msgspec.json.Decoder(_Document, strict=True)
LISTED = msgspec.json.Decoder(_Listed, strict=True)
KEYED = msgspec.json.Decoder(dict[str, _Item], strict=True)


def sniff(head: bytes) -> bool:
    """Whether it has vulnerabilities beside keys that only cargo-audit has beside them."""
    keys = heads.json_keys(head)
    if keys is None or keys[0] != "{" or keys[1] - OWN_KEYS - {"vulnerabilities"}:
        return False
    # npm's also has `vulnerabilities`, beside `metadata` and `auditReportVersion`.
    return {"database", "lockfile"} <= keys[1] or {"vulnerabilities", "meta"} <= keys[1]


def parse(source: Source) -> Report:
    """The audit; raises `InvalidInput` where it is not cargo-audit's."""
    document = decoded_once(source, DECODER, NAME)
    items, contradictions = _items(document.vulnerabilities)
    found = tuple(_vulnerability(each) for each in items)
    audit = Audit(
        tuple(dict.fromkeys(Dependency(each.package, each.version) for each in found)),
        found,
        lists_all=False,
        declared=document.lockfile.count if document.lockfile else None,
    )
    blind = document.database is not None and document.database.count == 0
    return audited(
        NAME,
        audit,
        tools=(Tool("cargo-audit"),),
        warnings=(*_told(document.warnings), *_ignored(document.settings)),
        contradictions=contradictions,
        vacuous=("the audit knew no advisory at all",) if blind else (),
    )


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)


def _items(raw: msgspec.Raw) -> tuple[list[_Item], tuple[str, ...]]:
    try:
        keys = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        if "list" not in keys:
            return list(KEYED.decode(raw).values()), ()
        listed = LISTED.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise refused(NAME, str(error)) from error
    number = len(listed.items)
    denied = (listed.count is not None and listed.count != number) or (
        listed.found is not None and listed.found != bool(number)
    )
    return listed.items, ("the number of vulnerabilities is not that of the list",) if denied else ()


def _vulnerability(item: _Item) -> Vulnerability:
    advisory = item.advisory
    return Vulnerability(
        package=line(item.package.name if item.package else advisory.package),
        version=line(item.package.version) if item.package else "",
        id=line(advisory.id),
        aliases=tuple(each[:MAX_NAME] for each in advisory.aliases),
        severity=severity.highest(severity.of_word(advisory.severity), severity.of_cvss(advisory.cvss)),
        fixed_in=tuple(each[:MAX_NAME] for each in item.versions.patched) if item.versions else (),
        title=line(advisory.title),
        ignored=bool(advisory.withdrawn),
    )


def _told(warnings: dict[str, list[_Warning]] | list[_Warning] | None) -> tuple[str, ...]:
    lists = warnings.values() if isinstance(warnings, dict) else [warnings or []]
    return tuple(
        f"{line(each.kind)}: {line(each.package.name)} {line(each.package.version)}"
        for found in lists
        for each in found
        if each.package
    )


def _ignored(settings: _Settings | None) -> tuple[str, ...]:
    names = [line(each) for each in settings.ignore] if settings else []
    return (f"cargo-audit was told to ignore {', '.join(names[:MAX_NAMED])}",) if names else ()
