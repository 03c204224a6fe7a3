"""Reports as tools write them, as small as a story needs them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping


def junit(passed: int = 3, failed: Iterable[str] = ()) -> bytes:
    """Tests that passed, and the names of those that failed."""
    good = "".join(f'<testcase classname="t" name="test_{n}"/>' for n in range(passed))
    bad = "".join(
        f'<testcase classname="t" name="{name}" file="tests/test_t.py" line="{line}"><failure message="no"/></testcase>'
        for line, name in enumerate(failed, 1)
    )
    return f'<testsuites><testsuite name="unit">{good}{bad}</testsuite></testsuites>'.encode()


def cobertura(files: Mapping[str, Mapping[int, int]]) -> bytes:
    """Hits of each line of each file."""
    classes = "".join(
        f'<class name="{path}" filename="{path}"><lines>'
        + "".join(f'<line number="{line}" hits="{hits}"/>' for line, hits in lines.items())
        + "</lines></class>"
        for path, lines in files.items()
    )
    return (
        f"<coverage><packages><package><classes>{classes}</classes></package></packages></coverage>".encode()
    )


def lines(covered: int, valid: int) -> dict[int, int]:
    """A file whose first lines were covered, and the rest not."""
    return {line: int(line <= covered) for line in range(1, valid + 1)}


def sarif(results: int, *, successful: bool = True, tool: str = "ruff") -> bytes:
    """That many errors, one a line of `a.txt`."""
    found = [
        {
            "ruleId": "E1",
            "level": "error",
            "message": {"text": f"wrong {n}"},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "a.txt"}, "region": {"startLine": n + 1}}}
            ],
        }
        for n in range(results)
    ]
    run = {
        "tool": {"driver": {"name": tool}},
        "results": found,
        "invocations": [{"executionSuccessful": successful}],
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip with exactly these members, whatever they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def source(count: int, mark: str = "line") -> str:
    """A file of so many lines, each of its own."""
    return "".join(f"{mark}_{number} = {number}\n" for number in range(1, count + 1))
