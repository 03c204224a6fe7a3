"""Report files of any size, inflated from a real one: of the public corpus where it is at hand, else from a shape of our own.

What repeats is what real reports repeat (a package, a suite, a record, a result), each time under names of its own, so that
nothing can be merged. Summaries are left out: they would have to be counted anew, and no reader believes them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

COPY = "%COPY%"
FILES, LINES, FUNCTION = 12, 300, 12
COVERAGE_SEED = "coveragepy-json/made__coverage-unidiff.json"
JUNIT_SEED = "junit/junit-plugin__junit-junit-report-1472.xml"
SARIF_SEED = "sarif/sarif-sdk__TSLint-TSLint-04.json.sarif"


@dataclass(frozen=True)
class Seed:
    """A report as its beginning, what repeats (`COPY` in it becomes the number of the copy), what stands between, and its end."""

    head: str
    body: str
    between: str
    tail: str

    def write(self, path: Path, size_bytes: int) -> None:
        """The file of about this size."""
        with path.open("w", encoding="utf-8") as out:
            out.write(self.head)
            for number in range(max(1, size_bytes // len(self.body.encode()))):
                out.write((self.between if number else "") + self.body.replace(COPY, f"p{number}"))
            out.write(self.tail)


@dataclass(frozen=True)
class Measured:
    """A source file that tests ran through: lines, and branches as (from, to)."""

    name: str
    executed: list[int]
    missing: list[int]
    taken: list[tuple[int, int]]
    not_taken: list[tuple[int, int]]

    @property
    def lines(self) -> list[int]:
        return sorted(self.executed + self.missing)


def cobertura(corpus: Path) -> Seed:
    """As coverage.py writes it."""
    classes = "".join(f"\t\t\t\t{_class(each)}\n" for each in measured(corpus))
    rates = 'line-rate="0.87" branch-rate="0.8" complexity="0"'
    return Seed(
        f'<?xml version="1.0" ?>\n<coverage version="7.17.3" timestamp="1790000000000" {rates}>\n'
        "\t<sources>\n\t\t<source>/home/runner/work/anvil/anvil</source>\n\t</sources>\n\t<packages>\n",
        f'\t\t<package name="{COPY}" {rates}>\n\t\t\t<classes>\n{classes}\t\t\t</classes>\n\t\t</package>\n',
        "",
        "\t</packages>\n</coverage>\n",
    )


def _class(each: Measured) -> str:
    executed = set(each.executed)
    lines = "".join(
        f'\t\t\t\t\t\t<line number="{line}" hits="{int(line in executed)}"{_condition(each, line)}/>\n'
        for line in each.lines
    )
    name = each.name.rpartition("/")[2]
    return (
        f'<class name="{name}" filename="{COPY}/{each.name}" complexity="0" line-rate="0.9" branch-rate="0.8">\n'
        f"\t\t\t\t\t<methods/>\n\t\t\t\t\t<lines>\n{lines}\t\t\t\t\t</lines>\n\t\t\t\t</class>"
    )


def _condition(each: Measured, line: int) -> str:
    taken = sum(start == line for start, _ in each.taken)
    everything = taken + sum(start == line for start, _ in each.not_taken)
    if not everything:
        return ""
    return f' branch="true" condition-coverage="{100 * taken // everything}% ({taken}/{everything})"'


def coveragepy(corpus: Path) -> Seed:
    """As coverage.py writes it since 7.6: every line once for its file, once for its function, once for its class."""
    path = corpus / COVERAGE_SEED
    if path.is_file():
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
    else:
        files = {each.name: _file_of_json(each) for each in measured(corpus)}
    return Seed(
        '{"meta": {"format": 3, "version": "7.17.3", "branch_coverage": true}, "files": {',
        json.dumps({f"{COPY}/{name}": file for name, file in files.items()})[1:-1],
        ", ",
        "}}",
    )


def _file_of_json(each: Measured) -> dict[str, Any]:
    functions = {
        f"Anvil.strike_{first}": _region(each, first, first + FUNCTION) for first in range(1, LINES, FUNCTION)
    }
    whole = _region(each, 1, LINES)
    return {**whole, "functions": {**functions, "": _region(each, 0, 0)}, "classes": {"Anvil": whole}}


def _region(each: Measured, first: int, last: int) -> dict[str, Any]:
    """What coverage.py says of the lines from `first` to before `last`."""
    within = range(first, last)
    executed = [line for line in each.executed if line in within]
    missing = [line for line in each.missing if line in within]
    taken = [branch for branch in each.taken if branch[0] in within]
    not_taken = [branch for branch in each.not_taken if branch[0] in within]
    lines, covered = len(executed) + len(missing), len(executed) + len(taken)
    percent = 100 * covered / (lines + len(taken) + len(not_taken) or 1)
    return {
        "executed_lines": executed,
        "summary": {
            "covered_lines": len(executed),
            "num_statements": lines,
            "percent_covered": percent,
            "percent_covered_display": f"{percent:.0f}",
            "missing_lines": len(missing),
            "excluded_lines": 0,
            "percent_statements_covered": 100 * len(executed) / (lines or 1),
            "percent_statements_covered_display": f"{100 * len(executed) / (lines or 1):.0f}",
            "num_branches": len(taken) + len(not_taken),
            "num_partial_branches": len(not_taken),
            "covered_branches": len(taken),
            "missing_branches": len(not_taken),
        },
        "missing_lines": missing,
        "excluded_lines": [],
        "executed_branches": taken,
        "missing_branches": not_taken,
    }


def lcov(corpus: Path) -> Seed:
    """As geninfo writes it, with branches."""
    return Seed("", "".join(_record(each) for each in measured(corpus)), "", "")


def _record(each: Measured) -> str:
    executed = set(each.executed)
    branches = [(start, end, 1) for start, end in each.taken] + [
        (start, end, 0) for start, end in each.not_taken
    ]
    return "\n".join(
        (
            "TN:",
            f"SF:{COPY}/{each.name}",
            *(f"BRDA:{abs(start)},0,jump to line {end},{hit}" for start, end, hit in sorted(branches)),
            f"BRF:{len(branches)}",
            f"BRH:{len(each.taken)}",
            *(f"DA:{line},{int(line in executed)}" for line in each.lines),
            f"LF:{len(each.lines)}",
            f"LH:{len(each.executed)}",
            "end_of_record\n",
        )
    )


def junit(corpus: Path) -> Seed:
    """One suite of a real report, or of pytest's shape."""
    suites = suites_of(corpus / JUNIT_SEED) if (corpus / JUNIT_SEED).is_file() else "".join(own_suite())
    body = suites.replace('classname="', f'classname="{COPY}.')
    return Seed('<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n', body, "\n", "\n</testsuites>\n")


def suites_of(path: Path) -> str:
    """All of the file's suites."""
    text = path.read_text(encoding="utf-8")
    end = "</testsuite>"
    return text[re.search(r"<testsuite\s", text).start() : text.rindex(end) + len(end)]  # type: ignore[union-attr]  # it has one


def own_suite() -> Iterator[str]:
    """A suite as pytest writes it: one test in 200 fails, one in 50 is skipped, one in ten says something."""
    cases = 2_000
    yield f'<testsuite name="pytest" errors="0" failures="10" skipped="40" tests="{cases}" time="12.5">'
    trace = "def test_step(client):\n&gt; assert client.get('/a').status == 200\nE assert 500 == 200\n" * 6
    said = "2026-11-20 10:00:00 INFO anvil.hammer struck once more\n" * 7
    for number in range(cases):
        place = f"tests.unit.app.part_{number % 97}.test_module_{number % 1009}.TestBehaviour"
        name = quoteattr(
            f"test_something_that_reads_as_a_whole_sentence[case-{number}-{number * 7919 % 1000}]"
        )
        yield f'<testcase classname="{place}" name={name} time="0.001"'
        if number % 200 == 7:
            yield f'><failure message="assert 500 == 200">{trace}</failure></testcase>'
        elif number % 50 == 11:
            yield '><skipped type="pytest.skip" message="needs a forge">tests/test_x.py:3</skipped></testcase>'
        elif number % 10 == 3:
            yield f"><system-out>{said}</system-out></testcase>"
        else:
            yield " />"
    yield "</testsuite>"


def sarif(corpus: Path) -> Seed:
    """Results without white space, as tools write them that do not print for people."""
    path = corpus / SARIF_SEED
    found = json.loads(path.read_text("utf-8"))["runs"][0]["results"] if path.is_file() else own_results()
    results = json.dumps(found, separators=(",", ":"))[1:-1].replace('"uri":"', f'"uri":"{COPY}/')
    driver = '{"driver":{"name":"Inflated","version":"1.2.3"}}'
    return Seed(f'{{"version":"2.1.0","runs":[{{"tool":{driver},"results":[', results, ",", "]}]}")


def own_results() -> list[dict[str, Any]]:
    """Findings of a linter, as its converter gives them."""
    return [
        {
            "ruleId": f"rule-{number % 120}",
            "level": "error" if number % 3 else "warning",
            "message": {
                "text": f"Consecutive blank lines are forbidden near symbol number {number} of this module."
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": f"src/component/file{number % 90}.ts",
                            "index": number % 90,
                        },
                        "region": {
                            "startLine": number + 1,
                            "startColumn": 1,
                            "endLine": number + 1,
                            "endColumn": 9,
                        },
                    }
                }
            ],
        }
        for number in range(1_000)
    ]


def measured(corpus: Path) -> list[Measured]:
    """The files of a real measurement, or of one of ours."""
    path = corpus / COVERAGE_SEED
    if not path.is_file():
        return [_own_file(number) for number in range(FILES)]
    files = json.loads(path.read_text(encoding="utf-8"))["files"]
    return [
        Measured(
            name,
            each["executed_lines"],
            each["missing_lines"],
            [(start, end) for start, end in each["executed_branches"]],
            [(start, end) for start, end in each["missing_branches"]],
        )
        for name, each in files.items()
    ]


def _own_file(number: int) -> Measured:
    """Two lines of three can run, one of seven was missed, one of six branches."""
    chance = random.Random(number)  # noqa: S311 (a shape, not a secret)
    lines = [line for line in range(1, LINES) if chance.randrange(3)]
    missing = [line for line in lines if not chance.randrange(7)]
    branches = [(line, line + step) for line in lines if not chance.randrange(6) for step in (1, 4)]
    not_taken = [branch for branch in branches if not chance.randrange(5)]
    return Measured(
        f"anvil/part{number}/hammer.py",
        sorted(set(lines) - set(missing)),
        missing,
        [branch for branch in branches if branch not in not_taken],
        not_taken,
    )


SEEDS: dict[str, Callable[[Path], Seed]] = {
    "Cobertura": cobertura,
    "JUnit": junit,
    "coverage.py JSON": coveragepy,
    "SARIF": sarif,
    "LCOV": lcov,
}
