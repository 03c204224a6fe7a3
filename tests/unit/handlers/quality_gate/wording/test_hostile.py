"""Whatever strangers write is shown as words, in every field and every verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.effects.check_content import content
from app.domain.decision import Verdict
from app.domain.effects import PublishCheckRun
from handlers.quality_gate import policy
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.judging import check_of
from tests.unit.handlers.quality_gate.wording.hostile import CONTROL, found_in, hostile

WORDS = (
    "@octo/all",
    "closes #1",
    "fixes GH-1",
    "octo/tool#1",
    "https://evil.example/x",
    "www.evil.example",
    "[a](http://evil.example)",
    "![a](http://evil.example/a.png)",
    "[a]: http://evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- -->",
    "</details>",
    "a | b | c",
    "`a`` @octo ```",
    "\\`@octo`",
    "a\\",
    "# heading",
    "\n\n# heading\n\n- [ ] task",
    "> [!NOTE]",
    "\u202egnp.exe",
    "\x1b[31mred\x1b]8;;http://evil.example\x07",
    "&lt;img&gt; &#64;octo &commat;octo",
    "a@evil.example",
    "\u200b@\u200bocto",
    "$x$ ~~x~~ **x** [^1]",
    ":octocat:",
    "\N{SMILING FACE WITH OPEN MOUTH}" * 50,
)
text = st.lists(st.sampled_from([*WORDS, *"`|\\@#[]()<>&!\n\r\t:/.-~*_ a1"]), min_size=1, max_size=6).map(
    "".join
)


def said(check: PublishCheckRun) -> None:
    assert found_in(check.summary) == []
    assert found_in(check.text) == []
    plain = [check.title, *(f"{each.path}{each.title}{each.message}" for each in check.annotations)]
    assert [each for each in plain if CONTROL.search(each) or "\n" in each] == []


@pytest.mark.parametrize("word", WORDS)
def test_what_a_stranger_writes_is_only_words(word: str) -> None:
    said(check_of(policy.decide(hostile(word))))


@given(st.one_of(text, st.text(max_size=40)))
def test_any_text_in_any_field_is_only_words(word: str) -> None:
    said(check_of(policy.decide(hostile(word))))


@pytest.mark.parametrize("word", WORDS)
def test_also_where_a_person_is_asked_to_accept_the_evidence(word: str) -> None:
    said(check_of(policy.decide(hostile(word, trust=TrustLevel.T0, good=True))))


@pytest.mark.parametrize("word", WORDS)
def test_also_where_an_end_is_not_explained(word: str) -> None:
    decision = policy.decide(hostile(word, conclusion=word, good=True))
    assert decision.verdict is Verdict.INCONCLUSIVE
    said(check_of(decision))


def test_a_text_of_emoji_is_cut_within_the_bytes_that_github_takes() -> None:
    check = check_of(policy.decide(hostile("\N{SMILING FACE WITH OPEN MOUTH}" * 400, times=300)))
    sent = content(check)
    assert len(check.summary.encode()) > 65_535
    for part in (sent.summary, sent.text):
        assert len(part.encode()) <= 65_535
        assert "\N{REPLACEMENT CHARACTER}" not in part
    assert "Cut to fit" in sent.summary
