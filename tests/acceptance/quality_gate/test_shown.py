"""What people see of very many findings, of words that attack, and of limits."""

from __future__ import annotations

import re

import pytest

from app.standin.github import merge_queue
from app.standin.github.faults import Fault, Faults
from tests.acceptance.quality_gate.reports import junit, sarif, source
from tests.acceptance.quality_gate.stage import Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = "gates:\n  tests: {}\n"
LINT = "gates:\n  lint: {findings: 0}\n"
LIMIT_BYTES = 65_535
RDJSON = """{{"message": "wrong {n}", "severity": "ERROR", "code": {{"value": "E1"}}, "location": {{"path": "{path}", "range":
 {{"start": {{"line": {line}, "column": {column}}}, "end": {{"line": {end}, "column": 1}}}}}}}}"""
HOSTILE = (
    "@octocat closes #1 &lt;img src=x onerror=alert(1)&gt; [x](https://evil.example) ![y](https://evil.example/y.png) "
    "```&#10;# Heading &#x202E;gpj.exe"
)


@told
async def test_three_annotations_that_github_would_refuse_do_not_lose_the_others(scene: Scene) -> None:
    scene.begin(LINT, {"anvil/a.py": source(200)})
    one = scene.propose()
    good = [RDJSON.format(n=n, path="anvil/a.py", line=n, end=n, column=1) for n in range(1, 118)]
    bad = [
        RDJSON.format(n=200, path="anvil/a.py", line=0, end=0, column=1),
        RDJSON.format(n=201, path="anvil/a.py", line=9, end=3, column=1),
        RDJSON.format(n=202, path="../../etc/passwd", line=1, end=1, column=1),
    ]
    document = f'{{"source": {{"name": "ruff"}}, "diagnostics": [{",".join([*bad, *good])}]}}'
    scene.ci(one, {"lint": {"lint.rdjson": document.encode()}})
    assert await scene.judged(one) == "failure"
    shown = scene.check(one).annotations
    assert {each["message"] for each in shown} >= {f"wrong {n}" for n in range(1, 118)}
    assert all(1 <= each["start_line"] <= each["end_line"] for each in shown)
    assert "120" in scene.words(one)


@told
async def test_twenty_thousand_findings_are_counted_and_three_hundred_shown(scene: Scene) -> None:
    scene.begin(LINT)
    one = scene.propose()
    scene.ci(one, {"lint": {"ruff.sarif": sarif(20_000)}})
    assert await scene.judged(one) == "failure"
    assert len(scene.check(one).annotations) == 300
    assert "20,000" in scene.words(one) or "20000" in scene.words(one)


@told
async def test_a_text_of_emoji_stays_below_githubs_limit(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(
        one,
        {"junit": {"junit.xml": junit(1, [f"test_{n}_" + "\U0001f528" * 200 for n in range(400)])}},
        "failure",
    )
    assert await scene.judged(one) == "failure"
    run = scene.check(one)
    assert 0 < len((run.summary or "").encode()) <= LIMIT_BYTES
    assert len((run.text or "").encode()) <= LIMIT_BYTES


@told
async def test_words_of_a_report_are_never_markup(scene: Scene) -> None:
    scene.begin(TESTS, {"tests/test_t.py": source(9)})
    one = scene.propose()
    scene.ci(one, {"junit": {"junit.xml": junit(1, [HOSTILE])}}, "failure")
    assert await scene.judged(one) == "failure"
    run = scene.check(one)
    said = "\n".join((run.summary or "", run.text or ""))
    assert run.annotations
    for each in run.annotations:
        for part in ("title", "message", "raw_details"):
            assert "\u202e" not in (each.get(part) or ""), part
    outside = re.sub(r"(`+).*?\1", "", said, flags=re.DOTALL)
    for mark in ("@octocat", "<img", "](https://evil", "#1", "\u202e"):
        assert mark not in outside.replace("@\u200b", ""), mark
    assert "\u202e" not in said


@told
async def test_a_secondary_limit_during_an_update_only_delays_it(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    assert await scene.judged(one) == "in_progress"
    rule = scene.world.github.part(Faults).inject(
        Fault.SECONDARY_LIMIT,
        method="PATCH",
        path=f"/repos/{re.escape(scene.repository.full_name)}/check-runs/.*",
        seconds=1,
    )
    scene.ci(one, {"junit": {"junit.xml": junit()}})
    assert await scene.judged(one) == "success"
    assert rule.seen >= 1


@told
async def test_a_merge_group_with_nothing_in_scope_is_answered_at_once(scene: Scene) -> None:
    scene.begin(TESTS + "paths:\n  'docs/**': {all: not_applicable}\n", {"docs/a.md": "a\n"})
    one = scene.propose({"docs/a.md": "b\n"})
    assert await scene.judged(one) == "success"
    assert one.pull is not None
    sha = merge_queue.enqueue(scene.repository, one.pull, scene.repository.owner)
    assert await scene.judged(sha) == "success"
