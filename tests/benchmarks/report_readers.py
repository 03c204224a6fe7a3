"""One reader over one report file: `python -m tests.benchmarks.report_readers NAME FILE` prints what it took as JSON.

It imports nothing but the reader, in a process of its own, so that memory is that reader's. Peers run under their own Python,
which has none of our packages.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

Reader = Callable[[Path], int]
"""Reads a file and gives how many cases, lines or results it found: those that look for the same find as many."""


class Coverage(Protocol):
    """What pycobertura gives."""

    def files(self) -> list[str]: ...
    def total_statements(self) -> int: ...
    def hit_statements(self, filename: str) -> list[int]: ...
    def missed_statements(self, filename: str) -> list[int]: ...


def hephaestus() -> Reader:
    from handlers.quality_gate.formats import read_report

    def read(path: Path) -> int:
        with path.open("rb") as file:
            report = read_report(file)
        if report.tests is not None:
            return report.tests.totals.tests
        if report.coverage is not None:
            return report.coverage.totals().lines_valid
        assert report.findings is not None
        return report.findings.totals.findings

    return read


def expat(*, calls: bool) -> Reader:
    from xml.parsers import expat

    def read(path: Path) -> int:
        parser, elements = expat.ParserCreate(), 0

        def start(name: str, _attributes: dict[str, str]) -> None:
            nonlocal elements
            elements += name in {"line", "testcase"}

        if calls:
            parser.StartElementHandler = start
        with path.open("rb") as file:
            while piece := file.read(1024 * 1024):
                parser.Parse(piece, False)  # noqa: FBT003 (expat takes it by position)
        parser.Parse(b"", True)  # noqa: FBT003 (expat takes it by position)
        return elements

    return read


def typed() -> Reader:
    import msgspec

    arcs = list[tuple[int, int]]
    lists = (("executed_lines", list[int]), ("missing_lines", list[int]))
    file = msgspec.defstruct(
        "File", [*lists, ("executed_branches", arcs), ("missing_branches", arcs)], gc=False
    )
    message = msgspec.defstruct("Message", [("text", str)], gc=False)
    result = msgspec.defstruct("Result", [("ruleId", str), ("level", str), ("message", message)], gc=False)
    run = msgspec.defstruct("Run", [("results", list[result])], gc=False)  # type: ignore[valid-type]  # made above
    whole = msgspec.defstruct("Document", [("files", dict[str, file], {}), ("runs", list[run], [])], gc=False)  # type: ignore[valid-type]  # made above

    def read(path: Path) -> int:
        document: Any = msgspec.json.decode(path.read_bytes(), type=whole)
        return sum(
            len(each.executed_lines) + len(each.missing_lines) for each in document.files.values()
        ) + sum(len(run.results) for run in document.runs)

    return read


def loaded(load: Callable[[bytes], Any]) -> Reader:
    def read(path: Path) -> int:
        document = load(path.read_bytes())
        if "runs" in document:
            return sum(len(run["results"]) for run in document["runs"])
        return sum(len(f["executed_lines"]) + len(f["missing_lines"]) for f in document["files"].values())

    return read


def orjson() -> Reader:
    import orjson  # type: ignore[import-not-found, unused-ignore]  # a peer's own environment

    return loaded(orjson.loads)


def lines_only() -> Reader:
    def read(path: Path) -> int:
        with path.open("rb") as file:
            return sum(line.startswith(b"DA:") for line in file)

    return read


def pycobertura(asked: Callable[[Coverage], int]) -> Reader:
    from pycobertura import Cobertura  # type: ignore[import-not-found, unused-ignore]  # a peer's own environment

    def read(path: Path) -> int:
        return asked(Cobertura(str(path)))

    return read


def summary(report: Coverage) -> int:
    """What `pycobertura show` prints: statements, misses and missing lines of every file."""
    from pycobertura.reporters import Reporter  # type: ignore[import-not-found, unused-ignore]  # as above

    return int(sum(Reporter(report).get_summary_lines()["Stmts"][:-1]))


def every_line(report: Coverage) -> int:
    """The lines that were hit and those that were not, of every file."""
    return sum(
        len(report.hit_statements(name)) + len(report.missed_statements(name)) for name in report.files()
    )


def one_total(report: Coverage) -> int:
    """The least that can be asked for."""
    return int(report.total_statements())


def junitparser() -> Reader:
    from junitparser import JUnitXml  # type: ignore[import-not-found, unused-ignore]  # a peer's own environment

    def read(path: Path) -> int:
        cases = [bool(case.result) for suite in JUnitXml.fromfile(str(path)) for case in suite]
        return len(cases)

    return read


def sarif_tools() -> Reader:
    from sarif import loader  # type: ignore[import-not-found, unused-ignore]  # a peer's own environment

    def read(path: Path) -> int:
        return len(loader.load_sarif_file(str(path)).get_records())

    return read


def lcov_cobertura() -> Reader:
    from lcov_cobertura import LcovCobertura  # type: ignore[import-not-found, unused-ignore]  # a peer's own environment

    def read(path: Path) -> int:
        packages = LcovCobertura(path.read_text(encoding="utf-8")).parse()["packages"]
        return sum(
            len(file["lines"]) for package in packages.values() for file in package["classes"].values()
        )

    return read


READERS: dict[str, Callable[[], Reader]] = {
    "Hephaestus": hephaestus,
    "expat alone": lambda: expat(calls=False),
    "expat, counting elements": lambda: expat(calls=True),
    "msgspec, typed": typed,
    "json": lambda: loaded(json.loads),
    "lines alone": lines_only,
    "orjson": orjson,
    "pycobertura, its summary": lambda: pycobertura(summary),
    "pycobertura, lines of each file": lambda: pycobertura(every_line),
    "pycobertura, one total": lambda: pycobertura(one_total),
    "junitparser": junitparser,
    "sarif-tools": sarif_tools,
    "lcov_cobertura": lcov_cobertura,
}


def peak_bytes() -> int:
    """The most that was resident. Not `ru_maxrss`: a child's begins with what its parent had before the child became itself."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def main(name: str, path: Path) -> None:
    """Seconds, processor time and memory of reading; what importing took is told apart."""
    read = READERS[name]()
    imports = peak_bytes()
    wall, cpu = time.perf_counter(), time.process_time()
    found = read(path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    took = {
        "wall_s": wall,
        "cpu_s": cpu,
        "imports_bytes": imports,
        "peak_bytes": peak_bytes(),
        "found": found,
    }
    sys.stdout.write(json.dumps(took) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
