"""What the names of files promise: a report that is none, or that is packed, was lost and must not be passed over. Pure.

A crash leaves its words where the report should be, and a good report beside it would speak for both. Files that every project
has, such as package.json or pom.xml, promise nothing but to be JSON or XML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.format import Kind

REPORT_SUFFIXES = (
    ".xml",
    ".json",
    ".sarif",
    ".info",
    ".lcov",
    ".trx",
    ".jsonl",
    ".ndjson",
    ".tap",
    ".spdx",
    ".cdx",
)
"""A file that is called so and cannot be read is a broken report; another one is no report."""
PROMISED = {
    ".trx": Kind.TESTS,
    ".tap": Kind.TESTS,
    ".sarif": Kind.FINDINGS,
    ".sarif.json": Kind.FINDINGS,
    ".lcov": Kind.COVERAGE,
    ".info": Kind.COVERAGE,
}
"""Suffixes that only reports of one kind have."""
NAMED = (
    (re.compile(r"test-.+\.xml|(?:.*[-._])?junit(?:[-._].*)?\.xml"), Kind.TESTS),
    (re.compile(r"coverage\.xml|(?:.*[-._])?cobertura(?:[-._].*)?\.xml"), Kind.COVERAGE),
)
"""Names that tools give their reports in XML."""
JSON = (".json", ".jsonl", ".ndjson")
COMMENTS = ("//", "/*")
"""Settings such as tsconfig.json may begin with one; no report does."""
PACKED = (".gz", ".bz2", ".xz", ".zst")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar")
"""What may hold many reports; jars, wheels and the like hold a build."""
LIKE_REPORTS = re.compile(r"(?<!la)(?<!at)test|junit|report|coverage|lint|result", re.IGNORECASE)
"""How artifacts and archives of reports are called; not `latest`, and no attestation."""
VERSIONED = re.compile(r"-v?[0-9]+(\.[0-9]+)+[^/]*")
"""In the name of an archive: a package such as `pytest-8.3.4.tar.gz`, whatever it is called."""
ANY = ""
SHOWN = 5
EMPTY = "the file is empty"
ALSO_CALLED = {"coveragepy": "coverage", "cyclonedx": "s?bom", "spdx": "s?bom"}
SETTINGS = re.compile(r"config|settings|rc\b")


def broken(name: str, head: bytes) -> tuple[str, str] | None:
    """The kind of report (empty: any) that a file of no known format promises, and why it keeps none; None where it need not."""
    file, text = name.lower().rpartition("/")[2], heads.text_of(head).lstrip()
    kind = next((kind for suffix, kind in PROMISED.items() if file.endswith(suffix)), None)
    kind = kind or next((kind for pattern, kind in NAMED if pattern.fullmatch(file)), None)
    if not text:
        return (kind or ANY, EMPTY) if file.endswith(REPORT_SUFFIXES) else None
    if kind is not None:
        return kind, f"it is called like a report of {kind}, and is none that can be read"
    if file.endswith(".xml") and not text.startswith("<"):
        return ANY, "it is called .xml, and does not begin like XML"
    if file.endswith(JSON) and not text.startswith(("{", "[", *COMMENTS)):
        return ANY, "it is called JSON, and begins with neither { nor ["
    return None


def may_be_clean(name: str, why: str) -> bool:
    """Whether a file that is `broken` for this reason may be what a tool writes that found nothing, as mypy's JSON lines."""
    return why == EMPTY and name.lower().endswith(JSON)


def is_called_like(name: str, tool: str) -> bool:
    """Whether a file of JSON has the name of the tool of a format as a word of its own, and not as its settings."""
    file = name.lower().rpartition("/")[2]
    words = "|".join(filter(None, (re.escape(tool), ALSO_CALLED.get(tool))))
    is_named = re.search(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", file) is not None
    return is_named and file.endswith(JSON) and not SETTINGS.search(file)


def strange_files(names: Sequence[str]) -> str:
    """What is said of files that may be reports and could not be told to be."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"of no known format {'is' if len(names) == 1 else 'are'} {', '.join(names[:SHOWN])}{more}"


def unpacked_name(name: str) -> str:
    """What a packed report is called without its packing; empty for what is no packed report."""
    plain = next((name[: -len(suffix)] for suffix in PACKED if name.lower().endswith(suffix)), "")
    return plain if plain.lower().endswith(REPORT_SUFFIXES) else ""


def is_archive_of_reports(name: str, *, promised: bool) -> bool:
    """Whether a file is an archive that may hold reports, by its name; any but a build may where reports are `promised`."""
    file = name.rpartition("/")[2].lower()
    is_called_so = LIKE_REPORTS.search(file) is not None and not VERSIONED.search(file)
    return file.endswith(ARCHIVES) and (promised or is_called_so)
