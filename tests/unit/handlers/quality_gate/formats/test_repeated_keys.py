"""A key that an object of a report has twice, the second one better than the first, never makes the report greener."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.quality_gate.formats.findings import sarif_keys
from tests.unit.handlers.quality_gate.formats.bad_samples import SAMPLES, plain
from tests.unit.handlers.quality_gate.formats.test_never_greener import badness, is_doubted, is_greener, read

SARIF = """{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"N"},{"id":"R","defaultConfiguration":
{"level":"error"}}]},"extensions":[{"name":"y","rules":[{"id":"E","defaultConfiguration":{"level":"error"}}]}]},
"results":[{"ruleId":"R","kind":"fail","baselineState":"new","message":{"text":"a"}},{"ruleId":"N","ruleIndex":1},
{"rule":{"id":"E","index":0,"toolComponent":{"index":0}}},{"level":"error","suppressions":[{"status":"rejected"}]},
{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"a","uriBaseId":"S"}}}]}]}]}"""
SAMPLED = {
    **{name: plain(name) for name in SAMPLES if plain(name)[0] in "{["},
    "sarif": SARIF,
    # Without summaries, which would show what a repeated key hides.
    "coveragepy": """{"meta":{"version":"7"},"files":{"a.py":{"executed_lines":[1],"missing_lines":[2,3],
"executed_branches":[[1,2]],"missing_branches":[[1,3]],"summary":{}},"b.py":{"executed_lines":[],"missing_lines":[1]}}}""",
}


class Pairs(list[tuple[str, Any]]):
    """An object of JSON that may have a key twice."""


def loaded(text: str) -> Any:  # noqa: ANN401 (any JSON)
    return json.loads(text, object_pairs_hook=Pairs)


def written(found: Any) -> str:  # noqa: ANN401 (any JSON)
    if isinstance(found, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{written(value)}" for key, value in found) + "}"
    if isinstance(found, list):
        return "[" + ",".join(map(written, found)) + "]"
    return json.dumps(found)


def objects(found: Any) -> Iterator[Pairs]:  # noqa: ANN401 (any JSON)
    if isinstance(found, Pairs):
        yield found
        found = [value for _, value in found]
    if isinstance(found, list):
        for each in found:
            yield from objects(each)


def others(value: object) -> tuple[object, ...]:
    """What could stand for a value that tells something bad."""
    if isinstance(value, list):
        return (Pairs() if isinstance(value, Pairs) else [], None)
    if isinstance(value, bool):
        return (not value,)
    return (0, 1, None) if isinstance(value, int | float) else ("", "passed", "pass", "note", "info", None)


def with_a_key_twice(text: str) -> Iterator[str]:
    """The document with each key of each of its objects there twice, the other value behind it or before it."""
    document = loaded(text)
    for each in list(objects(document)):
        for key, value in list(each):
            for other in others(value):
                each.append((key, other))
                yield written(document)
                each.pop()
                each.insert(0, (key, other))
                yield written(document)
                del each[0]


def spoiled(text: str) -> Iterator[bytes]:
    try:
        loaded(text)
    except ValueError:
        lines = text.splitlines()
        for number, line in enumerate(lines):
            for changed in with_a_key_twice(line):
                yield "\n".join((*lines[:number], changed, *lines[number + 1 :], "")).encode()
    else:
        yield from (changed.encode() for changed in with_a_key_twice(text))


@pytest.mark.parametrize(("name", "text"), SAMPLED.items(), ids=[*SAMPLED])
def test_no_repeated_key_makes_a_report_greener(name: str, text: str) -> None:
    whole = read(name, text.encode())
    assert whole is not None
    greener = [raw for raw in spoiled(text) if is_greener(name, raw, whole)]
    assert greener == []


@pytest.mark.parametrize("small_bytes", [0, sarif_keys.SMALL_BYTES])
def test_no_repeated_key_makes_a_large_sarif_file_greener(
    small_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_keys, "SMALL_BYTES", small_bytes)
    whole = read("sarif", SARIF.encode())
    assert whole is not None
    assert badness(whole) == (5, 5, 5)
    assert not is_doubted(whole)
    assert [raw for raw in spoiled(SARIF) if is_greener("sarif", raw, whole)] == []


def test_every_key_of_a_document_is_repeated() -> None:
    assert [*with_a_key_twice('[{"a": true}]')] == ['[{"a":true,"a":false}]', '[{"a":false,"a":true}]']
