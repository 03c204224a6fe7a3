"""Where traces of each language point."""

from __future__ import annotations

import time

import pytest

from handlers.quality_gate.formats.results.places import place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Traceback:\n  File "a.py", line 3, in f\n  File "b.py", line 4, in g\nValueError', ("b.py", 4)),
        ("tests/test_a.py:12: in test_a\nsrc/a.py:34: AssertionError", ("src/a.py", 34)),
        ("   at T.F() in C:\\src\\T.cs:line 50\n   at T.G() in C:\\src\\U.cs:line 9", ("C:\\src\\T.cs", 50)),
        ("Error: x\n at f (/r/node_modules/a.js:1:2)\n at g (/r/src/b.test.ts:5:9)", ("/r/src/b.test.ts", 5)),
        ("Error: x\n at run (node:internal/a.js:1:2)", None),
        ("it did not work", None),
        ("", None),
    ],
)
def test_a_trace_names_its_place(text: str, found: tuple[str, int] | None) -> None:
    assert place(text) == found


@pytest.mark.parametrize("piece", [" in x", "a.js:1", "a" * 64, "../", ".a", '  File "'])
def test_a_hostile_trace_costs_little(piece: str) -> None:
    begun = time.process_time()
    place(piece * (65536 // len(piece)))
    assert time.process_time() - begun < 1
