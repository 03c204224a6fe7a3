"""Reports of a run, and the archives that they come in."""

from __future__ import annotations

import io
import zipfile


def junit(*cases: str) -> bytes:
    """A report with these `testcase` elements' contents."""
    inner = "".join(
        f'<testcase classname="tests.test_a" name="test_{number}" file="tests/test_a.py" line="{number + 10}">'
        f"{case}</testcase>"
        for number, case in enumerate(cases)
    )
    return f'<testsuites><testsuite name="unit">{inner}</testsuite></testsuites>'.encode()


def cobertura(covered: int, valid: int) -> bytes:
    """A report of one file with so many lines."""
    lines = "".join(f'<line number="{n}" hits="{int(n <= covered)}"/>' for n in range(1, valid + 1))
    return (
        f'<coverage line-rate="1"><packages><package><classes><class name="a" filename="a.py"><lines>{lines}'
        "</lines></class></classes></package></packages></coverage>"
    ).encode()


def packed(files: dict[str, bytes]) -> bytes:
    """A zip, as the artifacts of a run are: the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


GOOD = {"junit-py": {"junit.xml": junit("", "")}, "coverage": {"coverage.xml": cobertura(9, 10)}}
