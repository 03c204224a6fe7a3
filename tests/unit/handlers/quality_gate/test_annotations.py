"""Where an annotation may point."""

from __future__ import annotations

import pytest

from handlers.quality_gate.annotations import repository_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_a.py", "tests/test_a.py"),
        ("./tests/test_a.py", "tests/test_a.py"),
        ("tests\\test_a.py", "tests/test_a.py"),
        ("/home/runner/work/tool/tool/tests/test_a.py", "tests/test_a.py"),
        ("D:\\a\\tool\\tool\\tests\\test_a.py", "tests/test_a.py"),
        ("/usr/lib/python3/unittest.py", None),
        ("../../etc/passwd", None),
        ("https://evil.example/a.py", None),
        ("", None),
    ],
)
def test_a_path_of_a_report_leads_into_the_repository_or_nowhere(path: str, expected: str | None) -> None:
    assert repository_path(path) == expected
