from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.standin.github.pages.markdown import rendered


def test_headings_lists_and_paragraphs_become_html() -> None:
    text = "### Failed tests\n\n- `a.py:4` first\n- second\n\nTwo\nlines"
    assert rendered(text) == (
        "<h3>Failed tests</h3><ul><li><code>a.py:4</code> first</li><li>second</li></ul><p>Two<br>lines</p>"
    )


def test_a_table_keeps_bars_that_are_escaped() -> None:
    assert rendered("| Gate | Why |\n|---|:-:|\n| tests | `a\\|b` |") == (
        "<table><thead><tr><th>Gate</th><th>Why</th></tr></thead>"
        "<tbody><tr><td>tests</td><td><code>a|b</code></td></tr></tbody></table>"
    )


def test_fenced_code_is_shown_as_it_is() -> None:
    assert rendered("````text\n# <b>\n```\n````\nafter") == "<pre># &lt;b&gt;\n```</pre><p>after</p>"


def test_what_an_app_escaped_once_is_one_character() -> None:
    assert rendered(r"assert 4 \=\= 5 &lt;x&gt; @&#8203;octocat") == "<p>assert 4 == 5 &lt;x&gt; @octocat</p>"


def test_only_web_addresses_become_links() -> None:
    assert 'href="https://example.com/a"' in rendered("[source](https://example.com/a)")
    assert "href" not in rendered("[source](javascript:alert)")


@given(st.text(alphabet="ab<>&\"'`|#-*[]()\\/:\n http", max_size=80))
def test_no_text_makes_an_element_of_its_own(text: str) -> None:
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]*)", rendered(text)))
    assert tags <= {
        "h3",
        "h",
        "ul",
        "li",
        "p",
        "pre",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "b",
        "br",
        "a",
    }
