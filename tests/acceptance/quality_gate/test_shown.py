"""What people see of very many findings, of words that attack, and of limits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.standin.github import merge_queue
from app.standin.github.faults import Fault, Faults
from tests.acceptance.quality_gate.reports import junit, sarif, source
from tests.acceptance.quality_gate.stage import Proposal, Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = "gates:\n  tests: {}\n"
LINT = "gates:\n  lint: {findings: 0}\n"
LIMIT_BYTES = 65_535
CUT = r"_Cut to fit GitHub's limit: \d+ of \d+ lines are left out(, from the section “Evidence” on)?\._\n"
HAMMERS = "``` " + "\U0001f528" * 100
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
    assert {each["message"] for each in shown} == {f"wrong {n}" for n in (*range(1, 118), 200, 201)}
    lines = {each["message"]: (each["start_line"], each["end_line"]) for each in shown}
    assert (lines["wrong 200"], lines["wrong 201"], lines["wrong 117"]) == ((1, 1), (9, 9), (117, 117))
    assert scene.check(one).title == "lint: 120 findings: there are findings"
    told = "119 of 120 are shown beside the lines that they concern; 1 names no line of the repository."
    assert told in scene.words(one)
    assert rows(scene, one) == ["| lint | — | ruff: E1 | wrong 202 |"]


@told
async def test_twenty_thousand_findings_are_counted_and_three_hundred_shown(scene: Scene) -> None:
    scene.begin(LINT)
    one = scene.propose()
    scene.ci(one, {"lint": {"ruff.sarif": sarif(20_000)}})
    assert await scene.judged(one) == "failure"
    shown = scene.check(one).annotations
    assert [each["start_line"] for each in shown] == list(range(1, 301))
    assert scene.check(one).title == "lint: 20000 findings: there are findings"
    assert "of 20000 findings of ruff 2000 are kept in full; all are counted" in scene.words(one)
    assert "300 of 2,000 are shown beside the lines that they concern." in scene.words(one)
    assert rows(scene, one) == [f"| lint | `a.txt:{n + 1}` | ruff: E1 | wrong {n} |" for n in range(300, 400)]
    assert "… and 1,600 more." in scene.words(one)


def rows(scene: Scene, one: Proposal) -> list[str]:
    """The table of what is not beside the code."""
    _, _, section = (scene.check(one).text or "").partition("### Not beside the code\n")
    _, _, table = section.partition("|---|---|---|---|\n")
    return table.partition("\n\n")[0].splitlines()


@told
async def test_texts_of_emoji_are_cut_at_githubs_limit_and_say_so(scene: Scene) -> None:
    ended = datetime.now(UTC).date() - timedelta(days=2)
    waivers = (f"{{gate: tests, until: {ended}, by: ada, why: '{n} {HAMMERS}'}}" for n in range(190))
    scene.begin(f"{TESTS}waivers: [{', '.join(waivers)}]\n")
    one = scene.propose()
    names = [f"test_{n}_{HAMMERS}" for n in range(60)]
    report = junit(1, names).replace(b'"no"', f'"{HAMMERS * 3}"'.encode())
    scene.ci(one, {"junit": {"junit.xml": report}}, "failure")
    assert await scene.judged(one) == "failure"
    run = scene.check(one)
    for text, of in ((run.summary or "", "**Waivers that ended:**"), (run.text or "", "### Failed tests")):
        assert LIMIT_BYTES - 2_000 < len(text.encode()) <= LIMIT_BYTES
        kept, _, note = text.rpartition("\n\n---\n")
        assert re.fullmatch(CUT, note)
        assert of in kept
        assert "`" not in re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", kept.replace("\\`", ""))


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
    assert rule.hits == 1
    assert len(scene.runs(one)) == 1
    assert [each.status for each in scene.writes() if each.method == "PATCH"] == [403, 200]


@told
async def test_a_merge_group_with_nothing_in_scope_is_answered_at_once(scene: Scene) -> None:
    scene.begin(TESTS + "paths:\n  'docs/**': {all: not_applicable}\n", {"docs/a.md": "a\n"})
    one = scene.propose({"docs/a.md": "b\n"})
    assert await scene.judged(one) == "success"
    assert one.pull is not None
    before = scene.writes()
    sha = merge_queue.enqueue(scene.repository, one.pull, scene.repository.owner)
    assert await scene.judged(sha) == "success"
    assert sha != one.sha
    assert scene.check(sha).title == "No gate applies here"
    assert "Not needed for `docs/**`: tests." in scene.words(sha)
    assert set(scene.said(sha)) == {"success"}
    assert [each.method for each in scene.writes(before)] == ["POST"]
