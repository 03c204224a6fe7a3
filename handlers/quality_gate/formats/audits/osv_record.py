"""A single advisory in the OSV schema. It is no audit: it does not say whose dependencies were looked at."""

from __future__ import annotations

import msgspec

from app.domain.audits import Audit
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.audits.advisories import Advisory, vulnerability
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import decoded_once
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "osv-record"
DECODER = msgspec.json.Decoder(Advisory, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object with the keys that OSV demands, and one that only OSV has."""
    keys = heads.json_keys(head)
    if keys is None or keys[0] != "{":
        return False
    return {"id", "modified"} <= keys[1] and bool(keys[1] & {"affected", "schema_version", "withdrawn"})


def parse(source: Source) -> Report:
    """One vulnerability, of the first package that the record names; raises `InvalidInput` where it is not an OSV record."""
    record = decoded_once(source, DECODER, NAME)
    names = [each.package.name for each in record.affected or () if each.package]
    found = vulnerability(record, names[0] if names else "", "")
    others = f"the advisory is about more packages than {line(found.package)}: {len(names) - 1}"
    return Report(
        NAME,
        audit=Audit((), (found,), lists_all=False),
        warnings=(others,) if len(names) > 1 else (),
        vacuous=("a single advisory does not say which dependencies were looked at",),
    )


FORMAT = Format(NAME, Kind.AUDIT, sniff, parse)
